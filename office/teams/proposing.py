"""Teams as they are shown: proposed for a need, or made by hand, with who covers what and why.

Knows no database: a pool of candidates goes in (see `matcher.teams.pool`), and whom a screen blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_, Message
from matcher.records import AnsweredPart, Match
from matcher.teams.choosing import find_teams
from matcher.teams.objective import (
    LARGEST,
    SMALLEST,
    TeamProblem,
    TeamRules,
    TeamWorth,
    losses,
    worth_of,
)
from matcher.teams.pool import JointWork, TeamPool, department_of

COVERED = 0.5  # a wish that is met more likely than not, by somebody with a sentence that says so
USUAL_LARGEST = 4
MOST_ADDITIONS = 30  # candidates that are offered for a team
ONE_WISH, NOBODY, TOO_FEW = "one_wish", "nobody", "too_few"  # why no team is proposed
NO_SUCH_LEAD = N_(
    "That lead can be in no team for this need: nobody has the id, their work is too far from it, "
    "or screening keeps them out. Name another."
)


@dataclass(frozen=True)
class TeamScreen:
    """Whom a screen keeps out, how free people are from 0 to 1, and why, by researcher id.

    Whoever isn't named is not blocked and free.
    """

    blocked: frozenset[str] = frozenset()
    free: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)


NOT_SCREENED = TeamScreen()


@dataclass(frozen=True)
class TeamMember:
    """A member, the sentences by which they cover wishes (by place), and with whom they have worked.

    `brings` is what the team would lose without them, in the objective; `joint` goes by researcher id.
    """

    match: Match
    covers: Mapping[int, AnsweredPart]
    chances: tuple[float, ...]
    brings: float
    is_lead: bool
    joint: Mapping[str, JointWork]
    is_blocked: bool = False
    free: float = 1.0
    bounds: tuple[Message, ...] = ()  # what bounds their time


@dataclass(frozen=True)
class Team:
    """A team with its worth; `covered` says which wishes are met more likely than not, with evidence.

    `is_best` says that no other team is worth more under the same rules. `missing` are the ids of members
    of whom the index knows nothing that the viewer may see: they count for nothing.
    """

    members: tuple[TeamMember, ...]
    worth: TeamWorth
    covered: tuple[bool, ...]
    departments: int
    is_best: bool = False
    missing: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The researcher ids of the members, the lead first."""
        return tuple(member.match.researcher.researcher_id for member in self.members)

    @property
    def lead_id(self) -> str:
        """The researcher id of the lead."""
        return next((one for one, m in zip(self.ids, self.members, strict=True) if m.is_lead), "")


@dataclass(frozen=True)
class Addition:
    """A candidate who could be added to a team, and what the objective would gain."""

    match: Match
    gains: float


@dataclass(frozen=True)
class TeamWanted:
    """What is asked of the teams that are proposed; people by researcher id."""

    largest: int = USUAL_LARGEST
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    lead: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Whoever must be among the candidates, however little the need is theirs."""
        return (*self.required, self.lead) if self.lead else self.required


@dataclass(frozen=True)
class TeamsShown:
    """The teams for a need, of which candidates, and why there is none.

    `additions` belong to `saved`, the teams that were made by hand, in their order.
    """

    pool: TeamPool
    proposed: tuple[Team, ...] = ()
    saved: tuple[Team, ...] = ()
    additions: tuple[tuple[Addition, ...], ...] = ()
    reason: str = ""

    @property
    def evidence_of(self) -> tuple[Match, ...]:
        """The matches whose evidence is shown: those of the members."""
        teams = (*self.proposed, *self.saved)
        found = {m.match.researcher.researcher_id: m.match for t in teams for m in t.members}
        return tuple(found.values())


def propose(pool: TeamPool, wanted: TeamWanted, screen: TeamScreen = NOT_SCREENED) -> TeamsShown:
    """Return the best team and others that differ from it; nobody whom the screen blocks is in one.

    Nobody either whose work says nothing of any wish, unless they are named.

    Raises UnknownIdError for a lead who is no candidate, or is blocked.
    """
    problem = pool.problem(screen.free)
    places = {one: place for place, one in enumerate(pool.ids)}
    kept_out = frozenset(places[i] for i in {*screen.blocked, *wanted.excluded} if i in places)
    lead = places.get(wanted.lead)
    if wanted.lead and (lead is None or lead in kept_out):
        raise UnknownIdError(NO_SUCH_LEAD)
    required = frozenset(places[i] for i in wanted.required if i in places) - kept_out
    named = required if lead is None else required | {lead}
    rules = TeamRules(
        smallest=SMALLEST,
        largest=min(max(wanted.largest, SMALLEST), LARGEST),
        required=required,
        excluded=kept_out | (pool.silent - named),
        lead=lead,
    )
    reason = _why_none(pool, rules)
    if reason:
        return TeamsShown(pool, reason=reason)
    found = find_teams(problem, rules)
    teams = tuple(
        replace(
            _shown(pool, problem, team.members, rules.lead, screen),
            is_best=place == 0 and team.is_exact,
        )
        for place, team in enumerate(found)
    )
    return TeamsShown(pool, proposed=teams, reason="" if teams else TOO_FEW)


def _why_none(pool: TeamPool, rules: TeamRules) -> str:
    if len(pool.wishes) < 2:
        return ONE_WISH
    if pool.matches.fits_nobody or not pool.candidates:
        return NOBODY
    return TOO_FEW if len(pool.candidates) - len(rules.excluded) < rules.smallest else ""


def by_hand(
    pool: TeamPool, ids: Sequence[str], lead: str = "", screen: TeamScreen = NOT_SCREENED
) -> Team:
    """Return a team of these people as it stands, whatever it is worth; blocked members are marked."""
    places = {one: place for place, one in enumerate(pool.ids)}
    members = frozenset(places[one] for one in ids if one in places)
    team = _shown(pool, pool.problem(screen.free), members, places.get(lead), screen)
    return replace(team, missing=tuple(one for one in ids if one not in places))


def additions(
    pool: TeamPool, team: Team, screen: TeamScreen = NOT_SCREENED
) -> tuple[Addition, ...]:
    """Return who could be added to a team, whoever adds most first; nobody who is blocked."""
    problem = pool.problem(screen.free)
    places = {one: place for place, one in enumerate(pool.ids)}
    members = frozenset(places[one] for one in team.ids)
    before = worth_of(problem, members).total
    others = (p for one, p in places.items() if p not in members and one not in screen.blocked)
    gains = {place: worth_of(problem, members | {place}).total - before for place in others}
    best = sorted(gains, key=lambda place: (-gains[place], place))[:MOST_ADDITIONS]
    return tuple(Addition(pool.candidates[place], gains[place]) for place in best)


def _shown(
    pool: TeamPool,
    problem: TeamProblem,
    members: frozenset[int],
    lead: int | None,
    screen: TeamScreen,
) -> Team:
    worth = worth_of(problem, members, lead)
    brings = losses(problem, members, lead)
    ordered = sorted(members, key=lambda place: (place != worth.lead, place))
    people = tuple(
        _member(pool, problem, at, team=ordered, worth=worth, brings=brings[at], screen=screen)
        for at in ordered
    )
    told = {wish for member in people for wish in member.covers}
    covered = tuple(met >= COVERED and wish in told for wish, met in enumerate(worth.met))
    named = {department_of(member.match.researcher) for member in people} - {""}
    return Team(people, worth, covered, len(named))


def _member(
    pool: TeamPool,
    problem: TeamProblem,
    place: int,
    *,
    team: Sequence[int],
    worth: TeamWorth,
    brings: float,
    screen: TeamScreen,
) -> TeamMember:
    """Return a member; they cover a wish that they are likeliest to meet, or half as likely as who is."""
    chances = problem.chances
    best = chances[list(team)].max(axis=0)
    answers = {wish: pool.told_by(place, wish) for wish in range(len(pool.wishes))}
    near = {w: a for w, a in answers.items() if a and chances[place, w] >= best[w] / 2}
    pairs = {other: pool.joint.get((min(place, other), max(place, other))) for other in team}
    researcher_id = pool.ids[place]
    return TeamMember(
        match=pool.candidates[place],
        covers=near,
        chances=tuple(chances[place].tolist()),
        brings=brings,
        is_lead=place == worth.lead,
        joint={pool.ids[other]: work for other, work in pairs.items() if work},
        is_blocked=researcher_id in screen.blocked,
        free=screen.free.get(researcher_id, 1.0),
        bounds=screen.bounds.get(researcher_id, ()),
    )
