"""Estimates of cases in versions: read, saved, put up for a check, checked by finance.

A save is a new version, which begins as a draft; what was written is never overwritten. Who may see a case of
the office sees its estimates; who may change it writes them.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalogue.database.money_models import ASKED, CHECKED, DRAFT, RETURNED, EstimateVersion
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, ForbiddenError, StaleVersionError, UnknownIdError
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import N_
from office.access.rules import CHECK_ESTIMATES, WORK_ON_CASES, require
from office.cases.kept import MOST, KeptCase, case_of
from office.cases.portals import tell_portals
from office.cases.steps import CaseStep, Plain, changeable, note_step, text_in
from office.delegations.acting import in_place_of, may_or_stands_in, on_case, require_or_stand_in
from office.estimates.amounts import Estimate, as_json, checked, from_json
from office.estimates.telling import tell_author, tell_checkers
from office.mail.queue import NO_MAIL
from office.webhooks.events import ESTIMATE_MOVED

ESTIMATES = cast(Table, EstimateVersion.__table__)
NEW = 0  # the number of an estimate that is not kept yet
MAX_ESTIMATES = 50  # of a case
_STALE = N_("Another user changed the estimate meanwhile. Read it again, and repeat your change.")


@dataclass(frozen=True)
class KeptEstimate:
    """A version of an estimate; `newest` says whether none came after it."""

    estimate_id: int
    version: int
    case_id: int
    estimate: Estimate = field(repr=False)
    total_jpy: int
    state: str
    made_by: str
    made_at: datetime
    asked_by: str
    asked_at: datetime | None
    checked_by: str
    checked_at: datetime | None
    remark: str = field(repr=False)
    newest: bool

    @property
    def tag(self) -> str:
        """What changes with every version and every step of its check."""
        steps = f"{self.version} {self.state} {self.asked_at} {self.checked_at}"
        return f"{self.version}-{hashlib.sha256(steps.encode()).hexdigest()[:12]}"


def estimates_of(connection: Connection, viewer: Viewer, case: KeptCase) -> list[KeptEstimate]:
    """Return the newest version of each estimate of a case, the newest estimate first."""
    require(viewer, WORK_ON_CASES)
    found = _read(connection, ESTIMATES.c.case_id == case.case_id)
    newest = [one for one in found if one.newest]
    return sorted(newest, key=lambda one: -one.estimate_id)


def versions_of(
    connection: Connection, viewer: Viewer, case_id: int, estimate_id: int
) -> list[KeptEstimate]:
    """Return all versions of an estimate, the newest first; raises UnknownIdError and ForbiddenError."""
    require(viewer, WORK_ON_CASES)
    case = case_of(connection, viewer, case_id)
    mine = (ESTIMATES.c.case_id == case.case_id) & (
        ESTIMATES.c.estimate_id == min(estimate_id, MOST)
    )
    found = _read(connection, mine)
    if not found:
        raise UnknownIdError("The case has no estimate of that number.")
    return sorted(found, key=lambda one: -one.version)


def estimate_of(
    connection: Connection, viewer: Viewer, case_id: int, estimate_id: int, version: int = 0
) -> KeptEstimate:
    """Return a version of an estimate, 0: the newest one; raises as `versions_of` does."""
    versions = versions_of(connection, viewer, case_id, estimate_id)
    if not version:
        return versions[0]
    for one in versions:
        if one.version == version:
            return one
    raise UnknownIdError("The estimate has no version of that number.")


def newest_estimate(connection: Connection, viewer: Viewer, case: KeptCase) -> KeptEstimate | None:
    """Return the estimate that speaks for a case: the newest that was checked, else the newest."""
    found = estimates_of(connection, viewer, case)
    return next((one for one in found if one.state == CHECKED), found[0] if found else None)


def save_estimate(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    estimate: Estimate,
    *,
    estimate_id: int = NEW,
    expected_tag: str | None = None,
    now: datetime | None = None,
) -> KeptEstimate:
    """Keep an estimate as a new one, or as the next version of one; None as the tag: whatever it is now.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, InputError, and ConflictError for too many.
    """
    case = changeable(connection, viewer, case_id, None)
    kept, version = checked(estimate), 1
    if estimate_id:
        before = _expected(connection, viewer, case_id, estimate_id, expected_tag)
        version = before.version + 1
    else:
        _check_room(connection, case_id)
    row: dict[str, Any] = {
        "estimate_id": estimate_id or -secrets.randbits(62), "version": version,
        "case_id": case_id, "title": kept.title,
        "content": as_json(kept), "total_jpy": kept.total().total_jpy, "state": DRAFT,
        "made_by": viewer.viewer_id, "made_at": now or datetime.now(UTC), "asked_by": "",
        "asked_at": None, "checked_by": "", "checked_at": None, "remark": "",
    }  # fmt: skip
    estimate_id = _insert(connection, row, estimate_id)
    detail: dict[str, Plain] = {"do": "save", "estimate": estimate_id, "version": version}
    step = CaseStep("estimate", detail)
    note_step(connection, viewer, case_id, case.need_id, step, row["made_at"])
    return estimate_of(connection, viewer, case_id, estimate_id)


def ask_for_check(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    estimate_id: int,
    *,
    expected_tag: str | None,
    mail: MailSettings = NO_MAIL,
    now: datetime | None = None,
) -> KeptEstimate:
    """Put the newest version up for a check and tell finance by mail; raises as `save_estimate` does."""
    case = changeable(connection, viewer, case_id, None)
    before = _expected(connection, viewer, case_id, estimate_id, expected_tag)
    if before.state not in {DRAFT, RETURNED}:
        raise ConflictError("The estimate waits for its check already, or was checked.")
    moment = now or datetime.now(UTC)
    values = {"state": ASKED, "asked_by": viewer.viewer_id, "asked_at": moment}
    asked = _step(connection, viewer, case, before, values, {"do": "ask"}, moment)
    tell_checkers(connection, case, before.made_by, viewer, mail)
    return asked


def check_estimate(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    estimate_id: int,
    *,
    accepts: bool,
    remark: str = "",
    expected_tag: str | None,
    mail: MailSettings = NO_MAIL,
    now: datetime | None = None,
) -> KeptEstimate:
    """Check an estimate that was put up, or send it back, which needs a remark; its author is told by mail.

    Who stands in for finance or the chief does it in their place. Raises ForbiddenError for who does not
    check, or wrote it, or stands in for who wrote it; and as `save_estimate` does.
    """
    require_or_stand_in(viewer, CHECK_ESTIMATES)
    case = case_of(connection, viewer, case_id)
    before = _expected(connection, viewer, case_id, estimate_id, expected_tag)
    if before.state != ASKED:
        raise ConflictError("The estimate was not put up for a check.")
    viewer = on_case(connection, viewer, case_id)
    if not may_check(viewer, before):
        raise ForbiddenError("Whoever wrote a version of an estimate doesn't check it.")
    said = text_in(remark, "remark", required=not accepts)
    moment = now or datetime.now(UTC)
    state = CHECKED if accepts else RETURNED
    values = {
        "state": state, "remark": said, "checked_by": viewer.viewer_id, "checked_at": moment,
    }  # fmt: skip
    detail: dict[str, Plain] = {"do": state}
    if away := in_place_of(viewer, CHECK_ESTIMATES, not_of=before.made_by):
        detail["decided_for"] = away.user_id
    checked_one = _step(connection, viewer, case, before, values, detail, moment)
    people = {before.made_by, before.asked_by}
    tell_author(connection, case_id, people, viewer, mail, accepted=accepts)
    return checked_one


def may_check(viewer: Viewer, kept: KeptEstimate) -> bool:
    """Return whether the viewer checks an estimate: by their role or in another's place, and nobody's own."""
    is_own = kept.made_by == viewer.viewer_id
    return not is_own and may_or_stands_in(viewer, CHECK_ESTIMATES, not_of=kept.made_by)


def _expected(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    estimate_id: int,
    expected_tag: str | None,
) -> KeptEstimate:
    before = estimate_of(connection, viewer, case_id, estimate_id)
    if expected_tag is not None and before.tag != expected_tag:
        raise StaleVersionError(_STALE)
    return before


def _step(  # noqa: PLR0917 - in the order of the sentence
    connection: Connection,
    viewer: Viewer,
    case: KeptCase,
    before: KeptEstimate,
    values: dict[str, Any],
    detail: dict[str, Plain],
    at: datetime,
) -> KeptEstimate:
    same = (
        (ESTIMATES.c.estimate_id == before.estimate_id)
        & (ESTIMATES.c.version == before.version)
        & (ESTIMATES.c.state == before.state)
    )
    if not connection.execute(update(ESTIMATES).where(same).values(**values)).rowcount:
        raise StaleVersionError(_STALE)
    estimate_id, version, state = before.estimate_id, before.version, values["state"]
    detail = {**detail, "estimate": estimate_id, "version": version}
    note_step(connection, viewer, case.case_id, case.need_id, CaseStep("estimate", detail), at)
    if state in {ASKED, CHECKED}:  # that finance sent it back is the office's own matter
        number = _place(connection, before)
        told = {"estimate": number, "version": version, "state": state}
        tell_portals(connection, case, ESTIMATE_MOVED, **told)
    return estimate_of(connection, viewer, case.case_id, estimate_id)


def _place(connection: Connection, kept: KeptEstimate) -> int:
    """Return which of its case's estimates it is, from 1: what portals are told tells no count of all."""
    query = select(func.count(func.distinct(ESTIMATES.c.estimate_id))).where(
        ESTIMATES.c.case_id == kept.case_id, ESTIMATES.c.estimate_id <= kept.estimate_id
    )
    return int(connection.execute(query).scalar_one())


def _check_room(connection: Connection, case_id: int) -> None:
    query = select(func.count(func.distinct(ESTIMATES.c.estimate_id)))
    count = connection.execute(query.where(ESTIMATES.c.case_id == case_id)).scalar_one()
    if count >= MAX_ESTIMATES:
        raise ConflictError("The case has %(count)s estimates, as many as it can.", count=count)


def _insert(connection: Connection, row: dict[str, Any], estimate_id: int) -> int:
    """Write a version and return the estimate's number: that of its first row."""
    try:
        with connection.begin_nested():
            key = connection.execute(insert(ESTIMATES).values(**row)).inserted_primary_key
    except IntegrityError:  # another wrote the same version
        raise StaleVersionError(_STALE) from None
    if estimate_id:
        return estimate_id
    first = int(key[0]) if key else 0
    of_it = update(ESTIMATES).where(ESTIMATES.c.row_id == first)
    connection.execute(of_it.values(estimate_id=first))
    return first


def _read(connection: Connection, condition: Any) -> list[KeptEstimate]:
    rows: Sequence[Any] = (
        connection.execute(select(ESTIMATES).where(condition).order_by(ESTIMATES.c.row_id))
        .mappings()
        .all()
    )
    newest = {row["estimate_id"]: row["version"] for row in rows}
    return [kept_estimate(row, newest=row["version"] == newest[row["estimate_id"]]) for row in rows]


def kept_estimate(row: Any, *, newest: bool) -> KeptEstimate:
    """Return the estimate of a row of `ESTIMATES`."""
    names = (
        "estimate_id", "version", "case_id", "total_jpy", "state", "made_by", "made_at",
        "asked_by", "asked_at", "checked_by", "checked_at", "remark",
    )  # fmt: skip
    estimate = from_json(row["title"], row["content"])
    return KeptEstimate(**{name: row[name] for name in names}, estimate=estimate, newest=newest)
