"""The records at the service's edges: what goes in as a need and comes out as a match list.

Between the stages stand tables (see `matcher.tables`), never these records.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, fields

SEED_KINDS = (
    "paper",
    "patent",
    "grant",
    "course",
    "note",
    "presentation",
    "award",
    "profile",
)
COMPETITIVE = "competitive"
NON_COMPETITIVE = "non-competitive"
PUBLIC, INTERNAL, CONFIDENTIAL = "public", "internal", "confidential"
VISIBILITIES = (PUBLIC, INTERNAL, CONFIDENTIAL)
REPRESENTATIVE = "representative"


@dataclass(frozen=True)
class Mark:
    """Whom or what a reader marks in a list: a person, a seed, or a sentence of one.

    One of the ids is given. A sentence is named as evidence names it, by its field and its start there;
    a seed without `sentence_start` stands for the whole of it.
    """

    researcher_id: str = ""
    seed_id: str = ""
    sentence_field: str = "text"
    sentence_start: int | None = None


@dataclass(frozen=True)
class Refinement:
    """What a reader said of a first list: more like this, not this, and words besides.

    `terms` are part of what is matched, behind the need's text; they never show in `repr` or logs.
    """

    more_like: tuple[Mark, ...] = ()
    less_like: tuple[Mark, ...] = ()
    terms: tuple[str, ...] = field(default=(), repr=False)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of both sides."""
        return (*self.more_like, *self.less_like)


NOT_REFINED = Refinement()


@dataclass(frozen=True)
class Need:
    """What a company looks for; `text` may be a trade secret and never shows in `repr` or logs."""

    text: str = field(repr=False)
    need_id: str = ""
    title: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    area: str = ""  # competitive, non-competitive, or unknown
    status: str = "open"
    posted_on: str = ""  # ISO date
    refinement: Refinement = NOT_REFINED


@dataclass(frozen=True)
class Filters:
    """Which researchers and seeds may be matched; an empty field allows all.

    Institution, department and position match any part of the name in either script, without regard
    to case; a field matches codes that begin with it, with their scheme (`ipc:C08`) or without.
    Seeds without a year are left out where `since` or `until` is given. `visibilities` alone is
    narrow unless said otherwise: seeds that are not public are matched only where they are named.
    """

    institutions: Sequence[str] = ()
    departments: Sequence[str] = ()
    kinds: Sequence[str] = ()
    since: int | None = None  # earliest year of a seed
    until: int | None = None  # latest year of a seed
    positions: Sequence[str] = ()
    fields: Sequence[str] = ()
    languages: Sequence[str] = ()  # of the passage: ja, en
    visibilities: Sequence[str] = (PUBLIC,)
    domains: Sequence[str] = ()  # fields of research that people are known for: ids of the taxonomy

    def key(self) -> Hashable:
        """Return what two filters share that leave the same."""
        values = (getattr(self, one.name) for one in fields(self))
        return tuple(tuple(v) if isinstance(v, list | tuple) else v for v in values)


@dataclass(frozen=True)
class ResearcherCard:
    """Who a match is about, in both scripts; unknown fields are empty."""

    researcher_id: str
    name_ja: str = ""
    name_en: str = ""
    institution_ja: str = ""
    institution_en: str = ""
    department_ja: str = ""
    department_en: str = ""
    position_ja: str = ""
    position_en: str = ""
    industry_seeds: int = 0  # seeds made with companies
    industry_last_year: int | None = None  # of the latest of them
    industry_partners: str = ""  # names of the companies, joined by `; `

    def name(self, language: str) -> str:
        """Return the name in `language` (ja or en), or in the other script, or the id."""
        first, second = (self.name_ja, self.name_en)[:: 1 if language == "ja" else -1]
        return first or second or self.researcher_id

    def names(self, language: str) -> tuple[str, ...]:
        """Return the names that differ, that of `language` (ja or en) first."""
        other = "en" if language == "ja" else "ja"
        return tuple(dict.fromkeys((self.name(language), self.name(other))))

    def position(self, language: str) -> str:
        """Return the position in `language` (ja or en), or in the other script."""
        first, second = (self.position_ja, self.position_en)[:: 1 if language == "ja" else -1]
        return first or second

    def affiliation(self, language: str) -> str:
        """Return institution and department in `language`, each in the other script if need be."""
        parts = (
            (self.institution_ja, self.institution_en),
            (self.department_ja, self.department_en),
        )
        step = 1 if language == "ja" else -1
        texts = [next((t for t in part[::step] if t), "") for part in parts]
        return (" " if language == "ja" else ", ").join(text for text in texts if text)


@dataclass(frozen=True)
class NeedPart:
    """A sentence of the need, and where it begins and ends in the text that is matched.

    That text is the cleaned title, if any, a line end and the cleaned text. It never shows in `repr`
    or logs, like the need's own.
    """

    text: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True)
class Evidence:
    """A seed that carries a match, and the sentence in it that says why."""

    seed_id: str
    kind: str
    language: str
    title: str
    year: int | None
    url: str
    sentence: str
    sentence_field: str  # "title" or "text"
    sentence_start: int  # characters from the start of that field
    passage: str  # the passage around the sentence; contains it verbatim, unless it is the title
    similarity: float  # of the sentence to the need, cosine in [-1, 1] after centring
    representative: bool = False  # the researcher chose it as a representative work
    answers: NeedPart | None = None  # the part of the need that the sentence answers, if it is near


@dataclass(frozen=True)
class AnsweredPart:
    """A part of the need and the nearest sentence of a person's evidence.

    `seed_id` and `sentence` are empty for a part that no sentence is near enough to. A near one is no answer
    yet: `is_answer` says that it may be called one (see `explaining.claims`).
    """

    part: NeedPart
    seed_id: str = ""
    sentence: str = ""
    is_answer: bool = False


@dataclass(frozen=True)
class Objection:
    """What speaks against a match: a reason (see `explaining.objections`), its number and its part.

    `value` is a year, a share or a probability as the reason says, None where it has none; `language` is
    that of all evidence, where the reason is about it.
    """

    reason: str
    value: float | None = None
    part: NeedPart | None = None
    language: str = ""


@dataclass(frozen=True)
class Contribution:
    """What a feature's value adds to the re-ranker's score; `base` is the part of no feature."""

    feature: str
    value: float | None
    contribution: float


@dataclass(frozen=True)
class SpreadEffect:
    """What spreading a list changed in its first ten (see `matcher.spreading`).

    `expected` is how many of them are likely to be suitable, the sum of their probabilities, and
    `expected_plain` that of the plain order's first ten; so with the departments. `entered` are those of the
    ten who were not among them.
    """

    level: str
    expected_plain: float
    expected: float
    departments_plain: int
    departments: int
    entered: int


@dataclass(frozen=True)
class Match:
    """One researcher in a match list, with up to three pieces of evidence, the best first.

    `score` is the log-odds of being relevant, comparable between needs; `probability` is None for
    those too far down to be re-ranked, `strength` one of strong, good, possible, weak. `against`
    has the weightiest first. `contributions` add up to the score that the re-ranker gave, before it
    was calibrated. `parts` are the need's parts in their order, answered or open. `plain_rank` is the
    rank in the plain order where the list is spread, else None.
    """

    rank: int
    researcher: ResearcherCard
    score: float
    evidence: tuple[Evidence, ...]
    probability: float | None = None
    strength: str = ""
    against: tuple[Objection, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    parts: tuple[AnsweredPart, ...] = ()
    plain_rank: int | None = None


@dataclass(frozen=True)
class MatchList:
    """The answer to a need: matches by rank, and what made them."""

    need_id: str
    language: str
    matches: tuple[Match, ...]
    researchers_considered: int  # how many the filters left
    index_version: str
    model: str
    fits_nobody: bool = False  # even the best evidence is weak: nobody here fits well
    reranker: str = ""
    own_judgements: int = 0  # of this office, on which the probabilities rest, too
    cuts: tuple[tuple[str, float], ...] = ()  # from which probability on a strength holds, falling
    fields: tuple[str, ...] = ()  # likely fields of research of the need, the likeliest first
    is_evened: bool = False  # people of nearly equal chances stand in an order drawn by lot
    spread: SpreadEffect | None = None  # where the order is not the plain one
    not_asked: float = (
        0.0  # share of the index's researchers who were not asked: the list is incomplete
    )
