"""Whom the office first talked to: by judgements, the ledger of cases, and letters that were sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from catalogue.database.case_models import DISCOVERY, GO
from catalogue.database.judgement_models import STAGES
from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from office.access.rules import visible_cases, visible_needs
from office.cases.decisions import DECISIONS
from office.cases.kept import CASES, PEOPLE
from office.inquiries.kept import INQUIRIES
from office.needs.verdicts import JUDGEMENT

FIRST_CONTACT = "dialogue"
CONTACTS = frozenset(STAGES[STAGES.index(FIRST_CONTACT) :]) - {"declined"}


@dataclass(frozen=True)
class FirstContact:
    """That the office talked to a person about a need, or about a case without one.

    `subject` tells needs and such cases apart. The manager is the need's, or that of the case.
    """

    subject: str
    need_id: str
    person: str  # by their present id
    manager: str
    organisation_id: str
    company: str = ""  # its name, where no need says it


def first_contacts(
    connection: Connection, viewer: Viewer, since: datetime
) -> tuple[FirstContact, ...]:
    """Return the first contacts since a moment over the needs and cases that the viewer sees.

    Of a need and a person there is one, however many ways lead to it: a judged stage from the dialogue on, a
    case that passed its first gate, a letter. A case that came from a file with a later stage counts from
    the day it was opened.
    """
    found = [
        *_judged(connection, viewer, since),
        *_in_cases(connection, viewer, since),
        *_asked(connection, viewer, since),
    ]
    now = rows_of(connection, {one.person for one in found})
    pairs: dict[tuple[str, str], FirstContact] = {}
    for one in found:
        person = now.get(one.person, one.person)
        contact = FirstContact(
            one.subject, one.need_id, person, one.manager, one.organisation_id, one.company
        )
        pairs.setdefault((one.subject, person), contact)
    return tuple(pairs[key] for key in sorted(pairs))


def _of_needs(query: Select[Any], connection: Connection) -> Iterator[FirstContact]:
    for need_id, person, manager, organisation_id in connection.execute(query):
        yield FirstContact(need_id, need_id, person, manager, organisation_id or "")


def _judged(connection: Connection, viewer: Viewer, since: datetime) -> Iterator[FirstContact]:
    query = (
        select(
            JUDGEMENT.c.need_id,
            JUDGEMENT.c.researcher_id,
            StoredNeed.manager,
            StoredNeed.organisation_id,
        )
        .join(StoredNeed, StoredNeed.need_id == JUDGEMENT.c.need_id)
        .where(
            visible_needs(viewer),
            StoredNeed.withdrawn_at.is_(None),
            JUDGEMENT.c.withdrawn_at.is_(None),
            JUDGEMENT.c.stage.in_(sorted(CONTACTS)),
            JUDGEMENT.c.judged_at >= since,
        )
    )
    return _of_needs(query, connection)


def _asked(connection: Connection, viewer: Viewer, since: datetime) -> Iterator[FirstContact]:
    """Yield whom a letter was written to, whatever came of it, unless it was taken back unanswered."""
    query = (
        select(
            INQUIRIES.c.need_id,
            INQUIRIES.c.researcher_id,
            StoredNeed.manager,
            StoredNeed.organisation_id,
        )
        .join(StoredNeed, StoredNeed.need_id == INQUIRIES.c.need_id)
        .where(
            visible_needs(viewer),
            StoredNeed.withdrawn_at.is_(None),
            INQUIRIES.c.asked_at >= since,
            or_(INQUIRIES.c.revoked_at.is_(None), INQUIRIES.c.answered_at.is_not(None)),
        )
    )
    return _of_needs(query, connection)


def _in_cases(connection: Connection, viewer: Viewer, since: datetime) -> Iterator[FirstContact]:
    passed = (
        select(DECISIONS.c.case_id, func.min(DECISIONS.c.decided_at).label("passed_at"))
        .where(DECISIONS.c.from_stage == DISCOVERY, DECISIONS.c.decision == GO)
        .group_by(DECISIONS.c.case_id)
        .subquery()
    )
    is_imported = and_(
        passed.c.passed_at.is_(None), CASES.c.stage != DISCOVERY, CASES.c.opened_at >= since
    )
    query = (
        select(
            CASES.c.case_id,
            CASES.c.need_id,
            PEOPLE.c.researcher_id,
            CASES.c.manager,
            CASES.c.company,
            StoredNeed.manager.label("need_manager"),
            StoredNeed.organisation_id,
        )
        .join(PEOPLE, PEOPLE.c.case_id == CASES.c.case_id)
        .outerjoin(StoredNeed, StoredNeed.need_id == CASES.c.need_id)
        .outerjoin(passed, passed.c.case_id == CASES.c.case_id)
        .where(visible_cases(viewer), or_(passed.c.passed_at >= since, is_imported))
        .order_by(CASES.c.case_id)
    )
    for row in connection.execute(query).mappings():
        is_of_need = bool(row["need_id"])
        yield FirstContact(
            row["need_id"] or f"case {row['case_id']}",
            row["need_id"],
            row["researcher_id"],
            row["need_manager"] if is_of_need else row["manager"],
            row["organisation_id"] or "",
            "" if is_of_need else row["company"],
        )
