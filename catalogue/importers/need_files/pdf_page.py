"""A page of a PDF as lines: its characters and fields in reading order, and whether it is a picture.

Runs in the process that reads the file (`pdf_process`), within its bounds.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.importers.need_files.pdf_glyphs import (
    ACROSS,
    CHECK,
    DOWN,
    HYPHEN,
    NOT_TOLD,
    Glyph,
    TextRun,
    em_of,
    mode_of,
    runs_of,
    turned,
)
from catalogue.importers.need_files.pdf_layout import Effort, lines_of, without_readings
from catalogue.importers.need_files.symbols import MISSING, plain_kanji, unfolded

MIN_PICTURE_SHARE = 0.5  # of a page that is a picture, even if a number stands on it
_FEW_CHARS = 30
_TICKED, _UNTICKED = "☑", "☐"
_BLANKS = "\t\r\n\xa0"
_NO_LETTERS = frozenset({"Co", "Cn", "Cc"})  # private, unassigned, control
_GENERIC_NAME = re.compile(
    r"^(?:text|textbox|textfield|field|fill|untitled|undefined|check|checkbox|button|group|form|テキスト|"
    r"チェック|フォーム)[\s_\-.#\[\]\d]*$",
    re.I,
)


@dataclass(frozen=True)
class PageText:
    """The lines of a page, how many characters it has and how many of them are not told."""

    lines: list[str] = field(repr=False)
    is_picture: bool
    chars: int
    untold: int


def read_page(page: Mapping[str, Any], effort: Effort) -> PageText:
    """Return what stands on a page of these characters, fields and pictures."""
    effort.begin_page()
    chars = Counter[str]()
    glyphs, turns = _glyphs(page, chars)
    fields = [one for one in page["fields"] if one[1] or one[0] == CHECK]
    is_picture = _is_picture(page, glyphs, fields)
    lines = _lines(glyphs, turns, fields, effort)
    return PageText(lines, is_picture, chars["all"], chars["untold"])


def _glyphs(page: Mapping[str, Any], chars: Counter[str]) -> tuple[list[Glyph], int]:
    """Return a page's characters turned upright, and by how many quarters; counts those that are not told."""
    turns: int = (
        Counter(char[5] for char in page["chars"]).most_common(1)[0][0] if page["chars"] else 0
    )
    accented = sum(1 for char in page["chars"] if 0x80 <= char[0] <= 0x24F)
    found = list[Glyph]()
    for code, *edges, _, flags in page["chars"]:
        text = _told(code, flags)
        if not text:
            continue
        chars["all"] += not text.isspace()
        chars["untold"] += text == MISSING
        left, bottom, right, top = (edge / 10 for edge in edges)
        found.append(turned(Glyph(text, left, bottom, right, top, flags), turns))
    if accented > len(page["chars"]) / 3 and accented > _FEW_CHARS:  # bytes of another encoding
        chars["untold"] += accented
    return found, turns


def _told(code: int, flags: int) -> str:
    """Return a character as text, `〓` for one that is not told, nothing for one that draws nothing."""
    if flags & HYPHEN:
        return "-"
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return MISSING
    text = unfolded(chr(code))
    kind = unicodedata.category(text)
    if text in _BLANKS or kind == "Cf":
        return " " if text in _BLANKS else ""
    if flags & NOT_TOLD or kind in _NO_LETTERS or text == "\ufffd":
        return MISSING
    is_ligature = "\ufb00" <= text <= "\ufb06"
    return unicodedata.normalize("NFKC", text) if is_ligature else plain_kanji(text)


def _is_picture(page: Mapping[str, Any], glyphs: Sequence[Glyph], fields: Sequence[Any]) -> bool:
    says = sum(1 for glyph in glyphs if not glyph.text.isspace())
    if any(value for _, value, *_ in fields) or says > _FEW_CHARS:
        return False
    return page["pictures"] >= MIN_PICTURE_SHARE or (not says and page["objects"] > 0)


def _lines(glyphs: Sequence[Glyph], turns: int, fields: Sequence[Any], effort: Effort) -> list[str]:
    """Return the lines of a page, whichever way they are written."""
    inked = [glyph for glyph in glyphs if not glyph.text.isspace()]
    mode = mode_of(inked)
    runs, others = runs_of(_spaced(glyphs), mode)
    runs = without_readings(runs, effort)
    blocks = [_other_way(run, mode) for run in others]
    em = em_of(inked)
    answers = [_answer(one, turns, em) for one in fields]
    if mode == DOWN:
        answers = [_laid(run, 1) for run in answers]
    _label(answers, runs, effort)
    return [line.strip() for line in lines_of([*runs, *blocks, *answers], effort) if line.strip()]


def _spaced(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters with blanks as a part of the one before: their boxes say little."""
    found = list[Glyph]()
    for glyph in glyphs:
        if not glyph.text.isspace():
            found.append(glyph)
        elif found and not found[-1].text[-1].isspace():
            last = found.pop()
            edges = (last.left, last.bottom, last.right, last.top)
            found.append(Glyph(last.text + glyph.text, *edges, last.flags))
    return found


def _other_way(run: TextRun, mode: str) -> TextRun:
    """Return a run of the other direction as a block among those of the page's own."""
    return _laid(run, 3 if mode == ACROSS else 1)


def _laid(run: TextRun, turns: int) -> TextRun:
    box = turned(Glyph("x", run.start, run.bottom, run.end, run.top), turns)
    edges = (box.left, box.right, box.bottom, box.top)
    return TextRun(run.text, *edges, em=run.em, is_block=True, label=run.label)


def _answer(one: Sequence[Any], turns: int, em: float) -> TextRun:
    """Return a field's value at the place of the field."""
    kind, value, name, *edges = one
    text = (_TICKED if value else _UNTICKED) if kind == CHECK else _plain_value(value)
    left, bottom, right, top = (edge / 10 for edge in edges)
    box = turned(Glyph("x", left, bottom, right, top), turns)
    label = "" if _GENERIC_NAME.match(name.strip()) else name
    place = (box.left, box.right, box.bottom, box.top)
    return TextRun(text, *place, em=em, is_block=True, label=" ".join(label.split()))


def _plain_value(value: str) -> str:
    return "\n".join(line.rstrip() for line in value.splitlines()).strip()


def _label(answers: Sequence[TextRun], runs: Sequence[TextRun], effort: Effort) -> None:
    """Put the name that a field shows before its value where no label stands beside it or right above."""
    for answer in answers:
        if not answer.label or not effort.spend(2 * len(runs)):
            continue
        beside = any(
            min(run.top, answer.top) - max(run.bottom, answer.bottom) > 0.4 * run.height
            for run in runs
        )
        above = any(
            run.start < answer.end
            and run.end > answer.start
            and 0 <= run.bottom - answer.top < 2.5 * run.em
            for run in runs
        )
        if not (beside or above):
            answer.text = f"{answer.label}: {answer.text}"
