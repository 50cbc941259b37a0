"""Consortia: non-competitive needs of several companies that ask for the same thing, and who serves all.

For the office alone, of the needs that the viewer sees; closed needs are left out, whoever looks. What
can be told to a company of the others is `Consortium.words`: words that two companies' needs and public
research share, never a title, a text or a name. Vectors of needs are kept in memory, nothing on disk.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean

import anyio

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from matcher.alike_needs import NeedVector
from matcher.recently_used import RecentlyUsed
from matcher.records import NON_COMPETITIVE, MatchList, ResearcherCard
from matcher.reranking.calibration import POSSIBLE
from matcher.shared_terms import OwnedText
from office.access.rules import SEE_CONSORTIA, require
from office.access.scoped import reading_as
from office.live_recommender import LiveRecommender, NeedMatcher
from office.matching import Question, ServedMatching
from office.needs.reading import NeedFilter, SeenNeed, needs_page
from office.screening.company_meetings import CompanyMeeting, company_meetings
from office.ways_in import CONSORTIUM

MOST_NEEDS = 400  # the newest ones, that are compared
ENCODED_TOGETHER = 16
KEPT_VECTORS = 4_000  # 6 MB
KEPT_GROUPINGS = 8  # of what one viewer or another sees
PAGE = 100
MIN_COMPANIES = 2
MOST_MATCHED = 8  # needs of a group whose lists are put together
SEARCHED_PEOPLE = 30  # of each need's list
MOST_PEOPLE = 10
NO_GROUP = N_("That need is in no group of needs of several companies, or you may not see it.")


@dataclass(frozen=True)
class Consortium:
    """Needs of several companies that ask for the same thing, the newest first."""

    needs: tuple[SeenNeed, ...]
    likeness: float  # mean cosine of two of them
    words: tuple[str, ...] = field(repr=False)

    @property
    def key(self) -> str:
        """The id that the group is called by: its first need's."""
        return min(need.need_id for need in self.needs)

    @property
    def companies(self) -> int:
        """How many companies it has."""
        return len({need.organisation_id for need in self.needs if need.organisation_id})


@dataclass(frozen=True)
class FoundConsortia:
    """The groups, those with the most companies first, and how many needs were looked at."""

    groups: tuple[Consortium, ...]
    compared: int
    is_cut: bool  # whether older needs were left out


@dataclass(frozen=True)
class ServingPerson:
    """A researcher and the chance to suit each need of a group, in the needs' order; None: not found."""

    researcher: ResearcherCard
    chances: tuple[float | None, ...]
    serves: int  # needs for which they are possible or better

    @property
    def mean_chance(self) -> float:
        """The mean chance over all needs, nothing where they were not found."""
        return fmean(chance or 0.0 for chance in self.chances)


@dataclass(frozen=True)
class ServedConsortium:
    """The needs of a group that lists were asked for, who serves them, and their fields of research.

    `fields` are ids of fields that needs of two companies or more are likely to be of, the commonest first.
    """

    matched: tuple[SeenNeed, ...]
    people: tuple[ServingPerson, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class _Grouped:
    """A group as it is kept: the places of its needs among those that were compared."""

    places: tuple[int, ...]
    likeness: float
    words: tuple[str, ...] = field(repr=False)


class ConsortiumSearch:
    """Finds groups of needs with a recommender that the caller holds; safe to share among requests."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: OrderedDict[tuple[str, str, str], NeedVector | None] = OrderedDict()
        self._lock = threading.Lock()
        self._grouped: RecentlyUsed[tuple[_Grouped, ...]] = RecentlyUsed(KEPT_GROUPINGS)

    def find_with(self, recommender: NeedMatcher, viewer: Viewer) -> FoundConsortia:
        """Return the groups among the viewer's open needs that are not closed to others.

        Raises ForbiddenError.
        """
        needs, is_cut = self.open_needs(viewer)
        self.encode(recommender, needs)
        return FoundConsortia(self.groups(recommender, needs), len(needs), is_cut)

    def open_needs(self, viewer: Viewer) -> tuple[list[SeenNeed], bool]:
        """Return the needs that are compared, and whether older ones are left out; raises ForbiddenError."""
        require(viewer, SEE_CONSORTIA)
        wanted, found, cursor = NeedFilter(area=NON_COMPETITIVE), list[SeenNeed](), ""
        with reading_as(self._catalogue, viewer) as connection:
            while len(found) < MOST_NEEDS:
                page = needs_page(connection, viewer, wanted, after=cursor, limit=PAGE)
                found += [need for need in page.items if not need.facts.is_closed]
                cursor = page.after
                if not cursor:
                    break
        return found[:MOST_NEEDS], bool(cursor) or len(found) > MOST_NEEDS

    def to_encode(self, recommender: NeedMatcher, needs: Sequence[SeenNeed]) -> list[SeenNeed]:
        """Return the needs whose vectors are not kept."""
        with self._lock:
            return [need for need in needs if _key(need, recommender) not in self._kept]

    def encode(self, recommender: NeedMatcher, needs: Sequence[SeenNeed]) -> None:
        """Keep the vectors of needs."""
        new = self.to_encode(recommender, needs)
        vectors = recommender.likeness_vectors([need.as_need() for need in new]) if new else []
        with self._lock:
            for need, vector in zip(new, vectors, strict=True):
                self._kept[_key(need, recommender)] = vector
            while len(self._kept) > KEPT_VECTORS:
                self._kept.popitem(last=False)

    def groups(self, recommender: NeedMatcher, needs: Sequence[SeenNeed]) -> tuple[Consortium, ...]:
        """Return the groups of needs whose vectors are kept, those with the most companies first.

        The same needs are grouped once an index version: hundreds of texts take a second to be compared.
        """
        with self._lock:
            vectors = [self._kept.get(_key(need, recommender)) for need in needs]
        known = [(need, one) for need, one in zip(needs, vectors, strict=True) if one is not None]
        told_by = tuple((n.need_id, n.version, n.organisation_id, n.company) for n, _ in known)
        key = recommender.index_version, recommender.model, told_by
        grouped = self._grouped.get(key)
        if grouped is None:
            grouped = tuple(_grouped(recommender, known))
            self._grouped.put(key, grouped)
        groups = (
            Consortium(tuple(known[place][0] for place in one.places), one.likeness, one.words)
            for one in grouped
        )
        return tuple(sorted(groups, key=lambda group: (-group.companies, -group.likeness)))


class ConsortiumFinder:
    """Finds groups of needs for viewers in the queue for the encoder; safe to share among requests."""

    def __init__(self, matching: ServedMatching) -> None:
        self._matching = matching
        self._search = ConsortiumSearch(matching.catalogue)

    async def find(self, viewer: Viewer) -> FoundConsortia:
        """Return the groups among the viewer's open needs that are not closed to others.

        Raises ForbiddenError, IndexUnusableError, and TooBusyError where too many wait.
        """
        gate, live, search = self._matching.gate, self._matching.live, self._search
        needs, is_cut = await anyio.to_thread.run_sync(search.open_needs, viewer)
        new = await anyio.to_thread.run_sync(lambda: search.to_encode(live.get(), needs))
        for first in range(0, len(new), ENCODED_TOGETHER):
            part = new[first : first + ENCODED_TOGETHER]
            await gate.run(partial(_encode, search, live, part))
        groups = await gate.run(lambda: search.groups(live.get(), needs))
        return FoundConsortia(groups, len(needs), is_cut)

    async def find_one(self, viewer: Viewer, need_id: str) -> Consortium:
        """Return the group that a need is in; raises UnknownIdError besides what `find` raises."""
        found = await self.find(viewer)
        for group in found.groups:
            if need_id in {need.need_id for need in group.needs}:
                return group
        raise UnknownIdError(NO_GROUP)

    async def serve(self, viewer: Viewer, group: Consortium) -> ServedConsortium:
        """Return who could serve the group: those who suit the most of its needs, then by mean chance.

        The lists of the newest MOST_MATCHED needs are asked for as any list of the viewer is.
        """
        matched = group.needs[:MOST_MATCHED]
        asked = (Question(need.as_need(), SEARCHED_PEOPLE) for need in matched)
        lists = [await self._matching.match_for(viewer, one, CONSORTIUM) for one in asked]
        return ServedConsortium(matched, serving_people(lists), shared_fields(matched, lists))

    async def meetings(self, viewer: Viewer, group: Consortium) -> tuple[CompanyMeeting, ...]:
        """Return which companies of a group compete or belong together; for the office alone."""
        require(viewer, SEE_CONSORTIA)
        return await anyio.to_thread.run_sync(self._meetings, viewer, group)

    def _meetings(self, viewer: Viewer, group: Consortium) -> tuple[CompanyMeeting, ...]:
        with reading_as(self._matching.catalogue, viewer) as connection:
            return company_meetings(connection, group.needs)


def _encode(search: ConsortiumSearch, live: LiveRecommender, needs: Sequence[SeenNeed]) -> None:
    search.encode(live.get(), needs)


def _grouped(
    recommender: NeedMatcher, known: Sequence[tuple[SeenNeed, NeedVector]]
) -> Iterator[_Grouped]:
    """Yield the groups of two companies or more, with the words that may be told."""
    for group in recommender.alike([vector for _, vector in known]):
        needs = [known[place][0] for place in group.places]
        if len({need.organisation_id for need in needs} - {""}) >= MIN_COMPANIES:
            yield _Grouped(group.places, group.likeness, told_words(needs, recommender))


def _key(need: SeenNeed, recommender: NeedMatcher) -> tuple[str, str, str]:
    return recommender.model, need.need_id, need.version


def serving_people(lists: Sequence[MatchList]) -> tuple[ServingPerson, ...]:
    """Return up to MOST_PEOPLE of those who are possible or better for a need or more, the best first."""
    cards: dict[str, ResearcherCard] = {}
    chances: defaultdict[str, list[float | None]] = defaultdict(lambda: [None] * len(lists))
    serves: defaultdict[str, int] = defaultdict(int)
    for place, matches in enumerate(lists):
        least = dict(matches.cuts).get(POSSIBLE, 0.0)
        for match in matches.matches:
            person = match.researcher.researcher_id
            cards[person] = match.researcher
            chances[person][place] = match.probability
            serves[person] += match.probability is not None and match.probability >= least
    people = (
        ServingPerson(card, tuple(chances[person]), serves[person])
        for person, card in cards.items()
        if serves[person]
    )
    ordered = sorted(people, key=lambda p: (-p.serves, -p.mean_chance, p.researcher.researcher_id))
    return tuple(ordered[:MOST_PEOPLE])


def shared_fields(needs: Sequence[SeenNeed], lists: Sequence[MatchList]) -> tuple[str, ...]:
    """Return the fields that are likely for needs of two companies or more, the commonest first."""
    companies: defaultdict[str, set[str]] = defaultdict(set)
    for need, matches in zip(needs, lists, strict=True):
        for one in matches.fields if need.organisation_id else ():
            companies[one].add(need.organisation_id)
    shared = [one for one, of in companies.items() if len(of) >= MIN_COMPANIES]
    return tuple(sorted(shared, key=lambda one: -len(companies[one])))


def told_words(needs: Sequence[SeenNeed], serving: NeedMatcher) -> tuple[str, ...]:
    """Return the words that two companies share, without those that stand in a name of one of them."""
    names = [need.company.casefold() for need in needs]
    words = serving.shared_terms(_owned(needs))
    return tuple(word for word in words if not any(word.casefold() in name for name in names))


def _owned(needs: Sequence[SeenNeed]) -> list[OwnedText]:
    """Return the texts of needs whose company is known: one of an unknown company may be any one's."""
    return [
        OwnedText(
            need.organisation_id,
            need.lang if need.lang in {"ja", "en"} else "ja",
            f"{need.title}\n{need.text}",
        )
        for need in needs
        if need.organisation_id
    ]
