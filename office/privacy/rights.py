"""A person's rights: to see what is stored, to be forgotten, not to be matched. For administrators alone."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.models import Researcher
from catalogue.database.privacy_models import Forgetting as ForgettingRow
from catalogue.database.service_models import ReleasedList
from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.source_records import chunks
from catalogue.records.suppression import OPT_OUT, suppress
from catalogue.records.unit_of_work import UnitOfWork
from enmusubi.language import ENGLISH
from enmusubi.settings import Settings
from office.access import audit
from office.access.rules import ADMINISTER, require
from office.backup.unfinished import drop_unfinished
from office.index_versions import mark_forgetting
from office.privacy import files, tables
from office.privacy.person import Person, person_of

FORGETTING = cast(Table, ForgettingRow.__table__)
RELEASED = cast(Table, ReleasedList.__table__)
STAND_IN = "forgotten-"
PERSON = "researcher"  # the kind of object in the audit trail


@dataclass(frozen=True)
class Stored:
    """All that is stored of a person: rows by table, where texts quote them, files, backups."""

    researcher_id: str
    rows: dict[str, list[dict[str, Any]]] = field(repr=False)
    quoted: dict[str, int]
    files: tuple[str, ...]
    released: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "researcher_id": self.researcher_id,
            "stored": self.rows,
            "quoted_in": self.quoted,
            "files": list(self.files),
            "released_lists": list(self.released),
        }


@dataclass(frozen=True)
class Forgotten:
    """What became of what was stored of a person who was forgotten."""

    deleted: dict[str, int]
    anonymised: dict[str, int]
    released: tuple[
        int, ...
    ]  # lists that were given to a company, of which the person was taken out
    files: tuple[str, ...]  # deleted
    backups: tuple[str, ...]  # and other files that are not deleted: they may still hold them
    quoted: dict[str, int]  # texts that somebody wrote and that name them still


def stored_of(catalogue: Catalogue, settings: Settings, by: Viewer, researcher_id: str) -> Stored:
    """Return all that is stored of a person; it is noted in the trail. Raises UnknownIdError."""
    require(by, ADMINISTER)
    with catalogue.reading() as connection:
        person = person_of(connection, researcher_id)
        rows: dict[str, list[dict[str, Any]]] = {}
        for name, row in tables.rows_of(connection, person):
            rows.setdefault(name, []).append(row)
        quoted = dict(tables.quoting_rows(connection, person))
        released = _released(connection, person)
    found = [str(path) for path in files.files_that_hold(settings, person.words)]
    count = sum(map(len, rows.values()))
    audit.note(catalogue, by, "export", PERSON, person.researcher_id, rows=count)
    return Stored(person.researcher_id, rows, quoted, tuple(found), released)


def forget(
    catalogue: Catalogue,
    settings: Settings,
    by: Viewer,
    researcher_id: str,
    *,
    backups: Sequence[Path] = (),
) -> Forgotten:
    """Take a person out of everything, for good; no import brings them in again.

    Their judgements and places in lists stay under an id that leads to nobody. The next `update_index` keeps
    nothing of older versions, of vectors and of deleted words in the database: the caller runs it, or the
    night does; until then no list shows them. Raises UnknownIdError.
    """
    require(by, ADMINISTER)
    now, stand_in = datetime.now(UTC), STAND_IN + secrets.token_hex(4)
    mark_forgetting(settings)
    with catalogue.writing() as connection:
        person = person_of(connection, researcher_id)
        released = _released(connection, person)
        suppress(connection, person.records, now)
        deleted = tables.forget_records(connection, person)
        taken = tables.forget_rows(connection, person, stand_in, now)
        quoted = dict(tables.quoting_rows(connection, person))
        left = {"stand_in": stand_in, "words": json.dumps(person.words)}
        connection.execute(insert(FORGETTING).values(**left))
        deleted += taken.deleted
        audit.record(
            connection,
            by,
            "forget",
            PERSON,
            stand_in,
            deleted=sum(deleted.values()),
            anonymised=sum(taken.anonymised.values()),
            released=len(released),
        )
    drop_unfinished(settings)
    found, holding = _finish(catalogue, settings, stand_in, person.words)
    folders = [settings.data_dir / "backups", *backups]
    kept = files.backups_in([folder for folder in folders if folder.is_dir()])
    return Forgotten(
        dict(+deleted),
        dict(+taken.anonymised),
        released,
        tuple(map(str, holding)),
        tuple(map(str, [*kept, *(path for path in found if path not in holding)])),
        quoted,
    )


def finish_forgetting(catalogue: Catalogue, settings: Settings) -> int:
    """Do what is left of people whose rows are gone, after a kill between rows and files.

    What killed restores left goes, too: whole copies of the catalogue, which would keep them.
    Returns how many those were. The service and the night do it when they start.
    """
    drop_unfinished(settings)
    with catalogue.reading() as connection:
        left = connection.execute(select(FORGETTING)).all()
    for row in left:
        _finish(catalogue, settings, row.stand_in, json.loads(row.words))
    return len(left)


def _finish(
    catalogue: Catalogue, settings: Settings, stand_in: str, words: Sequence[str]
) -> tuple[list[Path], list[Path]]:
    """Delete the copies that hold a person's words, then what the catalogue knew them by.

    Returns the files that held them, and those of them that were deleted.
    """
    mark_forgetting(settings)  # anew: an index that was being built meanwhile has them
    found = files.files_that_hold(settings, words)
    holding = [path for path in found if files.is_copy(settings, path)]
    for path in holding:
        files.drop(settings, path)
    with catalogue.writing() as connection:
        connection.execute(delete(FORGETTING).where(FORGETTING.c.stand_in == stand_in))
    catalogue.vacuum()
    return found, holding


def opt_out(catalogue: Catalogue, by: Viewer, researcher_id: str) -> None:
    """Let a person be neither matched nor listed, whatever imports bring. Raises UnknownIdError."""
    require(by, ADMINISTER)
    now = datetime.now(UTC)
    with catalogue.writing() as connection:
        person = person_of(connection, researcher_id)
        known = set(connection.execute(select(OPT_OUT.c.researcher_id)).scalars())
        for home_id in sorted(person.ids - known):
            said = {"researcher_id": home_id, "since": now, "noted_by": by.owner}
            connection.execute(insert(OPT_OUT).values(said))
        _derive(connection, person)
        audit.record(connection, by, "opt-out", PERSON, person.researcher_id)


def opt_in(catalogue: Catalogue, by: Viewer, researcher_id: str) -> None:
    """Undo `opt_out`: the person is matched and listed again. Raises UnknownIdError."""
    require(by, ADMINISTER)
    with catalogue.writing() as connection:
        person = person_of(connection, researcher_id)
        connection.execute(delete(OPT_OUT).where(OPT_OUT.c.researcher_id.in_(person.ids)))
        _derive(connection, person)
        audit.record(connection, by, "opt-in", PERSON, person.researcher_id)


@dataclass(frozen=True)
class OptedOut:
    """Somebody who is not to be matched; the names are empty where the catalogue knows none."""

    researcher_id: str
    name_ja: str = field(repr=False)
    name_en: str = field(repr=False)
    since: datetime

    def name(self, language: str) -> str:
        """Return the name in ja or en, or the only one that is known."""
        first, other = self.name_ja, self.name_en
        return (other or first) if language == ENGLISH else (first or other)


def people_opted_out(connection: Connection) -> list[OptedOut]:
    """Return who is not to be matched, by the id that they opted out under, with their names of now."""
    since = {row.researcher_id: row.since for row in connection.execute(select(OPT_OUT))}
    now = rows_of(connection, since)
    names = select(Researcher.researcher_id, Researcher.name_ja, Researcher.name_en)
    known = {
        row.researcher_id: row
        for chunk in chunks(sorted({now.get(one, one) for one in since}))
        for row in connection.execute(names.where(Researcher.researcher_id.in_(chunk)))
    }
    found = []
    for one, moment in sorted(since.items()):
        row = known.get(now.get(one, one))
        found.append(OptedOut(one, row.name_ja if row else "", row.name_en if row else "", moment))
    return found


def _derive(connection: Connection, person: Person) -> None:
    rows = UnitOfWork(connection)
    rows.load_rows(RESEARCHERS, [person.researcher_id])
    rows.touch(RESEARCHERS, [person.researcher_id])
    rows.flush()


def _released(connection: Connection, person: Person) -> tuple[int, ...]:
    """Return the numbers of the lists given to companies that have the person on them."""
    found = connection.execute(select(RELEASED.c.release_id, RELEASED.c.content)).all()
    return tuple(
        sorted(number for number, said in found if tables.mentions(said, sorted(person.ids)))
    )
