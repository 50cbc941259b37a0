"""What is kept no longer than the settings say: looked through every night.

The audit trail is cut at its beginning; an entry notes where and the hash there, so that what is left is
still one chain (see `office.access.audit.verify`).
"""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, select

from catalogue.database.account_models import AccessToken, UserSession
from catalogue.database.judgement_models import ShownList, StoredJudgement
from catalogue.database.member_models import SignInLink
from catalogue.database.record_models import ImportRun, StoredRejection
from catalogue.database.service_models import Job, KeptAnswer, Mail, WebhookDelivery
from catalogue.database.sign_in_models import KnownDevice
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.retention_settings import RetentionSettings
from enmusubi.settings import Settings
from office.access import audit

NIGHT = Viewer("nightly", "administrator", "operator")
_Condition = Callable[[datetime], ColumnElement[bool]]


def _old_list(before: datetime) -> ColumnElement[bool]:
    judged = exists().where(StoredJudgement.list_id == ShownList.list_id)
    return (ShownList.shown_at < before) & ~judged


def _old_rejection(before: datetime) -> ColumnElement[bool]:
    runs = select(ImportRun.run_id).where(ImportRun.started_at < before)
    return StoredRejection.run_id.in_(runs)


def _old_delivery(before: datetime) -> ColumnElement[bool]:
    return (WebhookDelivery.created_at < before) & WebhookDelivery.next_at.is_(None)


OF_TABLES: Mapping[str, tuple[tuple[Any, _Condition], ...]] = {
    "shown_lists_days": ((ShownList, _old_list),),
    "rejections_days": ((StoredRejection, _old_rejection),),
    "deliveries_days": ((WebhookDelivery, _old_delivery),),
    "mails_days": ((Mail, lambda b: (Mail.created_at < b) & Mail.next_at.is_(None)),),
    "kept_answers_days": ((KeptAnswer, lambda b: KeptAnswer.created_at < b),),
    "jobs_days": ((Job, lambda b: Job.finished_at < b),),
    "sessions_days": (
        (UserSession, lambda b: UserSession.expires_at < b),
        (AccessToken, lambda b: AccessToken.expires_at < b),
        (SignInLink, lambda b: SignInLink.expires_at < b),
        (KnownDevice, lambda b: KnownDevice.expires_at < b),
    ),
}
OF_FILES: Mapping[str, tuple[str, ...]] = {
    "nights_days": ("reports",),
    "uploads_days": ("uploads", "rejects"),
}
OF_TRAIL = "audit_days"


def keep_no_longer(
    catalogue: Catalogue, settings: Settings, *, now: datetime | None = None
) -> Counter[str]:
    """Delete what is older than the settings allow; returns how much went, by setting."""
    now, limits = now or datetime.now(UTC), settings.retention
    gone: Counter[str] = Counter()
    for name, tables in OF_TABLES.items():
        if before := _before(limits, name, now):
            with catalogue.writing() as connection:
                for model, old in tables:
                    done = connection.execute(delete(model).where(old(before)))
                    gone[name] += done.rowcount
    if before := _before(limits, OF_TRAIL, now):
        with catalogue.writing() as connection:
            gone[OF_TRAIL] += _cut_trail(connection, before)
    for name, folders in OF_FILES.items():
        if before := _before(limits, name, now):
            for folder in folders:
                gone[name] += _drop_old(settings.data_dir / folder, before)
    return +gone


def _before(limits: RetentionSettings, name: str, now: datetime) -> datetime | None:
    days = int(getattr(limits, name))
    return now - timedelta(days=days) if days else None


def _cut_trail(connection: Connection, before: datetime) -> int:
    """Delete the trail's entries before the first that is young enough, and note where it was cut."""
    entry = audit.ENTRY
    first_kept = (
        select(entry.c.entry_id, entry.c.previous_hash)
        .where(entry.c.at >= before)
        .order_by(entry.c.entry_id)
        .limit(1)
    )
    found = connection.execute(first_kept).first()
    if found is None:
        return 0
    done = connection.execute(delete(entry).where(entry.c.entry_id < found.entry_id))
    if done.rowcount:
        last = {"hash": found.previous_hash, "entries": done.rowcount}
        audit.record(
            connection, NIGHT, audit.RETENTION, "audit trail", str(found.entry_id - 1), **last
        )
    return int(done.rowcount)


def _drop_old(folder: Path, before: datetime) -> int:
    """Delete what lies in a folder and was not changed since."""
    old = [path for path in folder.glob("*") if path.lstat().st_mtime < before.timestamp()]
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)
