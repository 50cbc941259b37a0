"""A match list as a PDF file for A4 paper, Japanese and Latin text in an embedded font."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from noto_cjk_sans_jp_regular import FONT_PATH  # type: ignore[import-untyped]

from enmusubi.language import clean_text
from matcher.explaining.words import objection_text, strength_text
from matcher.records import Evidence, Match
from office.reports.cells import is_web_url
from office.reports.list_tables import KINDS

FONT = "noto"
MAX_SENTENCE_CHARS = 400
MIN_ROOM_MM = 32  # no name stands alone at the foot of a page
LABELS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "該当する研究者", "need": "ニーズ", "against": "留意点: ", "page": "{n} ページ",
        "industry": "企業との共同成果 {count} 件",
    },
    "en": {
        "title": "Researchers who fit", "need": "Need", "against": "To consider: ",
        "page": "Page {n}", "industry": "Works with companies: {count}",
    },
}  # fmt: skip
_INK, _SOFT, _ACCENT, _MARK = (32, 36, 43), (86, 96, 112), (155, 44, 63), (251, 243, 214)

# it names the characters that a font lacks, and they are of texts that no log may quote
logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


def list_as_pdf(matches: Sequence[Match], language: str, need: str, today: date) -> bytes:
    """Return the list as a PDF file, the need's text above it."""
    sheet = _Sheet(language, today)
    said = LABELS[language]
    sheet.say(said["title"], size=16)
    sheet.say(said["need"], size=9, colour=_SOFT)
    sheet.say(need, size=10)
    for match in matches:
        _write_match(sheet, match, language)
    return bytes(sheet.output())


def _write_match(sheet: "_Sheet", match: Match, language: str) -> None:
    person = match.researcher
    other = "en" if language == "ja" else "ja"
    names = dict.fromkeys((person.name(language), person.name(other)))
    if sheet.will_page_break(MIN_ROOM_MM):
        sheet.add_page()
    sheet.rule()
    sheet.say(f"{match.rank}. {'  '.join(names)}    {strength_text(match, language)}", size=12)
    about = [person.affiliation(language), person.position_ja or person.position_en]
    if language == "en":
        about[1] = person.position_en or person.position_ja
    if person.industry_seeds:
        about.append(LABELS[language]["industry"].format(count=person.industry_seeds))
    sheet.say(" · ".join(part for part in about if part), size=9, colour=_SOFT)
    for evidence in match.evidence:
        _write_evidence(sheet, evidence, language)
    if match.against:
        reasons = [objection_text(objection, language) for objection in match.against]
        sheet.say(LABELS[language]["against"] + " / ".join(reasons), size=9, colour=_SOFT)


def _write_evidence(sheet: "_Sheet", evidence: Evidence, language: str) -> None:
    kind = KINDS[language].get(evidence.kind, evidence.kind)
    head = " ".join(str(part) for part in (kind, evidence.year, evidence.title) if part)
    link = evidence.url if is_web_url(evidence.url) else ""
    sheet.say(head, size=9.5, colour=_ACCENT if link else _INK, link=link)
    if evidence.sentence_field == "text":
        sheet.say(evidence.sentence[:MAX_SENTENCE_CHARS], size=9.5, marked=True)


class _Sheet(FPDF):
    """A4 pages with one font and a number at the foot of each."""

    def __init__(self, language: str, today: date) -> None:
        super().__init__(format="A4")
        self._language, self._today = language, today
        self.set_margin(18)
        self.set_auto_page_break(True, margin=18)
        self.set_creator("Enmusubi")
        self.set_lang(language)
        self.set_title(LABELS[language]["title"])
        self.add_font(FONT, fname=str(FONT_PATH))
        self.add_page()

    def footer(self) -> None:
        """Write the day and the page's number; fpdf calls this at the end of every page."""
        self.set_y(-13)
        self.set_font(FONT, size=8)
        self.set_text_color(*_SOFT)
        page = LABELS[self._language]["page"].format(n=self.page_no())
        self.cell(0, 5, f"Enmusubi {self._today.isoformat()} · {page}", align="C")

    def say(
        self,
        text: str,
        *,
        size: float,
        colour: tuple[int, int, int] = _INK,
        link: str = "",
        marked: bool = False,
    ) -> None:
        """Write a paragraph over the page's width."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.set_fill_color(*_MARK)
        height = size * 0.56
        self.multi_cell(
            0,
            height,
            clean_text(text),
            align="L",
            fill=marked,
            link=link,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
        self.ln(0.8)

    def rule(self) -> None:
        """Draw a line between two people."""
        self.ln(2)
        self.set_draw_color(*_SOFT)
        self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.ln(2)
