"""Which match lists the office was shown: recorded as they are shown, read as one table.

Holds ids, ranks and scores only. A list that is shown again just as it was is not recorded again.
"""

from datetime import UTC, datetime
from typing import Any, cast

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, update

from catalogue.database.judgement_models import LIST_SOURCES, ShownList, ShownMatch
from catalogue.database.models import StoredNeed
from catalogue.identity.links import rows_of
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.source_records import RECORD
from enmusubi.errors import InputError, UnknownIdError
from matcher.records import MatchList

SHOWN_LIST = cast(Table, ShownList.__table__)
SHOWN_MATCH = cast(Table, ShownMatch.__table__)
SHOWN_COLUMNS = ("list_id", "need_id", "researcher_id", "rank", "shown_at")


def record_shown(
    catalogue: Catalogue,
    matches: MatchList,
    source: str,
    *,
    top: int | None = None,
    now: datetime | None = None,
) -> int:
    """Record that a need's match list is shown; returns the number of the recorded list.

    `top` is how many were asked for. If the need's newest list of that source was the same, its
    number is returned. People whom the catalogue does not know (a list of an old index) are left
    out. Raises UnknownIdError for a need that is not in the catalogue, InputError for a source.
    """
    if source not in LIST_SOURCES:
        raise InputError(
            "No list has source %(source)r: expected %(known)s.",
            source=source,
            known=", ".join(LIST_SOURCES),
        )
    asked = len(matches.matches) if top is None else top
    with catalogue.writing() as connection:
        check_need(connection, matches.need_id)
        people = _people(connection, matches)
        newest = _newest(connection, matches.need_id, source)
        made_by = (matches.index_version, matches.reranker, asked)
        about = {"field_id": next(iter(matches.fields), ""), "fits_nobody": matches.fits_nobody}
        if newest and newest[1:] == made_by and _listed(connection, newest[0]) == people:
            this = SHOWN_LIST.c.list_id == newest[0]
            connection.execute(update(SHOWN_LIST).where(this).values(about))
            return int(newest[0])
        shown_at = now or datetime.now(UTC)
        made = (matches.need_id, *made_by, source)
        return _insert(connection, made, shown_at, people, about)


def check_need(connection: Connection, need_id: str) -> None:
    """Raise UnknownIdError unless the catalogue has the need: others cannot be judged."""
    query = select(StoredNeed.need_id).where(StoredNeed.need_id == need_id)
    if not need_id or connection.execute(query).first() is None:
        raise UnknownIdError(
            "No need has the id %(id)r: only needs of the catalogue can be judged. "
            "Import it with `enmusubi import general FILE` first.",
            id=need_id,
        )


_Person = tuple[int, str, float, float | None]  # rank, researcher, score, probability


def _people(connection: Connection, matches: MatchList) -> list[_Person]:
    known = rows_of(connection, [match.researcher.researcher_id for match in matches.matches])
    return [
        (match.rank, match.researcher.researcher_id, match.score, match.probability)
        for match in sorted(matches.matches, key=lambda match: match.rank)
        if match.researcher.researcher_id in known
    ]


def _newest(connection: Connection, need_id: str, source: str) -> Any:
    names = ("list_id", "index_version", "reranker", "top")
    query = select(*(SHOWN_LIST.c[name] for name in names)).where(
        SHOWN_LIST.c.need_id == need_id, SHOWN_LIST.c.source == source
    )
    newest = query.order_by(SHOWN_LIST.c.shown_at.desc(), SHOWN_LIST.c.list_id.desc())
    found = connection.execute(newest.limit(1)).first()
    return tuple(found) if found else None


def _listed(connection: Connection, list_id: int) -> list[_Person]:
    names = ("rank", "researcher_id", "score", "probability")
    query = select(*(SHOWN_MATCH.c[name] for name in names))
    ordered = query.where(SHOWN_MATCH.c.list_id == list_id).order_by(SHOWN_MATCH.c.rank)
    return [cast(_Person, tuple(row)) for row in connection.execute(ordered)]


def _insert(
    connection: Connection,
    made: tuple[str, str, str, int, str],
    shown_at: datetime,
    people: list[_Person],
    about: dict[str, Any],
) -> int:
    names = ("need_id", "index_version", "reranker", "top", "source")
    values = {**dict(zip(names, made, strict=True)), **about, "shown_at": shown_at.astimezone(UTC)}
    key = connection.execute(insert(SHOWN_LIST).values(values)).inserted_primary_key
    list_id = int(key[0]) if key else 0
    columns = ("list_id", "rank", "researcher_id", "score", "probability")
    rows = [dict(zip(columns, (list_id, *person), strict=True)) for person in people]
    if rows:
        connection.execute(insert(SHOWN_MATCH), rows)
    return list_id


def shown(connection: Connection) -> pd.DataFrame:
    """Return who was shown at which rank: SHOWN_COLUMNS, lists in the order of time, then by rank.

    People stand by the ids that they have now. Of two who became one, a list holds the better rank.
    """
    person = current_id(SHOWN_MATCH.c.researcher_id).label("researcher_id")
    query = (
        select(
            SHOWN_LIST.c.list_id,
            SHOWN_LIST.c.need_id,
            person,
            SHOWN_MATCH.c.rank,
            SHOWN_LIST.c.shown_at,
        )
        .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
        .order_by(SHOWN_LIST.c.shown_at, SHOWN_LIST.c.list_id, SHOWN_MATCH.c.rank)
    )
    frame = pd.DataFrame(connection.execute(query).all(), columns=list(SHOWN_COLUMNS))
    frame["shown_at"] = pd.to_datetime(frame["shown_at"], utc=True)
    frame = frame.astype({"list_id": "int64", "rank": "int64"})
    return frame.drop_duplicates(["list_id", "researcher_id"]).reset_index(drop=True)


def current_id(home_id: ColumnElement[str]) -> ColumnElement[str]:
    """Return the expression for the row that a researcher's home id is part of now; an unknown id stays."""
    # looked up for each row: SQLite goes through a join with all records from the first to the last, and
    # for a least one through the rows in their order
    found = select(RECORD.c.row_id).where(
        RECORD.c.table_name == RESEARCHERS, RECORD.c.home_id == home_id
    )
    return func.coalesce(found.limit(1).scalar_subquery(), home_id)
