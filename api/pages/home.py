"""What the home page shows: the form that asks, and the beginning of the user's day by role."""

from typing import Any

from api.dependencies import Services
from api.pages.ask_page import ask_context
from api.pages.company_paths import company_path
from api.pages.rendering import researcher_path
from api.pages.reports import night_words
from api.pages.search_form import SearchForm
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.accounts.chiefs import ToldOfChief, told_of_chiefs
from office.home.overview import SHOWN_PEOPLE, home_of
from office.home.queues import (
    ANSWERED_FOR,
    AWAY_SOON,
    DUE_FOR,
    ENDING_SOON,
    MEMBERS_ENDING,
    NDAS_ENDING,
    OPEN_CONTRACTS,
    OPEN_IP,
    OVERDUE_FOR,
    SENT_BACK,
    WITHOUT_NDA,
)
from office.home.waiting import (
    ANSWERED,
    ASKED_IN,
    ASLEEP,
    FAILED,
    NOBODY,
    TO_CLEAR,
    UNJUDGED,
    UNMANAGED,
    UNRELEASED,
)
from office.projects.waiting import ALL_MILESTONES, MY_ACTIONS, MY_MILESTONES

EMPTY = SearchForm()
NEED_ROWS = 3  # of the box of the need's text, which grows by hand
WAITING_LABELS = {  # what is waited for
    ASLEEP: N_("New seeds may suit needs that were closed without anybody"),
    TO_CLEAR: N_("Screening stopped a release: clear it, or say why not"),
    ANSWERED: N_("A researcher answered: read it on the page of the need"),
    UNMANAGED: N_("Nobody looks after these needs yet"),
    ASKED_IN: N_("You were asked in, and have not written anything yet"),
    UNJUDGED: N_("Nobody was judged yet: look at the list and say who is suitable"),
    UNRELEASED: N_("Somebody is suitable, and no list was released to the company yet"),
    FAILED: N_("Could not be matched last night: check the text"),
    NOBODY: N_("Nobody fits well: word the need anew, or widen it"),
}
CASE_WAITING = {  # what is waited for, and the list of all
    "to_decide": (N_("Gates of cases wait for your decision"), "/cases?due=to_decide"),
    "overdue": (N_("Your cases are overdue"), "/cases?due=overdue&mine=1"),
    "due_soon": (N_("Your cases are due soon"), "/cases?due=due_soon&mine=1"),
    "escalated": (N_("Cases of the office are overdue"), "/cases?due=overdue"),
}


PROJECT_WAITING = {
    MY_MILESTONES: (N_("Milestones of your projects are overdue"), "/projects?due=overdue&mine=1"),
    MY_ACTIONS: (N_("Your actions in projects are overdue"), "/projects?due=overdue&mine=1"),
    ALL_MILESTONES: (N_("Milestones of the office are overdue"), "/projects?due=overdue"),
}


QUEUE_LABELS = {  # what is waited for, and where all of it is
    NDAS_ENDING: (N_("NDAs end within two months"), "/companies"),
    MEMBERS_ENDING: (N_("Memberships end within two months"), "/members"),
    SENT_BACK: (N_("Estimates of yours were sent back, of the cases"), ""),
    WITHOUT_NDA: (N_("Cases wait before the NDA, and the company has none"), ""),
    OPEN_CONTRACTS: (N_("Contracts of cases have points that are open"), ""),
    OPEN_IP: (N_("Contracts of cases have points of IP that are open"), ""),
    AWAY_SOON: (N_("Researchers are on leave, or will be within half a year"), ""),
    ENDING_SOON: (N_("Contracts of researchers end within half a year"), ""),
    OVERDUE_FOR: (N_("Cases of a colleague who is away are overdue"), "/cases?due=overdue"),
    DUE_FOR: (N_("Cases of a colleague who is away are due soon"), "/cases?due=due_soon"),
    ANSWERED_FOR: (N_("Researchers answered a colleague who is away"), ""),
}


def queue_path(kind: str, object_id: str) -> str:
    """Return the address of something that waits."""
    if kind in {AWAY_SOON, ENDING_SOON}:
        return researcher_path(object_id)
    if kind in {OPEN_CONTRACTS, OPEN_IP}:
        return f"/cases/{object_id}/contracts"
    if kind == SENT_BACK:
        return f"/cases/{object_id}/estimates"
    return f"/cases/{object_id}" if kind == WITHOUT_NDA else company_path(object_id)


WHAT_OF_CHIEFS = {
    "new": N_("is a chief from now on"),
    "password": N_("has a password that another user set"),
    "second factor": N_("has no second factor any more: another user took it away"),
}


def _of_chiefs(services: Services, viewer: Viewer) -> tuple[ToldOfChief, ...]:
    """Return what was done lately to accounts of chiefs, for chiefs."""
    with services.catalogue.reading() as connection:
        return told_of_chiefs(connection, viewer)


def home_context(services: Services, viewer: Viewer, search: SearchForm = EMPTY) -> dict[str, Any]:
    """Return what `home.html` shows to a user, and what they typed into its form so far."""
    home = home_of(
        services.catalogue,
        viewer,
        services.settings.reports_dir,
        cases=services.settings.cases,
    )
    return {
        **ask_context(search),
        "need_rows": NEED_ROWS,
        **night_words(),
        "home": home,
        "waiting_labels": WAITING_LABELS,
        "case_waiting": CASE_WAITING,
        "project_waiting": PROJECT_WAITING,
        "queue_labels": QUEUE_LABELS,
        "queue_path": queue_path,
        "of_chiefs": _of_chiefs(services, viewer),
        "chief_labels": WHAT_OF_CHIEFS,
        "shown_people": SHOWN_PEOPLE,
    }
