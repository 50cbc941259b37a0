"""The audit trail: entries follow each other without a gap, and whatever was touched shows."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, update

from catalogue.database.viewer import ADMINISTRATOR, CHIEF, MACHINE, PORTAL, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ForbiddenError, InputError
from office.access import audit
from office.access.audit import (
    ALTERED,
    CUT,
    ENTRY,
    MISSING,
    AuditFilter,
    AuditState,
    Head,
    entries_page,
    export_lines,
    head_of,
    note,
    record,
    verify,
)

KATO = Viewer("kato", CHIEF)
PORTAL_ONE = Viewer("portal-1", PORTAL, MACHINE)
ADMIN = Viewer("root", ADMINISTRATOR)


@pytest.fixture
def kept(catalogue: Catalogue) -> Catalogue:
    """A catalogue with six entries of two actors."""
    for number in range(3):
        note(catalogue, KATO, "see", "need", f"n{number}")
        note(catalogue, PORTAL_ONE, "export", "match list", "n/2 膜 %", rows=number, kind="xlsx")
    return catalogue


def state(catalogue: Catalogue, known: Head | None = None) -> AuditState:
    with catalogue.reading() as connection:
        return verify(connection, known)


def head(catalogue: Catalogue) -> Head:
    with catalogue.reading() as connection:
        return head_of(connection)


def test_entries_are_numbered_from_one_and_the_chain_is_whole(kept: Catalogue) -> None:
    found = state(kept)

    assert (found.is_whole, found.head.entries, found.entry_id) == (True, 6, None)
    assert found.head == head(kept)


def test_an_empty_trail_is_whole(catalogue: Catalogue) -> None:
    assert state(catalogue) == AuditState(Head(0, "0" * 64))


def of(number: int) -> Any:
    return ENTRY.c.entry_id == number


TOUCHED: list[tuple[Executable, str, int]] = [
    (delete(ENTRY).where(of(3)), MISSING, 3),
    (delete(ENTRY).where(of(1)), MISSING, 1),
    (update(ENTRY).where(of(4)).values(actor="person:other"), ALTERED, 4),
    (update(ENTRY).where(of(2)).values(detail="{}"), ALTERED, 2),
    (update(ENTRY).where(of(5)).values(at=datetime(2020, 1, 1, tzinfo=UTC)), ALTERED, 5),
    (update(ENTRY).where(of(6)).values(hash="f" * 64), ALTERED, 6),
    (update(ENTRY).where(of(6)).values(entry_id=9), MISSING, 6),
]


def test_what_was_touched_is_told_with_its_number(kept: Catalogue) -> None:
    for touch, fault, entry_id in TOUCHED:
        with kept.writing() as connection, connection.begin_nested() as undone:
            connection.execute(touch)
            found = verify(connection)
            undone.rollback()
        assert (found.is_whole, found.fault, found.entry_id) == (False, fault, entry_id)
    assert state(kept).is_whole


def test_newest_entries_that_were_cut_off_show_against_a_head_that_was_noted(
    kept: Catalogue,
) -> None:
    known = head(kept)
    with kept.writing() as connection:
        connection.execute(delete(ENTRY).where(ENTRY.c.entry_id > 4))

    assert state(kept).is_whole
    assert (state(kept, known).fault, state(kept, known).entry_id) == (CUT, 5)
    for _ in range(3):  # written anew over the cut
        note(kept, KATO, "see", "need", "n9")
    assert state(kept).is_whole
    assert (state(kept, known).fault, state(kept, known).entry_id) == (ALTERED, 6)


def test_a_forged_entry_before_the_first_shows(kept: Catalogue) -> None:
    forged = {name: "" for name in audit.ENTRY.c.keys() if name != "detail"}  # noqa: SIM118
    with kept.writing() as connection:
        at = datetime.now(UTC)
        connection.execute(
            insert(ENTRY).values({**forged, "entry_id": 0, "at": at, "detail": "{}"})
        )

    assert state(kept).fault == MISSING


def test_an_entry_is_written_with_its_transaction_or_not_at_all(kept: Catalogue) -> None:
    with pytest.raises(RuntimeError, match="undone"), kept.writing() as connection:
        record(connection, KATO, "change", "need", "n1")
        raise RuntimeError("undone")

    assert head(kept).entries == 6


def test_entries_of_many_threads_make_one_chain(catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: note(catalogue, KATO, "see", "need", f"n{n}"), range(20)))

    assert sorted(numbers) == list(range(1, 21))
    assert state(catalogue).is_whole


def test_a_detail_is_a_code_a_count_or_an_id_and_its_value_is_not_told(
    catalogue: Catalogue,
) -> None:
    values: list[Any] = ["x" * 201, {"text": "膜"}, 1.5, ["膜" * 201]]
    for bad in values:
        with pytest.raises(TypeError, match="'what' is no code, count or id") as caught:
            note(catalogue, KATO, "see", "need", "n1", what=bad)
        assert "膜" not in str(caught.value)
    assert head(catalogue).entries == 0


def test_the_administrator_alone_reads_and_exports_it(kept: Catalogue) -> None:
    with kept.reading() as connection:
        for viewer in (KATO, PORTAL_ONE):
            with pytest.raises(ForbiddenError, match="audit trail"):
                entries_page(connection, viewer)
            with pytest.raises(ForbiddenError, match="audit trail"):
                list(export_lines(connection, viewer))


def test_pages_show_the_newest_first_and_what_was_asked_for(kept: Catalogue) -> None:
    with kept.reading() as connection:
        first = entries_page(connection, ADMIN, limit=4)
        second = entries_page(connection, ADMIN, limit=4, after=first.after)
        assert [e.entry_id for e in (*first.items, *second.items)] == [6, 5, 4, 3, 2, 1]
        assert second.after == ""
        newest = first.items[0]
        told = (newest.actor, newest.role, newest.action, newest.object_id, newest.detail)
        detail = {"kind": "xlsx", "rows": 2}
        assert told == ("machine:portal-1", PORTAL, "export", "n/2 膜 %", detail)
        of_kato = AuditFilter(actor="person:kato", object_kind="need", action="see")
        assert {e.actor for e in entries_page(connection, ADMIN, of_kato).items} == {"person:kato"}
        later = AuditFilter(since=datetime.now(UTC) + timedelta(hours=1))
        assert entries_page(connection, ADMIN, later).items == ()
        assert len(entries_page(connection, ADMIN, AuditFilter(until=later.since)).items) == 6
        for bad in ("!", "W10", "WyJhIl0", "x" * 2_000):
            with pytest.raises(InputError, match="cursor: not a cursor"):
                entries_page(connection, ADMIN, after=bad)


def test_an_export_begins_with_the_head_and_can_be_checked_by_anybody(kept: Catalogue) -> None:
    with kept.reading() as connection:
        first, *lines = (json.loads(line) for line in export_lines(connection, ADMIN))

    assert (first["entries"], first["found"], first["head"]) == (6, 6, lines[-1]["hash"])
    before = "0" * 64
    for number, line in enumerate(lines, start=1):
        hashed = line.pop("hash")
        assert (line["entry_id"], line["previous_hash"]) == (number, before)
        text = json.dumps(line, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256(text.encode()).hexdigest()
        assert before == hashed
    assert state(kept, Head(first["entries"], first["head"])).is_whole
