"""What the records of NDAs say of a case: whether one holds with its company, whatever was answered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from office.cases.gates import MET, NDA_HOLDS, NOT_APPLICABLE, UNMET, Looked
from office.cases.kept import KeptCase
from office.companies.ndas import KeptNda, nda_holding
from office.needs.reading import need_of


def nda_of_case(
    connection: Connection, viewer: Viewer, case: KeptCase, today: date
) -> KeptNda | None:
    """Return the NDA with a case's company that holds on a day, for its need or for all of them."""
    if not case.organisation_id:
        return None
    return nda_holding(connection, need_of(connection, viewer, case.need_id), today)


def told_by_records(
    connection: Connection,
    viewer: Viewer,
    case: KeptCase,
    looked: Iterable[Looked],
    today: date,
) -> tuple[Looked, ...]:
    """Return what is looked at, the NDA as it is recorded; that none is needed may be answered.

    A company of which a name alone is known has no records: there it stays as it was answered.
    """
    found = tuple(looked)
    if not case.organisation_id or all(one.criterion.id != NDA_HOLDS for one in found):
        return found
    holds = nda_of_case(connection, viewer, case, today) is not None
    return tuple(_told(one, holds=holds) for one in found)


def _told(one: Looked, *, holds: bool) -> Looked:
    if one.criterion.id != NDA_HOLDS or (not holds and one.answer == NOT_APPLICABLE):
        return one
    return replace(one, answer=MET if holds else UNMET)
