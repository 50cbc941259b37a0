"""What a viewer judges of a need's researchers, and which judgements they are shown.

The office sees all judgements of a need that it sees; a portal sees what it judged itself.
"""

from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from enmusubi.matcher.access import audit
from enmusubi.matcher.access.reading import need_of
from enmusubi.matcher.access.rules import JUDGE, require
from enmusubi.matcher.access.viewer import MACHINE, PORTAL, Viewer
from enmusubi.matcher.catalogue.drafts import ADDED
from enmusubi.matcher.catalogue.judgement_models import API
from enmusubi.matcher.catalogue.judgements import (
    Judgement,
    Recorded,
    judgements,
    record_judgement,
    standing,
)


def judge_id(viewer: Viewer) -> str:
    """Return what stands for a viewer in judgements: a login, or `machine:` and an id."""
    return viewer.owner if viewer.kind == MACHINE else viewer.viewer_id


def judge(connection: Connection, viewer: Viewer, judgement: Judgement) -> Recorded:
    """Record what the viewer judges of a need that they see, and write that into the audit trail.

    Who judged is the viewer, whatever the judgement says. Raises ForbiddenError, UnknownIdError and
    InputError.
    """
    require(viewer, JUDGE)
    need_of(connection, viewer, judgement.need_id)
    theirs = replace(judgement, judged_by=judge_id(viewer), origin=API)
    recorded = record_judgement(connection, theirs)
    if recorded.change == ADDED:
        codes = {name: getattr(theirs, name) for name in ("verdict", "reason", "stage")}
        told = {"researcher_id": recorded.researcher_id, **codes}
        audit.record(connection, viewer, "judge", "need", judgement.need_id, **told)
    return recorded


def standing_judgements(
    connection: Connection, viewer: Viewer, need_id: str
) -> list[dict[str, Any]]:
    """Return the latest judgement of every researcher judged for a need, in the order of time.

    Each has the JUDGEMENT_COLUMNS of `enmusubi.matcher.catalogue.judgements`.
    """
    require(viewer, JUDGE)
    need_of(connection, viewer, need_id)
    frame = judgements(connection, history=True, need_id=need_id)
    if viewer.role == PORTAL:
        frame = frame[frame["judged_by"].eq(judge_id(viewer)) & frame["origin"].eq(API)]
    rows = standing(frame).to_dict("records")
    return [_read({str(name): value for name, value in row.items()}) for row in rows]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    rank = None if pd.isna(row["rank"]) else int(row["rank"])
    return {**row, "judged_at": row["judged_at"].to_pydatetime(), "rank": rank}
