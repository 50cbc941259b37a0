"""Figures as files: a CSV of all figures over periods, and a quarterly review in one PDF; both are noted."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.access import audit
from office.access.rules import EXPORT, SEE_FIGURES, require
from office.access.scoped import reading_as
from office.exports import MEDIA_TYPES, ExportedFile, today_of
from office.figures.countable import ledger_of
from office.figures.counting import Figures, Wanted
from office.figures.definitions import GROUP_WORDS, GROUPS, Figure
from office.figures.periods import Period
from office.figures.recording import FIGURE_KIND
from office.figures.review import (
    FigureView,
    GroupChange,
    say_change,
    say_value,
    scale_of,
    views_of,
    why,
)
from office.odds.history import day_counter
from office.reports.cells import cell_text
from office.reports.sheet import ACCENT, INK, SOFT, PdfSheet

LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "group": "区分", "figure": "指標", "target": "目標", "unit": "単位", "definition": "定義",
        "review": "KPI レビュー", "now": "今期", "before": "前期", "change": "増減",
        "why": "増減の大きい内訳", "met": "達成", "missed": "未達", "join": "、",
        "counted": "閲覧できる案件だけを数えています。目標と費用は組織全体のものです。",
        "bars": "棒は直近8期の推移、細い線は目標です。", "missed_yet": "期間の途中",
        "running": "期間の途中です。%sまでに記録された分を、目標や前期の全期間と並べています。",
    },
    "en": {
        "group": "Group", "figure": "Figure", "target": "Target", "unit": "Unit",
        "definition": "Definition", "review": "KPI review", "now": "Now", "before": "Before",
        "change": "Change", "why": "What changed most", "met": "met", "missed": "not met",
        "join": ", ",
        "counted": "Only cases that you may see are counted. Targets and costs are the whole office's.",
        "bars": "Bars are the last eight periods, the thin line is the target.",
        "missed_yet": "not met yet",
        "running": "The period is not over: what is known by %s, beside whole periods and targets.",
    },
}  # fmt: skip
UNITS: Mapping[str, Mapping[str, str]] = {
    "ja": {"yen": "円", "days": "営業日", "share": "割合", "count": "件"},
    "en": {"yen": "JPY", "days": "business days", "share": "share", "count": "count"},
}
_BARS_MM, _BAR_HEIGHT_MM, _ROW_MM = 44.0, 9.0, 12.0


def figures_for(
    catalogue: Catalogue, viewer: Viewer, settings: Settings, wanted: Wanted
) -> Figures:
    """Return the figures of the cases that a viewer may count; raises ForbiddenError."""
    require(viewer, SEE_FIGURES)
    with reading_as(catalogue, viewer) as connection:
        countable = ledger_of(catalogue, connection, viewer, settings)
    return Figures(countable, day_counter(settings.cases), settings.cases, wanted)


def figures_as_csv(
    catalogue: Catalogue,
    viewer: Viewer,
    settings: Settings,
    *,
    last: Period,
    wanted: Wanted,
    language: str,
) -> ExportedFile:
    """Return all figures of the periods until one, and note that; raises ForbiddenError."""
    require(viewer, EXPORT)
    views = views_of(figures_for(catalogue, viewer, settings, wanted), last)
    said = LABELS[language]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    periods = [value.period.name(language) for value in views[0].series]
    head = [said["group"], said["figure"], said["unit"]]
    writer.writerow([*head, *periods, said["target"], said["definition"]])
    for view in views:
        figure = view.figure
        row = [GROUP_WORDS[language][figure.group], figure.title(language)]
        values = [_plain(value.value) for value in view.series]
        ending = [_plain(view.current.target), cell_text(figure.definition(language))]
        writer.writerow([*row, UNITS[language][figure.unit], *values, *ending])
    audit.note(catalogue, viewer, "export", FIGURE_KIND, "", format="csv", period=last.code)
    content = text.getvalue().encode("utf-8-sig")
    return ExportedFile(f"enmusubi-kpi-{last.code}.csv", MEDIA_TYPES["csv"], content)


def groups_as_csv(groups: Sequence[GroupChange], figure: Figure, language: str) -> bytes:
    """Return what changed by groups as CSV in UTF-8 with a mark at its beginning."""
    said, text = LABELS[language], io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([said["group"], said["now"], said["before"], said["change"]])
    for one in groups:
        values = (one.value, one.before, one.change)
        writer.writerow([cell_text(one.name), *(_plain(value) for value in values)])
    return text.getvalue().encode("utf-8-sig")


def review_as_pdf(
    catalogue: Catalogue, viewer: Viewer, settings: Settings, *, period: Period, language: str
) -> ExportedFile:
    """Return the review of a quarter or year, and note that; raises ForbiddenError."""
    require(viewer, EXPORT)
    figures = figures_for(catalogue, viewer, settings, Wanted())
    said = LABELS[language]
    title = f"{said['review']} {period.name(language)}"
    today = today_of(language)
    sheet = PdfSheet(language, today, title)
    sheet.say(title, size=16)
    sheet.say(f"{period.first_day:%Y-%m-%d} – {period.last_day:%Y-%m-%d}", size=9, colour=SOFT)
    sheet.say(f"{said['counted']} {said['bars']}", size=8.5, colour=SOFT)
    is_over = period.last_day < today
    if not is_over:
        sheet.say(said["running"] % today.isoformat(), size=8.5, colour=ACCENT)
    views = views_of(figures, period)
    for group in GROUPS:
        sheet.ln(2)
        sheet.say(GROUP_WORDS[language][group], size=13, colour=ACCENT)
        for view in views:
            if view.figure.group == group:
                _write_figure(sheet, figures, view, language, is_over=is_over)
    audit.note(catalogue, viewer, "export", FIGURE_KIND, "", format="pdf", period=period.code)
    return ExportedFile(
        f"enmusubi-kpi-{period.code}.pdf", MEDIA_TYPES["pdf"], bytes(sheet.output())
    )


def _write_figure(
    sheet: PdfSheet, figures: Figures, view: FigureView, language: str, *, is_over: bool
) -> None:
    figure, said = view.figure, LABELS[language]
    lines = [f"{figure.title(language)}    {say_value(view.current.value, figure, language)}"]
    told = [f"{said['before']} {say_value(view.before.value, figure, language)}"]
    told.append(f"{said['change']} {say_change(view.change, figure, language)}")
    if view.current.target is not None:
        met = {True: said["met"], False: said["missed" if is_over else "missed_yet"], None: "–"}[
            view.is_met
        ]
        target = say_value(view.current.target, figure, language)
        told.append(f"{said['target']} {target} ({met})")
    lines.append("    ".join(told))
    reasons = [f"{name} {change}" for name, change in _reasons(figures, view, language)]
    if reasons:
        lines.append(f"{said['why']}: {said['join'].join(reasons)}")
    lines.append(figure.definition(language))
    sizes = (11.0, 9.0, 8.5, 7.5) if reasons else (11.0, 9.0, 7.5)
    height = sum(sheet.height_of(line, size) for line, size in zip(lines, sizes, strict=True))
    sheet.keep_room(height + _ROW_MM)
    _draw(sheet, view)
    for line, size in zip(lines, sizes, strict=True):
        sheet.say(line, size=size, colour=INK if size > 8.5 else SOFT)
    sheet.ln(2)


def _draw(sheet: PdfSheet, view: FigureView) -> None:
    """Draw the periods as bars at the right edge of the page, with a line for the target."""
    values = [one.value for one in view.series]
    target = view.current.target
    highest = scale_of([*values, target])
    left, ground = sheet.w - sheet.r_margin - _BARS_MM, sheet.y + _BAR_HEIGHT_MM
    step = _BARS_MM / len(values)
    sheet.set_fill_color(*ACCENT)
    for place, value in enumerate(values):
        height = _BAR_HEIGHT_MM * (value or 0.0) / highest
        if height:
            sheet.rect(left + place * step, ground - height, step * 0.7, height, style="F")
    sheet.set_draw_color(*SOFT)
    sheet.line(left, ground, left + _BARS_MM, ground)
    if target:
        level = ground - _BAR_HEIGHT_MM * target / highest
        sheet.line(left, level, left + _BARS_MM, level)


def _reasons(figures: Figures, view: FigureView, language: str) -> Iterator[tuple[str, str]]:
    if view.change:
        yield from why(figures, view.figure.name, view.current.period, language)


def _plain(value: float | None) -> Any:
    if value is None:
        return ""
    return int(value) if float(value).is_integer() else round(value, 4)
