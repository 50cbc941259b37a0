"""New and changed seeds look for dormant needs: closed ones that nobody was found to suit.

Open needs are matched every night anyway, and their managers told of new candidates; here those are looked
after that no list is made for any more. A seed counts where it stands among the evidence of one of its people
whom the need's own list now calls good or better. What is found is kept until somebody of the office takes
note of it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, exists, insert, not_, select, update

from catalogue.database.judgement_models import SUITABLE
from catalogue.database.models import CLOSED, Authorship, Organisation, Seed, StoredNeed
from catalogue.database.outbound_models import DormantFinding, DormantLook
from catalogue.database.viewer import LOCAL_VIEWER, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.suppression import OPT_OUT
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import PUBLIC, Match, Need, ResearcherCard
from matcher.reranking.calibration import GOOD, STRONG
from office.access import audit
from office.access.rules import FIND_COMPANIES, require, visible_needs
from office.live_recommender import NeedMatcher
from office.matching import Question, ViewerMatching
from office.needs.verdicts import JUDGEMENT
from office.people import cards_of
from office.seeds import NamedSeed, named_seeds
from office.ways_in import DORMANT

FINDINGS = cast(Table, DormantFinding.__table__)
LOOKS = cast(Table, DormantLook.__table__)
MOST_NEEDS = 500  # the newest dormant ones
FIRST_LINES = 100  # of a need's list, where seeds of more people are new: each line is explained
MOST_SHOWN = 100
UNKNOWN_FINDING = N_("No news of a dormant need has that id, or none that you may see.")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DormantLooked:
    """What a look did: how many new or changed seeds and dormant needs there were, and what was found."""

    seeds: int = 0
    needs: int = 0
    found: tuple[tuple[str, str], ...] = ()  # need id and researcher id

    @property
    def need_ids(self) -> list[str]:
        """The needs for which somebody was found, in their order."""
        return sorted({need_id for need_id, _ in self.found})


@dataclass(frozen=True)
class DormantNews:
    """A dormant need, and who was found for it by which seeds, the likeliest first."""

    need_id: str
    title: str = field(repr=False)
    lang: str
    company: str = field(repr=False)
    manager: str
    people: tuple[tuple[ResearcherCard, float, tuple[NamedSeed, ...]], ...]
    found_at: datetime


def is_dormant() -> ColumnElement[bool]:
    """Return the condition on `need` rows for closed needs that nobody was judged to suit."""
    suited = select(JUDGEMENT.c.judgement_id).where(
        JUDGEMENT.c.need_id == StoredNeed.need_id,
        JUDGEMENT.c.withdrawn_at.is_(None),
        JUDGEMENT.c.verdict == SUITABLE,
    )
    return (StoredNeed.status == CLOSED) & StoredNeed.withdrawn_at.is_(None) & not_(exists(suited))


def look_for_dormant(
    matching: ViewerMatching, open_recommender: Callable[[], NeedMatcher], as_of: datetime
) -> DormantLooked:
    """Let what is new or changed since the last look look for dormant needs, and keep what is found.

    `as_of` is a moment before the index was built: what came in after it may not be in the index, and is
    looked with next time. The first look only says from when on seeds are new. A need that cannot be matched
    stops no other. The recommender is opened where there is something to match.
    """
    catalogue, now = matching.catalogue, datetime.now(UTC)
    with catalogue.reading() as connection:
        since = connection.execute(
            select(LOOKS.c.looked_at).order_by(LOOKS.c.look_id.desc())
        ).scalar()
        owners = {} if since is None else _new_seeds(connection, since)
        needs = _dormant_needs(connection) if owners else []
    found: list[dict[str, Any]] = []
    people = sorted({person for of in owners.values() for person in of})
    if needs:
        recommender = open_recommender()
        for need in needs:
            found += _found_for(matching, recommender, need, people, owners)
    with catalogue.writing() as connection:
        new = [row for row in found if not _is_kept(connection, row)]
        for row in new:
            connection.execute(insert(FINDINGS).values(**row, found_at=now, noted_by=""))
        counts = {"seeds": len(owners), "needs": len(needs)}
        connection.execute(insert(LOOKS).values(looked_at=as_of, **counts))
    pairs = dict.fromkeys((row["need_id"], row["researcher_id"]) for row in new)
    return DormantLooked(len(owners), len(needs), tuple(pairs))


def has_to_look(catalogue: Catalogue) -> bool:
    """Say whether nobody looked yet or seeds came since, also where a look after a build was broken off."""
    with catalogue.reading() as connection:
        since = connection.execute(
            select(LOOKS.c.looked_at).order_by(LOOKS.c.look_id.desc())
        ).scalar()
        return since is None or bool(_new_seeds(connection, since))


def untold_news(catalogue: Catalogue) -> tuple[DormantNews, ...]:
    """Return what was found since the last night's report, of all needs."""
    with catalogue.reading() as connection:
        return dormant_news(connection, LOCAL_VIEWER, untold=True)


def note_told(catalogue: Catalogue, news: Iterable[DormantNews]) -> None:
    """Note that a night's report tells of these."""
    with catalogue.writing() as connection:
        for one in news:
            there = FINDINGS.c.need_id == one.need_id, FINDINGS.c.told_at.is_(None)
            connection.execute(update(FINDINGS).where(*there).values(told_at=datetime.now(UTC)))


def dormant_news(
    connection: Connection, viewer: Viewer, *, untold: bool = False, manager: str = ""
) -> tuple[DormantNews, ...]:
    """Return what was found for dormant needs and not taken note of, the newest first.

    Of needs that the viewer sees and that still lie dormant, all or a manager's; nobody stands there who
    opted out. Raises ForbiddenError.
    """
    require(viewer, FIND_COMPANIES)
    company = Organisation.name_ja, Organisation.name_en
    query = (
        select(FINDINGS, StoredNeed.title, StoredNeed.lang, StoredNeed.manager, *company)
        .join(StoredNeed, StoredNeed.need_id == FINDINGS.c.need_id)
        .outerjoin(Organisation, Organisation.organisation_id == StoredNeed.organisation_id)
        .where(FINDINGS.c.noted_at.is_(None), is_dormant(), visible_needs(viewer))
        .where(FINDINGS.c.researcher_id.not_in(select(OPT_OUT.c.researcher_id)))
    )
    if manager:
        query = query.where(StoredNeed.manager == manager)
    if untold:
        query = query.where(FINDINGS.c.told_at.is_(None))
    ordered = query.order_by(FINDINGS.c.found_at.desc(), FINDINGS.c.probability.desc())
    rows = connection.execute(ordered.limit(MOST_SHOWN)).mappings().all()
    cards = cards_of(connection, {row["researcher_id"] for row in rows})
    seeds = named_seeds(connection, viewer, {row["seed_id"] for row in rows})
    by_need: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        if row["researcher_id"] in cards and row["seed_id"] in seeds:
            by_need.setdefault(row["need_id"], []).append(row)
    return tuple(_news(need_id, of, cards, seeds) for need_id, of in by_need.items())


def has_news() -> ColumnElement[bool]:
    """Return the condition on `need` rows for dormant ones with something found and not taken note of."""
    found = select(FINDINGS.c.need_id).where(
        FINDINGS.c.need_id == StoredNeed.need_id, FINDINGS.c.noted_at.is_(None)
    )
    return is_dormant() & exists(found)


def take_note(connection: Connection, viewer: Viewer, need_id: str) -> None:
    """Take note of what was found for a need: it is shown no more.

    Raises ForbiddenError, and UnknownIdError where there is nothing that the viewer sees.
    """
    require(viewer, FIND_COMPANIES)
    if need_id not in {news.need_id for news in dormant_news(connection, viewer)}:
        raise UnknownIdError(UNKNOWN_FINDING)
    noted = {"noted_by": viewer.viewer_id, "noted_at": datetime.now(UTC)}
    there = FINDINGS.c.need_id == need_id, FINDINGS.c.noted_at.is_(None)
    connection.execute(update(FINDINGS).where(*there).values(noted))
    audit.record(connection, viewer, "take note", "need", need_id, what=DORMANT.code)


def _new_seeds(connection: Connection, since: datetime) -> dict[str, set[str]]:
    """Return the public seeds that are new or changed since a moment, each with its people."""
    query = (
        select(Authorship.seed_id, Authorship.researcher_id)
        .join(Seed, Seed.seed_id == Authorship.seed_id)
        .where(Seed.updated_at > since, Seed.visibility == PUBLIC, Seed.withdrawn_at.is_(None))
    )
    owners: dict[str, set[str]] = {}
    for seed_id, researcher_id in connection.execute(query):
        owners.setdefault(seed_id, set()).add(researcher_id)
    return owners


def _dormant_needs(connection: Connection) -> list[Need]:
    query = select(StoredNeed).where(is_dormant())
    ordered = query.order_by(
        StoredNeed.posted_on.is_(None), StoredNeed.posted_on.desc(), StoredNeed.need_id
    )
    return [
        Need(row["text"], row["need_id"], row["title"], area=row["area"], status=row["status"])
        for row in connection.execute(
            ordered.with_only_columns(*StoredNeed.__table__.columns).limit(MOST_NEEDS)
        ).mappings()
    ]


def _found_for(
    matching: ViewerMatching,
    recommender: NeedMatcher,
    need: Need,
    people: Sequence[str],
    owners: Mapping[str, set[str]],
) -> Iterable[dict[str, Any]]:
    first = Question(need, FIRST_LINES)
    try:
        if len(people) > FIRST_LINES:
            lines = matching.match_unshown(recommender, LOCAL_VIEWER, first, DORMANT)
        else:
            lines = matching.people_with(recommender, LOCAL_VIEWER, first, people, DORMANT)
    except InputError as error:
        log.warning("Dormant need %r was not matched: %s", need.need_id, type(error).__name__)
        return []
    return [row for match in lines.matches for row in _rows(need.need_id, match, owners)]


def _rows(need_id: str, match: Match, owners: Mapping[str, set[str]]) -> Iterable[dict[str, Any]]:
    person = match.researcher.researcher_id
    if match.strength not in {STRONG, GOOD}:
        return
    for evidence in match.evidence:
        if person in owners.get(evidence.seed_id, ()):
            yield {
                "need_id": need_id,
                "researcher_id": person,
                "seed_id": evidence.seed_id,
                "probability": match.probability or 0.0,
            }


def _is_kept(connection: Connection, row: Mapping[str, Any]) -> bool:
    there = (FINDINGS.c[name] == row[name] for name in ("need_id", "researcher_id", "seed_id"))
    return connection.execute(select(FINDINGS.c.need_id).where(*there)).first() is not None


def _news(
    need_id: str,
    rows: Sequence[Mapping[Any, Any]],
    cards: Mapping[str, ResearcherCard],
    seeds: Mapping[str, NamedSeed],
) -> DormantNews:
    first = rows[0]
    people: dict[str, tuple[ResearcherCard, float, list[NamedSeed]]] = {}
    for row in rows:
        card = cards[row["researcher_id"]]
        kept = people.setdefault(card.researcher_id, (card, row["probability"], []))
        kept[2].append(seeds[row["seed_id"]])
    ordered = sorted(people.values(), key=lambda one: (-one[1], one[0].researcher_id))
    return DormantNews(
        need_id=need_id,
        title=first["title"],
        lang=first["lang"],
        company=first["name_ja"] or first["name_en"] or "",
        manager=first["manager"],
        people=tuple((card, chance, tuple(of)) for card, chance, of in ordered),
        found_at=max(row["found_at"] for row in rows),
    )
