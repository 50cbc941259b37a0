"""A4 pages of PDF files: one embedded font for Japanese and Latin text, the day and number at the foot."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from noto_cjk_sans_jp_regular import FONT_PATH  # type: ignore[import-untyped]

from enmusubi.language import clean_text

FONT = "noto"
LINE = 0.56  # millimetres a point of size
AFTER_MM = 0.8  # below a paragraph
PAGE: Mapping[str, str] = {"ja": "{n}ページ", "en": "Page {n}"}
INK, SOFT, ACCENT, MARK = (32, 36, 43), (86, 96, 112), (155, 44, 63), (251, 243, 214)

# it names the characters that a font lacks, and they are of texts that no log may quote
logging.getLogger("fpdf").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.CRITICAL)


class PdfSheet(FPDF):
    """A4 pages with one font and a number at the foot of each."""

    def __init__(self, language: str, today: date, title: str) -> None:
        super().__init__(format="A4")
        self._language, self._today = language, today
        self.set_margin(18)
        self.set_auto_page_break(True, margin=18)
        self.set_creator("Enmusubi")
        self.set_lang(language)
        self.set_title(title)
        self.add_font(FONT, fname=str(FONT_PATH))
        self.add_page()

    def footer(self) -> None:
        """Write the day and the page's number; fpdf calls this at the end of every page."""
        self.set_y(-13)
        self.set_font(FONT, size=8)
        self.set_text_color(*SOFT)
        page = PAGE[self._language].format(n=self.page_no())
        self.cell(0, 5, f"Enmusubi {self._today.isoformat()} · {page}", align="C")

    def say(
        self,
        text: str,
        *,
        size: float,
        colour: tuple[int, int, int] = INK,
        link: str = "",
        marked: bool = False,
    ) -> None:
        """Write a paragraph over the page's width."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.set_fill_color(*MARK)
        height = size * LINE
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
        self.ln(AFTER_MM)

    @property
    def bottom(self) -> float:
        """Millimetres from the page's top to where its text must end."""
        return float(self.page_break_trigger)

    def height_of(self, text: str, size: float) -> float:
        """Return the millimetres that `say` takes for a paragraph."""
        self.set_font(FONT, size=size)
        wrapped: Any = self.multi_cell(
            0,
            size * LINE,
            clean_text(text),
            align="L",
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
        )
        return float(wrapped) + AFTER_MM

    def keep_room(self, height_mm: float) -> None:
        """Begin another page where so much room is not left on this one."""
        if self.will_page_break(height_mm):
            self.add_page()

    def rule(self) -> None:
        """Draw a line between two people."""
        self.ln(2)
        self.set_draw_color(*SOFT)
        self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.ln(2)
