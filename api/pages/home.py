"""What the home page shows: the form that asks, and the beginning of the user's day by role."""

from typing import Any

from api.dependencies import Services
from api.pages.ask_page import ask_context
from api.pages.reports import night_words
from api.pages.search_form import SearchForm
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.home.overview import SHOWN_PEOPLE, home_of
from office.home.waiting import ASKED_IN, FAILED, NOBODY, UNJUDGED, UNMANAGED, UNRELEASED

NEED_ROWS = 3  # of the box of the need's text, which grows by hand
WAITING_LABELS = {  # what is waited for
    UNMANAGED: N_("Nobody looks after these needs yet"),
    ASKED_IN: N_("You were asked in, and have not written anything yet"),
    UNJUDGED: N_("Nobody was judged yet: look at the list and say who is suitable"),
    UNRELEASED: N_("Somebody is suitable, and no list was released to the company yet"),
    FAILED: N_("Could not be matched last night: check the text"),
    NOBODY: N_("Nobody fits well: word the need anew, or widen it"),
}


def home_context(services: Services, viewer: Viewer) -> dict[str, Any]:
    """Return what `home.html` shows to a user."""
    home = home_of(services.catalogue, viewer, services.settings.reports_dir)
    return {
        **ask_context(SearchForm()),
        "need_rows": NEED_ROWS,
        **night_words(),
        "home": home,
        "waiting_labels": WAITING_LABELS,
        "shown_people": SHOWN_PEOPLE,
    }
