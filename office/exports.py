"""Exports: match lists and shortlists as files that leave the service, each noted in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import ConflictError
from enmusubi.language import clean_text
from enmusubi.settings import local_time
from matcher.explaining.standing import PLAIN_ORDER, ListOrder, standing
from matcher.records import Match
from office.access import audit
from office.access.access_log import note_naming, note_reading
from office.access.rules import EXPORT, SHORTLIST, require
from office.access.scoped import reading_as
from office.needs.reading import need_of
from office.needs.releases import RELEASE_KIND, release_of
from office.reports.brief_pdf import Brief, brief_as_pdf
from office.reports.given_list import GivenList, read_given
from office.reports.list_pdf import list_as_pdf
from office.reports.list_tables import (
    list_as_csv,
    list_as_workbook,
    shortlist_as_csv,
    shortlist_as_workbook,
)
from office.reports.one_page import ReleasedNeed, one_page
from office.screening.list_screening import NOTHING_FOUND, ListScreening, remarks_of
from office.shortlists import shortlist

ReleaseEnding = Literal["docx", "pptx"]
TableEnding = Literal["xlsx", "csv"]
ListEnding = Literal["xlsx", "csv", "pdf", "brief"]  # the last a PDF file of one page
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@dataclass(frozen=True)
class ExportedFile:
    """A file to hand out; its name holds a day, and nothing of the need."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ExportedNeed:
    """The need above an exported list; id and title are empty for a text that is not stored."""

    text: str = field(repr=False)
    need_id: str = ""
    title: str = field(default="", repr=False)


def export_matches(
    catalogue: Catalogue,
    viewer: Viewer,
    matches: Sequence[Match],
    need: ExportedNeed,
    *,
    fits_nobody: bool,
    order: ListOrder = PLAIN_ORDER,
    not_asked: float = 0.0,
    ending: ListEnding,
    language: str,
    screening: ListScreening = NOTHING_FOUND,
) -> ExportedFile:
    """Return a match list, which is the viewer's, as a file, and note that; raises ForbiddenError.

    `matches` may be a part of the list, of which `fits_nobody` is told as a whole, and `order` is
    what made its order. `not_asked` is the share of researchers who were not asked.
    `screening` is what the viewer may see of it; a sheet for others (`brief`) has none.
    """
    require(viewer, EXPORT)
    title = clean_text(need.title)
    stands = standing(
        matches, language, fits_nobody=fits_nobody, title=title, order=order, not_asked=not_asked
    )
    remarks = remarks_of(screening, language)
    if ending == "csv":
        content = list_as_csv(stands, language, title, remarks)
    elif ending == "xlsx":
        content = list_as_workbook(stands, language, title=title, text=need.text, remarks=remarks)
    elif ending == "brief":
        content = brief_as_pdf(Brief(title, need.text, stands), language, today_of(language))
        ending = "pdf"
    else:
        today = today_of(language)
        content = list_as_pdf(
            stands, language, title=title, text=need.text, today=today, remarks=remarks
        )
    kind = "need" if need.need_id else "text"
    detail: dict[str, Any] = {"what": "matches", "format": ending, "researchers": len(matches)}
    audit.note(catalogue, viewer, "export", kind, need.need_id, **detail)
    return _file(ending, content, language)


def export_shortlist(
    catalogue: Catalogue, viewer: Viewer, *, ending: TableEnding, language: str
) -> ExportedFile:
    """Return the viewer's shortlist as a file, and note that; raises ForbiddenError."""
    require(viewer, SHORTLIST)
    require(viewer, EXPORT)
    entries = shortlist(catalogue, viewer)
    write = shortlist_as_csv if ending == "csv" else shortlist_as_workbook
    content = write(entries, language)
    note_naming(catalogue, viewer, {entry.need_id for entry in entries}, "shortlist")
    told: dict[str, Any] = {"format": ending, "researchers": len(entries)}
    audit.note(catalogue, viewer, "export", "shortlist", "", **told)
    return _file(ending, content, language)


def export_release(
    catalogue: Catalogue, viewer: Viewer, release_id: int, ending: ReleaseEnding
) -> ExportedFile:
    """Return a released list as a file of one page, in the list's language, and note that.

    Raises ForbiddenError, UnknownIdError, and ConflictError for a list that was revoked.
    """
    require(viewer, EXPORT)
    with reading_as(catalogue, viewer) as connection:
        released = release_of(connection, viewer, release_id)
        need = need_of(connection, viewer, released.need_id)
    if released.revoked_at:
        raise ConflictError("This list was revoked: it is not exported any more.")
    given = read_given(released.content)
    day = local_time(released.released_at, given.language).date()
    about = ReleasedNeed(need.title, need.text, need.company, day)
    content = _release_file(ending, given, about)
    note_reading(catalogue, viewer, need, "release")
    told: dict[str, Any] = {"format": ending, "researchers": len(given.people)}
    audit.note(catalogue, viewer, "export", RELEASE_KIND, str(release_id), **told)
    return _file(ending, content, given.language)


def _release_file(ending: ReleaseEnding, given: GivenList, about: ReleasedNeed) -> bytes:
    # the libraries of these formats take a while to load
    if ending == "docx":
        from office.reports import release_docx

        return release_docx.release_as_docx(one_page(given, about, release_docx.ROOM))
    from office.reports import release_pptx

    return release_pptx.release_as_pptx(one_page(given, about, release_pptx.ROOM))


def _file(ending: str, content: bytes, language: str) -> ExportedFile:
    return ExportedFile(
        f"enmusubi-{today_of(language):%Y%m%d}.{ending}", MEDIA_TYPES[ending], content
    )


def today_of(language: str) -> date:
    """Return the day in the zone of the language's readers."""
    return local_time(datetime.now(UTC), language).date()
