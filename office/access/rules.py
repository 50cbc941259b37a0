"""Access rules: which role may do what, and which needs and seeds a viewer sees. There are no others.

Conditions are put into the queries, so that what may not be seen is never read. On PostgreSQL
row-level security repeats them (the migrations whose names hold `row_security`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from catalogue.database.case_models import OfficeCase
from catalogue.database.member_models import Membership
from catalogue.database.models import UNPUBLISHED, Authorship, Seed, StoredNeed
from catalogue.database.record_models import Record
from catalogue.database.service_models import NeedGuest
from catalogue.database.viewer import (
    ADMINISTRATOR,
    ANALYST,
    CHIEF,
    FEEDBACK_WRITE,
    FINANCE,
    IP,
    LEGAL,
    MACHINE,
    MATCHES_READ,
    MEMBER,
    MEMBERS_READ,
    METRICS_READ,
    NEEDS_READ,
    NEEDS_WRITE,
    OFFICE_ROLES,
    PERSON_ROLES,
    PORTAL,
    PROJECT,
    WEBHOOKS_WRITE,
    Viewer,
)
from catalogue.records.drafts import ORGANISATIONS
from enmusubi.errors import ForbiddenError
from enmusubi.messages import ACTION, ROLE, word
from matcher.records import COMPETITIVE, CONFIDENTIAL, INTERNAL, NON_COMPETITIVE, PUBLIC

# actions
ASK, SEE_NEEDS, SEE_RESEARCHERS = "ask", "see needs", "see researchers"
CREATE_NEEDS, CHANGE_NEED, INVITE = "create needs", "change a need", "invite to a need"
RELEASE, SEE_RELEASED = "release a list", "see released lists"
JUDGE, NOTE, SHORTLIST, SAVE_SEARCH = "judge", "note", "shortlist", "save searches"
EXPORT, SEE_REPORTS, HOOK, SEE_METRICS = "export", "see reports", "set webhooks", "see metrics"
RUN_JOBS, ADMINISTER, READ_AUDIT = "run jobs", "administer", "read the audit trail"
SEE_CONTACTS = "see how researchers are reached"
SEE_STATISTICS = "see statistics"
SEE_NEUTRALITY = "see how attention is shared"
SEE_CONSORTIA = "see needs that companies share"
READ_FILES = "have files read"
BUILD_TEAMS = "put teams together"
INQUIRE = "ask researchers"
SEE_COMPANIES, RECORD_NDAS = "see companies", "record NDAs"
VEIL = "decide what outsiders are shown of a need"
SEE_SCREENING, CLEAR = "see what screening found", "clear what stops a release"
READ_INTERESTS = "read declared interests"
SEE_CASES, OPEN_CASES, WORK_ON_CASES = "see cases", "open cases", "work on cases"
CHECK_ESTIMATES, KEEP_TEMPLATES = "check estimates", "keep templates of contracts"
EDIT_GATES, EDIT_MEANS = "edit gates", "edit the table of means"
EDIT_PROJECTS, HANDLE_MONEY = "edit projects", "see and change what projects cost"
FIND_COMPANIES = "look for companies"
SET_KIND = "say which kind of need it is"
EDIT_NOTICE = "edit the privacy notice"
SEE_FIGURES, EDIT_FIGURES = "see figures", "enter costs and targets"
RECORD_ENTRIES = "record income of cases"
SEE_OWN_COMPANY = "see the pages of one's own company"
SEE_MEMBERS, KEEP_MEMBERS = "see members", "keep members"
READ_MEMBERSHIPS = "read memberships"
DELEGATE, HAND_OVER = "let others stand in", "hand work over"

_OFFICE = frozenset(OFFICE_ROLES)
_READERS = frozenset(PERSON_ROLES) - {ADMINISTRATOR}
PERMISSIONS: Mapping[str, frozenset[str]] = {
    ASK: _READERS | {PORTAL},
    SEE_NEEDS: _READERS | {PORTAL},
    SEE_RESEARCHERS: _READERS | {PORTAL},
    SEE_CONTACTS: _OFFICE,
    CREATE_NEEDS: frozenset({CHIEF, PROJECT, PORTAL}),
    CHANGE_NEED: _OFFICE | {PORTAL},
    READ_FILES: _READERS | {PORTAL},
    INVITE: _OFFICE,
    RELEASE: _OFFICE,
    SEE_RELEASED: _READERS | {PORTAL},
    JUDGE: _OFFICE | {PORTAL},
    NOTE: _OFFICE,
    BUILD_TEAMS: _OFFICE,
    INQUIRE: _OFFICE,
    SEE_COMPANIES: _OFFICE,
    RECORD_NDAS: frozenset({CHIEF, LEGAL}),
    VEIL: _OFFICE,
    SHORTLIST: _READERS,
    SAVE_SEARCH: _READERS,
    EXPORT: _OFFICE | {ANALYST},
    SEE_REPORTS: _OFFICE | {ANALYST},
    SEE_STATISTICS: _OFFICE | {ANALYST},
    SEE_CONSORTIA: _OFFICE,
    SEE_NEUTRALITY: frozenset({CHIEF}),
    SEE_SCREENING: _OFFICE,
    CLEAR: frozenset({CHIEF, IP, LEGAL}),
    READ_INTERESTS: frozenset({CHIEF, LEGAL}),
    SEE_CASES: _OFFICE | {PORTAL},
    OPEN_CASES: _OFFICE | {PORTAL},
    WORK_ON_CASES: _OFFICE,
    EDIT_GATES: frozenset({CHIEF}),
    CHECK_ESTIMATES: frozenset({CHIEF, FINANCE}),
    KEEP_TEMPLATES: frozenset({CHIEF, LEGAL}),
    EDIT_MEANS: frozenset({CHIEF}),
    EDIT_PROJECTS: frozenset({CHIEF, PROJECT}),
    HANDLE_MONEY: frozenset({CHIEF, PROJECT, FINANCE}),
    FIND_COMPANIES: _OFFICE,
    SET_KIND: _OFFICE,
    SEE_FIGURES: frozenset({CHIEF, FINANCE, ANALYST}),
    EDIT_FIGURES: frozenset({CHIEF, FINANCE}),
    RECORD_ENTRIES: _OFFICE,
    SEE_OWN_COMPANY: frozenset({MEMBER}),  # and nothing else
    SEE_MEMBERS: _OFFICE,
    READ_MEMBERSHIPS: _OFFICE | {PORTAL},
    KEEP_MEMBERS: frozenset({CHIEF, PROJECT, LEGAL}),
    DELEGATE: _OFFICE,
    HAND_OVER: _OFFICE | {ADMINISTRATOR},
    HOOK: frozenset({PORTAL}),
    SEE_METRICS: frozenset({ADMINISTRATOR, ANALYST}),  # of analysts, machines alone
    RUN_JOBS: _READERS | {PORTAL},
    EDIT_NOTICE: frozenset({CHIEF, LEGAL, ADMINISTRATOR}),
    ADMINISTER: frozenset({ADMINISTRATOR}),
    READ_AUDIT: frozenset({ADMINISTRATOR}),
}
SCOPE_OF: Mapping[
    str, str
] = {  # what a machine needs besides its role; others are not for machines
    ASK: MATCHES_READ,
    SEE_NEEDS: NEEDS_READ,
    SEE_RESEARCHERS: MATCHES_READ,
    CREATE_NEEDS: NEEDS_WRITE,
    CHANGE_NEED: NEEDS_WRITE,
    READ_FILES: NEEDS_WRITE,
    SEE_RELEASED: MATCHES_READ,
    JUDGE: FEEDBACK_WRITE,
    SEE_CASES: NEEDS_READ,
    OPEN_CASES: NEEDS_WRITE,
    READ_MEMBERSHIPS: MEMBERS_READ,
    HOOK: WEBHOOKS_WRITE,
    SEE_METRICS: METRICS_READ,
    RUN_JOBS: MATCHES_READ,
}
GUEST_ROLES = frozenset({IP, LEGAL})  # who can be asked in to a competitive need
MANAGER_ROLES = _OFFICE  # who can look after a need


@dataclass(frozen=True)
class NeedFacts:
    """What the rules ask of a need."""

    area: str = NON_COMPETITIVE
    confidentiality: str = PUBLIC
    manager: str = ""
    organisation_id: str = ""
    guests: frozenset[str] = frozenset()

    @property
    def is_closed(self) -> bool:
        """Whether only its manager, the chief and those asked in see it."""
        return self.area == COMPETITIVE or self.confidentiality == CONFIDENTIAL


def may(viewer: Viewer, action: str) -> bool:
    """Return whether the role, and a machine's scopes, allow an action at all."""
    if viewer.role not in PERMISSIONS[action]:
        return False
    return viewer.kind != MACHINE or SCOPE_OF.get(action) in viewer.scopes


def require(viewer: Viewer, action: str) -> None:
    """Raise ForbiddenError unless the viewer may do that."""
    if not may(viewer, action):
        raise ForbiddenError(
            "Your role (%(role)s) may not %(action)s.",
            role=word(ROLE, viewer.role),
            action=word(ACTION, action),
        )


def sees_need(viewer: Viewer, need: NeedFacts) -> bool:
    """Return whether a need may be seen: the rule itself; `visible_needs` is the same for queries."""
    if not may(viewer, SEE_NEEDS):
        return False
    if viewer.role == PORTAL:
        return need.organisation_id in viewer.companies
    if viewer.role == CHIEF:
        return True
    if need.is_closed:
        manages = viewer.role in _OFFICE and need.manager == viewer.viewer_id
        return manages or (viewer.role in GUEST_ROLES and viewer.viewer_id in need.guests)
    if need.confidentiality == INTERNAL or need.area != NON_COMPETITIVE:
        return viewer.role in _OFFICE
    return True


def names_manager(viewer: Viewer) -> bool:
    """Return whether the viewer may say who looks after a need; portals leave that to the office."""
    return viewer.kind != MACHINE and viewer.role in MANAGER_ROLES


def changes_need(viewer: Viewer, need: NeedFacts) -> bool:
    """Return whether a need may be changed, closed, released from or opened to guests."""
    if not (sees_need(viewer, need) and may(viewer, CHANGE_NEED)):
        return False
    return viewer.role in {CHIEF, PORTAL} or need.manager == viewer.viewer_id


def visible_needs(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `need` rows that holds for those that `sees_need` allows."""
    if not may(viewer, SEE_NEEDS):
        return false()
    if viewer.role == PORTAL:
        return StoredNeed.organisation_id.in_(sorted(viewer.companies))
    if viewer.role == CHIEF:
        return true()
    closed = or_(StoredNeed.area == COMPETITIVE, StoredNeed.confidentiality == CONFIDENTIAL)
    if viewer.role not in _OFFICE:
        return and_(StoredNeed.area == NON_COMPETITIVE, StoredNeed.confidentiality == PUBLIC)
    seen = or_(~closed, StoredNeed.manager == viewer.viewer_id)
    if viewer.role not in GUEST_ROLES:
        return seen
    return or_(seen, asked_in(viewer))


def asked_in(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `need` rows for those that a viewer was asked in to as a guest."""
    return exists(
        select(NeedGuest.user_id).where(
            NeedGuest.need_id == StoredNeed.need_id, NeedGuest.user_id == viewer.viewer_id
        )
    )


def visible_cases(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `office_case` rows, joined with their needs, that a viewer sees.

    A case is seen as its need is; a portal sees those alone of which the company knows. One without a
    need is seen by the office, or, where it is closed, by its manager and the chief.
    """
    if not may(viewer, SEE_CASES):
        return false()
    of_need = and_(
        OfficeCase.need_id != "",
        StoredNeed.need_id.is_not(None),
        StoredNeed.withdrawn_at.is_(None),
        visible_needs(viewer),
    )
    if viewer.role == PORTAL:
        return and_(of_need, OfficeCase.is_shared)
    alone: ColumnElement[bool] = OfficeCase.need_id == ""
    if viewer.role != CHIEF:
        alone = and_(alone, or_(~OfficeCase.is_closed, OfficeCase.manager == viewer.viewer_id))
    return or_(of_need, alone)


def visible_memberships(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `membership` rows that a viewer sees: a portal those of its companies.

    Sources may have brought a company under several ids; a membership keeps the one of its day.
    """
    if not may(viewer, READ_MEMBERSHIPS):
        return false()
    if viewer.role != PORTAL:
        return true()
    companies = sorted(viewer.companies)
    homes = select(Record.home_id).where(
        Record.table_name == ORGANISATIONS, Record.row_id.in_(companies)
    )
    return or_(Membership.organisation_id.in_(companies), Membership.organisation_id.in_(homes))


def changes_case(viewer: Viewer, *managers: str) -> bool:
    """Return whether a case that is seen may be changed: by who looks after it or its need, and the chief."""
    if not may(viewer, WORK_ON_CASES):
        return False
    return viewer.role == CHIEF or viewer.viewer_id in managers


def edits_project(viewer: Viewer, manager: str) -> bool:
    """Return whether the project of a case that is seen may be edited, besides its money."""
    return may(viewer, EDIT_PROJECTS) or changes_case(viewer, manager)


def handles_money(viewer: Viewer, manager: str) -> bool:
    """Return whether the money of a project is seen and changed: by roles, and who looks after the case."""
    return may(viewer, HANDLE_MONEY) or changes_case(viewer, manager)


def matched_visibilities(viewer: Viewer) -> tuple[str, ...]:
    """Return the visibilities of the seeds that may appear in the viewer's match lists."""
    if viewer.role in {CHIEF, IP}:
        return (PUBLIC, INTERNAL, CONFIDENTIAL)
    return (PUBLIC, INTERNAL) if viewer.role in _OFFICE else (PUBLIC,)


def sees_unpublished(viewer: Viewer) -> bool:
    """Return whether patents that are not published yet may be seen, whoever is named on them."""
    return viewer.role in {CHIEF, IP}


def sees_seed(
    viewer: Viewer, visibility: str, researcher_ids: frozenset[str], patent_status: str = ""
) -> bool:
    """Return whether a seed of these people may be seen; `visible_seeds` is the same for queries."""
    if not may(viewer, SEE_RESEARCHERS):
        return False
    named = bool(viewer.researcher_id) and viewer.researcher_id in researcher_ids
    shown = patent_status != UNPUBLISHED or sees_unpublished(viewer)
    return named or (shown and visibility in matched_visibilities(viewer))


def visible_seeds(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `seed` rows that holds for those that `sees_seed` allows."""
    if not may(viewer, SEE_RESEARCHERS):
        return false()
    seen: ColumnElement[bool] = Seed.visibility.in_(matched_visibilities(viewer))
    if not sees_unpublished(viewer):
        seen = and_(seen, Seed.patent_status != UNPUBLISHED)
    if not viewer.researcher_id:
        return seen
    named = exists(
        select(Authorship.seed_id).where(
            Authorship.seed_id == Seed.seed_id, Authorship.researcher_id == viewer.researcher_id
        )
    )
    return or_(seen, named)
