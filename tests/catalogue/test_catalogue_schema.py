"""The schema goes up and down on SQLite and PostgreSQL, and the models agree with it."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import column, inspect, select, text
from sqlalchemy import table as named
from sqlalchemy.exc import IntegrityError

from catalogue.database import schema
from catalogue.database.engine import open_engine, reading, writing
from catalogue.database.models import Base
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from enmusubi.errors import (
    CatalogueUnusableError,
    CatalogueVersionError,
)

FIRST_TABLES = {"organisation", "researcher", "seed", "authorship", "need"}


TABLES = {
    *FIRST_TABLES,
    "record",
    "suppression",
    "opt_out",
    "import_run",
    "rejection",
    "researcher_key",
    "organisation_key",
    "identity_link",
    "seed_choice",
    "shown_list",
    "shown_match",
    "judgement",
    "user_account",
    "user_session",
    "client",
    "client_company",
    "api_key",
    "access_token",
    "need_guest",
    "released_list",
    "webhook",
    "webhook_delivery",
    "mail",
    "job",
    "kept_answer",
    "audit_entry",
    "shortlisted",
    "match_note",
    "saved_search",
    "saved_team",
    "table_reading",
    "declared_interest",
    "person_limit",
    "past_employer",
    "company_group",
    "competitor_pair",
    "clearance",
    "inquiry",
    "office_case",
    "case_person",
    "case_decision",
    "case_document",
    "case_event",
    "gate_template",
    "case_view",
    "project",
    "project_part",
    "project_share",
    "project_milestone",
    "project_budget",
    "project_spending",
    "project_risk",
    "project_minutes",
    "project_action",
    "means_edit",
    "estimate_version",
    "case_plan",
    "case_maturity",
    "contract_checklist",
    "made_contract",
    "contract_template",
    "nda",
    "need_veil",
    "need_veil_mark",
    "need_purpose",
    "company_profile",
    "dormant_finding",
    "dormant_look",
    "need_kind",
    "case_entry",
    "office_cost",
    "figure_target",
    "case_template",
    "case_template_use",
    "membership",
    "sign_in_link",
    "company_sign_in",
    "delegation",
    "hand_over",
    "hand_over_item",
    "second_factor",
    "recovery_code",
    "known_device",
    "privacy_notice",
    "forgetting",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue_url(request, tmp_path):
    """The URL of a database without any table, once of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("bare_postgres_url")
    return f"sqlite:///{tmp_path / 'catalogue.sqlite'}"


def _tables(engine) -> set[str]:
    with reading(engine) as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def _checks(engine) -> dict[str, set[str]]:
    with reading(engine) as connection:
        inspector = inspect(connection)
        return {t: {c["name"] for c in inspector.get_check_constraints(t)} for t in TABLES}


def test_the_schema_goes_up_and_down_and_up_again(catalogue_url):
    engine = open_engine(catalogue_url)
    schema.upgrade(engine)
    assert _tables(engine) == TABLES
    schema.downgrade(engine)
    assert _tables(engine) == set()
    schema.upgrade(engine)
    schema.upgrade(engine)
    assert _tables(engine) == TABLES
    engine.dispose()


@pytest.mark.parametrize("imported", ["catalogue.records.catalogue", "office.backup.writing"])
def test_every_table_is_known_whatever_else_is_imported(imported):
    program = (
        f"import {imported}; from catalogue.database.models import Base; "
        "print(*sorted(Base.metadata.tables))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert set(found.stdout.decode().split()) == TABLES


def test_the_models_and_the_migrations_agree(catalogue_url):
    engine = open_engine(catalogue_url)
    schema.upgrade(engine)
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    migrated = _checks(engine)
    schema.downgrade(engine)
    with writing(engine) as connection:
        Base.metadata.create_all(connection)
    assert _checks(engine) == migrated
    assert migrated["need"] == {
        "ck_need_area",
        "ck_need_confidentiality",
        "ck_need_lang",
        "ck_need_status",
    }
    engine.dispose()


def test_the_database_itself_refuses_values_outside_an_enumeration(catalogue_url):
    engine = open_engine(catalogue_url)
    schema.upgrade(engine)
    row = (
        "INSERT INTO organisation (organisation_id, name_ja, name_en, kind, aliases, content_hash, "
        "source, updated_at) VALUES ('o', '', 'O', 'club', '', '', '', CURRENT_TIMESTAMP)"
    )
    with (
        pytest.raises(CatalogueUnusableError, match="ck_organisation_kind") as refusal,
        writing(engine) as connection,
    ):
        connection.execute(text(row))
    assert isinstance(refusal.value.__cause__, IntegrityError)
    engine.dispose()


def test_a_catalogue_of_a_newer_version_is_told_apart_and_left_alone(catalogue_url):
    open_catalogue(catalogue_url).close()
    engine = open_engine(catalogue_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(CatalogueVersionError, match=r"has schema '9999'.*up to '\d{4}'.*upgrade"):
        open_catalogue(catalogue_url)


def test_two_processes_that_open_an_empty_catalogue_at_once_both_succeed(catalogue_url):
    code = (
        "import sys; from catalogue.records.catalogue import open_catalogue;"
        "open_catalogue(sys.argv[1]).close()"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, catalogue_url]) for _ in range(3)]
    assert [run.wait(timeout=60) for run in runs] == [0, 0, 0]


OLD_ROWS = """
INSERT INTO organisation VALUES ('o', '霞野大学', '', '0aaaaaa11', 'university', 'h', 'office', '{t}');
INSERT INTO researcher VALUES ('r1', '0000-0002-1825-0097', NULL, NULL, NULL, 'r1', '森 花', '',
 'Hana Mori', 'o', '', '', '', '', '紙', '', '', '', 'h', 'office', '{t}');
INSERT INTO researcher VALUES ('A1', NULL, 'A1', NULL, NULL, NULL, '', '', 'Jiro Sato', NULL,
 '', '', '', '', '', '', '', '', 'h', 'openalex', '{t}');
INSERT INTO seed VALUES ('s1', 'paper', 'en', 'Oxygen barriers of clay', 'A text.', 2020, '10.1/a',
 '', '', 'public', '', 'h', 'office', '{t}');
INSERT INTO authorship VALUES ('s1', 'r1', 1, 'h', 'office', '{t}');
INSERT INTO authorship VALUES ('s1', 'A1', 2, 'h', 'office', '{t}');
INSERT INTO need VALUES ('n1', '', '湿気を防ぎたい。', 'ja', 'o', '', '', NULL, '', 'confidential', '',
 'open', '2026-01-02', 'h', 'office', '{t}')
"""
CONTENT = {
    "organisation": "organisation_id, name_ja, ror_id, kind, source",
    "researcher": "researcher_id, orcid, openalex_id, local_id, name_ja, name_en, keywords_ja",
    "seed": "seed_id, kind, lang, title, text, year, doi, visibility, source",
    "authorship": "seed_id, researcher_id, position",
    "need": "need_id, text, organisation_id, confidentiality, posted_on",
}


def _content(engine) -> dict[str, list[tuple]]:
    with reading(engine) as connection:
        return {
            table: sorted(
                map(
                    tuple,
                    connection.execute(
                        select(*map(column, columns.split(", "))).select_from(named(table))
                    ),
                )
            )
            for table, columns in CONTENT.items()
        }


def test_a_catalogue_with_data_goes_up_and_down_and_keeps_it(catalogue_url):
    engine = open_engine(catalogue_url)
    schema.upgrade(engine, "0001")
    with writing(engine) as connection:
        for statement in OLD_ROWS.format(t="2026-01-01 00:00:00+00:00").split(";"):
            connection.execute(text(statement))
    before = _content(engine)
    schema.upgrade(engine)
    assert _content(engine) == before
    with Catalogue(open_engine(catalogue_url)) as catalogue:
        same = Draft(RESEARCHERS, {"researcher_id": "r1", "name_en": "Hana Mori"})
        assert catalogue.write([same], source="office")[0].change == "unchanged"
        copy = {
            "seed_id": "W1",
            "kind": "paper",
            "title": "Oxygen barriers of clay",
            "doi": "10.1/a",
        }
        merging = Draft(SEEDS, copy, people=("A1",))
        assert catalogue.write([merging], source="openalex", rank=60)[0].change == "merged"
        assert catalogue.read_corpus().seeds["seed_id"].tolist() == ["profile:r1", "s1"]
    schema.downgrade(engine, "0001")
    assert _content(engine) == before
    schema.upgrade(engine)
    assert _content(engine) == before
    engine.dispose()
