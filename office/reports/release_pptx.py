"""The page of a released list as a slide of PowerPoint; python-pptx is imported here alone."""

import io
import re
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from office.reports.one_page import FONTS, LABELS, LANGUAGES, OnePage, PagePerson, Room
from office.reports.sheet import ACCENT, INK, SOFT

# the need: 3.7 inches of 12 points, 22 em; a person: 8.3 inches of 11 points, 54 em
ROOM = Room(head_em=43, need_em=21, need_lines=22, em=52, sentence_lines=2)
_INK, _SOFT, _ACCENT = RGBColor(*INK), RGBColor(*SOFT), RGBColor(*ACCENT)
_LINK_COLOURS = re.compile(rb"<(a:hlink|a:folHlink)>.*?</\1>", re.DOTALL)
_BLANK = 6  # the layout without placeholders
_LEFT, _TOP, _WIDTH, _HEIGHT = Inches(0.5), Inches(0.35), Inches(12.33), Inches(7.5)
_COLUMN, _BODY_TOP, _PERSON_HEIGHT = Inches(3.8), Inches(1.45), Inches(1.65)
_PEOPLE_TOP, _PEOPLE_TOP_BELOW_NOTICE = Inches(1.85), Inches(2.05)


def release_as_pptx(page: OnePage) -> bytes:
    """Return the page as a presentation of one slide."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), _HEIGHT
    deck.core_properties.author = deck.core_properties.last_modified_by = "Enmusubi"
    deck.core_properties.title, deck.core_properties.language = page.title, LANGUAGES[page.language]
    _colour_links(deck)
    slide = deck.slides.add_slide(deck.slide_layouts[_BLANK])
    writer = _Writer(page.language)
    head = _box(slide, _LEFT, _TOP, _WIDTH, Inches(1.0))
    writer.say(head, page.title, size=20, bold=True)
    writer.say(head, page.company, size=11, colour=_SOFT)
    said = LABELS[page.language]
    need = _box(slide, _LEFT, _BODY_TOP, _COLUMN, Inches(5.3))
    writer.say(need, said["need"], size=11, colour=_SOFT)
    writer.say(need, page.need, size=12)
    right = _LEFT + _COLUMN + Inches(0.3)
    width = _WIDTH - _COLUMN - Inches(0.3)
    top = _box(slide, right, _BODY_TOP, width, Inches(0.62))
    writer.say(top, page.heading, size=14, bold=True)
    writer.say(top, page.notice, size=11, colour=_ACCENT)
    people_top = _PEOPLE_TOP_BELOW_NOTICE if page.notice else _PEOPLE_TOP
    for number, person in enumerate(page.people, start=1):
        at = people_top + (number - 1) * _PERSON_HEIGHT
        _write(writer, _box(slide, right, at, width, _PERSON_HEIGHT), number, person)
    foot = _box(slide, _LEFT, Inches(7.05), _WIDTH, Inches(0.3))
    writer.say(foot, "   ".join(filter(None, (page.more, page.foot))), size=9, colour=_SOFT)
    content = io.BytesIO()
    deck.save(content)
    return content.getvalue()


def _write(writer: "_Writer", box: Any, number: int, person: PagePerson) -> None:
    line = writer.say(box, f"{number}. {person.names}", size=14, bold=True)
    writer.run(line, f"   {person.strength}", size=11, colour=_SOFT)
    writer.say(box, person.about, size=10.5, colour=_SOFT)
    _write_work(writer, box, person)
    writer.say(box, person.sentence, size=11)
    writer.say(box, person.against or person.second, size=10, colour=_SOFT)


def _write_work(writer: "_Writer", box: Any, person: PagePerson) -> None:
    """Write the work; only its kind and year are the link, as Impress breaks links within words."""
    if not (person.url and person.label):
        writer.say(box, person.work, size=11, url=person.url)
        return
    line = writer.say(box, person.label, size=11, colour=_ACCENT, url=person.url)
    writer.run(line, person.work.removeprefix(person.label), size=11)


def _colour_links(deck: Any) -> None:
    """Let links have the accent colour: they take the theme's, whatever their text is given."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    accent = b'<a:srgbClr val="%s"/>' % str(_ACCENT).encode()
    theme._blob = _LINK_COLOURS.sub(rb"<\1>" + accent + rb"</\1>", theme.blob)


def _box(slide: Any, left: int, top: int, width: int, height: int) -> Any:
    frame = slide.shapes.add_textbox(left, top, width, height).text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


class _Writer:
    """Writes paragraphs in the fonts of a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def say(self, frame: Any, text: str, **look: Any) -> Any:
        """Write a paragraph below the others of a box; nothing for an empty text."""
        if not text:
            return None
        first = frame.paragraphs[0]
        paragraph = frame.add_paragraph() if first.runs else first
        self.run(paragraph, text, **look)
        return paragraph

    def run(
        self,
        paragraph: Any,
        text: str,
        *,
        size: float,
        bold: bool = False,
        colour: RGBColor = _INK,
        url: str = "",
    ) -> None:
        """Write text behind what a paragraph has."""
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONTS[self._language]
        run.font.color.rgb = colour
        properties = run._r.get_or_add_rPr()
        properties.set("lang", LANGUAGES[self._language])
        asian = properties.makeelement(qn("a:ea"), {"typeface": FONTS["ja"]})
        properties.append(asian)
        if url:
            run.hyperlink.address = url
