"""The page of statistics: each chart says what it shows, is readable as a table, and leaves as CSV."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection

from api.dependencies import CurrentViewer, Services
from api.languages import language_of
from api.middleware.rate_limits import SEARCHES
from api.pages.charts import STEP, Bar, stacked
from api.pages.exports import file_response
from api.pages.rendering import render
from api.pages.texts import REASON_LABELS, texts
from api.routing import LazyRouter
from catalogue.database.viewer import Viewer
from enmusubi.errors import UnknownIdError
from enmusubi.messages import N_
from matcher.domains.taxonomy import load_taxonomy
from office.access import audit
from office.access.rules import EXPORT, SEE_STATISTICS, require
from office.access.scoped import reading_as
from office.exports import ExportedFile
from office.reports.cells import cell_text
from office.statistics.fields import UNKNOWN, UNSURE, FieldCounts, needs_by_field
from office.statistics.judgements import JudgedCounts, MonthCounts, judged_counts

STATISTICS = "statistics"  # the kind of the audit trail's object
FIELDS, MONTHS, REASONS = "fields", "months", "reasons"
SUITABLE_GROUP, OTHER_GROUP = "suits", "not"  # the groups of the months' columns
UNSURE_LABELS = {UNSURE: N_("No field could be told"), UNKNOWN: N_("Not matched by a night yet")}
Cell = str | int | None


@dataclass(frozen=True)
class StatTable:
    """A table as page and CSV show it; a bar stands for the number in column `bar` of each row."""

    name: str
    headings: tuple[str, ...]  # English, to be translated
    rows: tuple[tuple[Cell, ...], ...]
    bar: int = 1

    @property
    def highest(self) -> int:
        """The largest number that has a bar, 1 at least."""
        return max((int(row[self.bar] or 0) for row in self.rows), default=0) or 1


def build_router(services: Services) -> LazyRouter:
    """Return the routes."""
    router = LazyRouter(include_in_schema=False)

    @router.get("/statistics")
    def statistics(request: Request, viewer: CurrentViewer) -> Response:
        require(viewer, SEE_STATISTICS)
        language = language_of(request)
        with reading_as(services.catalogue, viewer) as connection:
            fields = needs_by_field(connection, viewer, _people_by_field(services))
            judged = judged_counts(connection, viewer, language)
        tables = _of_fields(fields, language), _of_months(judged), _of_reasons(judged, language)
        shown: dict[str, Any] = {
            "fields": fields,
            "judged": judged,
            "tables": {table.name: table for table in tables},
            "columns": month_bars(judged.months),
            "step": STEP,
            "without": [f for f in fields if f.has_nobody],
            "told": [f for f in fields if f.is_told],
            "field_name": lambda field_id: field_name(field_id, language),
            "per_cent": per_cent,
        }
        return render(request, viewer, "statistics.html", **shown)

    @router.get("/statistics/{name}.csv", dependencies=SEARCHES)
    def as_csv(request: Request, viewer: CurrentViewer, name: str) -> Response:
        require(viewer, SEE_STATISTICS)
        require(viewer, EXPORT)
        with reading_as(services.catalogue, viewer) as connection:
            table = _table(services, connection, viewer, name, language_of(request))
        audit.note(services.catalogue, viewer, "export", STATISTICS, name, format="csv")
        content = table_as_csv(table, language_of(request))
        return file_response(
            ExportedFile(f"enmusubi-{name}.csv", "text/csv; charset=utf-8", content)
        )

    return router


def _table(
    services: Services, connection: Connection, viewer: Viewer, name: str, language: str
) -> StatTable:
    if name == FIELDS:
        people = _people_by_field(services)
        return _of_fields(needs_by_field(connection, viewer, people), language)
    if name == MONTHS:
        return _of_months(judged_counts(connection, viewer, language))
    if name == REASONS:
        return _of_reasons(judged_counts(connection, viewer, language), language)
    raise UnknownIdError("There are no statistics of that name. The page of statistics lists them.")


def _people_by_field(services: Services) -> dict[str, int] | None:
    """Return how many people the index knows for each field; None before it is loaded."""
    serving = services.live.serving
    return serving.people_by_field() if serving else None


def _of_fields(fields: list[FieldCounts], language: str) -> StatTable:
    rows = tuple(
        (
            field_name(f.field_id, language), f.needs, f.open, f.judged, f.hit, per_cent(f.hit_rate),
            f.nobody, f.people,
        )
        for f in fields
    )  # fmt: skip
    headings = (
        N_("Field of research"), N_("Needs"), N_("Open"), N_("Needs judged"), N_("With somebody suitable"),
        N_("Hit rate"), N_("Nobody fits well"), N_("Researchers known"),
    )  # fmt: skip
    return StatTable(FIELDS, headings, rows)


def _of_months(judged: JudgedCounts) -> StatTable:
    rows = tuple((m.month, m.total, m.suitable, m.not_suitable) for m in reversed(judged.months))
    headings = N_("Month"), N_("Judgements"), N_("Suitable"), N_("Not suitable")
    return StatTable(MONTHS, headings, rows)


def _of_reasons(judged: JudgedCounts, language: str) -> StatTable:
    said = texts(language)
    rows = tuple(
        (said.gettext(REASON_LABELS.get(reason, reason)), n) for reason, n in judged.reasons
    )
    return StatTable(REASONS, (N_("Reason"), N_("Researchers")), rows)


def field_name(field_id: str, language: str) -> str:
    """Return what a field is called; what stands for none is said in words."""
    if known := load_taxonomy().by_id.get(field_id):
        return known.name(language)
    return texts(language).gettext(UNSURE_LABELS.get(field_id, field_id))


def per_cent(share: float | None) -> str:
    """Return a share in whole per cent, empty without one."""
    return "" if share is None else f"{round(100 * share)}%"


def month_bars(months: tuple[MonthCounts, ...]) -> tuple[Bar, ...]:
    """Return the columns of the months: the suitable below, the others above."""
    highest = max((month.total for month in months), default=0)
    groups = SUITABLE_GROUP, OTHER_GROUP
    return tuple(
        bar
        for place, month in enumerate(months)
        if month.total
        for bar in stacked((month.suitable, month.not_suitable), groups, place, highest)
    )


def table_as_csv(table: StatTable, language: str) -> bytes:
    """Return a table as CSV in UTF-8 with a mark at its beginning, as Excel reads it."""
    said, text = texts(language), io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([said.gettext(heading) for heading in table.headings])
    for row in table.rows:
        writer.writerow([cell_text(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")
