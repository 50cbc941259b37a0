"""What the office judges of a need and a researcher: checked, stored with the rank shown, read.

Nothing is deleted: a later judgement of the same pair supersedes an earlier one, and one that is
withdrawn is kept and counts no more, so that the one before it stands again. Judgements of people
who were joined or told apart follow the ids that these have now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection, Table, insert, select, update

from catalogue.database.judgement_models import (
    COMMAND,
    DECLINED,
    NOT_SUITABLE,
    ORIGINS,
    REASONS,
    STAGES,
    SUITABLE,
    VERDICTS,
    StoredJudgement,
)
from catalogue.identity.links import homes_of, rows_of
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH, check_need, current_id
from catalogue.records.drafts import ADDED, UNCHANGED, Rejection
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.messages import FIELD, REASON, Message, word, words

JUDGEMENT = cast(Table, StoredJudgement.__table__)
MAX_NAME_CHARS = 200
MAX_AHEAD = timedelta(days=1)  # clocks and time zones differ
BACK = timedelta(days=3650)  # so far a clock may have gone back
JUDGEMENT_COLUMNS = (
    "judgement_id",
    "need_id",
    "researcher_id",
    "verdict",
    "reason",
    "stage",
    "reached",
    "judged_by",
    "judged_at",
    "list_id",
    "rank",
    "origin",
)


@dataclass(frozen=True)
class Judgement:
    """What a user says of a pair; what is empty stays as it was judged before.

    A stage alone means that the two went on, so the researcher is suitable. `judged_at` None means
    now; `shown_until` is the latest time at which the list may have been shown, else `judged_at`.
    """

    need_id: str
    researcher_id: str
    verdict: str = ""
    reason: str = ""
    stage: str = ""
    judged_by: str = ""
    judged_at: datetime | None = None
    shown_until: datetime | None = None
    origin: str = COMMAND


@dataclass(frozen=True)
class Recorded:
    """What became of a judgement: added or unchanged, of whom, and at which rank they were shown."""

    change: str
    researcher_id: str
    rank: int | None


def find_fault(judgement: Judgement) -> Rejection | None:
    """Return the field that cannot be taken and why, without its value; None for a whole one."""
    return next(_faults(judgement), None)


def _faults(judgement: Judgement) -> Iterator[Rejection]:
    allowed = {"verdict": VERDICTS, "reason": REASONS, "stage": STAGES, "origin": ORIGINS}
    for name, values in allowed.items():
        given = getattr(judgement, name)
        if given and given not in values:
            message = Message("not one of %(choices)s", {"choices": words(REASON, values)})
            yield Rejection(name, message)
    if not judgement.verdict and not judgement.stage:
        message = Message("neither a verdict (suitable, not_suitable) nor a stage is given")
        yield Rejection("verdict", message)
    if judgement.verdict == NOT_SUITABLE and not judgement.reason:
        message = Message(
            "missing; why not suitable? One of %(reasons)s", {"reasons": words(REASON, REASONS)}
        )
        yield Rejection("reason", message)
    if judgement.verdict != NOT_SUITABLE and judgement.reason:
        message = Message("given, but only a verdict not_suitable has one")
        yield Rejection("reason", message)
    who = judgement.judged_by
    if len(who) > MAX_NAME_CHARS or not who.isprintable():
        message = Message(
            "not an id on one line of at most %(most)s characters", {"most": MAX_NAME_CHARS}
        )
        yield Rejection("judged_by", message)
    if judgement.judged_at and judgement.judged_at > datetime.now(UTC) + MAX_AHEAD:
        yield Rejection("judged_at", Message("in the future"))


def record_judgement(
    connection: Connection, judgement: Judgement, *, by_itself: bool = False
) -> Recorded:
    """Store a judgement with the rank at which the person was last shown for the need.

    What it leaves unsaid it takes from the judgement before, `by_itself` from its own judge's alone.
    One that says what is known already is not stored again. Raises InputError for a judgement that
    contradicts itself, UnknownIdError for a need or researcher that the catalogue does not have.
    """
    if fault := find_fault(judgement):
        raise InputError(
            "%(field)s: %(reason)s.", field=word(FIELD, fault.field), reason=fault.message
        )
    check_need(connection, judgement.need_id)
    row = rows_of(connection, [judgement.researcher_id]).get(judgement.researcher_id)
    if row is None:
        raise UnknownIdError(
            "No researcher has the id %(id)r. Match lists show the ids.",
            id=judgement.researcher_id,
        )
    homes = sorted(homes_of(connection, [row]))
    at = (judgement.judged_at or datetime.now(UTC)).astimezone(UTC)
    if judgement.judged_at is None:
        at = _after_all(connection, judgement.need_id, homes, at)
    before = _before(connection, judgement.need_id, homes, at)
    theirs = judgement.judged_by if by_itself else None
    said = _said(judgement, _before(connection, judgement.need_id, homes, at, theirs))
    if before and _is_known(said, before, judgement.judged_at):
        return Recorded(UNCHANGED, row, before["rank"])
    until = (judgement.shown_until or at).astimezone(UTC)
    list_id, rank = _place(connection, judgement.need_id, homes, until)
    ids = {"need_id": judgement.need_id, "researcher_id": row, "list_id": list_id, "rank": rank}
    connection.execute(
        insert(JUDGEMENT).values(**said, **ids, judged_at=at, origin=judgement.origin)
    )
    return Recorded(ADDED, row, rank)


def withdraw_judgement(
    connection: Connection, need_id: str, researcher_id: str, judged_by: str
) -> bool:
    """Withdraw the latest judgement of a pair, so that the one before it stands again.

    Returns whether there was one by that judge; another's is left as it is.
    """
    row = rows_of(connection, [researcher_id]).get(researcher_id)
    homes = sorted(homes_of(connection, [row])) if row else []
    latest = _before(connection, need_id, homes, datetime.now(UTC) + MAX_AHEAD)
    if latest is None or latest["judged_by"] != judged_by:
        return False
    this = JUDGEMENT.c.judgement_id == latest["judgement_id"]
    connection.execute(update(JUDGEMENT).where(this).values(withdrawn_at=datetime.now(UTC)))
    return True


def _after_all(
    connection: Connection, need_id: str, homes: Sequence[str], now: datetime
) -> datetime:
    """Return now, or the moment after the latest judgement of a pair, if the clock went back since.

    What is said last must stand, whatever the clock says.
    """
    latest = _before(connection, need_id, homes, now + BACK)
    if latest is None or latest["judged_at"] < now:
        return now
    return cast(datetime, latest["judged_at"]) + timedelta(microseconds=1)


def _before(
    connection: Connection,
    need_id: str,
    homes: Sequence[str],
    at: datetime,
    judged_by: str | None = None,
) -> Any:
    query = select(JUDGEMENT).where(
        JUDGEMENT.c.need_id == need_id,
        JUDGEMENT.c.researcher_id.in_(homes),
        JUDGEMENT.c.judged_at <= at,
        JUDGEMENT.c.withdrawn_at.is_(None),
    )
    if judged_by is not None:
        query = query.where(JUDGEMENT.c.judged_by == judged_by)
    latest = query.order_by(JUDGEMENT.c.judged_at.desc(), JUDGEMENT.c.judgement_id.desc())
    return connection.execute(latest.limit(1)).mappings().first()


def _said(judgement: Judgement, before: Any) -> dict[str, str]:
    """Return verdict, reason, stage and judge, with what was known where nothing is said anew."""
    verdict, reason = judgement.verdict, judgement.reason
    if not verdict:
        stays = before is not None and judgement.stage == DECLINED
        verdict, reason = (before["verdict"], before["reason"]) if stays else (SUITABLE, "")
    stage = judgement.stage or (before["stage"] if before else "")
    return {
        "verdict": verdict,
        "reason": reason,
        "stage": stage,
        "judged_by": judgement.judged_by,
    }


def _is_known(said: dict[str, str], before: Any, judged_at: datetime | None) -> bool:
    same = all(before[name] == value for name, value in said.items())
    return same and (judged_at is None or before["judged_at"] == judged_at)


def _place(
    connection: Connection, need_id: str, homes: Sequence[str], until: datetime
) -> tuple[int | None, int | None]:
    """Return the latest list of the need that held the person, and the rank there."""
    query = (
        select(SHOWN_LIST.c.list_id, SHOWN_MATCH.c.rank)
        .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
        .where(
            SHOWN_LIST.c.need_id == need_id,
            SHOWN_LIST.c.shown_at <= until,
            SHOWN_MATCH.c.researcher_id.in_(homes),
        )
        .order_by(SHOWN_LIST.c.shown_at.desc(), SHOWN_LIST.c.list_id.desc(), SHOWN_MATCH.c.rank)
    )
    found = connection.execute(query.limit(1)).first()
    return (int(found[0]), int(found[1])) if found else (None, None)


def judgements(connection: Connection, *, history: bool = False, need_id: str = "") -> pd.DataFrame:
    """Return the judgements that stand, or all of them: JUDGEMENT_COLUMNS, in the order of time.

    Withdrawn ones are left out. `need_id` asks for those of one need. `researcher_id` is the id that
    the person has now.
    `reached` is the stage, the one before it of a pair that was declined or where a judgement says
    nothing of a stage; empty where nothing is known. `list_id` and `rank` may be missing.
    """
    stored = JUDGEMENT.c
    person = current_id(stored.researcher_id).label("researcher_id")
    own = {"researcher_id", "withdrawn_at"}
    query = (
        select(*(column for column in stored if column.name not in own), person)
        .where(stored.withdrawn_at.is_(None))
        .order_by(stored.judged_at, stored.judgement_id)
    )
    if need_id:
        query = query.where(stored.need_id == need_id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    frame = pd.DataFrame(rows, columns=[n for n in JUDGEMENT_COLUMNS if n != "reached"])
    frame["judged_at"] = pd.to_datetime(frame["judged_at"], utc=True)
    frame = frame.astype({"judgement_id": "int64", "list_id": "Int64", "rank": "Int64"})
    pair = ["need_id", "researcher_id"]
    stages = frame["stage"].mask(frame["stage"].isin(["", DECLINED]))
    frame["reached"] = stages.groupby([frame[name] for name in pair]).ffill().fillna("")
    frame = frame[list(JUDGEMENT_COLUMNS)]
    return frame if history else standing(frame)


def standing(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the latest judgement of each pair of those given, in the order of time."""
    latest = frame.drop_duplicates(["need_id", "researcher_id"], keep="last")
    return latest.reset_index(drop=True)
