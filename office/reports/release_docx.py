"""The page of a released list as a Word file for A4; python-docx is imported here alone."""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from office.reports.one_page import FONTS, LABELS, LANGUAGES, OnePage, PagePerson, Room
from office.reports.sheet import ACCENT, INK, SOFT

# 174 mm of text: 49 characters of 10 points; three people of ten lines, six lines of the need
ROOM = Room(head_em=30, need_em=49, need_lines=6, em=49, notice_lines=3)
_INK, _SOFT, _ACCENT = RGBColor(*INK), RGBColor(*SOFT), RGBColor(*ACCENT)
_MARGIN = Mm(18)


def release_as_docx(page: OnePage) -> bytes:
    """Return the page as a Word file."""
    document: Any = Document()
    _set_up(document, page)
    said = LABELS[page.language]
    _say(document, page.title, size=16, bold=True)
    about = " · ".join(filter(None, (said["need"], page.company)))
    _say(document, about, size=9, colour=_SOFT)
    _say(document, page.need, size=10, after=6)
    _say(document, page.heading, size=13, bold=True, after=2)
    if page.notice:
        _say(document, page.notice, size=10, marked=True, after=4)
    for number, person in enumerate(page.people, start=1):
        _write(document, number, person)
    if page.more:
        _say(document, page.more, size=9, colour=_SOFT)
    footer = document.sections[0].footer.paragraphs[0]
    _run(footer, page.foot, size=8, colour=_SOFT)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _set_up(document: Any, page: OnePage) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = Mm(16)
    style = document.styles["Normal"]
    style.font.name = FONTS[page.language]
    properties = style.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), FONTS["ja"])
    tongue = OxmlElement("w:lang")
    tongue.set(qn("w:val"), LANGUAGES["en"])  # of Latin letters: as Japanese they break anywhere
    tongue.set(qn("w:eastAsia"), LANGUAGES["ja"])
    properties.append(tongue)
    about = document.core_properties
    about.author = about.last_modified_by = "Enmusubi"
    about.title, about.comments, about.language = page.title, "", LANGUAGES[page.language]


def _write(document: Any, number: int, person: PagePerson) -> None:
    line = _paragraph(document, before=5)
    _run(line, f"{number}. {person.names}", size=12, bold=True)
    _run(line, f"   {person.strength}", size=10, colour=_SOFT)
    line.paragraph_format.keep_with_next = True
    _say(document, person.about, size=9.5, colour=_SOFT)
    if person.work:
        paragraph = _paragraph(document)
        if person.url:
            _link(paragraph, person.work, person.url)
        else:
            _run(paragraph, person.work, size=10)
    if person.sentence:
        _say(document, person.sentence, size=10)
    if person.second:
        _say(document, person.second, size=9.5, colour=_SOFT)
    if person.against:
        _say(document, person.against, size=9, colour=_SOFT)


def _paragraph(document: Any, *, before: float = 0, after: float = 1) -> Any:
    made = document.add_paragraph()
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(before), Pt(after)
    made.paragraph_format.line_spacing = 1.05
    return made


def _say(document: Any, text: str, *, after: float = 1, marked: bool = False, **look: Any) -> None:
    run = _run(_paragraph(document, after=after), text, **look)
    if marked:
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _run(
    paragraph: Any, text: str, *, size: float, bold: bool = False, colour: RGBColor = _INK
) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
    return run


def _link(paragraph: Any, text: str, url: str) -> None:
    """Write a text that leads to an address: python-docx reads links and makes none."""
    run = _run(paragraph, text, size=10, colour=_ACCENT)
    run.font.underline = True
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    )
    paragraph._p.append(link)
    link.append(run._r)
