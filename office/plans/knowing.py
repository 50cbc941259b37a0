"""What of a case goes into its plan, read once: need, people, works, means, steps, estimate, screens.

A plan is read by everybody who sees the case, so works, patents and findings are those that the whole office
may see, whoever asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from catalogue.database.models import Authorship, Seed
from catalogue.database.viewer import PROJECT, Viewer
from enmusubi.settings import Settings
from matcher.records import PUBLIC
from office.access.rules import visible_seeds
from office.cases.clocks import Clocks
from office.cases.gates import Gate, gates_of
from office.cases.kept import KeptCase
from office.cases.recorded_ndas import nda_of_case
from office.clinic.purpose import purpose_of
from office.companies.ndas import KeptNda
from office.estimates.kept import KeptEstimate, newest_estimate
from office.maturity.standing import MaturityRules, MaturityStanding, maturity_rules, standing_of
from office.means.editing import means_table
from office.means.recommending import MeansWanted, Recommended, recommend, wanted_of
from office.needs.reading import SeenNeed, need_of
from office.needs.releases import releases_page
from office.people import name_in_documents
from office.reports.given_list import GivenWork, read_given
from office.reports.list_tables import KINDS
from office.screening.findings import Finding, neutral
from office.screening.rule_book import rule_book
from office.screening.screening import screen

EVERYBODY = Viewer("", PROJECT)  # who sees the least of the office
MOST_RELEASES, MOST_WORKS = 20, 3


@dataclass(frozen=True)
class WorksApart:
    """A researcher's works by who may see them: how many are public, how many the university keeps to itself.

    `kept_titles` are the newest of these; what the whole office may not see is in neither.
    """

    public: int
    kept: int
    kept_titles: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class CaseKnowledge:
    """All that a draft is made of; `released` and `recent` are works by researcher."""

    case: KeptCase
    need: SeenNeed | None
    nda: KeptNda | None
    purpose: str = field(repr=False)
    manager: str
    released: Mapping[str, tuple[GivenWork, ...]] = field(repr=False)
    recent: Mapping[str, tuple[GivenWork, ...]] = field(repr=False)
    apart: Mapping[str, WorksApart] = field(repr=False)
    means: tuple[Recommended, ...]
    rules: MaturityRules
    standing: MaturityStanding
    estimate: KeptEstimate | None
    gates: Mapping[str, Gate]
    decision_days: Mapping[str, int]
    findings: Mapping[str, tuple[Finding, ...]]


def know(
    connection: Connection, viewer: Viewer, case: KeptCase, settings: Settings, language: str
) -> CaseKnowledge:
    """Read what a plan in a language is made of; `connection` is of `reading_as(viewer)`."""
    need = need_of(connection, viewer, case.need_id) if case.need_id else None
    today = Clocks(settings.cases).days.today()
    rules = maturity_rules(settings.estimates.maturity_file)
    wanted = wanted_of(need, MeansWanted()) if need else MeansWanted()
    return CaseKnowledge(
        case=case,
        need=need,
        nda=nda_of_case(connection, viewer, case, today),
        purpose=purpose_of(connection, viewer, case.need_id) if need else "",
        manager=name_in_documents(connection, case.manager),
        released=_released(connection, viewer, case, language),
        recent=_recent(connection, case, language),
        apart=_apart(connection, case),
        means=tuple(recommend(wanted, means_table(connection, settings.cases.means_file))),
        rules=rules,
        standing=standing_of(connection, viewer, case, rules),
        estimate=newest_estimate(connection, viewer, case),
        gates=gates_of(connection, viewer),
        decision_days={str(gate): days for gate, days in settings.cases.decision_days.items()},
        findings=_findings(connection, case, need, settings, today),
    )


def _findings(
    connection: Connection, case: KeptCase, need: SeenNeed | None, settings: Settings, today: date
) -> dict[str, tuple[Finding, ...]]:
    book = rule_book(settings.screening)
    found = screen(connection, EVERYBODY, need, case.people_ids, book, today=today)
    return {whose: tuple(neutral(some)) for whose, some in found.items()}


def _released(
    connection: Connection, viewer: Viewer, case: KeptCase, language: str
) -> dict[str, tuple[GivenWork, ...]]:
    """Return the works by which released lists name people, the newest in its language first."""
    if not case.need_id:
        return {}
    page = releases_page(connection, viewer, case.need_id, limit=MOST_RELEASES)
    lists = [read_given(one.content) for one in page.items if one.revoked_at is None]
    lists.sort(key=lambda given: given.language != language)  # stable: the newest stay before
    found: dict[str, tuple[GivenWork, ...]] = {}
    for given in lists:
        for person in given.people:
            found.setdefault(person.researcher_id, person.works[:MOST_WORKS])
    return {one: found[one] for one in case.people_ids if one in found}


def _recent(
    connection: Connection, case: KeptCase, language: str
) -> dict[str, tuple[GivenWork, ...]]:
    found: dict[str, tuple[GivenWork, ...]] = {}
    for person in case.people_ids:
        query = (
            select(Seed.kind, Seed.year, Seed.title, Seed.url, Seed.lang)
            .join(Authorship, Authorship.seed_id == Seed.seed_id)
            .where(
                Authorship.researcher_id == person,
                Seed.title != "",
                Seed.withdrawn_at.is_(None),
                visible_seeds(EVERYBODY),
            )
            .order_by(Seed.year.desc().nulls_last(), Seed.seed_id)
            .limit(MOST_WORKS)
        )
        found[person] = tuple(
            GivenWork(KINDS[language].get(kind, kind), year, title, url, lang, "")
            for kind, year, title, url, lang in connection.execute(query)
        )
    return found


def _apart(connection: Connection, case: KeptCase) -> dict[str, WorksApart]:
    found: dict[str, WorksApart] = {}
    for person in case.people_ids:
        theirs = (
            select(Seed.visibility, Seed.title)
            .join(Authorship, Authorship.seed_id == Seed.seed_id)
            .where(
                Authorship.researcher_id == person,
                Seed.withdrawn_at.is_(None),
                visible_seeds(EVERYBODY),
            )
            .order_by(Seed.year.desc().nulls_last(), Seed.seed_id)
        )
        rows = connection.execute(theirs).all()
        kept = [str(title) for visibility, title in rows if visibility != PUBLIC]
        titles = tuple(title for title in kept if title)[:MOST_WORKS]
        found[person] = WorksApart(len(rows) - len(kept), len(kept), titles)
    return found
