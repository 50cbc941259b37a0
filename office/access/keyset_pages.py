"""Pages of long lists: a cursor names the last row that was shown, so that no row comes twice.

A cursor is opaque to who passes it on; it holds the row's sort key and nothing that was not shown.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, RowMapping, Select

from enmusubi.errors import InputError

Item = TypeVar("Item")
Key = list[Any]
MAX_PAGE = 200
_MAX_CURSOR_CHARS = 1_000
_MOST = 2**31  # what an integer column takes


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items of a list in its order; `after` is the cursor of the next page, empty at the end."""

    items: tuple[Item, ...]
    after: str = ""


def rows_of_page(
    connection: Connection, ordered: Select[Any], limit: int, key: Callable[[RowMapping], Key]
) -> tuple[Sequence[RowMapping], str]:
    """Return the first `limit` rows of an ordered query, and the cursor behind them.

    `key` gives a row's place in the order. Raises InputError for a limit that no page has.
    """
    # one row more than the page has: whether it is there tells if there are more
    found = connection.execute(ordered.limit(checked_limit(limit) + 1)).mappings().all()
    rows = found[:limit]
    return rows, (write_cursor(key(rows[-1])) if len(found) > limit else "")


def rows_by_id(
    connection: Connection,
    query: Select[Any],
    column: Any,
    *,
    after: str,
    limit: int,
    newest_first: bool = False,
) -> tuple[Sequence[RowMapping], str]:
    """Return the rows of a page in the order of one unique column, and the cursor behind them.

    `after` is the cursor of the page before, empty for the first. Raises InputError for it or the limit.
    """
    if after:
        kind = column.type.python_type
        last = read_cursor(after, kind)[0] or kind()
        query = query.where(column < last if newest_first else column > last)
    ordered = query.order_by(column.desc() if newest_first else column)
    return rows_of_page(connection, ordered, limit, lambda row: [row[column.key]])


def rows_behind(
    connection: Connection,
    query: Select[Any],
    number: Any,
    opaque: Any,
    *,
    after: str,
    limit: int,
) -> tuple[Sequence[RowMapping], str]:
    """Return the rows of a page, the newest first, and the cursor, which names the last by its opaque number.

    It tells no more than the rows did. Behind one that the query does not have (any more) there is nothing.
    """
    if after:
        last = query.where(opaque == as_number(read_cursor(after, str)[0]))
        query = query.where(number < last.with_only_columns(number).scalar_subquery())
    ordered = query.order_by(number.desc())
    return rows_of_page(connection, ordered, limit, lambda row: [str(row[opaque.key])])


def checked_limit(limit: int) -> int:
    """Return the limit; raises InputError for one that no page has."""
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(
            "%(found)s found, expected 1 to %(most)s.", of_field="limit", found=limit, most=MAX_PAGE
        )
    return limit


def write_cursor(key: Key) -> str:
    """Return the cursor of a sort key: texts, numbers and None."""
    text = json.dumps(key, ensure_ascii=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def read_cursor(cursor: str, *types: type) -> Key:
    """Return the sort key of a cursor, each part None or of its type; raises InputError."""
    try:
        if len(cursor) > _MAX_CURSOR_CHARS:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(key, list) or len(key) != len(types):
            raise ValueError
        if not all(_fits(part, kind) for part, kind in zip(key, types, strict=True)):
            raise ValueError
    except (ValueError, RecursionError, binascii.Error):
        raise InputError(
            "not a cursor that a page gave. Take it as it stands, or leave it out to begin "
            "with the first page.",
            of_field="cursor",
        ) from None
    return key


def as_number(said: str | None) -> int:
    """Return a large number that a cursor has as text, 0 for what is none."""
    return int(said) if said and re.fullmatch(r"[0-9]{1,18}", said) else 0


def _fits(part: Any, kind: type) -> bool:
    if part is None:
        return True
    if isinstance(part, str):
        return kind is str and "\x00" not in part
    return kind is int and type(part) is int and abs(part) < _MOST
