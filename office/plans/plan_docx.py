"""A plan as a Word file for A4; python-docx is imported here."""

import io
from datetime import date
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from enmusubi.language import clean_text
from office.plans.kept import KeptPlan
from office.plans.words import HEADINGS, SAID
from office.reports.one_page import FONTS, LANGUAGES
from office.reports.sheet import ACCENT, SOFT


def plan_as_docx(plan: KeptPlan, case_title: str, day: date, *, is_closed: bool) -> bytes:
    """Return a plan as a Word file; one of a closed circle says so on every page."""
    document: Any = Document()
    said = SAID[plan.language]
    version = said["version"].format(version=plan.version) if plan.version else said["draft"]
    _set_up(document, plan.language, f"{said['title']} {plan.case_id}")
    _say(document, said["title"], size=10, colour=RGBColor(*SOFT))
    _say(document, clean_text(case_title), size=18, bold=True)
    about = f"#{plan.case_id} · {version} · {day.isoformat()}"
    _say(document, about, size=9, colour=RGBColor(*SOFT), after=8)
    if is_closed:
        header = document.sections[0].header.paragraphs[0]
        run = header.add_run(said["closed"])
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    for number, section in enumerate(plan.sections, start=1):
        heading = document.add_heading(level=1)
        run = heading.add_run(f"{number}. {HEADINGS[plan.language][section.name]}")
        _font(run, plan.language)
        run.font.size, run.font.color.rgb = Pt(13), RGBColor(*ACCENT)
        for line in section.text.split("\n"):
            _say(document, line, size=10.5)
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run(f"Enmusubi · {about}").font.size = Pt(8)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _set_up(document: Any, language: str, title: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name = FONTS[language]
    properties = style.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["ja"])
    tongue = OxmlElement("w:lang")
    tongue.set(qn("w:val"), LANGUAGES["en"])
    tongue.set(qn("w:eastAsia"), LANGUAGES["ja"])
    properties.append(tongue)
    about = document.core_properties
    about.author = about.last_modified_by = "Enmusubi"
    about.title, about.comments, about.language = title, "", LANGUAGES[language]


def _font(run: Any, language: str) -> None:
    """Give a heading the body's fonts: its style names others for East Asian text."""
    run.font.name = FONTS[language]
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["ja"])


def _say(
    document: Any,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: RGBColor | None = None,
    after: float = 2,
) -> None:
    made = document.add_paragraph()
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(0), Pt(after)
    run = made.add_run(clean_text(text))
    run.font.size, run.font.bold = Pt(size), bold
    if colour is not None:
        run.font.color.rgb = colour
