"""What somebody manages: their needs, cases, shortlist, saved searches, and inquiries that are not done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, or_, select

from catalogue.database.delegation_models import (
    HANDED_KINDS,
    OF_CASE,
    OF_INQUIRY,
    OF_NEED,
    OF_SEARCH,
    OF_SHORTLIST,
)
from catalogue.database.inquiry_models import UNANSWERED, Inquiry
from catalogue.database.models import StoredNeed
from catalogue.database.service_models import SavedSearch, Shortlisted
from catalogue.database.viewer import Viewer
from office.access.rules import SEE_NEEDS, WORK_ON_CASES, may, visible_needs
from office.cases.kept import CASES, kept_cases, seen

INQUIRIES = cast(Table, Inquiry.__table__)
SEARCHES = cast(Table, SavedSearch.__table__)
SHORTLISTED = cast(Table, Shortlisted.__table__)
NAMED = 20  # of needs and of cases that a preview names


@dataclass(frozen=True)
class NamedThing:
    """A need or a case by its title."""

    object_id: str
    title: str = field(repr=False)
    lang: str


@dataclass(frozen=True)
class Holdings:
    """How much somebody manages of each kind, and the first needs and cases that the viewer sees."""

    counts: Mapping[str, int]
    named: Mapping[str, Sequence[NamedThing]]

    @property
    def total(self) -> int:
        """How many things there are in all."""
        return sum(self.counts.values())


def ids_held(connection: Connection, user_id: str) -> dict[str, list[str]]:
    """Return the ids of what a user manages, by kind; `connection` is the service's own."""
    needs = select(StoredNeed.need_id).where(
        StoredNeed.manager == user_id, StoredNeed.withdrawn_at.is_(None)
    )
    cases = select(CASES.c.case_id).where(CASES.c.manager == user_id)
    kept = select(SHORTLISTED.c.need_id, SHORTLISTED.c.researcher_id).where(
        SHORTLISTED.c.user_id == user_id
    )
    searches = select(SEARCHES.c.search_id).where(SEARCHES.c.user_id == user_id)
    inquiries = select(INQUIRIES.c.inquiry_id).where(
        INQUIRIES.c.asked_by == user_id, is_unfinished()
    )
    return {
        OF_NEED: sorted(connection.execute(needs).scalars()),
        OF_CASE: [str(one) for one in sorted(connection.execute(cases).scalars())],
        OF_SHORTLIST: sorted(entry_id(need, person) for need, person in connection.execute(kept)),
        OF_SEARCH: [str(one) for one in sorted(connection.execute(searches).scalars())],
        OF_INQUIRY: [str(one) for one in sorted(connection.execute(inquiries).scalars())],
    }


def holdings_of(
    connection: Connection, viewer: Viewer, user_id: str, held: Mapping[str, Sequence[str]]
) -> Holdings:
    """Return what a preview shows of `ids_held`: counts, and titles of what the viewer sees."""
    named: dict[str, Sequence[NamedThing]] = dict.fromkeys(HANDED_KINDS, ())
    if may(viewer, SEE_NEEDS):
        columns = StoredNeed.need_id, StoredNeed.title, StoredNeed.lang
        needs = select(*columns).where(
            StoredNeed.manager == user_id, StoredNeed.withdrawn_at.is_(None), visible_needs(viewer)
        )
        rows = connection.execute(needs.order_by(StoredNeed.need_id).limit(NAMED))
        named[OF_NEED] = tuple(NamedThing(*row) for row in rows)
    if may(viewer, WORK_ON_CASES):
        theirs = seen(viewer).where(CASES.c.manager == user_id).order_by(CASES.c.case_id)
        cases = kept_cases(connection, viewer, theirs.limit(NAMED))
        named[OF_CASE] = tuple(NamedThing(str(one.case_id), one.title, one.lang) for one in cases)
    return Holdings({kind: len(held[kind]) for kind in HANDED_KINDS}, named)


def is_unfinished() -> ColumnElement[bool]:
    """Return the condition on inquiries that wait for their answer, or whose answer nobody took note of."""
    waiting = (INQUIRIES.c.answer == UNANSWERED) & INQUIRIES.c.revoked_at.is_(None)
    return or_(waiting, (INQUIRIES.c.answer != UNANSWERED) & INQUIRIES.c.noted_at.is_(None))


def entry_id(need_id: str, researcher_id: str) -> str:
    """Return the id of an entry of a shortlist."""
    return json.dumps([need_id, researcher_id], ensure_ascii=False)


def entry_of(object_id: str) -> tuple[str, str]:
    """Return the need and the researcher of an entry of a shortlist."""
    found: Any = json.loads(object_id)
    return str(found[0]), str(found[1])
