"""The administrator's pages of the audit trail: filtered, checked for gaps, exported.

Codes of actions and objects are shown in words; one without a word is shown as it is.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse

from api.dependencies import AfterRow, Services
from api.languages import language_of
from api.pages.admin.frame import Administrator, show, start_of
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import InputError
from enmusubi.messages import FIELD, N_, REASON, ROLE, Message, listed, verbatim, word
from office.access import audit
from office.access.audit import AuditFilter, AuditRecord
from office.access.keyset_pages import MAX_PAGE
from office.reports.cells import cell_text

PATH = "/admin/audit"
CHECKED_AT_ONCE = 20_000  # entries; of a longer trail the check is asked for
COLUMNS = (
    "entry_id",
    "at",
    "actor",
    "role",
    "action",
    "object_kind",
    "object_id",
    "detail",
    "hash",
)
_HASH = re.compile(r"[0-9a-f]{8,64}")
Word = Annotated[str, Query(max_length=300)]
Day = Annotated[str, Query(max_length=10)]
ACTIONS: Mapping[str, str] = {
    "read": N_("Read"),
    "list": N_("Listed"),
    "create": N_("Created"),
    "change": N_("Changed it"),
    "close": N_("Closed it"),
    "reopen": N_("Opened it again"),
    "invite": N_("Asked a colleague in"),
    "uninvite": N_("Took an invitation back"),
    "judge": N_("Judged"),
    "unjudge": N_("Took back a judgement"),
    "release": N_("Released a list"),
    "revoke": N_("Revoked a list"),
    "export": N_("Exported"),
    "keep": N_("Put on the shortlist"),
    "drop": N_("Took off the shortlist"),
    "write": N_("Wrote a note"),
    "save": N_("Saved a search"),
    "delete": N_("Deleted"),
    "run": N_("Started a job"),
    "cancel job": N_("Stopped a job"),
    "sign in": N_("Signed in"),
    "sign out": N_("Signed out"),
    "fail to sign in": N_("Failed to sign in"),
    "lock user": N_("Account was locked"),
    "get token": N_("Fetched a token"),
    "create user": N_("Made an account"),
    "change user": N_("Changed an account"),
    "keep role": N_("Left the last administrator in the role"),
    "change password": N_("Changed a password"),
    "disable user": N_("Disabled an account"),
    "enable user": N_("Enabled an account"),
    "send mail": N_("Sent a mail"),
    "send mail again": N_("Had a mail sent again"),
    "give up mail": N_("Did not send a mail, or not for certain"),
    "ask for clearance": N_("Asked for clearance"),
    "clear": N_("Cleared what screening found"),
    "refuse to clear": N_("Did not clear what screening found"),
    "veil": N_("Decided what outsiders are shown of a need"),
    "unveil": N_("Took a veil back"),
    "ask researcher": N_("Asked a researcher"),
    "revoke inquiry": N_("Took an inquiry back"),
    "answer inquiry": N_("Answered an inquiry by its link"),
    "note answer": N_("Took note of an answer"),
    "record nda": N_("Recorded an NDA with a company"),
    "withdraw nda": N_("Withdrew an NDA with a company"),
    "take note": N_("Took note of news"),
    "set kind": N_("Said which kind of need it is"),
    "remove": N_("Took it away"),
    "restore": N_("Brought it back"),
    "create machine": N_("Added a machine"),
    "change machine": N_("Changed a machine"),
    "disable machine": N_("Disabled a machine"),
    "enable machine": N_("Enabled a machine"),
    "create key": N_("Made a key"),
    "revoke key": N_("Revoked a key"),
    "choose works": N_("Chose works of a researcher"),
    "import": N_("Imported files"),
    "refresh rows": N_("Made the rows of the catalogue anew"),
    "keep reading": N_("Kept how a table is read"),
    "roll back index": N_("Went back to an index version"),
    "join researchers": N_("Joined two researchers"),
    "keep apart researchers": N_("Kept two researchers apart"),
    "undo decision on researchers": N_("Undid a decision on two researchers"),
    "forget": N_("Forgot a researcher"),
    "opt-out": N_("Took a researcher out of the matching"),
    "opt-in": N_("Let a researcher be matched again"),
    "retention": N_("Deleted entries that were kept long enough"),
    "export audit trail": N_("Exported the audit trail"),
}
OBJECTS: Mapping[str, str] = {
    "need": N_("Need"),
    "text": N_("Text that was typed"),
    "seed": N_("Seed"),
    "researcher": N_("Researcher"),
    "release": N_("Released list"),
    "clearance": N_("Finding of screening"),
    "nda": N_("NDA with a company"),
    "inquiry": N_("Inquiry to a researcher"),
    "company profile": N_("Company profile"),
    "shortlist": N_("My shortlist"),
    "search": N_("Saved search"),
    "note": N_("Note on a match"),
    "report": N_("Report"),
    "statistics": N_("Statistics"),
    "job": N_("Job"),
    "webhook": N_("Webhook"),
    "mail": N_("Mail"),
    "calendar": N_("Calendar"),
    "user": N_("Account"),
    "machine": N_("Machine"),
    "key": N_("Key"),
    "import": N_("Import run"),
    "table": N_("Table of the office"),
    "catalogue": N_("Catalogue"),
    "index version": N_("Index version"),
    "audit trail": N_("Audit trail"),
}

DETAIL = "detail"  # the context of the names of an entry's details, and of codes among their values
CODES: Mapping[str, str] = {  # details whose values are words of ours, and the context of those
    "role": ROLE,
    "claimed": ROLE,
    "fields": FIELD,
    "changed": FIELD,
    "reason": REASON,
    "verdict": DETAIL,
    "stage": DETAIL,
    "what": DETAIL,
    "sync": DETAIL,
    "one_time": DETAIL,
    "resumed": DETAIL,
    "concerns": DETAIL,
    "outcome": DETAIL,
}


def build_router(services: Services) -> LazyRouter:
    """Return the routes of the audit trail."""
    router = LazyRouter()
    catalogue = services.catalogue

    @router.get(PATH)
    def trail(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        viewer: Administrator,
        actor: Word = "",
        action: Word = "",
        object_kind: Word = "",
        object_id: Word = "",
        since: Day = "",
        until: Day = "",
        after: AfterRow = "",
        check: Annotated[str, Query(max_length=3)] = "",
        noted_entry: Annotated[str, Query(max_length=20)] = "",
        noted_hash: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        noted = _noted(noted_entry, noted_hash)
        words = {
            "actor": actor.strip(),
            "action": action.strip(),
            "object_kind": object_kind.strip(),
            "object_id": object_id.strip(),
        }
        spoken = language_of(request)
        days = {"since": start_of(since, spoken), "until": start_of(until, spoken, days=1)}
        wanted = AuditFilter(**words, since=days["since"], until=days["until"])
        with catalogue.reading() as connection:
            page = audit.entries_page(connection, viewer, wanted, after=after)
            head = audit.head_of(connection)
            is_asked = bool(check) or noted is not None
            is_checked = is_asked or (not after and head.entries <= CHECKED_AT_ONCE)
            state = audit.verify(connection, noted) if is_checked else None
        filters = {**words, "since": since, "until": until}
        kept = {name: value for name, value in filters.items() if value}
        context = {"page": page, "filters": filters, "kept": kept, "head": head, "state": state}
        context |= {"noted": noted, "actions": ACTIONS, "objects": OBJECTS}
        context["said_detail"] = said_detail
        return show(request, viewer, "admin_audit.html", context)

    @router.get(PATH + ".jsonl")
    def as_lines(viewer: Administrator) -> Response:
        audit.note(catalogue, viewer, "export audit trail", "audit trail", format="jsonl")
        return _download(_lines(services, viewer), "jsonl", "application/x-ndjson")

    @router.get(PATH + ".csv")
    def as_table(viewer: Administrator) -> Response:
        audit.note(catalogue, viewer, "export audit trail", "audit trail", format="csv")
        return _download(_table(services, viewer), "csv", "text/csv; charset=utf-8")

    return router


def said_detail(detail: Mapping[str, Any]) -> Message:
    """Return the details of an entry; ids, counts and addresses stand as they are."""
    parts = (
        Message("%(name)s: %(value)s", {"name": word(DETAIL, name), "value": _value(name, value)})
        for name, value in detail.items()
        if value not in ("", [])
    )
    return verbatim(listed(parts, "; "))


def _value(name: str, value: Any) -> object:
    given = value if isinstance(value, list) else [value]
    context = CODES.get(name)
    return listed(word(context, str(one)) if context and one != "" else one for one in given)


def _download(pieces: Iterator[str], suffix: str, media_type: str) -> StreamingResponse:
    name = f"enmusubi-audit-{datetime.now(UTC):%Y-%m-%d}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _lines(services: Services, viewer: Viewer) -> Iterator[str]:
    with services.catalogue.reading() as connection:
        yield from audit.export_lines(connection, viewer)


def _table(services: Services, viewer: Viewer) -> Iterator[str]:
    """Yield the trail as CSV, the newest entry first; no cell is a formula to a spreadsheet."""
    yield "\ufeff" + _row(COLUMNS)
    with services.catalogue.reading() as connection:
        after, is_more = "", True
        while is_more:
            page = audit.entries_page(connection, viewer, after=after, limit=MAX_PAGE)
            yield "".join(_row(_cells(entry)) for entry in page.items)
            after, is_more = page.after, bool(page.after)


def _cells(entry: AuditRecord) -> list[str]:
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
    told = {**vars(entry), "at": at, "detail": detail}
    return [cell_text(str(told[name])) for name in COLUMNS]


def _row(cells: tuple[str, ...] | list[str]) -> str:
    with closing(io.StringIO()) as line:
        csv.writer(line).writerow(cells)
        return line.getvalue()


def _noted(entry: str, hash_: str) -> audit.Head | None:
    """Return a head that was noted outside, None for none; raises InputError."""
    number, beginning = entry.strip().replace(",", ""), hash_.strip().rstrip("….").lower()
    if not number and not beginning:
        return None
    if not (number.isascii() and number.isdecimal()) or not _HASH.fullmatch(beginning):
        raise InputError(
            "What was noted of the trail is an entry's number and the first 8 digits or more of its "
            "hash, 0 to 9 and a to f."
        )
    return audit.Head(int(number), beginning)
