"""The privacy notice: what people are told of their data, in versions that an office edits.

While nobody has edited it, the notice is the one that comes with the program, version 0.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select

from catalogue.database.privacy_models import PrivacyNotice
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError, UnknownIdError
from enmusubi.language import ENGLISH, clean_text
from office.access import audit
from office.access.rules import EDIT_NOTICE, require

NOTICE = cast(Table, PrivacyNotice.__table__)
NOTICE_KIND = "privacy notice"  # the kind of the audit trail's object
MAX_CHARS = 20_000
PATH = "/privacy"
_HEADING, _ITEM = "# ", "- "


@dataclass(frozen=True)
class NoticeVersion:
    """A version of the notice; 0 is what comes with the program, and was saved by nobody."""

    version: int
    text_ja: str
    text_en: str
    saved_by: str = ""
    saved_at: datetime | None = None

    def text(self, language: str) -> str:
        """Return the notice in ja or en."""
        return self.text_en if language == ENGLISH else self.text_ja


@dataclass(frozen=True)
class NoticePart:
    """A part of the notice: a heading, a paragraph, or a list of items."""

    kind: str
    lines: tuple[str, ...]


def notice_in_force(connection: Connection, version: int | None = None) -> NoticeVersion:
    """Return the newest version, or the one asked for; raises UnknownIdError."""
    query = select(NOTICE).order_by(NOTICE.c.version.desc()).limit(1)
    if version is not None:
        query = query.where(NOTICE.c.version == min(version, 2**31 - 1))
    row = connection.execute(query).mappings().first()
    if row is not None:
        return NoticeVersion(**row)
    if version:
        raise UnknownIdError("The privacy notice has no such version.")
    return _shipped()


def versions(connection: Connection) -> list[NoticeVersion]:
    """Return all versions that were saved, the newest first."""
    rows = connection.execute(select(NOTICE).order_by(NOTICE.c.version.desc())).mappings()
    return [NoticeVersion(**row) for row in rows]


def save_notice(
    connection: Connection, viewer: Viewer, text_ja: str, text_en: str
) -> NoticeVersion:
    """Put a new version in force and return it; the same texts make none.

    Raises ForbiddenError, and InputError for a text that is missing or too long.
    """
    require(viewer, EDIT_NOTICE)
    given = {"text_ja": _checked("text_ja", text_ja), "text_en": _checked("text_en", text_en)}
    now = notice_in_force(connection)
    if (now.text_ja, now.text_en) == (given["text_ja"], given["text_en"]):
        return now
    newest = connection.execute(select(func.max(NOTICE.c.version))).scalar() or 0
    row: dict[str, Any] = {
        **given,
        "version": newest + 1,
        "saved_by": viewer.viewer_id,
        "saved_at": datetime.now(UTC),
    }
    connection.execute(insert(NOTICE).values(**row))
    audit.record(connection, viewer, "edit", NOTICE_KIND, str(row["version"]))
    return NoticeVersion(**row)


def blocks_of(text: str) -> list[NoticePart]:
    """Return a notice's text in parts: `# ` begins a heading, `- ` an item, an empty line a paragraph."""
    found: list[NoticePart] = []
    for part in text.split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        for line in lines:
            kind, said = "paragraph", line
            if line.startswith(_HEADING):
                kind, said = "heading", line.removeprefix(_HEADING)
            elif line.startswith(_ITEM):
                kind, said = "list", line.removeprefix(_ITEM)
            is_more = found and found[-1].kind == kind != "heading" and line is not lines[0]
            if is_more:
                found[-1] = NoticePart(kind, (*found[-1].lines, said))
            else:
                found.append(NoticePart(kind, (said,)))
    return found


def _checked(field: str, text: str) -> str:
    clean = clean_text(text.replace("\r\n", "\n")).strip()
    if not clean:
        raise InputError("the notice needs a text in both languages.", of_field=field)
    if len(clean) > MAX_CHARS:
        raise InputError("at most %(most)s characters are kept.", of_field=field, most=MAX_CHARS)
    return clean


@cache
def _shipped() -> NoticeVersion:
    here = Path(__file__)
    ja, en = (
        here.with_name(f"notice_{tag}.txt").read_text("utf-8").strip() for tag in ("ja", "en")
    )
    return NoticeVersion(0, ja, en)
