"""The API's answers as `enmusubi_client` returns them; a test holds that they are as described."""

from typing import TypedDict


class Filters(TypedDict, total=False):
    """Which researchers and seeds may be matched."""

    institutions: list[str]
    departments: list[str]
    kinds: list[str]
    since: int | None
    until: int | None
    positions: list[str]
    fields: list[str]
    domains: list[str]
    languages: list[str]


class Mark(TypedDict, total=False):
    """A person, or a seed and perhaps a sentence of it, as evidence names it: one of both ids."""

    researcher_id: str
    seed_id: str
    sentence_field: str
    sentence_start: int | None


class Need(TypedDict):
    """A need; times and days are ISO texts."""

    need_id: str
    title: str
    text: str
    lang: str
    organisation_id: str
    company: str
    area: str
    horizon: str
    budget_jpy: int | None
    constraints: str
    confidentiality: str
    manager: str
    status: str
    posted_on: str | None
    updated_at: str
    is_veiled: bool


class NeedText(TypedDict):
    """What was read from a file, and what was left out of it."""

    text: str
    notes: list[str]


class CasePerson(TypedDict):
    """A researcher in a case."""

    researcher_id: str
    name_ja: str
    name_en: str
    is_lead: bool


class Case(TypedDict):
    """A case; portals are told need, title, company, stage, state, turn and times, the rest is empty."""

    case_id: int
    need_id: str
    title: str
    company: str
    is_closed: bool
    stage: str
    state: str
    reason: str
    gate: str
    means: str
    amount_jpy: int | None
    next_step: str
    manager: str
    turn: str
    due_on: str | None
    days_left: int | None
    submitted_at: str | None
    stage_since: str
    opened_at: str
    changed_at: str
    version: int
    may_change: bool
    people: list[CasePerson]


class Member(TypedDict):
    """A membership of one of your companies; who of the office recorded it is not told."""

    membership_id: int
    organisation_id: str
    kind: str
    since: str
    until: str | None
    state: str
    contacts: str
    terms: str
    recorded_by: str
    recorded_at: str
    withdrawn_at: str | None
    version: int


class Researcher(TypedDict):
    """A researcher in both scripts."""

    researcher_id: str
    name_ja: str
    name_en: str
    institution_ja: str
    institution_en: str
    department_ja: str
    department_en: str
    position_ja: str
    position_en: str
    industry_seeds: int
    industry_last_year: int | None
    industry_partners: str


class NeedPart(TypedDict):
    """A sentence of the need."""

    text: str
    start: int
    end: int


class Evidence(TypedDict):
    """A seed that carries the match."""

    seed_id: str
    kind: str
    language: str
    title: str
    year: int | None
    url: str
    sentence: str
    sentence_field: str
    sentence_start: int
    passage: str
    similarity: float
    representative: bool
    answers: NeedPart | None


class Objection(TypedDict):
    """What speaks against the match."""

    reason: str
    value: float | None
    part: NeedPart | None
    language: str
    text: str


class Contribution(TypedDict):
    """What a feature adds to the score."""

    feature: str
    value: float | None
    contribution: float


class Match(TypedDict):
    """One researcher of a list."""

    rank: int
    plain_rank: int | None
    score: float
    probability: float | None
    strength: str
    strength_text: str
    researcher: Researcher
    evidence: list[Evidence]
    against: list[Objection]
    contributions: list[Contribution]


class MatchList(TypedDict):
    """The answer to a need."""

    need_id: str
    language: str
    researchers_considered: int
    index_version: str
    model: str
    reranker: str
    fits_nobody: bool
    fair_exposure: bool
    matches: list[Match]
    need_title: str
    heading: str
    notice: str


class Finding(TypedDict):
    """What a rule of screening found of a need, or of a researcher for it."""

    rule: str
    rule_name: str
    researcher_id: str
    verdict: str
    role: str
    stops: bool
    decision: str
    clearance_id: int | None
    reason: str
    evidence: list[str]


class Spread(TypedDict):
    """What spreading a list changed in its first ten."""

    level: str
    expected_plain: float
    expected: float
    departments_plain: int
    departments: int
    entered: int


class ServedList(MatchList):
    """A match list as the office sees it: the judgements that it rests on, what screening finds."""

    spread: Spread | None
    not_asked: float
    own_judgements: int
    screening: list[Finding]


class ListPlace(TypedDict):
    """A place among the first hundred of a list; null and empty for somebody who is not among them."""

    rank: int | None
    probability: float | None
    strength: str


class ChangedSeed(TypedDict):
    """A piece of research that is left out."""

    seed_id: str
    kind: str
    language: str
    title: str
    year: int | None


class Change(TypedDict):
    """One thing that was changed: `kind` is dropped, added, withdrawn or recent."""

    kind: str
    part: NeedPart | None
    term: str
    language: str
    seed: ChangedSeed | None
    since: int | None


class Effect(TypedDict):
    """Changes made together, the place with them, and whether that is in, out, up, down or same."""

    changes: list[Change]
    place: ListPlace
    gain: int
    effect: str


class Counterfactuals(TypedDict):
    """A researcher's place in a need's list, and what each change does to it."""

    need_id: str
    researcher: Researcher
    before: ListPlace
    effects: list[Effect]
    together: Effect | None


class ReleaseSummary(TypedDict):
    """A released list without what it holds."""

    release_id: int
    need_id: str
    released_at: str
    released_by: str
    revoked_at: str | None


class Release(ReleaseSummary):
    """A released list."""

    content: MatchList


class Feedback(TypedDict):
    """A judgement that stands."""

    researcher_id: str
    verdict: str
    reason: str
    stage: str
    rank: int | None
    judged_by: str
    judged_at: str


class Job(TypedDict):
    """A job and how far it is."""

    job_id: str
    kind: str
    state: str
    done: int
    total: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel_asked_at: str | None
    fault: str


class JobMatch(TypedDict):
    """One researcher of a need's list."""

    rank: int
    researcher_id: str
    score: float
    probability: float | None
    strength: str
    seed_ids: list[str]


class JobItem(TypedDict):
    """A need's list, or why there is none."""

    need_id: str
    fault: str
    fits_nobody: bool
    index_version: str
    matches: list[JobMatch]
    notice: str


class JobResult(TypedDict):
    """What a job found."""

    job: Job
    items: list[JobItem]
