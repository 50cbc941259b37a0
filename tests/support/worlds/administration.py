"""An office for the administrator's pages: accounts, a machine, imports, pairs in doubt, jobs, versions."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from catalogue.database.models import QUEUED
from catalogue.database.service_models import Job
from catalogue.database.viewer import ADMINISTRATOR, Viewer
from catalogue.identity.links import AUTOMATIC, Link, store_link
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import RESEARCHERS, Draft, Rejection, shape_of
from catalogue.records.import_runs import begin_run, finish_run, save_run, store_rejections
from enmusubi.messages import Message
from enmusubi.settings import Settings
from indexes.versions import publish, staged_version
from matcher.version_files import FORMAT
from office.accounts.machines import Machines
from office.accounts.users import Users
from tests.support.small_recommender import SmallRecommender

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
BOSS = Viewer("sato", ADMINISTRATOR, name="佐藤 実")
BUILT_ON = "small"
SECRET_ROW = "極秘の膜 that nobody may read"
FORMULA = "=HYPERLINK('x')"


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Fill everything that the administrator's pages show."""
    users = Users(catalogue)
    users.create(BOSS, "sato", role=ADMINISTRATOR, name="佐藤 実")
    users.create(BOSS, "tanaka", role="ip", name="田中 望")
    users.create(BOSS, "mori", role="viewer", name="森 花", researcher_id="R-01")
    users.disable(BOSS, "mori")
    Machines(catalogue).create(BOSS, "portal-1", name="Portal of the office", companies=["hu"])
    _doubt(catalogue)
    _imports(catalogue)
    _jobs(catalogue)
    for number in range(3):
        _version(folder, number)


def _doubt(catalogue: Catalogue) -> None:
    people = [
        ("A5012345678", {"name_en": "Hana Mori", "department_en": "Polymer Science"}),
        ("hu-77", {"name_ja": "森 花", "department_ja": "高分子科学科"}),
    ]
    drafts = [Draft(RESEARCHERS, {"researcher_id": i, **values}) for i, values in people]
    catalogue.write(drafts, source="second")
    reasons = ("same_romaji", "shared_seed", "different_names")
    with catalogue.writing() as connection:
        store_link(connection, Link("A5012345678", "R-01", QUEUED, 0.74, reasons, AUTOMATIC, NOW))
        store_link(connection, Link("R-01", "hu-77", QUEUED, 0.5, ("same_kanji",), AUTOMATIC, NOW))


def _imports(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        run = begin_run(connection, "first", "general", NOW, restart=False)
        run.counts |= {
            "read": 1_204,
            "rejected": 61,
            "tables": {"seed": {"added": 900, "updated": 43}, "need": {"unchanged": 200}},
        }
        save_run(connection, run)
        rows = [
            (
                Rejection(
                    "posted_on" if number % 3 else "title",
                    Message("not a date such as 2024-04-01" if number % 3 else "missing"),
                    shape_of("31.4.2026" if number % 3 else ""),
                    file="needs-2026.csv",
                    row=number,
                ),
                SECRET_ROW,
            )
            for number in range(2, 63)
        ]
        store_rejections(connection, run, rows)
        finish_run(connection, run, NOW + timedelta(minutes=3, seconds=7))
        begin_run(connection, "second", "openalex", NOW + timedelta(days=1), restart=False)


def _jobs(catalogue: Catalogue) -> None:
    rows = [
        ("j-waiting", "queued", 0, None, ""),
        ("j-running", "running", 12, None, ""),
        ("j-done", "done", 40, NOW, ""),
        ("j-failed", "failed", 3, NOW, "unexpected"),
    ]
    with catalogue.writing() as connection:
        for job_id, state, done, finished_at, fault in rows:
            values = {
                "job_id": job_id, "owner": "machine:portal-1", "kind": "matches", "state": state,
                "done": done, "total": 40, "created_at": NOW, "started_at": None,
                "finished_at": finished_at, "cancel_asked_at": None,
                "request": json.dumps({"text": SECRET_ROW}), "result": None, "fault": fault,
            }  # fmt: skip
            connection.execute(insert(Job).values(**values))


def _version(folder: Path, number: int) -> None:
    settings = Settings(data_dir=folder)
    name, checksum = SmallRecommender.model.split("@")
    manifest = {
        "format": FORMAT,
        "built_at": f"2026-04-0{number + 1}T02:11:00+00:00",
        "model": {"name": name, "checksum": checksum},
        "counts": {"researchers": 120, "seeds": 1_830, "passages": 4_410 + number},
    }
    with staged_version(settings.index_dir) as staging:
        (staging / "vectors.npy").write_bytes(b"0" * 340_000)
        publish(settings.index_dir, staging, manifest, keep=3)
