"""Who sees what: the rule and the condition in the query say the same.

Every role meets every kind of need and of seed, behind PostgreSQL's row security, too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select

from catalogue.database.models import Seed, StoredNeed
from catalogue.database.viewer import (
    ANALYST,
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    MACHINE,
    PERSON_ROLES,
    PORTAL,
    PROJECT,
    ROLES,
    VIEWER,
    Viewer,
)
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.errors import EnmusubiError, ForbiddenError, UnknownIdError
from matcher.records import VISIBILITIES
from office.access.rules import (
    CHANGE_NEED,
    PERMISSIONS,
    SCOPE_OF,
    SEE_NEEDS,
    SEE_RESEARCHERS,
    NeedFacts,
    changes_need,
    matched_visibilities,
    may,
    sees_need,
    sees_seed,
    visible_needs,
    visible_seeds,
)
from office.access.scoped import reading_as
from office.needs.editing import changeable_need
from office.needs.reading import (
    NeedFilter,
    SeenNeed,
    count_needs,
    need_of,
    needs_page,
    visible_need_ids,
)
from office.researchers import researcher_of
from office.seeds import SeedFilter, seed_counts, seed_of, seeds_page
from tests.support.worlds import copied, furnish
from tests.support.worlds.access import (
    ALL_SCOPES,
    FACTS,
    NAMES,
    SEED_FACTS,
    VIEWERS,
    ids,
    seen_needs,
    seen_seeds,
)


@pytest.fixture(scope="module")
def walled(
    module_postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    """The filled catalogue on PostgreSQL, opened as an ordinary role."""
    with open_catalogue(module_postgres_url) as catalogue:
        furnish("access", catalogue, tmp_path_factory.mktemp("walled"))
        yield catalogue


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The filled catalogue on SQLite."""
    with open_catalogue(copied("access", tmp_path_factory.mktemp("plain"))) as catalogue:
        yield catalogue


@pytest.fixture(params=["plain", "walled"])
def filled(request: pytest.FixtureRequest) -> Catalogue:
    """Both, one after the other."""
    catalogue: Catalogue = request.getfixturevalue(request.param)
    return catalogue


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_the_condition_of_a_query_is_the_rule(filled: Catalogue, viewer: Viewer) -> None:
    with filled.reading() as connection:
        needs = ids(connection, select(StoredNeed.need_id).where(visible_needs(viewer)))
        seeds = ids(connection, select(Seed.seed_id).where(visible_seeds(viewer)))
    assert (needs, seeds) == (seen_needs(viewer), seen_seeds(viewer))


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_lists_and_counts_hold_what_may_be_seen_and_unseen_is_as_unknown(
    filled: Catalogue, viewer: Viewer
) -> None:
    with reading_as(filled, viewer) as connection:
        if may(viewer, SEE_NEEDS):
            check_needs(connection, viewer)
        else:
            for refused in (needs_page, count_needs):
                with pytest.raises(ForbiddenError, match="may not see needs"):
                    refused(connection, viewer)
        if may(viewer, SEE_RESEARCHERS):
            check_seeds(connection, viewer)
        else:
            with pytest.raises(ForbiddenError, match="may not see researchers"):
                seeds_page(connection, viewer)


def check_needs(connection: Connection, viewer: Viewer) -> None:
    seen, after = seen_needs(viewer), ""
    found: list[SeenNeed] = []
    while True:
        page = needs_page(connection, viewer, after=after, limit=50)
        found += page.items
        if not (after := page.after):
            break
    assert [n.need_id for n in found] == sorted(
        seen, key=lambda need_id: (-(int(need_id[1:]) % 7), need_id)
    )
    assert count_needs(connection, viewer) == len(seen)
    closed = NeedFilter(status="closed")
    assert count_needs(connection, viewer, closed) == 0
    assert needs_page(connection, viewer, closed).items == ()
    assert visible_need_ids(connection, viewer, FACTS) == seen
    changing = {n.need_id for n in found if n.may_change}
    assert changing == {n for n, facts in FACTS.items() if changes_need(viewer, facts)}
    unknown = told(lambda: need_of(connection, viewer, "n-unknown"))
    for need_id in list(FACTS)[::5]:
        if need_id not in seen:
            assert told(lambda n=need_id: need_of(connection, viewer, n)) == unknown
        elif need_id not in changing:
            with pytest.raises(ForbiddenError):
                changeable_need(connection, viewer, need_id)


def check_seeds(connection: Connection, viewer: Viewer) -> None:
    seen = seen_seeds(viewer)
    assert {s.seed_id for s in seeds_page(connection, viewer, limit=100).items} == seen
    theirs = {s for s in seen if "r1" in SEED_FACTS[s][2]}
    of_one = SeedFilter(researcher_id="r1")
    assert {s.seed_id for s in seeds_page(connection, viewer, of_one).items} == theirs
    assert sum(seed_counts(connection, viewer, of_one).values()) == len(theirs)
    unknown = told(lambda: seed_of(connection, viewer, "s-unknown"))
    for seed_id in SEED_FACTS:
        if seed_id in seen:
            assert seed_of(connection, viewer, seed_id).visibility == SEED_FACTS[seed_id][0]
        else:
            assert told(lambda s=seed_id: seed_of(connection, viewer, s)) == unknown
    # 4 of the 6 public ones of a person are published: a card is the same for everybody
    assert researcher_of(connection, viewer, "r1").card.industry_seeds == 4


def told(ask: Any) -> tuple[type[EnmusubiError], str]:
    with pytest.raises(UnknownIdError) as caught:
        ask()
    return type(caught.value), str(caught.value)


def test_who_matches_among_which_seeds_is_who_sees_them() -> None:
    for viewer in VIEWERS:
        if may(viewer, SEE_RESEARCHERS):
            seen = {v for v in VISIBILITIES if sees_seed(viewer, v, frozenset())}
            assert set(matched_visibilities(viewer)) == seen


SEES = {  # kind of need → who sees it besides its manager ito, the portal of its company and guests
    ("non-competitive", "public"): {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR, ANALYST, VIEWER},
    ("non-competitive", "internal"): {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR},
    ("non-competitive", "confidential"): {CHIEF},
    ("", "public"): {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR},
    ("", "internal"): {CHIEF, PROJECT, IP, LEGAL, FINANCE, HR},
    ("", "confidential"): {CHIEF},
    ("competitive", "public"): {CHIEF},
    ("competitive", "internal"): {CHIEF},
    ("competitive", "confidential"): {CHIEF},
}


def test_who_sees_and_changes_which_need() -> None:
    scopes, companies = ALL_SCOPES, frozenset({"aonami"})
    for (area, confidentiality), roles in SEES.items():
        facts = NeedFacts(area, confidentiality, "ito", "kurose", frozenset({"guest"}))
        strangers = [Viewer("x", role) for role in PERSON_ROLES]
        strangers.append(Viewer("p", PORTAL, MACHINE, "", companies, scopes))
        assert {v.role for v in strangers if sees_need(v, facts)} == roles
        assert {v.role for v in strangers if changes_need(v, facts)} == {CHIEF}
        manager = Viewer("ito", PROJECT)
        assert (sees_need(manager, facts), changes_need(manager, facts)) == (True, True)
        guests = [Viewer("guest", role) for role in PERSON_ROLES]
        assert {v.role for v in guests if sees_need(v, facts)} == roles | {IP, LEGAL}
        owner = Viewer("p", PORTAL, MACHINE, "", frozenset({"kurose"}), scopes)
        assert (sees_need(owner, facts), changes_need(owner, facts)) == (True, True)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_a_machine_needs_the_scope_of_an_action_and_a_person_the_role(action: str) -> None:
    for role in ROLES:
        allowed = role in PERMISSIONS[action]
        assert may(Viewer("x", role), action) == allowed
        assert not may(Viewer("x", role, MACHINE), action)
        with_all = Viewer("x", role, MACHINE, scopes=ALL_SCOPES)
        assert may(with_all, action) == (allowed and action in SCOPE_OF)
        if scope := SCOPE_OF.get(action):
            others = Viewer("x", role, MACHINE, scopes=ALL_SCOPES - {scope})
            assert not may(others, action)
    assert CHANGE_NEED in SCOPE_OF
