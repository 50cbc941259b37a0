"""Clearances as they are kept and read: by the office as far as each sees the need and what was found.

A clearance tells that something was found, so one that rests alone on seeds, needs, cases and inquiries
which its reader may not see is shown to nobody but its role, the chief and who asked; of evidence each sees
what they may. What was decided of declared interests, and on which, is for those who read these.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, true

from catalogue.database.delegation_models import OF_GATES
from catalogue.database.models import Seed, StoredNeed
from catalogue.database.screening_models import REFUSED, WAITING, Clearance
from catalogue.database.viewer import CHIEF, StandIn, Viewer
from catalogue.identity.links import rows_of
from catalogue.records.source_records import chunks
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import (
    READ_INTERESTS,
    SEE_SCREENING,
    may,
    require,
    visible_needs,
    visible_seeds,
)
from office.delegations.standing_in import absent, decided_for
from office.needs.reading import visible_need_ids
from office.screening.findings import Finding
from office.screening.rule_book import DECLARED
from office.screening.workload import CASE_EVIDENCE, INQUIRY_EVIDENCE, seen_work

CLEARANCES = cast(Table, Clearance.__table__)
UNKNOWN_CLEARANCE = N_("No clearance has that number, or none that you may see.")
ALL = "all"
SEED_EVIDENCE, NEED_EVIDENCE = "seed:", "need:"
NOT_FOR_ALL = (SEED_EVIDENCE, NEED_EVIDENCE, CASE_EVIDENCE, INQUIRY_EVIDENCE)  # begin such ids
_MOST = 2**63 - 1


@dataclass(frozen=True)
class KeptClearance:
    """What was asked, and what was decided; `holds` says whether a release may rest on it today."""

    clearance_id: int
    need_id: str
    researcher_id: str
    rule_id: str
    role: str
    evidence: frozenset[str]
    asked_by: str
    asked_at: datetime
    decision: str
    reason: str = field(repr=False)
    valid_until: date | None
    decided_by: str
    decided_at: datetime | None
    revoked_by: str
    revoked_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether nothing was decided yet."""
        return self.decision == WAITING and self.revoked_at is None

    def holds(self, today: date) -> bool:
        """Return whether the decision stands on that day."""
        lasts = self.valid_until is None or self.valid_until >= today
        return self.decision != WAITING and self.revoked_at is None and lasts


@dataclass(frozen=True)
class Decided:
    """The decisions on a need that hold, by the researcher's present id and the rule."""

    by_rule: dict[tuple[str, str], list[KeptClearance]] = field(default_factory=dict)

    def of(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings with what was decided of them; a refusal counts before a clearance."""
        return [self._told(finding) for finding in findings]

    def _told(self, finding: Finding) -> Finding:
        kept = self.by_rule.get((finding.researcher_id, finding.shown_rule), [])
        fitting = [one for one in kept if one.evidence >= set(finding.evidence)]
        if not fitting:
            return finding
        chosen = max(fitting, key=lambda one: (one.decision == REFUSED, one.clearance_id))
        return replace(finding, decision=chosen.decision, clearance_id=chosen.clearance_id)


def decisions_on(connection: Connection, need_id: str, today: date) -> Decided:
    """Return the decisions on a need that hold on a day; a query, and another for people who were joined."""
    query = select(CLEARANCES).where(
        CLEARANCES.c.need_id == need_id,
        CLEARANCES.c.decision != WAITING,
        CLEARANCES.c.revoked_at.is_(None),
    )
    kept = [as_kept(row) for row in connection.execute(query).mappings()]
    now = rows_of(connection, {one.researcher_id for one in kept}) if kept else {}
    found: defaultdict[tuple[str, str], list[KeptClearance]] = defaultdict(list)
    for one in kept:
        if one.holds(today):
            person = now.get(one.researcher_id, one.researcher_id)
            found[person, one.rule_id].append(one)
    return Decided(dict(found))


def may_clear(viewer: Viewer, role: str) -> bool:
    """Return whether a viewer decides what a rule's role decides; the chief decides all."""
    return viewer.role in {CHIEF, role}


def cleared_for(viewer: Viewer, role: str) -> StandIn | None:
    """Return in whose place a viewer decides what a rule's role decides; None in their own right, or not."""
    return decided_for(viewer, (CHIEF, role))


def decides_on(viewer: Viewer, role: str) -> bool:
    """Return whether a viewer decides what a rule's role decides, or stands in for somebody who does."""
    return may_clear(viewer, role) or cleared_for(viewer, role) is not None


def clearance_of(connection: Connection, viewer: Viewer, clearance_id: int) -> KeptClearance:
    """Return one; raises ForbiddenError, and UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_SCREENING)
    query = _seen(viewer).where(CLEARANCES.c.clearance_id == min(clearance_id, _MOST))
    found = _as_seen(connection, viewer, connection.execute(query).mappings().all())
    if not found:
        raise UnknownIdError(UNKNOWN_CLEARANCE)
    return found[0]


def clearances_page(
    connection: Connection,
    viewer: Viewer,
    *,
    which: str = "waiting",
    need_id: str = "",
    rule_id: str = "",
    own_role: bool = False,
    after: str = "",
    limit: int = 50,
) -> Page[KeptClearance]:
    """Return clearances of needs that the viewer sees, the newest first; raises ForbiddenError.

    `which` is `waiting`, `cleared`, `refused` or `all`; `own_role` leaves out what another role decides.
    What rests on nothing that the viewer may see is left out (`_as_seen`).
    """
    require(viewer, SEE_SCREENING)
    query = _seen(viewer)
    if which != ALL:
        query = query.where(CLEARANCES.c.revoked_at.is_(None))
        query = query.where(CLEARANCES.c.decision == (WAITING if which == "waiting" else which))
    if need_id:
        query = query.where(CLEARANCES.c.need_id == need_id)
    if rule_id:
        query = query.where(CLEARANCES.c.rule_id == rule_id)
    if own_role:
        query = query.where(_of_roles(viewer))
    seen: list[KeptClearance] = []
    while (
        True
    ):  # what may not be seen is left out of the rows: the page is filled with those behind
        rows, after = rows_by_id(
            connection,
            query,
            CLEARANCES.c.clearance_id,
            after=after,
            limit=limit - len(seen),
            newest_first=True,
        )
        seen += _as_seen(connection, viewer, rows)
        if not after or len(seen) == limit:
            return Page(tuple(seen), after)


def waiting_for_role(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `clearance` rows for those that wait for the viewer's decision."""
    waits = and_(CLEARANCES.c.decision == WAITING, CLEARANCES.c.revoked_at.is_(None))
    return and_(waits, _of_roles(viewer))


def _of_roles(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition for what the viewer's role decides, and that of those whom they stand in for.

    It is of clearances joined with their needs: in another's place, of needs that both see.
    """
    deciding = (one for one in viewer.stands_in if OF_GATES in one.what)
    in_place = (and_(_of_role(one.role), visible_needs(absent(one))) for one in deciding)
    return or_(_of_role(viewer.role), *in_place)


def _of_role(role: str) -> ColumnElement[bool]:
    return true() if role == CHIEF else CLEARANCES.c.role == role


def _seen(viewer: Viewer) -> Any:
    joined = select(CLEARANCES).join(StoredNeed, StoredNeed.need_id == CLEARANCES.c.need_id)
    return joined.where(visible_needs(viewer), StoredNeed.withdrawn_at.is_(None))


def _as_seen(
    connection: Connection, viewer: Viewer, rows: Sequence[Any]
) -> tuple[KeptClearance, ...]:
    """Return what of rows the viewer may see; those that rest on nothing they see are left out."""
    kept = [as_kept(row) for row in rows]
    hidden = _hidden(connection, viewer, {its_id for one in kept for its_id in one.evidence})
    seen = []
    for one in kept:
        asks = may_clear(viewer, one.role) or one.asked_by == viewer.viewer_id
        if one.evidence and one.evidence <= hidden and not asks:
            continue
        if one.rule_id == DECLARED and not may(viewer, READ_INTERESTS):
            seen.append(replace(one, evidence=frozenset(), reason=""))
        else:
            seen.append(replace(one, evidence=one.evidence - hidden))
    return tuple(seen)


def _hidden(connection: Connection, viewer: Viewer, evidence: Iterable[str]) -> frozenset[str]:
    """Return the evidence that is of seeds, needs, cases and inquiries which the viewer may not see."""
    ids = [one for one in evidence if one.startswith(NOT_FOR_ALL)]
    seeds = [one.removeprefix(SEED_EVIDENCE) for one in ids if one.startswith(SEED_EVIDENCE)]
    needs = [one.removeprefix(NEED_EVIDENCE) for one in ids if one.startswith(NEED_EVIDENCE)]
    seen = set()
    for chunk in chunks(sorted(seeds)):
        query = select(Seed.seed_id).where(Seed.seed_id.in_(chunk), visible_seeds(viewer))
        seen |= {f"{SEED_EVIDENCE}{one}" for one in connection.execute(query).scalars()}
    shown = visible_need_ids(connection, viewer, needs)
    seen |= {f"{NEED_EVIDENCE}{one}" for one in shown}
    return frozenset(ids) - seen - seen_work(connection, viewer, ids)


def as_kept(row: Any) -> KeptClearance:
    """Return a row of CLEARANCES, with all that stands in it."""
    values = {name: row[name] for name in CLEARANCES.columns.keys()}  # noqa: SIM118
    return KeptClearance(**{**values, "evidence": frozenset(row["evidence"].split())})
