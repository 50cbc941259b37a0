"""What a viewer judges of a need's researchers, and which judgements they are shown.

The office sees all judgements of a need that it sees; a portal sees what it judged itself, and nothing
in it that the office said. A rank in a list that a user was shown may owe to confidential seeds: who
may not be shown those is told of ranks in the nights' lists alone, which public seeds make.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from catalogue.database.judgement_models import API, NIGHTLY
from catalogue.database.viewer import MACHINE, OF_MEMBER, PORTAL, Viewer
from catalogue.judgements.judgements import (
    Judgement,
    Recorded,
    judgements,
    record_judgement,
    standing,
    withdraw_judgement,
)
from catalogue.judgements.shown_lists import SHOWN_LIST
from catalogue.records.drafts import ADDED
from catalogue.records.source_records import chunks
from matcher.records import CONFIDENTIAL
from office.access import audit
from office.access.rules import JUDGE, matched_visibilities, require
from office.needs.reading import need_of


def judge_id(viewer: Viewer) -> str:
    """Return what stands for a viewer in judgements: a login, or `machine:` or `member:` and an id."""
    return viewer.owner if viewer.kind in {MACHINE, OF_MEMBER} else viewer.viewer_id


def judge(connection: Connection, viewer: Viewer, judgement: Judgement) -> Recorded:
    """Record what the viewer judges of a need that they see, and write that into the audit trail.

    Who judged is the viewer, whatever the judgement says. Raises ForbiddenError, UnknownIdError and
    InputError.
    """
    require(viewer, JUDGE)
    need_of(connection, viewer, judgement.need_id)
    theirs = replace(judgement, judged_by=judge_id(viewer), origin=API)
    recorded = record_judgement(connection, theirs, by_itself=viewer.role == PORTAL)
    if recorded.change == ADDED:
        codes = {name: getattr(theirs, name) for name in ("verdict", "reason", "stage")}
        told = {"researcher_id": recorded.researcher_id, **codes}
        audit.record(connection, viewer, "judge", "need", judgement.need_id, **told)
    return recorded


def withdraw(connection: Connection, viewer: Viewer, need_id: str, researcher_id: str) -> bool:
    """Take back the viewer's own latest judgement; what was judged before stands again.

    Returns whether there was one to take back: another's is not. Raises ForbiddenError and
    UnknownIdError.
    """
    require(viewer, JUDGE)
    need_of(connection, viewer, need_id)
    withdrawn = withdraw_judgement(connection, need_id, researcher_id, judge_id(viewer))
    if withdrawn:
        audit.record(connection, viewer, "unjudge", "need", need_id, researcher_id=researcher_id)
    return withdrawn


def standing_judgements(
    connection: Connection, viewer: Viewer, need_id: str
) -> list[dict[str, Any]]:
    """Return the latest judgement of every researcher judged for a need, in the order of time.

    Each has the JUDGEMENT_COLUMNS of `catalogue.judgements.judgements`.
    """
    require(viewer, JUDGE)
    need_of(connection, viewer, need_id)
    frame = judgements(connection, history=True, need_id=need_id)
    if viewer.role == PORTAL:
        frame = frame[frame["judged_by"].eq(judge_id(viewer)) & frame["origin"].eq(API)]
    else:  # a portal's judgement may say nothing of a stage that the office knows
        frame = frame.assign(stage=frame["stage"].where(frame["stage"].ne(""), frame["reached"]))
    frame = standing(frame)
    told = _told(connection, viewer, [int(found) for found in frame["list_id"].dropna()])
    rows = frame.to_dict("records")
    return [_read({str(name): value for name, value in row.items()}, told) for row in rows]


def _told(connection: Connection, viewer: Viewer, list_ids: Sequence[int]) -> frozenset[int]:
    """Return those of the lists in which the viewer may be told a rank."""
    if CONFIDENTIAL in matched_visibilities(viewer):
        return frozenset(list_ids)
    found: set[int] = set()
    for chunk in chunks(sorted(set(list_ids))):
        query = select(SHOWN_LIST.c.list_id).where(SHOWN_LIST.c.list_id.in_(chunk))
        found |= set(connection.execute(query.where(SHOWN_LIST.c.source == NIGHTLY)).scalars())
    return frozenset(found)


def _read(row: dict[str, Any], told: frozenset[int]) -> dict[str, Any]:
    rank = int(row["rank"]) if row["list_id"] in told and not pd.isna(row["rank"]) else None
    return {**row, "judged_at": row["judged_at"].to_pydatetime(), "rank": rank}
