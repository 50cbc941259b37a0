"""Writes the report as one page that needs nothing else: no scripts, no other files, printable."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from enmusubi.language import clean_text, detect_language
from matcher.explaining.words import STRENGTHS, objection_phrase, percentage
from office.reports import labels
from office.reports.cells import is_web_url
from office.reports.records import NightReport

PAGE_NAME = "index.html"
MAX_SHOWN_CHARS = 3000


def write_page(report: NightReport, path: Path) -> None:
    """Write the page; all text in it is escaped, only web addresses become links."""
    environment = Environment(
        loader=PackageLoader("office.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = _shown
    environment.filters["both_languages"] = labels.in_both_languages
    environment.filters["lang"] = detect_language
    environment.filters["kind"] = labels.kind_label
    environment.filters["area"] = labels.area_label
    environment.filters["objection"] = objection_phrase
    environment.filters["percentage"] = percentage
    environment.tests["web_url"] = is_web_url
    page = environment.get_template("report.html").render(
        report=report,
        labels=labels,
        strengths=STRENGTHS,
        places={item.need.need_id: n for n, item in enumerate(report.needs, start=1)},
    )
    path.write_text(page, "utf-8", errors="replace", newline="\n")


def _shown(text: str) -> str:
    cleaned = clean_text(text)
    return cleaned if len(cleaned) <= MAX_SHOWN_CHARS else f"{cleaned[:MAX_SHOWN_CHARS]}…"
