"""Matching for a viewer, the one way for page, API, job, alert, night and command line.

Owns which seeds a viewer is matched with, that lists of stored needs are recorded, and that the audit trail
is told of hidden seeds and closed needs before a list is shown. No other module asks a recommender for one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import anyio

from catalogue.database.viewer import OPERATOR, Viewer
from catalogue.judgements.shown_lists import record_shown
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from matcher.answer import Answer
from matcher.queries import check_need
from matcher.records import NOT_REFINED, PUBLIC, Filters, MatchList, Need, Refinement
from matcher.spreading import NOT_SPREAD, POOL, SAFEST, Spread, spread_list
from matcher.teams.pool import TeamPool
from office.access.access_log import note_reading_by_id, note_seeds
from office.access.rules import BUILD_TEAMS, matched_visibilities, require
from office.access.scoped import reading_as
from office.encoder_gate import EncoderGate
from office.fair_exposure import BEYOND, evened
from office.live_recommender import LiveRecommender, NeedMatcher
from office.needs.reading import SeenNeed, need_of
from office.partial_lists import ask_those_there
from office.privacy.gone import without_those_gone
from office.spreading import spread_for
from office.teams.proposing import TeamsShown
from office.ways_in import JOB, REQUEST, TEAMS, VARIED, WayIn

ALL = Filters()
Found = TypeVar("Found")
ChooseTeams = Callable[[TeamPool], TeamsShown]
PUBLIC_ONLY: Sequence[str] = (PUBLIC,)


@dataclass(frozen=True)
class Withdrawal:
    """Seeds that are left out as if a person had never had them."""

    researcher_id: str
    seed_ids: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A need, how many researchers are wanted for it, and which; visibilities are the viewer's.

    `is_varied` says that a stored need is asked for in other words, or refined: its list is not the need's.
    `besides` are researchers who are to be among the candidates of a team. `may_be_partial` says that
    somebody looks at the list now, so that it may lack researchers where it says so. `spread` is a level of
    `matcher.spreading`, empty for what is usual for the need.
    """

    need: Need
    top: int = 10
    filters: Filters = field(default=ALL)
    is_varied: bool = False
    besides: tuple[str, ...] = ()
    withdrawal: Withdrawal | None = None
    spread: str = ""
    may_be_partial: bool = False

    def refined(self, refinement: Refinement, *, wording: str = "", area: str = "") -> "Question":
        """Return what is asked when its reader marked, added words, worded anew or named the area."""
        need = replace(
            self.need,
            text=wording or self.need.text,
            area=area or self.need.area,
            refinement=refinement,
        )
        return replace(self, need=need, is_varied=bool(wording) or refinement != NOT_REFINED)


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

    @property
    def may_reorder(self) -> bool:
        """Whether settings let lists stand in another order than the plain one: by lot, or spread.

        Ranks of `people_with` are those of the plain order all the same.
        """
        chosen = self.settings.matching
        return chosen.fair_exposure or chosen.spread_of_disruptive != SAFEST

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
        if (gone := question.withdrawal) is not None:
            recommender = recommender.without(gone.researcher_id, gone.seed_ids)

        def found(ready: NeedMatcher) -> MatchList:
            spread = self._spread(ready, question, way)
            asked = self._depth(question, spread)
            matches = ready.match(question.need, top=asked, filters=filters)
            return self._in_order(ready, matches, question, spread)

        return self._asked(recommender, question, found)

    def look_ahead(
        self, recommender: NeedMatcher, viewer: Viewer, needs: Sequence[Need], way: WayIn
    ) -> None:
        """Let the recommender do together what it can for needs whose lists are asked for next."""
        filters = self._filters(viewer, Question(needs[0], 1), way)
        recommender.look_ahead(needs, filters=filters)

    def _asked(
        self, recommender: NeedMatcher, question: Question, found: Callable[[NeedMatcher], Found]
    ) -> Found:
        """Return what `found` makes of the recommender, or of those of its shards that answer."""
        if not question.may_be_partial:
            return found(recommender)
        return ask_those_there(recommender, self.settings.cluster, found)

    def people_with(
        self,
        recommender: NeedMatcher,
        viewer: Viewer,
        question: Question,
        researcher_ids: Collection[str],
        way: WayIn,
    ) -> MatchList:
        """Return of the list that the viewer may see the lines of these people alone, with their ranks.

        They say what the list itself says in its plain order, by probability and id (see `may_reorder`). The
        caller that shows them calls `note`.
        """
        filters = self._filters(viewer, question, way)
        lines = recommender.match_people(question.need, researcher_ids, filters=filters)
        return without_those_gone(self.catalogue, lines, closes_up=False)

    def _spread(self, recommender: NeedMatcher, question: Question, way: WayIn) -> Spread:
        chosen = self.settings.matching
        if not way.spreads:
            return NOT_SPREAD
        return spread_for(self.catalogue, chosen, recommender, question.need, question.spread)

    def _depth(self, question: Question, spread: Spread = NOT_SPREAD) -> int:
        """Return how many matches are asked for: those who may change places are among them."""
        if spread.weight:
            return max(question.top, POOL)
        return question.top + (BEYOND if self.settings.matching.fair_exposure else 0)

    def _in_order(
        self, recommender: NeedMatcher, matches: MatchList, question: Question, spread: Spread
    ) -> MatchList:
        """Return a list as it is shown: spread, or equals in a drawn order where the office lets them."""
        matches = without_those_gone(self.catalogue, matches)
        if spread.weight:
            return spread_list(matches, spread, recommender.known_for, top=question.top)
        if not self.settings.matching.fair_exposure:
            return matches
        return evened(matches, question.need, top=question.top)

    def teams_with(
        self, recommender: NeedMatcher, viewer: Viewer, question: Question, choose: ChooseTeams
    ) -> TeamsShown:
        """Return the teams that `choose` makes of those whom the viewer may see; noted as shown.

        Raises ForbiddenError, and what the recommender does. An operator may.
        """
        if viewer.kind != OPERATOR:
            require(viewer, BUILD_TEAMS)
        teams = self._teams_unshown(recommender, viewer, question, choose)
        self._note_teams(viewer, teams)
        return teams

    def _teams_unshown(
        self, recommender: NeedMatcher, viewer: Viewer, question: Question, choose: ChooseTeams
    ) -> TeamsShown:
        filters = self._filters(viewer, question, TEAMS)
        pool = recommender.team_pool(question.need, filters=filters, besides=question.besides)
        return choose(pool)

    def _note_teams(self, viewer: Viewer, teams: TeamsShown) -> None:
        """Note what the members' evidence shows; of the other candidates only names are told."""
        shown = replace(teams.pool.matches, matches=teams.evidence_of)
        self.note(viewer, [shown], TEAMS)

    def record(self, matches: MatchList, top: int, way: WayIn) -> None:
        """Record the list of a stored need as shown, where the way in has it recorded and it is whole."""
        if matches.need_id and way.recorded_as and not matches.not_asked:
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

        def found(ready: NeedMatcher) -> Answer:
            spread = self._spread(ready, question, REQUEST)
            top = self._depth(question, spread)
            answer = ready.answer(question.need, top=top, filters=filters)
            shown = self._in_order(ready, answer.matches, question, spread)
            return replace(answer, matches=shown)

        answer = await self.gate.ask(
            self.live, question.need, lambda ready: self._asked(ready, question, found)
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

    async def teams_for(
        self, viewer: Viewer, question: Question, choose: ChooseTeams
    ) -> TeamsShown:
        """Return teams for a need as `teams_with` does; raises as `answer_for` does."""
        require(viewer, BUILD_TEAMS)
        self._check(question)
        teams = await self.gate.ask(
            self.live,
            question.need,
            lambda ready: self._teams_unshown(ready, viewer, question, choose),
        )
        await anyio.to_thread.run_sync(self._note_teams, viewer, teams)
        return teams

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
