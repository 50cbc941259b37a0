"""Organisations known by name get ids that tell nothing of it; older catalogues change theirs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from catalogue.database import schema
from catalogue.database.account_models import Client, ClientCompany
from catalogue.database.engine import open_engine
from catalogue.database.models import Base
from catalogue.database.service_models import KeptAnswer
from catalogue.importers.general import workplaces
from catalogue.importers.general.columns import read_record
from catalogue.records.catalogue import Catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.drafts import (
    NEEDS,
    ORGANISATIONS,
    RESEARCHERS,
    name_id,
    opaque_id,
    organisation_id,
)

FIRM, ENGLISH, ROR = "霞ヶ浦つくだ煮株式会社", "Kasumi Foods Co., Ltd.", "05hz8m414"
BEFORE = "0008"
FILES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "office": [
        (ORGANISATIONS, {"organisation_id": "C-01", "name_ja": "青波化学"}),
        (ORGANISATIONS, {"organisation_id": "kurose", "name_en": "Kurose"}),
        (ORGANISATIONS, {"organisation_id": ROR, "ror_id": ROR, "name_en": "Hoshino University"}),
        (ORGANISATIONS, {"name_ja": "山吹製作所", "name_en": "Yamabuki Works"}),
        (NEEDS, {"need_id": "N-1", "text": "膜", "company": FIRM, "posted_on": "2026-01-02"}),
        (NEEDS, {"need_id": "N-2", "text": "膜", "company": "青波化学", "budget_jpy": "500"}),
    ],
    "people": [
        (RESEARCHERS, {"researcher_id": "R-1", "name_en": "A B", "institution_en": ENGLISH}),
        (RESEARCHERS, {"researcher_id": "R-2", "name_en": "C D", "institution_ror": ROR,
                       "institution_en": "Hoshino University"}),
        (RESEARCHERS, {"researcher_id": "R-3", "name_en": "E F", "institution_ja": FIRM}),
        (RESEARCHERS, {"researcher_id": "R-4", "name_en": "G H", "institution_en": "Kurose"}),
    ],
}  # fmt: skip
ROWS = ("organisation", "researcher", "need", "organisation_key", "record")
OF_THE_IMPORT = {"updated_at", "changed_at", "change"}


@pytest.fixture
def engine(catalogue_url: str) -> Iterator[Engine]:
    made = open_engine(catalogue_url)
    yield made
    made.dispose()


def imported(catalogue: Catalogue) -> list[str]:
    """Bring the files; returns what became of their records."""
    changes = []
    for source, records in FILES.items():
        for table, fields in records:
            record = read_record(table, fields)
            assert not record.rejections
            changes += [outcome.change for outcome in catalogue.write(record.drafts, source=source)]
    return changes


@contextmanager
def made_before(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    """Give a catalogue that makes ids of names; it is of the schema before when it is filled."""
    schema.upgrade(engine)
    with monkeypatch.context() as before:
        before.setattr(workplaces, "opaque_id", lambda slug: slug)
        before.setattr(workplaces, "organisation_id", name_id)
        workplaces.read_workplace.cache_clear()  # what was read with ids of today
        yield Catalogue(engine)
    workplaces.read_workplace.cache_clear()
    schema.downgrade(engine, BEFORE)


@pytest.fixture
def aged(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue with the files' records, of the schema before."""
    with made_before(engine, monkeypatch) as made:
        imported(made)
    return made


def contents(catalogue: Catalogue, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of tables without what tells of the import, in an order of their own."""
    found: dict[str, list[dict[str, Any]]] = {}
    with catalogue.reading() as connection:
        for name in tables:
            rows = connection.execute(select(Base.metadata.tables[name])).mappings()
            plain = [{n: v for n, v in row.items() if n not in OF_THE_IMPORT} for row in rows]
            found[name] = sorted(plain, key=str)
    return found


def test_an_organisation_known_by_name_has_an_id_that_tells_nothing_of_it() -> None:
    ids = {organisation_id(name) for name in (FIRM, f" {FIRM} ", ENGLISH, ENGLISH.upper())}
    assert len(ids) == 2
    assert all(made.startswith("org-") and len(made) == 20 and made.isascii() for made in ids)
    assert organisation_id("") == ""
    assert organisation_id(FIRM) == opaque_id(name_id(FIRM))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"organisation_id": "C-01", "name_ja": FIRM}, "C-01"),
        ({"organisation_id": FIRM, "name_ja": FIRM}, organisation_id(FIRM)),
        ({"organisation_id": FIRM, "name_ja": FIRM, "name_en": "K"}, organisation_id(FIRM)),
        ({"organisation_id": "kurose", "name_en": "Kurose"}, organisation_id("Kurose")),
        ({"ror_id": ROR, "name_en": "Hoshino University"}, ROR),
        ({"name_ja": FIRM, "name_en": ENGLISH}, organisation_id(ENGLISH)),
    ],
)
def test_an_id_that_a_file_gives_stays_unless_it_is_the_name(
    given: dict[str, str], made: str
) -> None:
    (draft,) = read_record(ORGANISATIONS, given).drafts
    assert draft.values["organisation_id"] == made


def test_an_older_catalogue_becomes_what_importing_its_files_makes_now(
    aged: Catalogue, engine: Engine
) -> None:
    old = {row["organisation_id"] for row in contents(aged, "organisation")["organisation"]}
    assert {FIRM, "kasumi-foods-co-ltd", "yamabuki-works", "kurose", "C-01", ROR} == old
    schema.upgrade(engine)
    migrated = contents(aged, *ROWS)

    with aged.reading() as connection:
        assert check_catalogue(connection) == []
    assert set(imported(aged)) == {"unchanged"}
    assert contents(aged, *ROWS) == migrated

    schema.downgrade(engine)
    schema.upgrade(engine)
    imported(aged)
    assert contents(aged, *ROWS) == migrated
    ids = {row["organisation_id"] for row in migrated["organisation"]}
    names = (FIRM, ENGLISH, "Yamabuki Works", "Kurose")
    assert ids == {*map(organisation_id, names), "C-01", ROR}


def test_portals_and_kept_answers_follow_to_the_new_ids(aged: Catalogue, engine: Engine) -> None:
    body = {"need_id": "N-1", "organisation_id": FIRM, "company": FIRM}
    portal = {"client_id": "p", "name": "", "role": "portal", "created_at": datetime.now(UTC)}
    answer = {"owner": "p", "key": "k", "request_hash": "", "status": 201, "headers": "{}"}
    text = json.dumps(body, ensure_ascii=False)
    with engine.begin() as connection:  # a catalogue of today writes nothing into an older schema
        connection.execute(insert(Client), portal)
        bound = [{"client_id": "p", "organisation_id": company} for company in (FIRM, "C-01")]
        connection.execute(insert(ClientCompany), bound)
        kept = {**answer, "body": text, "created_at": datetime.now(UTC)}
        other = {**kept, "key": "l", "body": "{}"}
        connection.execute(insert(KeptAnswer), [kept, other])

    schema.upgrade(engine)

    with aged.reading() as connection:
        companies = set(connection.execute(select(ClientCompany.organisation_id)).scalars())
        bodies = list(
            connection.execute(select(KeptAnswer.body).order_by(KeptAnswer.key)).scalars()
        )
    assert companies == {organisation_id(FIRM), "C-01"}
    assert json.loads(bodies[0]) == {**body, "organisation_id": organisation_id(FIRM)}
    assert bodies[1] == "{}"


def test_an_id_that_another_source_gave_stays_with_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sawa` is the office's own id of Sawa Paper Mills, and was made of the name Sawa as well."""
    own = read_record(ORGANISATIONS, {"organisation_id": "sawa", "name_en": "Sawa Paper Mills"})
    with made_before(engine, monkeypatch) as catalogue:
        catalogue.write(own.drafts, source="list")
        need = read_record(NEEDS, {"need_id": "N-1", "text": "A film.", "company": "Sawa"})
        catalogue.write(need.drafts, source="office")
    schema.upgrade(engine)

    (row,) = contents(catalogue, "need")["need"]
    homes = {
        r["source"]: r["home_id"]
        for r in contents(catalogue, "record")["record"]
        if r["table_name"] == ORGANISATIONS
    }
    assert row["organisation_id"] == "sawa"
    assert homes == {"list": "sawa", "office": organisation_id("Sawa")}
    with catalogue.reading() as connection:
        assert check_catalogue(connection) == []
