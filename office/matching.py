"""Matching for a viewer, the one way for page, API, job, alert, night and command line.

Owns which seeds a viewer is matched with, that lists of stored needs are recorded, and that the audit
trail is told of hidden seeds and closed needs before a list is shown. No other module of `office`,
`api` or `cli` asks a recommender for a list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import anyio

from catalogue.database.judgement_models import API, MATCH, NIGHTLY
from catalogue.database.viewer import OPERATOR, Viewer
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from matcher.answer import Answer
from matcher.queries import check_need
from matcher.records import PUBLIC, Filters, MatchList, Need
from office.access.access_log import note_reading_by_id, note_seeds
from office.access.rules import matched_visibilities
from office.access.scoped import reading_as
from office.encoder_gate import EncoderGate
from office.live_recommender import LiveRecommender, NeedMatcher
from office.needs.reading import SeenNeed, need_of

ALL = Filters()
PUBLIC_ONLY: Sequence[str] = (PUBLIC,)


@dataclass(frozen=True)
class Question:
    """A need, how many researchers are wanted for it, and which; visibilities are the viewer's.

    `is_varied` says that a stored need is asked for in other words, or refined: its list is not the need's.
    """

    need: Need
    top: int = 10
    filters: Filters = field(default=ALL)
    is_varied: bool = False


@dataclass(frozen=True)
class WayIn:
    """How a list is asked for: its code in the audit trail, and as what the list is recorded.

    `recorded_as` is a source of shown lists, empty where lists are not recorded. `quotes_need` says
    that the list comes with parts of the need, so that a closed one is noted as read.
    """

    code: str
    recorded_as: str = ""
    quotes_need: bool = False
    public_only: bool = False


REQUEST = WayIn("matches", recorded_as=API, quotes_need=True)
VARIED = WayIn("matches", quotes_need=True)  # of a need that was reworded or refined by its reader
COMMAND = WayIn("matches", recorded_as=MATCH, quotes_need=True)
DEMONSTRATION = WayIn("demonstration", public_only=True)
ALERT = WayIn("alert")
RELEASE = WayIn("release", public_only=True)  # the release itself is noted with its need
JOB = WayIn("job", recorded_as=API)  # noted whenever its result is read
NIGHT = WayIn("night", recorded_as=NIGHTLY, public_only=True)  # noted before its report appears


def visible_filters(viewer: Viewer, indexed: Sequence[str], filters: Filters = ALL) -> Filters:
    """Return the filters with the visibilities that the viewer's role allows and the index has.

    An operator, who can read the index's files, is matched with what the filters name.
    """
    if viewer.kind == OPERATOR:
        return filters
    allowed = matched_visibilities(viewer)
    return replace(filters, visibilities=tuple(v for v in indexed if v in allowed))


def stored_need(catalogue: Catalogue, viewer: Viewer, need_id: str) -> SeenNeed:
    """Return a need of the catalogue; raises UnknownIdError for one the viewer may not see."""
    with reading_as(catalogue, viewer) as connection:
        return need_of(connection, viewer, need_id)


class ViewerMatching:
    """Matches needs for viewers with a recommender that the caller holds."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self.catalogue = catalogue
        self.settings = settings

    def match_with(
        self, recommender: NeedMatcher, viewer: Viewer, question: Question, way: WayIn
    ) -> MatchList:
        """Return the list that the viewer may see; raises what the recommender does."""
        matches = self.match_unshown(recommender, viewer, question, way)
        self.record(matches, question.top, way)
        self.note(viewer, [matches], way)
        return matches

    def match_unshown(
        self, recommender: NeedMatcher, viewer: Viewer, question: Question, way: WayIn
    ) -> MatchList:
        """Return a list that is shown later: the caller that shows it calls `record` and `note` then."""
        filters = self._filters(viewer, question, way)
        return recommender.match(question.need, top=question.top, filters=filters)

    def record(self, matches: MatchList, top: int, way: WayIn) -> None:
        """Record the list of a stored need as shown, where the way in has its lists recorded."""
        if matches.need_id and way.recorded_as:
            record_shown(self.catalogue, matches, way.recorded_as, top=top)

    def note(
        self,
        viewer: Viewer,
        lists: Iterable[MatchList],
        way: WayIn,
        quoted: frozenset[str] = frozenset(),
    ) -> None:
        """Note in the audit trail what lists show that few may see; `quoted` are seeds shown besides.

        Seeds are looked up as they are now: one may have been hidden since the index was built.
        """
        shown = list(lists)
        if way.quotes_need:
            for matches in shown:
                note_reading_by_id(self.catalogue, viewer, matches.need_id, way.code)
        note_seeds(self.catalogue, viewer, seeds_of(shown) | quoted, way.code)

    def _filters(self, viewer: Viewer, question: Question, way: WayIn) -> Filters:
        if way.public_only:
            return replace(question.filters, visibilities=PUBLIC_ONLY)
        return visible_filters(viewer, self.settings.index.visibilities, question.filters)


class ServedMatching(ViewerMatching):
    """Matches needs for viewers with the recommender that serves, in the encoder's queue."""

    def __init__(
        self, catalogue: Catalogue, settings: Settings, live: LiveRecommender, gate: EncoderGate
    ) -> None:
        super().__init__(catalogue, settings)
        self.live = live
        self.gate = gate

    async def answer_for(self, viewer: Viewer, question: Question) -> Answer:
        """Return the list that the viewer may see with what was understood, and the facets.

        Raises what the recommender does, and TooBusyError where too many wait.
        """
        self._check(question)
        filters = self._filters(viewer, question, REQUEST)
        answer = await self.gate.ask(
            self.live,
            question.need,
            lambda ready: ready.answer(question.need, top=question.top, filters=filters),
        )
        way = VARIED if question.is_varied else REQUEST
        quoted = frozenset(one.mark.seed_id for one in answer.marked if one.mark.seed_id)
        await self._show(viewer, answer.matches, question.top, way, quoted)
        return answer

    async def match_for(
        self, viewer: Viewer, question: Question, way: WayIn = REQUEST
    ) -> MatchList:
        """Return the list that the viewer may see; raises as `answer_for` does."""
        self._check(question)
        matches = await self.gate.ask(
            self.live,
            question.need,
            lambda ready: self.match_unshown(ready, viewer, question, way),
        )
        shown_as = VARIED if question.is_varied and way == REQUEST else way
        await self._show(viewer, matches, question.top, shown_as)
        return matches

    def match_behind(self, viewer: Viewer, question: Question) -> MatchList:
        """Return the list of a job's need when no request waits; blocks.

        It is recorded. Its seeds are noted by `office.jobs.requests.read_result`, which shows them.
        """
        matches = self.gate.ask_behind(
            self.live, question.need, lambda ready: self.match_unshown(ready, viewer, question, JOB)
        )
        self.record(matches, question.top, JOB)
        return matches

    def _check(self, question: Question) -> None:
        """Refuse a need at once that cannot be matched, before it waits for its turn."""
        check_need(question.need, max_chars=self.settings.need.max_chars)

    async def _show(
        self,
        viewer: Viewer,
        matches: MatchList,
        top: int,
        way: WayIn,
        quoted: frozenset[str] = frozenset(),
    ) -> None:
        def shown() -> None:
            self.record(matches, top, way)
            self.note(viewer, [matches], way, quoted)

        await anyio.to_thread.run_sync(shown)


def seeds_of(lists: Iterable[MatchList]) -> frozenset[str]:
    """Return the ids of the seeds that lists show as evidence."""
    return frozenset(
        evidence.seed_id
        for matches in lists
        for match in matches.matches
        for evidence in match.evidence
    )
