"""What a person is at work on: judged needs, cases of the ledger, and inquiries; what they reached, too.

Everything counts as far as the viewer sees its need, so that what is hidden changes nothing. Of a person and
a need the case speaks before the judgement, and both before the inquiry: nothing counts twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from sqlalchemy import Connection, Table, select

from catalogue.database.case_models import (
    COMPLETED,
    DECLINED,
    DISCOVERY,
    CasePerson,
    OfficeCase,
)
from catalogue.database.inquiry_models import INTERESTED
from catalogue.database.judgement_models import REACHED, StoredJudgement
from catalogue.database.models import OPEN, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.records.source_records import chunks
from office.access.rules import INQUIRE, may, visible_cases, visible_needs
from office.inquiries.kept import INQUIRIES, is_open
from office.projects.shares import ShareOfTime, shares_of

CASES = cast(Table, OfficeCase.__table__)
IN_CASES = cast(Table, CasePerson.__table__)
JUDGED = cast(Table, StoredJudgement.__table__)
NDA_REACHED = frozenset(REACHED[REACHED.index("nda") :])
IN_PROGRESS = frozenset(REACHED[REACHED.index("dialogue") :])  # a case takes time from there on
AHEAD = timedelta(days=183)  # half a year, in which shares of time are looked at
CASE_EVIDENCE, INQUIRY_EVIDENCE = "case:", "inquiry:"  # begin the ids of evidence
Pair = tuple[str, str]  # a person by their present id, and a need


@dataclass(frozen=True)
class Engagement:
    """Something that takes a person's time; `source` is as evidence names it, as in `case:3`.

    `need_id` is empty for a case without a need.
    """

    source: str
    need_id: str


@dataclass(frozen=True)
class Workload:
    """What a person is at work on, what they were asked about, and the needs for which an NDA was reached.

    `asked` are inquiries that wait for their answer, or were answered with interest, on needs of which
    nothing more came yet. `shares` are shares of their time in projects from today on.
    """

    running: tuple[Engagement, ...] = ()
    asked: tuple[Engagement, ...] = ()
    with_nda: frozenset[str] = frozenset()
    shares: tuple[ShareOfTime, ...] = ()


def workloads(
    connection: Connection, viewer: Viewer, homes: Mapping[str, str], today: date
) -> dict[str, Workload]:
    """Return the workload of people, by their present ids; `homes` leads from every id that they had.

    `connection` is of `reading_as(viewer)`. An inquiry waits through the last day of its link.
    """
    in_cases, with_case = _in_cases(connection, viewer, homes)
    stages, with_nda = _judged(connection, viewer, homes)
    running: defaultdict[str, list[Engagement]] = defaultdict(list)
    for (person, need_id), stage in sorted(stages.items()):
        if stage in IN_PROGRESS and (person, need_id) not in with_case:
            running[person].append(Engagement(f"need:{need_id}", need_id))
    for person, works in in_cases.items():
        running[person] += works
    asked = _asked(connection, viewer, homes, today, with_case | set(stages))
    shares = shares_of(connection, viewer, today, today + AHEAD, homes)
    people = {*running, *asked, *with_nda, *shares}
    return {
        person: Workload(
            tuple(running.get(person, ())),
            tuple(asked.get(person, ())),
            frozenset(with_nda.get(person, ())),
            tuple(shares.get(person, ())),
        )
        for person in people
    }


def _in_cases(
    connection: Connection, viewer: Viewer, homes: Mapping[str, str]
) -> tuple[dict[str, list[Engagement]], set[Pair]]:
    """Return the cases that take time, and of which people and needs there are cases, ended ones too.

    A case that is held takes time: people are kept free for it.
    """
    query = (
        select(IN_CASES.c.researcher_id, CASES.c.case_id, CASES.c.need_id)
        .add_columns(CASES.c.stage, CASES.c.state)
        .join(CASES, CASES.c.case_id == IN_CASES.c.case_id)
        .outerjoin(StoredNeed, StoredNeed.need_id == CASES.c.need_id)
        .where(IN_CASES.c.researcher_id.in_(sorted(homes)), visible_cases(viewer))
        .order_by(CASES.c.case_id)
    )
    found: defaultdict[str, dict[int, Engagement]] = defaultdict(
        dict
    )  # joined people were in one twice
    with_case: set[Pair] = set()
    for kept_id, case_id, need_id, stage, state in connection.execute(query):
        person = homes[kept_id]
        if need_id:
            with_case.add((person, need_id))
        if stage != DISCOVERY and state not in {DECLINED, COMPLETED}:
            found[person][case_id] = Engagement(f"{CASE_EVIDENCE}{case_id}", need_id)
    return {person: list(works.values()) for person, works in found.items()}, with_case


def _judged(
    connection: Connection, viewer: Viewer, homes: Mapping[str, str]
) -> tuple[dict[Pair, str], dict[str, set[str]]]:
    """Return the last stage of people in open needs, and the needs for which each reached an NDA."""
    query = (
        select(JUDGED.c.need_id, JUDGED.c.researcher_id, JUDGED.c.stage)
        .join(StoredNeed, StoredNeed.need_id == JUDGED.c.need_id)
        .where(
            JUDGED.c.researcher_id.in_(sorted(homes)),
            JUDGED.c.withdrawn_at.is_(None),
            JUDGED.c.stage != "",
            StoredNeed.status == OPEN,
            StoredNeed.withdrawn_at.is_(None),
            visible_needs(viewer),
        )
        .order_by(JUDGED.c.judged_at, JUDGED.c.judgement_id)
    )
    newest: dict[Pair, str] = {}
    with_nda: defaultdict[str, set[str]] = defaultdict(set)
    for need_id, kept_id, stage in connection.execute(query):
        newest[homes[kept_id], need_id] = stage
        if stage in NDA_REACHED:
            with_nda[homes[kept_id]].add(need_id)
    return newest, dict(with_nda)


def _asked(
    connection: Connection,
    viewer: Viewer,
    homes: Mapping[str, str],
    today: date,
    settled: Collection[Pair],
) -> dict[str, list[Engagement]]:
    """Return the inquiries that count: of a person and a need the last one that stands."""
    if not may(viewer, INQUIRE):
        return {}
    waits = is_open(datetime.combine(today, time.min, UTC)).label("waits")
    query = (
        select(INQUIRIES.c.researcher_id, INQUIRIES.c.need_id, INQUIRIES.c.inquiry_id)
        .add_columns(INQUIRIES.c.answer, waits)
        .join(StoredNeed, StoredNeed.need_id == INQUIRIES.c.need_id)
        .where(
            INQUIRIES.c.researcher_id.in_(sorted(homes)),
            INQUIRIES.c.revoked_at.is_(None),
            StoredNeed.status == OPEN,
            StoredNeed.withdrawn_at.is_(None),
            visible_needs(viewer),
        )
        .order_by(INQUIRIES.c.inquiry_id)
    )
    newest: dict[Pair, tuple[int, bool]] = {}
    for kept_id, need_id, inquiry_id, answer, is_waiting in connection.execute(query):
        counts = bool(is_waiting) or answer == INTERESTED
        newest[homes[kept_id], need_id] = (inquiry_id, counts)
    found: defaultdict[str, list[Engagement]] = defaultdict(list)
    for (person, need_id), (inquiry_id, counts) in sorted(newest.items()):
        if counts and (person, need_id) not in settled:
            found[person].append(Engagement(f"{INQUIRY_EVIDENCE}{inquiry_id}", need_id))
    return dict(found)


def seen_work(connection: Connection, viewer: Viewer, evidence: Iterable[str]) -> frozenset[str]:
    """Return the ids of cases and inquiries, of evidence as findings name it, that the viewer may see."""
    ids = sorted(set(evidence))
    cases = [int(one.removeprefix(CASE_EVIDENCE)) for one in ids if one.startswith(CASE_EVIDENCE)]
    asked = [one.removeprefix(INQUIRY_EVIDENCE) for one in ids if one.startswith(INQUIRY_EVIDENCE)]
    seen: set[str] = set()
    for chunk in chunks(cases):
        query = select(CASES.c.case_id).where(CASES.c.case_id.in_(chunk), visible_cases(viewer))
        of_need = query.outerjoin(StoredNeed, StoredNeed.need_id == CASES.c.need_id)
        seen |= {f"{CASE_EVIDENCE}{one}" for one in connection.execute(of_need).scalars()}
    for chunk in chunks([int(one) for one in asked] if may(viewer, INQUIRE) else []):
        query = select(INQUIRIES.c.inquiry_id).where(
            INQUIRIES.c.inquiry_id.in_(chunk),
            StoredNeed.withdrawn_at.is_(None),
            visible_needs(viewer),
        )
        of_need = query.join(StoredNeed, StoredNeed.need_id == INQUIRIES.c.need_id)
        seen |= {f"{INQUIRY_EVIDENCE}{one}" for one in connection.execute(of_need).scalars()}
    return frozenset(seen)
