"""Match lists and what is asked of them, as the API takes and shows them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.dependencies import AnId, Line
from api.v1.schemas.people import ResearcherOut, SeedKind
from api.v1.schemas.screening import FindingOut
from enmusubi.language import clean_text
from matcher.domains.taxonomy import load_taxonomy
from matcher.explaining.standing import standing
from matcher.explaining.words import objection_text, strength_text
from matcher.records import Filters, Mark, Match, MatchList, Refinement
from office.screening.findings import Finding

MAX_TOP = 1_000
MAX_MARKS = 20
EXAMPLE_TEXT = "生鮮食品の包装で、酸素と水蒸気を通しにくい薄い膜を探しています。"
DOMAINS = load_taxonomy().ids
Level = Literal["safest", "balanced", "wide", "unexpected"]
Top = Annotated[int, Field(ge=1, le=MAX_TOP, description="Researchers to list.")]


def known_domain(given: str) -> str:
    """Return an id of the shipped fields of research; raises ValueError for another."""
    if given not in DOMAINS:
        raise ValueError(f"no such field of research: expected one of {', '.join(DOMAINS)}")
    return given


Domain = Annotated[
    str, AfterValidator(known_domain), Field(json_schema_extra={"enum": list(DOMAINS)})
]


class FiltersIn(BaseModel):
    """Which researchers and seeds may be matched; empty allows all that you may see."""

    model_config = ConfigDict(extra="forbid")

    institutions: list[Line] = Field(default_factory=list, max_length=50)
    departments: list[Line] = Field(
        default_factory=list, max_length=50, examples=[["材料工学科", "Applied Chemistry"]]
    )
    kinds: list[SeedKind] = Field(
        default_factory=list, max_length=20, examples=[["paper", "patent"]]
    )
    since: int | None = Field(
        None, ge=1800, le=2200, strict=True, description="Earliest year.", examples=[2018]
    )
    until: int | None = Field(
        None, ge=1800, le=2200, strict=True, description="Latest year.", examples=[2024]
    )
    positions: list[Line] = Field(
        default_factory=list, max_length=50, examples=[["教授", "Associate Professor"]]
    )
    fields: list[Line] = Field(
        default_factory=list,
        max_length=50,
        description="Codes of seeds by their beginnings, with their scheme or without.",
        examples=[["ipc:C08", "kaken:30010"]],
    )
    domains: list[Domain] = Field(
        default_factory=list,
        max_length=len(DOMAINS),
        description="Fields of research that people are known for, whatever codes their seeds have.",
        examples=[["polymers-textiles", "food-science"]],
    )
    languages: list[Literal["ja", "en"]] = Field(
        default_factory=list, max_length=2, description="Languages of the text that is matched."
    )

    def record(self) -> Filters:
        """Return the matcher's record; which visibilities are matched is no wish of the asker's."""
        return Filters(**self.model_dump())


class MarkIn(BaseModel):
    """A person, a seed, or a sentence of a seed as evidence names it: one of both ids."""

    model_config = ConfigDict(extra="forbid")

    researcher_id: AnId | None = Field(None, examples=["R-01"])
    seed_id: AnId | None = Field(None, examples=["S-01"])
    sentence_field: Literal["title", "text"] = Field(
        "text", description="Where the sentence stands, as in `evidence`."
    )
    sentence_start: int | None = Field(
        None,
        ge=0,
        strict=True,
        description="Of the sentence, as in `evidence`; null: all of the seed.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "MarkIn":
        if (self.researcher_id is None) == (self.seed_id is None):
            raise ValueError("give one of researcher_id and seed_id")
        return self

    def record(self) -> Mark:
        """Return the matcher's record."""
        if self.researcher_id is not None:
            return Mark(researcher_id=self.researcher_id)
        return Mark("", self.seed_id or "", self.sentence_field, self.sentence_start)


def _one(name: str, other: str) -> dict[str, Any]:
    given, left = {name: {"type": "string"}}, {other: {"type": "null"}}
    return {"properties": {**given, **left}, "required": [name]}


class MatchRequest(BaseModel):
    """A need, by its text or by its id in the catalogue."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"oneOf": [_one("need_text", "need_id"), _one("need_id", "need_text")]},
    )

    need_text: str | None = Field(None, description="The need, in Japanese or English.")
    need_id: AnId | None = Field(None, description="A need of the catalogue.")
    filters: FiltersIn = Field(default_factory=FiltersIn)
    top: Annotated[Top, Field(strict=True)] = 10
    more_like: list[MarkIn] = Field(
        default_factory=list,
        max_length=MAX_MARKS,
        description="Whom or what the list should have more of: the need moves towards them.",
    )
    less_like: list[MarkIn] = Field(
        default_factory=list,
        max_length=MAX_MARKS,
        description="Whom or what it should have less of. People named here are left out of the list.",
    )
    terms: list[Line] = Field(
        default_factory=list,
        max_length=MAX_MARKS,
        description="Words that are matched besides the need's own.",
        examples=[["酸素バリア", "oxygen barrier"]],
    )

    spread: Level | None = Field(
        None,
        description="How far the list is spread over departments and fields, from `safest`, the plain "
        "order, to `unexpected`; null: what is usual for the need.",
    )

    def refinement(self) -> Refinement:
        """Return what was said of a first list."""
        return Refinement(
            more_like=tuple(mark.record() for mark in self.more_like),
            less_like=tuple(mark.record() for mark in self.less_like),
            terms=tuple(self.terms),
        )

    @model_validator(mode="after")
    def _one_need(self) -> "MatchRequest":
        if (self.need_text is None) == (self.need_id is None):
            raise ValueError("give one of need_text and need_id")
        return self


class NeedPartOut(BaseModel):
    """A sentence of the need, in the text that was matched: a stored need's title, a line end, its
    text."""

    text: str
    start: int = Field(description="Characters before it in that text.")
    end: int


class EvidenceOut(BaseModel):
    """A seed that carries the match, and the sentence in it that says why."""

    seed_id: str
    kind: str = Field(examples=["paper"])
    language: str = Field(examples=["en"])
    title: str
    year: int | None
    url: str
    sentence: str
    sentence_field: str = Field(description="Where the sentence stands: title or text.")
    sentence_start: int = Field(description="Characters before it in that field.")
    passage: str
    similarity: float
    representative: bool = Field(description="Chosen by the researcher as a representative work.")
    answers: NeedPartOut | None = Field(
        description="The part of the need that it answers; null where nothing is said to be answered."
    )


class ObjectionOut(BaseModel):
    """What speaks against the match."""

    reason: str = Field(
        description="weak, part_unmet, one_seed, thin_evidence, old, no_industry, other_language; in a "
        "released list also no_public_evidence.",
        examples=["old"],
    )
    value: float | None = Field(
        description="weak: the probability; old: the year of the newest work; part_unmet: the share "
        "of the candidates who come no nearer to that part.",
        examples=[2009],
    )
    part: NeedPartOut | None = Field(description="The part of the need that is left open.")
    language: str = Field(
        "", description="other_language: that of all evidence; else empty.", examples=["en"]
    )
    text: str = Field(
        description="The same in words, in the language that Accept-Language asks for.",
        examples=["The newest public work is from 2009"],
    )


class ContributionOut(BaseModel):
    """What a feature adds to the re-ranker's score, which is the sum of them all."""

    feature: str = Field(description="Its name; `base` is the part of no feature.")
    value: float | None
    contribution: float


class MatchOut(BaseModel):
    """One researcher of the list."""

    rank: int
    score: float = Field(description="Log-odds of fitting; comparable between needs.")
    probability: float | None = Field(
        description="Calibrated probability of fitting; null for those too far down to have one.",
        examples=[0.62],
    )
    strength: str = Field(
        description="The probability in a word: strong, good, possible or weak; empty for a person "
        "who was released without public evidence.",
        examples=["strong"],
    )
    strength_text: str = Field(
        description="Word and percentage in the language that Accept-Language asks for.",
        examples=["有力 62%"],
    )
    researcher: ResearcherOut
    evidence: list[EvidenceOut]
    against: list[ObjectionOut] = Field(description="What speaks against, weightiest first.")
    contributions: list[ContributionOut]
    plain_rank: int | None = Field(
        None, description="The rank in the plain order, where the list is spread."
    )

    @classmethod
    def of(cls, match: Match, language: str) -> "MatchOut":
        """Return the answer for a match, its texts in `language` (ja or en)."""
        against = [
            {**asdict(objection), "text": objection_text(objection, language)}
            for objection in match.against
        ]
        texts = {"strength_text": strength_text(match, language), "against": against}
        return cls.model_validate({**asdict(match), **texts})


class MatchListOut(BaseModel):
    """The answer to a need."""

    need_id: str
    language: str
    researchers_considered: int
    index_version: str
    model: str
    reranker: str = Field(description="Kind and checksum of what ordered the list.")
    fits_nobody: bool = Field(
        description="True where nobody here fits well; the nearest are listed all the same."
    )
    fair_exposure: bool = Field(
        False,
        description="True where people of nearly equal chances stand in an order drawn by lot, the same "
        "for this need and index version (setting `matching.fair_exposure`).",
    )
    matches: list[MatchOut]
    need_title: str = Field("", description="Title of a stored need; empty for a text.")
    heading: str = Field(
        "",
        description="What the list is to be called: researchers who fit, or the nearest ones.",
        examples=["比較的近い研究者"],
    )
    notice: str = Field(
        "",
        description="What is to be said above the list where nobody in it is likely to fit; empty: "
        "somebody is. Show those whose strength is weak apart, or behind a fold.",
    )

    @classmethod
    def of(cls, matches: MatchList, language: str, title: str = "") -> Self:
        """Return the answer for a match list, its texts in `language` (ja or en)."""
        shown = [MatchOut.of(match, language) for match in matches.matches]
        stands = standing(
            matches.matches,
            language,
            fits_nobody=matches.fits_nobody,
            title=clean_text(title),
            not_asked=matches.not_asked,
        )
        spread = vars(matches.spread) if matches.spread else None
        said = {
            "fair_exposure": matches.is_evened,
            "need_title": title,
            "heading": stands.heading,
            "notice": stands.notice,
        }
        return cls.model_validate({**vars(matches), "matches": shown, "spread": spread, **said})


class SpreadOut(BaseModel):
    """What spreading the list changed in its first ten."""

    level: str = Field(examples=["balanced"])
    expected_plain: float = Field(
        description="How many of the plain order's first ten are likely to be suitable."
    )
    expected: float = Field(description="The same of this order's first ten.")
    departments_plain: int
    departments: int
    entered: int = Field(description="How many of the ten were not among the plain order's.")


class ServedListOut(MatchListOut):
    """The answer to a need as the office sees it; a company's released list does not count judgements."""

    spread: SpreadOut | None = Field(
        None, description="What spreading the list changed; null for the plain order."
    )
    not_asked: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the researchers who were not asked because a part of the index did not "
        "answer (setting `cluster.when_missing`); 0 for a whole list. `notice` says it, too. An incomplete "
        "list is not recorded: do not keep it as the need's list.",
    )

    own_judgements: int = Field(
        description="Judgements of this office on which the probabilities rest, besides those that "
        "the program was fitted on."
    )
    screening: list[FindingOut] = Field(
        default_factory=list,
        description="What screening finds of the need and of those listed; for the office alone.",
    )

    def screened(self, findings: Iterable[Finding], language: str) -> Self:
        """Return the answer with what screening found, its texts in `language`."""
        told = [FindingOut.of(finding, language) for finding in findings]
        return self.model_copy(update={"screening": told})


MATCH_EXAMPLES: dict[str, Any] = {
    "text": {
        "summary": "A need in Japanese",
        "value": {"need_text": EXAMPLE_TEXT, "top": 5, "filters": {"since": 2015}},
    },
    "id": {"summary": "A need of the catalogue", "value": {"need_id": "N-01"}},
    "refined": {
        "summary": "More like one person, not like a sentence",
        "value": {
            "need_text": EXAMPLE_TEXT,
            "more_like": [{"researcher_id": "R-01"}],
            "less_like": [{"seed_id": "S-01", "sentence_field": "text", "sentence_start": 16}],
        },
    },
}
