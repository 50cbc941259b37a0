"""How a researcher is reached is the office's alone: no way out shows it to anybody else."""

import pytest

from catalogue.database.models import CONTACTS
from catalogue.database.viewer import OFFICE_ROLES
from catalogue.records.drafts import RESEARCHERS, Draft
from enmusubi.errors import ForbiddenError
from office.access.rules import PERMISSIONS, SEE_CONTACTS, SEE_RESEARCHERS, may
from office.researchers import contacts_of, researcher_of
from tests.api.attacks.actors import Town
from tests.support.worlds.town import AUTHOR, MACHINES, ROLES

MARK = "qzvcontactmark"
REACHED = {
    "email": f"{MARK}@example.ac.jp",
    "extension": f"{MARK} 2101",
    "homepage": f"https://example.ac.jp/{MARK}",
    "laboratory": f"{MARK} lab",
}
WAYS = (
    ("GET", "/researchers/R-01", {}),
    ("GET", "/researchers", {}),
    ("GET", "/v1/researchers/R-01", {}),
    ("GET", "/v1/researchers", {}),
    ("GET", "/v1/researchers/R-01/seeds", {}),
    ("POST", "/v1/matches", {"json": {"need_text": "薄い膜"}}),
    ("POST", "/", {"data": {"need": "薄い膜"}}),
    ("POST", "/export/csv", {"data": {"need": "薄い膜"}}),
    ("POST", "/print", {"data": {"need": "薄い膜"}}),
)
EVERYBODY = (*ROLES, AUTHOR, *MACHINES)
FOR_THE_OFFICE = ("/researchers", "/researchers/R-01")  # who else reads these pages, is not told


def told(town: Town) -> tuple[str, str]:
    """Return what a portal is told of a researcher, and the version of it."""
    with town.catalogue.reading() as connection:
        version = researcher_of(connection, town["portal-a"].viewer, "R-01").version
    return town["portal-a"].get("/v1/researchers/R-01").text, version


@pytest.fixture(scope="module")
def told_before(town: Town) -> tuple[str, str]:
    """What a portal is told of a researcher before anybody knows how they are reached."""
    return told(town)


@pytest.fixture(scope="module", autouse=True)
def reached(town: Town, told_before: tuple[str, str]) -> None:
    """Let the catalogue know how R-01 is reached."""
    draft = Draft(RESEARCHERS, {"researcher_id": "R-01", **REACHED})
    town.catalogue.write([draft], source="contacts")


def test_the_office_sees_how_a_researcher_is_reached_and_nobody_else_does(town: Town) -> None:
    assert PERMISSIONS[SEE_CONTACTS] == frozenset(OFFICE_ROLES)
    assert set(REACHED) == set(CONTACTS)
    for name in EVERYBODY:
        page = town[name].get("/researchers/R-01").text
        is_office = town[name].viewer.role in OFFICE_ROLES
        assert (MARK in page) == is_office, name
        if is_office:
            assert all(value in page for value in REACHED.values()), name


def test_the_directory_tells_the_office_alone_how_people_are_reached(town: Town) -> None:
    for name in (*ROLES, AUTHOR):
        page = town[name].get("/researchers?topic=膜")
        allowed = may(town[name].viewer, SEE_RESEARCHERS)
        assert page.status_code == (200 if allowed else 403), name
        is_office = town[name].viewer.role in OFFICE_ROLES
        assert (f"mailto:{MARK}" in page.text) == is_office, name


@pytest.mark.parametrize(("method", "path", "sent"), WAYS, ids=lambda part: str(part)[:40])
def test_no_other_way_out_has_it(
    town: Town, method: str, path: str, sent: dict[str, object]
) -> None:
    for name in EVERYBODY:
        if path in FOR_THE_OFFICE and town[name].viewer.role in OFFICE_ROLES:
            continue
        assert MARK not in town[name].ask(method, path, **sent).text, name


def test_nothing_that_a_portal_is_told_changes_with_it(
    town: Town, told_before: tuple[str, str]
) -> None:
    assert told(town) == told_before


def test_what_is_matched_knows_nothing_of_it(town: Town) -> None:
    corpus = town.catalogue.read_corpus()
    for table in (corpus.researchers, corpus.seeds):
        assert MARK not in table.to_json(force_ascii=False)
        assert not set(CONTACTS) & set(table.columns)


def test_it_is_refused_to_who_asks_past_the_page(town: Town) -> None:
    with (
        town.catalogue.reading() as connection,
        pytest.raises(ForbiddenError, match="may not see how researchers are reached"),
    ):
        contacts_of(connection, town["portal-a"].viewer, "R-01")
