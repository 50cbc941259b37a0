"""The shapes of the API's requests and answers, with the examples of its documentation."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from enmusubi.matcher.records import Filters, MatchList, Need, ResearcherCard

MAX_ID_CHARS = 200


def printable(value: str) -> str:
    """Return the id; databases take no zero bytes and no half characters, so no id has them."""
    if not value.isprintable():
        raise ValueError("an id has printable characters only")
    return value


Name = Annotated[str, Field(max_length=200)]
NeedId = Annotated[str, AfterValidator(printable)]
EXAMPLE_TEXT = "生鮮食品の包装で、酸素と水蒸気を通しにくい薄い膜を探しています。"


class FiltersIn(BaseModel):
    """Which researchers and seeds may be matched; empty allows all that is public."""

    model_config = ConfigDict(extra="forbid")

    institutions: list[Name] = Field(default_factory=list, max_length=50)
    departments: list[Name] = Field(
        default_factory=list, max_length=50, examples=[["材料工学科", "Applied Chemistry"]]
    )
    kinds: list[Name] = Field(default_factory=list, max_length=20, examples=[["paper", "patent"]])
    since: int | None = Field(None, ge=1800, le=2200, description="Earliest year.", examples=[2018])
    until: int | None = Field(None, ge=1800, le=2200, description="Latest year.", examples=[2024])
    positions: list[Name] = Field(
        default_factory=list, max_length=50, examples=[["教授", "Associate Professor"]]
    )
    fields: list[Name] = Field(
        default_factory=list,
        max_length=50,
        description="Field codes by their beginnings, with their scheme or without.",
        examples=[["ipc:C08", "kaken:30010"]],
    )
    languages: list[Literal["ja", "en"]] = Field(
        default_factory=list, max_length=2, description="Languages of the text that is matched."
    )

    def record(self) -> Filters:
        """Return the matcher's record: of public seeds only, whatever was asked."""
        return Filters(**self.model_dump())


class MatchRequest(BaseModel):
    """A need, by its text or by its id in the catalogue."""

    model_config = ConfigDict(extra="forbid")

    need_text: str | None = Field(None, description="The need, in Japanese or English.")
    need_id: NeedId | None = Field(
        None, max_length=MAX_ID_CHARS, description="A need of the catalogue."
    )
    filters: FiltersIn = Field(default_factory=FiltersIn)
    top: int = Field(10, ge=1, le=1000, description="Researchers to list.")

    @model_validator(mode="after")
    def _one_need(self) -> "MatchRequest":
        if (self.need_text is None) == (self.need_id is None):
            raise ValueError("give one of need_text and need_id")
        return self


class ResearcherOut(BaseModel):
    """A researcher, in both scripts; unknown fields are empty."""

    researcher_id: str = Field(examples=["HU-0102"])
    name_ja: str
    name_en: str
    institution_ja: str
    institution_en: str
    department_ja: str
    department_en: str
    position_ja: str
    position_en: str
    industry_seeds: int = Field(description="Seeds made together with companies.")
    industry_last_year: int | None = Field(description="Year of the latest of them.")
    industry_partners: str = Field(description="Names of the companies, joined by '; '.")

    @classmethod
    def of(cls, card: ResearcherCard) -> "ResearcherOut":
        """Return the answer for a card."""
        return cls.model_validate(card, from_attributes=True)


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
    answers: NeedPartOut | None = Field(description="The part of the need that it answers.")


class ObjectionOut(BaseModel):
    """What speaks against the match."""

    reason: str = Field(
        description="weak, part_unmet, one_seed, thin_evidence, old, no_industry or other_language.",
        examples=["old"],
    )
    value: float | None = Field(
        description="weak: the probability; old: the year of the newest work; part_unmet: the share "
        "of the candidates who come no nearer to that part.",
        examples=[2009],
    )
    part: NeedPartOut | None = Field(description="The part of the need that is left open.")


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
        description="The probability in a word: strong, good, possible or weak.",
        examples=["strong"],
    )
    researcher: ResearcherOut
    evidence: list[EvidenceOut]
    against: list[ObjectionOut] = Field(description="What speaks against, weightiest first.")
    contributions: list[ContributionOut]


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
    matches: list[MatchOut]

    @classmethod
    def of(cls, matches: MatchList) -> "MatchListOut":
        """Return the answer for a match list."""
        return cls.model_validate(matches, from_attributes=True)


class NeedOut(BaseModel):
    """A need of the catalogue."""

    need_id: str
    title: str
    text: str
    company: str
    area: str
    status: str
    posted_on: str

    @classmethod
    def of(cls, need: Need) -> "NeedOut":
        """Return the answer for a need."""
        return cls.model_validate(need, from_attributes=True)


class State(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ready"])
    index_version: str = ""
    model: str = ""


MATCH_EXAMPLES: dict[str, Any] = {
    "text": {
        "summary": "A need in Japanese",
        "value": {"need_text": EXAMPLE_TEXT, "top": 5, "filters": {"since": 2015}},
    },
    "id": {"summary": "A need of the catalogue", "value": {"need_id": "N-01"}},
}
