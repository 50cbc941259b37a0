"""The way around: which pages a viewer is led to."""

from dataclasses import dataclass

from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.access import rules


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: where it leads, what it is called, and who is led there."""

    path: str
    label: str
    action: str

    def holds(self, path: str) -> bool:
        """Return whether a page belongs to this entry."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


PLACES = (
    Place("/", N_("Ask"), rules.ASK),
    Place("/needs", N_("Needs"), rules.SEE_NEEDS),
    Place("/researchers", N_("Researchers"), rules.SEE_RESEARCHERS),
    Place("/shortlist", N_("My shortlist"), rules.SHORTLIST),
    Place("/searches", N_("Saved searches"), rules.SAVE_SEARCH),
    Place("/reports", N_("Reports"), rules.SEE_REPORTS),
    Place("/admin", N_("Admin"), rules.ADMINISTER),
)
ROLE_LABELS = {
    "chief": N_("Chief creative manager"),
    "project": N_("Project manager"),
    "ip": N_("IP manager"),
    "legal": N_("Legal manager"),
    "finance": N_("Finance manager"),
    "analyst": N_("Analyst"),
    "viewer": N_("Viewer"),
    "administrator": N_("Administrator"),
    "portal": N_("Portal"),
}


def places_for(viewer: Viewer | None) -> list[Place]:
    """Return the entries that somebody is led to; none for who is not signed in."""
    if viewer is None:
        return []
    return [place for place in PLACES if rules.may(viewer, place.action)]
