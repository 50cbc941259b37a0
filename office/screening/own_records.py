"""What the office recorded of a researcher, as they read it themselves on their own page.

Nobody else reads it here: declared interests are for the chief and legal managers, on a need's screening.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from catalogue.database.screening_models import (
    CONTRACT_END,
    LEAVE,
    NOT_BEFORE,
    RETIREMENT,
    RUNNING,
    TEACHING,
)
from catalogue.database.viewer import Viewer
from catalogue.identity.links import homes_of
from enmusubi.messages import N_, Message, word
from office.access.rules import SEE_RESEARCHERS, may
from office.access.scoped import without_row_security
from office.screening.conflicts import (
    KINDS_OF_INTEREST,
    SCREENING_WORDS,
    period_and_amount,
    period_of,
)
from office.screening.screened_facts import INTERESTS, LIMITS, standing_rows

KINDS_OF_LIMIT = {
    RUNNING: "most cases at a time",
    LEAVE: "leave",
    RETIREMENT: "retirement",
    CONTRACT_END: "end of the contract",
    NOT_BEFORE: "new work not before",
    TEACHING: "lessons a week",
}
OWN_INTEREST = N_("%(company)s: %(kind)s, %(period)s")
OWN_LIMIT = N_("%(kind)s, %(period)s")
OWN_NUMBER = N_("%(kind)s: %(count)s, %(period)s")


@dataclass(frozen=True)
class OwnRecord:
    """A declaration or a limit in a sentence, with its remark and the day on which it was recorded."""

    told: Message
    remark: str
    recorded_on: str


@dataclass(frozen=True)
class OwnRecords:
    """What was recorded of somebody and stands."""

    interests: tuple[OwnRecord, ...]
    limits: tuple[OwnRecord, ...]


def own_records(connection: Connection, viewer: Viewer, researcher_id: str) -> OwnRecords | None:
    """Return what was recorded of the viewer; None where the page, by its present id, is not theirs."""
    if not (viewer.researcher_id and may(viewer, SEE_RESEARCHERS)):
        return None
    homes = {researcher_id: researcher_id, **homes_of(connection, [researcher_id])}
    if viewer.researcher_id not in homes:
        return None
    with without_row_security(connection):
        interests = standing_rows(connection, INTERESTS, homes).get(researcher_id, ())
        limits = standing_rows(connection, LIMITS, homes).get(researcher_id, ())
    return OwnRecords(
        tuple(_record(row, _interest(row)) for row in interests),
        tuple(_record(row, _limit(row)) for row in limits),
    )


def _record(row: RowMapping, told: Message) -> OwnRecord:
    return OwnRecord(told, row["remark"], row["recorded_at"].date().isoformat())


def _interest(row: RowMapping) -> Message:
    kind = word(SCREENING_WORDS, KINDS_OF_INTEREST[row["kind"]])
    said = {"company": row["organisation"], "kind": kind, "period": period_and_amount(row)}
    return Message(OWN_INTEREST, said)


def _limit(row: RowMapping) -> Message:
    kind = word(SCREENING_WORDS, KINDS_OF_LIMIT[row["kind"]])
    said = {"kind": kind, "period": period_of(row["since"], row["until"])}
    if row["amount"] is None:
        return Message(OWN_LIMIT, said)
    return Message(OWN_NUMBER, {**said, "count": row["amount"]})
