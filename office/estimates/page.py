"""An estimate as one A4 page (PDF): sums by kind and by year, percentages, how it was rounded."""

from catalogue.database.money_models import CHECKED
from office.estimates.amounts import DIRECT_KINDS, FEE_KINDS, YearTotal
from office.estimates.words import KIND_WORDS, SAID, SHORT, STATE_WORDS, year_words
from office.estimates.workbook import EstimateSheet
from office.reports.one_page import fit
from office.reports.sheet import FONT, INK, SOFT, PdfSheet

_ROW_MM, _LABEL_MM = 5.4, 70.0
_YEAR_COLUMNS = ("direct", "indirect", "strategic", "fees", "net", "tax", "total")
_BOLD_ROWS = {"direct", "net", "total"}
NOTE_LINES = 5


def estimate_as_pdf(shown: EstimateSheet, language: str) -> bytes:
    """Return one version of an estimate as a PDF of one page."""
    said, kept = SAID[language], shown.kept
    sheet = PdfSheet(language, shown.day, f"{said['heading']} {kept.case_id}")
    _write_head(sheet, shown, language)
    total = kept.estimate.total()
    _write_kinds(sheet, shown, language, total)
    sheet.ln(3)
    _write_years(sheet, shown, language, total)
    sheet.ln(2)
    sheet.say(said["rounding"], size=8, colour=SOFT)
    if note := fit(kept.estimate.note, 60, NOTE_LINES):
        sheet.say(f"{said['note']}: {note}", size=8.5)
    return bytes(sheet.output())


def _write_head(sheet: PdfSheet, shown: EstimateSheet, language: str) -> None:
    said, kept = SAID[language], shown.kept
    sheet.say(said["heading"], size=9, colour=SOFT)
    sheet.say(fit(kept.estimate.title, 30, 2), size=15)
    case = f"{kept.case_id} {fit(shown.case_title, 40, 1)}"
    facts = [(said["company"], shown.company), (said["university"], shown.university)]
    named = [f"{name}: {value}" for name, value in facts if value]
    about = " · ".join((f"{said['case']}: {case}", *named))
    sheet.say(fit(about, 56, 2), size=9)
    state = f"{said['version']} {kept.version} · {STATE_WORDS[language][kept.state]}"
    sheet.say(f"{state} · {said['made']} {shown.day.isoformat()}", size=9, colour=SOFT)
    if kept.state != CHECKED:
        sheet.say(said["draft"], size=9, marked=True)
    sheet.ln(1)


def _write_kinds(sheet: PdfSheet, shown: EstimateSheet, language: str, total: YearTotal) -> None:
    said, rates = SAID[language], shown.kept.estimate.rates
    rows = [(KIND_WORDS[language][kind], total.by_kind[kind], kind) for kind in DIRECT_KINDS]
    rows.append((said["direct"], total.direct_jpy, "direct"))
    rows.append((f"{said['indirect']} {rates.indirect}%", total.indirect_jpy, "indirect"))
    rows.append((f"{said['strategic']} {rates.strategic}%", total.strategic_jpy, "strategic"))
    rows += [(KIND_WORDS[language][kind], total.by_kind[kind], kind) for kind in FEE_KINDS]
    rows.append((said["net"], total.net_jpy, "net"))
    rows.append((f"{said['tax']} {rates.tax}%", total.tax_jpy, "tax"))
    rows.append((said["total"], total.total_jpy, "total"))
    _row(sheet, [said["sums"], said["all"]], [_LABEL_MM, 40.0], size=9, soft=True)
    for label, amount, name in rows:
        size = 11.0 if name == "total" else 9.5
        _row(sheet, [label, f"{amount:,}"], [_LABEL_MM, 40.0], size=size)
        if name in _BOLD_ROWS:
            _line(sheet, _LABEL_MM + 40.0)


def _write_years(sheet: PdfSheet, shown: EstimateSheet, language: str, total: YearTotal) -> None:
    said, estimate = SAID[language], shown.kept.estimate
    widths = [34.0, *(20.0,) * len(_YEAR_COLUMNS)]
    _row(sheet, ["", *SHORT[language]], widths, size=6.5, soft=True)
    for year, sums in enumerate(estimate.by_year(), start=1):
        label = year_words(year, estimate.first_year, language)
        _row(sheet, [label, *_amounts(sums)], widths, size=7.5)
    _line(sheet, sum(widths))
    _row(sheet, [said["all"], *_amounts(total)], widths, size=7.5)


def _amounts(sums: YearTotal) -> list[str]:
    return [f"{getattr(sums, f'{name}_jpy'):,}" for name in _YEAR_COLUMNS]


def _row(
    sheet: PdfSheet, texts: list[str], widths: list[float], *, size: float, soft: bool = False
) -> None:
    sheet.set_font(FONT, size=size)
    sheet.set_text_color(*(SOFT if soft else INK))
    for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
        sheet.cell(width, _ROW_MM, text, align="R" if place else "L")
    sheet.ln(_ROW_MM)


def _line(sheet: PdfSheet, width: float) -> None:
    sheet.set_draw_color(*SOFT)
    sheet.line(sheet.l_margin, sheet.y, sheet.l_margin + width, sheet.y)
