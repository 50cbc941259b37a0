"""Who sees what: the rule, the condition in the query and PostgreSQL's row security say the same.

Every role meets every kind of need and of seed. The PostgreSQL catalogue belongs to an ordinary role,
which its own policies bind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import URL, Connection, create_engine, insert, select, text

from enmusubi.matcher.access.needs import changeable_need
from enmusubi.matcher.access.reading import (
    NeedFilter,
    SeenNeed,
    count_needs,
    need_of,
    needs_page,
    visible_need_ids,
)
from enmusubi.matcher.access.research import (
    SeedFilter,
    researcher_of,
    seed_counts,
    seed_of,
    seeds_page,
)
from enmusubi.matcher.access.rules import (
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
from enmusubi.matcher.access.scoped import reading_as, writing_as
from enmusubi.matcher.access.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FINANCE,
    IP,
    LEGAL,
    LOCAL_VIEWER,
    MACHINE,
    MATCHES_READ,
    NEEDS_READ,
    PERSON_ROLES,
    PORTAL,
    PROJECT,
    ROLES,
    SCOPES,
    VIEWER,
    Viewer,
)
from enmusubi.matcher.catalogue.account_models import UserAccount
from enmusubi.matcher.catalogue.catalogue import Catalogue, open_catalogue
from enmusubi.matcher.catalogue.desk_models import MatchNote, SavedSearch, Shortlisted
from enmusubi.matcher.catalogue.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Draft
from enmusubi.matcher.catalogue.judgement_models import ShownList, ShownMatch, StoredJudgement
from enmusubi.matcher.catalogue.models import AREAS, Seed, StoredNeed
from enmusubi.matcher.catalogue.service_models import NeedGuest, ReleasedList
from enmusubi.matcher.errors import EnmusubiError, ForbiddenError, UnknownIdError
from enmusubi.matcher.records import VISIBILITIES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = {"kato": CHIEF, "ito": PROJECT, "mori": PROJECT, "abe": IP, "ueda": LEGAL, "oda": IP}
ALL_SCOPES = frozenset(SCOPES)
VIEWERS = (
    LOCAL_VIEWER,
    *(Viewer(name, role) for name, role in ACCOUNTS.items()),
    *(Viewer("x", role) for role in (FINANCE, ANALYST, VIEWER, ADMINISTRATOR)),
    Viewer("p1", PORTAL, MACHINE, "", frozenset({"aonami"}), ALL_SCOPES),
    Viewer("p2", PORTAL, MACHINE, "", frozenset({"aonami", "kurose"}), ALL_SCOPES),
    Viewer("p3", PORTAL, MACHINE, "", frozenset(), ALL_SCOPES),
    Viewer("p4", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset({NEEDS_READ})),
    Viewer("p5", PORTAL, MACHINE, "", frozenset({"aonami"}), frozenset({MATCHES_READ})),
    Viewer("a1", ANALYST, MACHINE, "", frozenset({"aonami"}), ALL_SCOPES),
    Viewer("a2", ANALYST, MACHINE, "", frozenset(), frozenset()),
    Viewer("named", VIEWER, researcher_id="r1"),
    Viewer("abroad", FINANCE, researcher_id="r2"),
    Viewer("admin", ADMINISTRATOR, researcher_id="r1"),
)
NAMES = [f"{v.role}-{v.viewer_id}" for v in VIEWERS]
CALLED = (frozenset[str](), frozenset({"abe"}), frozenset({"ueda", "oda"}), frozenset({"mori"}))
FACTS = {
    f"n{number:03}": NeedFacts(*facts)
    for number, facts in enumerate(
        product(AREAS, VISIBILITIES, ("", "ito", "abe"), ("aonami", "kurose", ""), CALLED)
    )
}
PEOPLE = (("r1",), ("r2",), ("r1", "r2"))
SEED_FACTS = {
    f"s{number:02}": facts
    for number, facts in enumerate(product(VISIBILITIES, ("", "unpublished", "granted"), PEOPLE))
}


def fill(catalogue: Catalogue) -> None:
    """Write a need and a seed of every kind, guests, lists given out, notes and shortlists."""
    companies = ({"organisation_id": name, "name_en": name} for name in ("aonami", "kurose"))
    catalogue.write(
        [
            *(Draft(ORGANISATIONS, {**company, "kind": "company"}) for company in companies),
            *(need(need_id, facts) for need_id, facts in FACTS.items()),
            *(Draft(RESEARCHERS, {"researcher_id": r, "name_en": r}) for r in ("r1", "r2")),
            *(seed(seed_id, *facts) for seed_id, facts in SEED_FACTS.items()),
        ],
        source="made up",
    )
    blank = {"password_hash": "", "failed_logins": 0, "created_at": NOW}
    people = [{"user_id": u, "name": u, "role": role, **blank} for u, role in ACCOUNTS.items()]
    guests = [(need_id, user) for need_id, facts in FACTS.items() for user in facts.guests]
    with catalogue.writing() as connection:
        connection.execute(insert(UserAccount), people)
        called = [{"need_id": n, "user_id": u} for n, u in guests]
        stamped = [{**row, "invited_by": "ito", "invited_at": NOW} for row in called]
        connection.execute(insert(NeedGuest), stamped)
        given = {"released_by": "ito", "released_at": NOW, "content": "{}"}
        connection.execute(insert(ReleasedList), [{"need_id": n, **given} for n in FACTS])
        noted = {"researcher_id": "r1", "author": "ito", "text": "-", "written_at": NOW}
        connection.execute(insert(MatchNote), [{"need_id": n, **noted} for n in FACTS])
        judge_all(connection)
        for viewer in VIEWERS:
            keep_at_hand(connection, viewer.viewer_id)


def judge_all(connection: Connection) -> None:
    """Write for each need a list that was shown, with r1 in it, and a judgement of r1."""
    shown = {"index_version": "v1", "reranker": "", "top": 1, "source": "api", "shown_at": NOW}
    lists = {need_id: number for number, need_id in enumerate(FACTS, start=1)}
    rows = [{"list_id": number, "need_id": n, **shown} for n, number in lists.items()]
    connection.execute(insert(ShownList), rows)
    first = {"rank": 1, "researcher_id": "r1", "score": 1.0, "probability": None}
    connection.execute(insert(ShownMatch), [{"list_id": i, **first} for i in lists.values()])
    said = {"verdict": "suitable", "reason": "", "stage": "", "judged_by": "ito", "origin": "api"}
    whom = {"researcher_id": "r1", "judged_at": NOW, "rank": 1}
    judged = [{"need_id": n, "list_id": i, **whom, **said} for n, i in lists.items()]
    connection.execute(insert(StoredJudgement), judged)


def keep_at_hand(connection: Connection, user_id: str) -> None:
    mine = {"user_id": user_id, "need_id": "n000"}
    connection.execute(
        insert(Shortlisted),
        [{**mine, "researcher_id": f"r-{uuid4().hex}", "added_at": NOW}],
    )
    search = {"name": "-", "text": "", "filters": "{}", "alert": False, "known": "[]"}
    connection.execute(insert(SavedSearch), [{**mine, **search, "news": "[]", "created_at": NOW}])


def need(need_id: str, facts: NeedFacts) -> Draft:
    return Draft(
        NEEDS,
        {
            "need_id": need_id,
            "text": "A thin film.",
            "area": facts.area,
            "confidentiality": facts.confidentiality,
            "manager": facts.manager,
            "organisation_id": facts.organisation_id,
            "posted_on": date(2026, 1, 1 + int(need_id[1:]) % 7),
        },
    )


def seed(seed_id: str, visibility: str, patent_status: str, people: tuple[str, ...]) -> Draft:
    values = {"visibility": visibility, "patent_status": patent_status, "companies": "Aonami"}
    return Draft(
        SEEDS, {"seed_id": seed_id, "kind": "patent", "title": seed_id, **values}, people=people
    )


@contextmanager
def ordinary_database(server: URL) -> Iterator[str]:
    """Give the URL of an empty database that belongs to a role without any privileges."""
    name = f"enmusubi_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
    ordinary = server.set(database=name, username=name, password=name)
    yield ordinary.render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))
    engine.dispose()


@pytest.fixture(scope="module")
def walled(postgres_server: URL) -> Iterator[Catalogue]:
    """The filled catalogue on PostgreSQL, opened as an ordinary role."""
    with ordinary_database(postgres_server) as url, open_catalogue(url) as catalogue:
        fill(catalogue)
        yield catalogue


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The filled catalogue on SQLite."""
    path: Path = tmp_path_factory.mktemp("rules") / "catalogue.sqlite"
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        fill(catalogue)
        yield catalogue


@pytest.fixture(params=["plain", "walled"])
def filled(request: pytest.FixtureRequest) -> Catalogue:
    """Both, one after the other."""
    catalogue: Catalogue = request.getfixturevalue(request.param)
    return catalogue


def seen_needs(viewer: Viewer) -> set[str]:
    return {need_id for need_id, facts in FACTS.items() if sees_need(viewer, facts)}


def seen_seeds(viewer: Viewer) -> set[str]:
    return {
        seed_id
        for seed_id, (visibility, status, people) in SEED_FACTS.items()
        if sees_seed(viewer, visibility, frozenset(people), status)
    }


def ids(connection: Connection, query: Any) -> set[str]:
    return set(connection.execute(query).scalars())


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_the_condition_of_a_query_is_the_rule(filled: Catalogue, viewer: Viewer) -> None:
    with filled.reading() as connection:
        needs = ids(connection, select(StoredNeed.need_id).where(visible_needs(viewer)))
        seeds = ids(connection, select(Seed.seed_id).where(visible_seeds(viewer)))
    assert (needs, seeds) == (seen_needs(viewer), seen_seeds(viewer))


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_gives_the_same_rows_to_a_query_without_a_condition(
    walled: Catalogue, viewer: Viewer
) -> None:
    needs, office = seen_needs(viewer), viewer.role in {CHIEF, PROJECT, IP, LEGAL, FINANCE}
    inside = needs if office else set()
    with reading_as(walled, viewer) as connection:
        assert ids(connection, text("SELECT need_id FROM need")) == needs
        assert ids(connection, text("SELECT seed_id FROM seed")) == seen_seeds(viewer)
        assert ids(connection, text("SELECT need_id FROM released_list")) == needs
        assert ids(connection, text("SELECT need_id FROM match_note")) == inside
        assert ids(connection, text("SELECT need_id FROM judgement")) == needs
        assert ids(connection, text("SELECT need_id FROM shown_list")) == needs
        assert len(ids(connection, text("SELECT list_id FROM shown_match"))) == len(needs)
        called = {need_id for need_id in inside if FACTS[need_id].guests}
        assert ids(connection, text("SELECT need_id FROM need_guest")) == called
        for table in ("shortlisted", "saved_search"):
            owners = text(f"SELECT user_id FROM {table}")  # noqa: S608 - one of two names
            assert ids(connection, owners) == {viewer.viewer_id}


@pytest.mark.parametrize("viewer", VIEWERS, ids=NAMES)
def test_row_security_lets_nobody_write_what_they_do_not_see(
    walled: Catalogue, viewer: Viewer
) -> None:
    with pytest.raises(RuntimeError, match="undone"), writing_as(walled, viewer) as connection:
        changed = connection.execute(text("UPDATE need SET horizon = 'x' RETURNING need_id"))
        assert set(changed.scalars()) == seen_needs(viewer)
        gone = connection.execute(text("DELETE FROM shortlisted RETURNING user_id"))
        assert set(gone.scalars()) == {viewer.viewer_id}
        raise RuntimeError("undone")


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
        *("match_note", "shortlisted", "saved_search"),
        *("judgement", "shown_list", "shown_match"),
    }


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
    ("non-competitive", "public"): {CHIEF, PROJECT, IP, LEGAL, FINANCE, ANALYST, VIEWER},
    ("non-competitive", "internal"): {CHIEF, PROJECT, IP, LEGAL, FINANCE},
    ("non-competitive", "confidential"): {CHIEF},
    ("", "public"): {CHIEF, PROJECT, IP, LEGAL, FINANCE},
    ("", "internal"): {CHIEF, PROJECT, IP, LEGAL, FINANCE},
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
