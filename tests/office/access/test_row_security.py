"""PostgreSQL's row security gives everybody the rows that the rules give them, and no others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import insert, select, text

from api.v1.idempotency import Creation, create_once, owned
from catalogue.database.service_models import Job, KeptAnswer
from catalogue.database.viewer import (
    ADMINISTRATOR,
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    PORTAL,
    PROJECT,
    Viewer,
)
from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS
from catalogue.records.source_records import RECORD
from catalogue.records.table_readings import Reading, keep_reading, load_readings
from enmusubi.errors import CatalogueUnusableError
from office.access.rules import (
    ADMINISTER,
    READ_MEMBERSHIPS,
    RUN_JOBS,
    SEE_FIGURES,
    SEE_MEMBERS,
    may,
    visible_cases,
    visible_memberships,
)
from office.access.scoped import (
    reading_as,
    set_row_security_context,
    without_row_security,
    writing_as,
)
from office.cases.kept import CASES, with_needs
from office.members.kept import MEMBERSHIPS
from tests.support.worlds import furnish
from tests.support.worlds.access import (
    FACTS,
    NAMES,
    SEED_FACTS,
    VIEWERS,
    ids,
    job,
    kept_answer,
    seen_needs,
    seen_seeds,
)


class Empty(BaseModel):
    """An answer that says nothing."""


@pytest.fixture(scope="module")
def walled(
    module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    """The filled catalogue on PostgreSQL, opened as an ordinary role."""
    with open_catalogue(module_postgres_url) as catalogue:
        furnish("access", catalogue, tmp_path_factory.mktemp("walled"))
        yield catalogue


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_gives_the_same_rows_to_a_query_without_a_condition(
    walled: Catalogue, viewer: Viewer
) -> None:
    needs, office = seen_needs(viewer), viewer.role in {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR}
    inside = needs if office else set()
    with reading_as(walled, viewer) as connection:
        assert ids(connection, text("SELECT need_id FROM need")) == needs
        assert ids(connection, text("SELECT seed_id FROM seed")) == seen_seeds(viewer)
        assert ids(connection, text("SELECT need_id FROM released_list")) == needs
        assert ids(connection, text("SELECT need_id FROM match_note")) == inside
        assert ids(connection, text("SELECT need_id FROM saved_team")) == inside
        assert ids(connection, text("SELECT need_id FROM inquiry")) == inside
        assert ids(connection, text("SELECT need_id FROM dormant_finding")) == inside
        assert ids(connection, text("SELECT need_id FROM need_kind")) == needs
        assert len(ids(connection, text("SELECT profile_id FROM company_profile"))) == office
        assert ids(connection, text("SELECT need_id FROM judgement")) == needs
        assert ids(connection, text("SELECT need_id FROM shown_list")) == needs
        assert len(ids(connection, text("SELECT list_id FROM shown_match"))) == len(needs)
        called = {need_id for need_id in inside if FACTS[need_id].guests}
        assert ids(connection, text("SELECT need_id FROM need_guest")) == called
        for table in ("shortlisted", "saved_search"):
            owners = text(f"SELECT user_id FROM {table}")  # noqa: S608 - one of two names
            assert ids(connection, owners) == {viewer.viewer_id}


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_cases_as_the_rules_do(walled: Catalogue, viewer: Viewer) -> None:
    needs, office = seen_needs(viewer), viewer.role in {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR}
    expected = {(n, shared) for n in needs for shared in ({True, False} if office else {True})}
    expected &= expected if office or viewer.role == PORTAL else set()
    every, people = "SELECT case_id FROM office_case", "SELECT case_id FROM case_person"
    with reading_as(walled, viewer) as connection:
        told = text("SELECT need_id, is_shared FROM office_case WHERE need_id <> ''")
        assert {tuple(row) for row in connection.execute(told)} == expected
        by_rules = with_needs(select(CASES.c.case_id)).where(visible_cases(viewer))
        seen = ids(connection, text(every))
        assert seen == ids(connection, by_rules)
        assert ids(connection, text(people)) == (seen if office else set())
        milestones = ids(connection, text("SELECT case_id FROM project_milestone"))
        assert milestones == (seen if office else set())
        budgets = ids(connection, text("SELECT case_id FROM project_budget"))
        handles = viewer.role in {CHIEF, PROJECT, FINANCE} or viewer.viewer_id == "ito"
        assert budgets == (seen if office and handles else set())
        alone = connection.execute(text(f"{every} WHERE need_id = ''")).all()
    allowed = 2 if viewer.role == CHIEF or viewer.viewer_id == "ito" else 1
    assert len(alone) == (allowed if office else 0)


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_the_sources_of_the_rows_that_are_seen(
    walled: Catalogue, viewer: Viewer
) -> None:
    seeds = seen_seeds(viewer)
    said = {
        NEEDS: seen_needs(viewer),
        SEEDS: seeds,
        RESEARCHERS: {"r1", "r2"},
        ORGANISATIONS: {"aonami", "kurose"},
    }
    with reading_as(walled, viewer) as connection:
        for table, rows in said.items():
            query = select(RECORD.c.row_id).where(RECORD.c.table_name == table)
            assert ids(connection, query) == rows
        made = set(connection.execute(text("SELECT seed_id, researcher_id FROM authorship")))
        rejected = ids(connection, text("SELECT raw FROM rejection"))
    assert made == {(seed_id, r) for seed_id in seeds for r in SEED_FACTS[seed_id][2]}
    assert bool(rejected) == may(viewer, ADMINISTER)


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_jobs_and_kept_answers_to_their_owner(
    walled: Catalogue, viewer: Viewer
) -> None:
    own = {viewer.owner}
    everybodys = {other.owner for other in VIEWERS}
    with reading_as(walled, viewer) as connection:
        jobs = ids(connection, text("SELECT owner FROM job"))
        answers = ids(connection, text("SELECT owner FROM kept_answer"))
    allowed = everybodys if may(viewer, ADMINISTER) else own if may(viewer, RUN_JOBS) else set()
    assert (jobs, answers) == (allowed, own)


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_lets_nobody_write_what_they_do_not_see(
    walled: Catalogue, viewer: Viewer
) -> None:
    with pytest.raises(RuntimeError, match="undone"), writing_as(walled, viewer) as connection:
        changed = connection.execute(text("UPDATE need SET horizon = 'x' RETURNING need_id"))
        assert set(changed.scalars()) == seen_needs(viewer)
        gone = connection.execute(text("DELETE FROM shortlisted RETURNING user_id"))
        assert set(gone.scalars()) == {viewer.viewer_id}
        gone = connection.execute(text("DELETE FROM kept_answer RETURNING owner"))
        assert set(gone.scalars()) == {viewer.owner}
        gone = connection.execute(text("DELETE FROM authorship RETURNING seed_id"))
        assert set(gone.scalars()) == seen_seeds(viewer)
        raise RuntimeError("undone")


@pytest.mark.parametrize("model", [KeptAnswer, Job], ids=lambda model: model.__tablename__)
def test_nobody_writes_in_the_name_of_another(walled: Catalogue, model: Any) -> None:
    work = {KeptAnswer: kept_answer, Job: job}[model]
    with (
        pytest.raises(CatalogueUnusableError, match="violates row-level security policy"),
        writing_as(walled, Viewer("ito", PROJECT)) as connection,
    ):
        connection.execute(insert(model), [work("person:mori")])


def test_who_is_answered_forgets_the_old_answers_of_others(walled: Catalogue) -> None:
    viewer, asked = Viewer("ito", PROJECT), ("/v1/needs", None)
    with pytest.raises(RuntimeError, match="undone"), writing_as(walled, viewer) as connection:
        create_once(connection, viewer, "key-1", asked, lambda: Creation(Empty()), still=owned)
        set_row_security_context(connection, Viewer("x", ADMINISTRATOR))
        assert ids(connection, text("SELECT owner FROM kept_answer")) == set()
        with without_row_security(connection):
            assert ids(connection, text("SELECT owner FROM kept_answer")) == {viewer.owner}
        raise RuntimeError("undone")


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_memberships_as_the_rules_do(walled: Catalogue, viewer: Viewer) -> None:
    with reading_as(walled, viewer) as connection:
        seen = ids(connection, text("SELECT organisation_id FROM membership"))
        by_rules = select(MEMBERSHIPS.c.organisation_id).where(visible_memberships(viewer))
        assert seen == ids(connection, by_rules)
    if viewer.role == PORTAL and may(viewer, READ_MEMBERSHIPS):
        assert seen == viewer.companies | ({"before"} if "aonami" in viewer.companies else set())
    else:
        assert seen == ({"aonami", "kurose", "before"} if may(viewer, SEE_MEMBERS) else set())


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_shows_figures_as_the_rules_do(walled: Catalogue, viewer: Viewer) -> None:
    with reading_as(walled, viewer) as connection:
        costs = ids(connection, text("SELECT fiscal_year FROM office_cost"))
    assert costs == ({2025} if may(viewer, SEE_FIGURES) else set())


def test_every_policy_that_lets_the_whole_office_in_names_hr(walled: Catalogue) -> None:
    listed = text(
        "SELECT tablename, (regexp_matches(qual, 'ARRAY\\[([^]]*)\\]', 'g'))[1] FROM pg_policies"
    )
    with walled.reading() as connection:
        lists = [(table, roles) for table, roles in connection.execute(listed)]
    office = [(table, roles) for table, roles in lists if "legal" in roles and "finance" in roles]
    assert len({table for table, _ in office}) > 20
    assert [table for table, roles in office if "'hr'" not in roles] == []


def test_nothing_told_shows_everything_and_a_viewer_is_forgotten_with_the_transaction(
    walled: Catalogue,
) -> None:
    for _ in range(3):  # a pooled connection comes back
        with reading_as(walled, Viewer("x", ADMINISTRATOR)) as connection:
            assert ids(connection, text("SELECT need_id FROM need")) == set()
        with walled.reading() as connection:
            assert ids(connection, text("SELECT need_id FROM need")) == set(FACTS)
    with reading_as(walled, Viewer("x", "")) as connection:
        assert ids(connection, text("SELECT seed_id FROM seed")) == set()


def test_the_policies_bind_the_owner_of_the_tables_too(walled: Catalogue) -> None:
    with walled.reading() as connection:
        forced = ids(
            connection,
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"),
        )
        owner = "SELECT usesuper FROM pg_user WHERE usename = current_user"
        assert connection.execute(text(owner)).scalar_one() is False
    assert forced == {
        *("need", "seed", "need_guest", "released_list"),
        *("match_note", "shortlisted", "saved_search", "saved_team"),
        *("judgement", "shown_list", "shown_match"),
        *("authorship", "record", "rejection", "job", "kept_answer", "table_reading"),
        *("declared_interest", "person_limit", "past_employer", "clearance"),
        *(
            "office_case",
            "case_person",
            "case_decision",
            "case_document",
            "case_event",
            "case_view",
        ),
        *("project", "project_part", "project_share", "project_milestone"),
        *("project_budget", "project_spending"),
        *("project_risk", "project_minutes", "project_action"),
        *("case_entry", "case_template", "case_template_use", "office_cost", "figure_target"),
        *("estimate_version", "case_plan", "case_maturity", "membership"),
        *("contract_checklist", "contract_template", "made_contract"),
        *("inquiry", "nda", "need_veil", "need_veil_mark", "need_purpose"),
        *("company_profile", "dormant_finding", "dormant_look", "need_kind"),
        *("company_group", "competitor_pair"),
    }


def test_how_tables_are_read_is_the_administrators_alone(walled: Catalogue) -> None:
    reading = Reading("needs", {"企業名": "company"})
    with walled.writing() as connection:
        keep_reading(connection, "0" * 64, reading, changed_by="root", at=datetime.now(UTC))
    for role, seen in ((ADMINISTRATOR, {"0" * 64: reading}), (CHIEF, {}), (PORTAL, {})):
        with reading_as(walled, Viewer("x", role)) as connection:
            assert load_readings(connection) == seen, role
