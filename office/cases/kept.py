"""Cases as a viewer sees them: the rules are part of every query. Reads, and changes nothing.

Use the connection of `office.access.scoped.reading_as`, so that PostgreSQL checks the same once more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Column, Connection, Select, Table, func, select

from catalogue.database.case_models import (
    CASE_STAGES,
    COMPANY,
    COMPLETED,
    DECLINED,
    GATES,
    LEAD,
    RUNNING,
    CasePerson,
    OfficeCase,
)
from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.viewer import PORTAL, Viewer
from catalogue.records.source_records import chunks
from enmusubi.errors import StaleVersionError, UnknownIdError
from enmusubi.messages import N_
from matcher.records import COMPETITIVE, CONFIDENTIAL, ResearcherCard
from office.access.rules import SEE_CASES, changes_case, require, visible_cases
from office.people import cards_of
from office.veil.circle import veils_towards

CASES = cast(Table, OfficeCase.__table__)
PEOPLE = cast(Table, CasePerson.__table__)
CASE_KIND = "case"  # the kind of the audit trail's object
UNKNOWN_CASE = N_("No case has that number, or none that you may see.")
MOST = 2**63 - 1
_COMPANY = func.coalesce(
    func.nullif(Organisation.name_ja, ""), func.nullif(Organisation.name_en, ""), OfficeCase.company
)
COMPANY_NAME = func.coalesce(_COMPANY, "")


@dataclass(frozen=True)
class PersonInCase:
    """A researcher in a case."""

    card: ResearcherCard
    part: str

    @property
    def is_lead(self) -> bool:
        """Whether they lead."""
        return self.part == LEAD


@dataclass(frozen=True)
class KeptCase:
    """A case as it stands; people who left the catalogue are out, portals see none.

    `is_closed` says whether few see it, by its need or by itself. `gate` opens the next stage, empty
    behind the last one or where the case has ended. Portals know a case by `public_id`, which tells no count.
    """

    case_id: int
    public_id: int
    need_id: str
    is_closed: bool
    title: str = field(repr=False)
    lang: str
    company: str = field(repr=False)
    organisation_id: str
    means: str
    amount_jpy: int | None
    next_step: str = field(repr=False)
    stage: str
    state: str
    reason: str
    origin: str
    is_shared: bool
    manager: str
    need_manager: str
    turn: str
    clock: str
    clock_since: datetime | None
    due_on: date | None
    days_left: int | None
    escalated_at: datetime | None
    stage_since: datetime
    submitted_by: str
    submitted_at: datetime | None
    opened_by: str
    opened_at: datetime
    changed_by: str
    changed_at: datetime
    version: int
    people: tuple[PersonInCase, ...]
    may_change: bool

    @property
    def gate(self) -> str:
        """The gate before which it stands."""
        place = CASE_STAGES.index(self.stage)
        return GATES[place] if place < len(GATES) and not self.has_ended else ""

    @property
    def has_ended(self) -> bool:
        """Whether it was declined or completed."""
        return self.state in {DECLINED, COMPLETED}

    @property
    def is_paused(self) -> bool:
        """Whether its clock stands: the company is on turn, or it is held."""
        return self.state != RUNNING or self.turn == COMPANY

    def number_for(self, viewer: Viewer) -> int:
        """Return the number by which a viewer knows it."""
        return self.public_id if viewer.role == PORTAL else self.case_id

    @property
    def people_ids(self) -> tuple[str, ...]:
        """Who is in it, whoever leads first."""
        return tuple(one.card.researcher_id for one in self.people)


def case_of(connection: Connection, viewer: Viewer, case_id: int) -> KeptCase:
    """Return a case by the number by which the viewer knows it.

    Raises ForbiddenError, and UnknownIdError for one that may not be seen.
    """
    require(viewer, SEE_CASES)
    number = number_of(viewer)
    found = kept_cases(connection, viewer, seen(viewer).where(number == min(case_id, MOST)))
    if not found:
        raise UnknownIdError(UNKNOWN_CASE)
    return found[0]


def number_of(viewer: Viewer) -> Column[int]:
    """Return the column of the number by which a viewer knows cases."""
    return CASES.c.public_id if viewer.role == PORTAL else CASES.c.case_id


def cases_of_need(connection: Connection, viewer: Viewer, need_id: str) -> list[KeptCase]:
    """Return a need's cases, the newest first; raises ForbiddenError."""
    require(viewer, SEE_CASES)
    query = seen(viewer).where(CASES.c.need_id == need_id).order_by(CASES.c.case_id.desc())
    return kept_cases(connection, viewer, query)


def cases_by_ids(connection: Connection, viewer: Viewer, ids: Iterable[int]) -> list[KeptCase]:
    """Return those of the cases that the viewer sees, by number; a page's worth."""
    require(viewer, SEE_CASES)
    query = seen(viewer).where(CASES.c.case_id.in_(sorted(set(ids))))
    return kept_cases(connection, viewer, query.order_by(CASES.c.case_id))


def check_version(case: KeptCase, expected_version: int) -> None:
    """Raise StaleVersionError for a case that is not of that version any more."""
    if case.version != expected_version:
        raise StaleVersionError(
            "Another user changed the case meanwhile. Read it again, and repeat your change."
        )


def seen(viewer: Viewer) -> Select[Any]:
    """Return the query for the cases that a viewer sees, with what their needs say of them."""
    return with_needs(
        select(
            CASES,
            StoredNeed.title.label("need_title"),
            StoredNeed.lang.label("need_lang"),
            StoredNeed.organisation_id.label("need_company"),
            StoredNeed.manager.label("need_manager"),
            StoredNeed.area.label("need_area"),
            StoredNeed.confidentiality.label("need_confidentiality"),
            COMPANY_NAME.label("company_name"),
        )
    ).where(visible_cases(viewer))


def with_needs(query: Select[Any]) -> Select[Any]:
    """Return a query of cases joined with their needs and companies, as `visible_cases` takes it."""
    return query.outerjoin(StoredNeed, StoredNeed.need_id == CASES.c.need_id).outerjoin(
        Organisation, Organisation.organisation_id == StoredNeed.organisation_id
    )


def kept_cases(connection: Connection, viewer: Viewer, query: Select[Any]) -> list[KeptCase]:
    """Return the cases of a query made of `seen`, in its order."""
    return as_cases(connection, viewer, connection.execute(query).mappings().all())


def as_cases(connection: Connection, viewer: Viewer, rows: Sequence[Any]) -> list[KeptCase]:
    """Return the cases of rows of `seen`, in their order; people are read in two more queries."""
    is_office = viewer.role != PORTAL
    people = _people_of(connection, [row["case_id"] for row in rows]) if is_office else {}
    found = [_kept(row, viewer, people.get(row["case_id"], ())) for row in rows]
    veils = veils_towards(connection, viewer, {case.need_id for case in found if case.need_id})
    return [
        replace(case, title=veils[case.need_id].title) if case.need_id in veils else case
        for case in found
    ]


def _people_of(
    connection: Connection, case_ids: Iterable[int]
) -> dict[int, tuple[PersonInCase, ...]]:
    rows: list[Any] = []
    for chunk in chunks(sorted(set(case_ids))):
        query = select(PEOPLE).where(PEOPLE.c.case_id.in_(chunk))
        rows += connection.execute(query.order_by(PEOPLE.c.researcher_id)).mappings()
    cards = cards_of(connection, {row["researcher_id"] for row in rows})
    found: defaultdict[int, dict[str, PersonInCase]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row["part"] != LEAD):
        if card := cards.get(row["researcher_id"]):  # of two who were joined since, one is shown
            found[row["case_id"]].setdefault(card.researcher_id, PersonInCase(card, row["part"]))
    return {case_id: tuple(people.values()) for case_id, people in found.items()}


_PLAIN = (
    "case_id", "public_id", "need_id", "means", "amount_jpy", "stage", "state", "origin", "is_shared", "turn",
    "clock", "clock_since", "due_on", "days_left", "escalated_at", "stage_since", "submitted_by",
    "submitted_at", "opened_by", "opened_at", "changed_by", "changed_at", "version",
)  # fmt: skip

_NOT_FOR_PORTALS: dict[str, Any] = {
    **dict.fromkeys(("means", "clock", "submitted_by", "opened_by", "changed_by"), ""),
    **dict.fromkeys(("amount_jpy", "clock_since", "due_on", "days_left", "escalated_at")),
    "submitted_at": None,
}


def _kept(row: Any, viewer: Viewer, people: tuple[PersonInCase, ...]) -> KeptCase:
    is_office = viewer.role != PORTAL
    need_manager = row["need_manager"] or ""
    closed_need = row["need_area"] == COMPETITIVE or row["need_confidentiality"] == CONFIDENTIAL
    plain = {name: row[name] for name in _PLAIN}
    return KeptCase(
        **(plain if is_office else {**plain, **_NOT_FOR_PORTALS}),
        is_closed=row["is_closed"] or closed_need,
        title=row["title"] or row["need_title"] or "",
        lang=row["need_lang"] or "ja",
        company=row["company_name"],
        organisation_id=row["need_company"] or "",
        next_step=row["next_step"] if is_office else "",
        reason=row["reason"] if is_office else "",
        manager=row["manager"] if is_office else "",
        need_manager=need_manager if is_office else "",
        people=people,
        may_change=changes_case(
            viewer, row["manager"], need_manager, "" if row["manager"] else row["opened_by"]
        ),
    )
