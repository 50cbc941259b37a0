"""What the night looks for besides lists: themes that companies share, companies for unused patents.

Themes are those of `office.consortia` among all open needs. Of the patents that nobody uses, those that
never looked go first, then those that looked longest ago; a patent is told again where it finds another
company, or a need for which its people are good or better.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.database.models import OPEN
from catalogue.database.viewer import LOCAL_VIEWER
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.settings import NightlySettings
from matcher.outbound import NEED
from matcher.reranking.calibration import GOOD, STRONG
from office.access.scoped import reading_as
from office.consortia import ConsortiumSearch
from office.live_recommender import NeedMatcher
from office.matching import Question, ViewerMatching
from office.outbound.companies import CompanySearch
from office.outbound.found import CompanyReason, FoundCompany, TechnologyAsked
from office.outbound.unused import unused_patents
from office.reports.findings import (
    KnownFindings,
    LookedUnused,
    NightFindings,
    ThemeReport,
    UnusedCompany,
    UnusedReport,
    company_mark,
    marked_theme,
)
from office.seeds import NamedSeed, SeenSeed
from office.ways_in import OUTBOUND

MOST_PATENTS = 2_000  # that take turns
TOLD_COMPANIES = 3
log = logging.getLogger(__name__)


def find_more(
    matching: ViewerMatching,
    chosen: NightlySettings,
    recommender: NeedMatcher,
    known: KnownFindings,
    night: str,
) -> NightFindings:
    """Return what the settings let the night look for; `night` is the name of its report."""
    themes = _themes(matching, recommender, known) if chosen.shared_needs else None
    if not chosen.unused_patents:
        return NightFindings(themes, looked=known.unused)
    return _Unused(matching, recommender, night).look(known.unused, chosen.unused_patents, themes)


def _themes(
    matching: ViewerMatching, recommender: NeedMatcher, known: KnownFindings
) -> tuple[ThemeReport, ...]:
    found = ConsortiumSearch(matching.catalogue).find_with(recommender, LOCAL_VIEWER)
    themes = (
        ThemeReport(tuple(need.need_id for need in one.needs), one.companies, one.words)
        for one in found.groups
    )
    marked = [marked_theme(theme, known) for theme in themes]
    return tuple(sorted(marked, key=lambda theme: not theme.has_news))


@dataclass(frozen=True)
class _Unused:
    matching: ViewerMatching
    recommender: NeedMatcher
    night: str

    def look(
        self,
        known: Mapping[str, LookedUnused],
        most: int,
        themes: tuple[ThemeReport, ...] | None,
    ) -> NightFindings:
        with reading_as(self.matching.catalogue, LOCAL_VIEWER) as connection:
            patents = unused_patents(connection, LOCAL_VIEWER, MOST_PATENTS)
        looked = {one.seed_id: known[one.seed_id] for one in patents if one.seed_id in known}
        turns = sorted(
            patents, key=lambda one: looked[one.seed_id].night if one.seed_id in looked else ""
        )
        search, news = CompanySearch(self.matching), []
        for patent in turns[:most]:
            before = looked.get(patent.seed_id, LookedUnused(""))
            report = self._report(search, patent)
            marks = tuple(company_mark(one.name) for one in report.companies)
            looked[patent.seed_id] = LookedUnused(self.night, marks, report.need_ids)
            if set(marks) - set(before.companies) or set(report.need_ids) - set(before.need_ids):
                news.append(report)
        return NightFindings(themes, tuple(news), looked)

    def _report(self, search: CompanySearch, patent: NamedSeed) -> UnusedReport:
        asked = TechnologyAsked(seed_id=patent.seed_id, top=TOLD_COMPANIES)
        try:
            technology, seed, texts = search.read(LOCAL_VIEWER, asked)
            search.encode_all(self.recommender, texts)
            found = search.rank(self.recommender, technology, texts, asked.top)
        except (InputError, UnknownIdError) as error:  # too short, or withdrawn a moment ago
            log.warning("Patent %r found no company: %s", patent.seed_id, type(error).__name__)
            return UnusedReport(patent.seed_id, patent.title, ())
        companies = tuple(self._company(one, seed) for one in found)
        return UnusedReport(patent.seed_id, patent.title, companies)

    def _company(self, found: FoundCompany, seed: SeenSeed | None) -> UnusedCompany:
        kinds = tuple(dict.fromkeys(reason.text.kind for reason in found.reasons))
        wanted = [(self._chance(reason, seed), reason) for reason in found.reasons]
        chance, best = max(wanted, key=lambda one: one[0])
        name = found.names.name("ja") or found.names.organisation_id or best.text.document_id
        if not chance:
            return UnusedCompany(name, kinds)
        return UnusedCompany(name, kinds, best.text.document_id, best.text.title, chance)

    def _chance(self, reason: CompanyReason, seed: SeenSeed | None) -> float:
        """Return the largest probability of the patent's people in an open need's list; 0 below good."""
        need = reason.text.need
        if reason.text.kind != NEED or need is None or need.status != OPEN or seed is None:
            return 0.0
        people = [author.researcher_id for author in seed.authors]
        lines = self.matching.people_with(
            self.recommender, LOCAL_VIEWER, Question(need.as_need()), people, OUTBOUND
        )
        able = (one for one in lines.matches if one.strength in {STRONG, GOOD})
        return max((one.probability or 0.0 for one in able), default=0.0)
