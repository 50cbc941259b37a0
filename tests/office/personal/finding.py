"""An index that finds whom it is told to, and the night's look at the saved searches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import UnknownIdError
from enmusubi.settings import IndexSettings, Settings
from matcher.records import VISIBILITIES, Filters, Match, MatchList, Need, ResearcherCard
from office import alerts, saved_searches
from office.matching import ViewerMatching
from tests.support.worlds.personal import SATO

EVERY_SEED = Settings(index=IndexSettings(visibilities=VISIBILITIES))


def check(catalogue: Catalogue, index: "Index", top: int) -> int:
    """Run the saved searches with an alert; returns how many have news."""
    return alerts.check_alerts(ViewerMatching(catalogue, EVERY_SEED), index, top)


@dataclass
class Index:
    """Finds the people it is told to, and notes what it was asked."""

    people: Sequence[str] = ("R-1", "R-2")
    weak: Sequence[str] = ()
    asked: list[tuple[Need, Filters]] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    meanwhile: Callable[[], Any] = lambda: None
    lost: Sequence[str] = ()  # what it does not know

    def match(self, need: Need, *, top: int, filters: Filters) -> MatchList:
        self.asked.append((need, filters))
        if need.text in self.fails:
            raise self.fails[need.text]
        ids = [
            need.need_id,
            *(i for m in need.refinement.marks for i in (m.researcher_id, m.seed_id)),
        ]
        for lost in set(ids) & set(self.lost):
            raise UnknownIdError("No seed has the id %(id)r.", id=lost)
        self.meanwhile()
        strengths = [(p, "good") for p in self.people] + [(p, "weak") for p in self.weak]
        matches = tuple(
            Match(rank, ResearcherCard(person), 1.0, (), 0.5, strength)
            for rank, (person, strength) in enumerate(strengths[:top], start=1)
        )
        nobody = not self.people
        return MatchList(need.need_id, "en", matches, 3, "v000001", "words@01", fits_nobody=nobody)


def news(catalogue: Catalogue, number: int, viewer: Viewer = SATO) -> tuple[str, ...]:
    """Return whom a search has found anew."""
    return saved_searches.search_of(catalogue, viewer, number).news
