"""Reads PDFs: text in reading order, values of form fields beside their labels, what is no text said.

PDFium reads the file, in a process of its own (`pdf_process`), because it may break on what it reads.
"""

import json
import re
import subprocess
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from catalogue.importers.need_files import pdf_process
from catalogue.importers.need_files.pdf_glyphs import (
    ACROSS,
    DOWN,
    Glyph,
    TextRun,
    em_of,
    mode_of,
    runs_of,
    turned,
)
from catalogue.importers.need_files.pdf_layout import lines_of, without_readings
from catalogue.importers.need_files.reading import Found
from catalogue.importers.need_files.symbols import MISSING, plain_kanji, unfolded
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message, listed

MAX_PDF_S = 10.0
MAX_UNTOLD_SHARE = 0.2  # of the characters: a text with more of them cannot be trusted
MIN_PICTURE_SHARE = 0.5  # of a page that is a picture, even if a number stands on it
_FEW_CHARS = 30
_LOCKED, _XFA = 3, 4  # how the process ends
_AT_ONCE = threading.BoundedSemaphore(2)
_TICKED, _UNTICKED = "☑", "☐"
_BLANKS = "\t\r\n\xa0"
_NO_LETTERS = frozenset({"Co", "Cn", "Cc"})  # private, unassigned, control
_EDGE_LINES = 2
_PAGE_NUMBER = re.compile(
    r"^\W*(?:p(?:age)?\b|第|ページ|頁)?\W*\d{1,4}\W*(?:(?:of|中)?\W*\d{1,4})?\W*(?:pages?|ページ|頁)?\W*$",
    re.I,
)
_GENERIC_NAME = re.compile(
    r"^(?:text|textbox|textfield|field|fill|untitled|undefined|check|checkbox|button|group|form|テキスト|"
    r"チェック|フォーム)[\s_\-.#\[\]\d]*$",
    re.I,
)


def read(content: bytes) -> Found:
    """Return the text; raises UnreadableFileError for locked files, pictures and letters not told."""
    head, *pages = _pages(content)
    texts, pictures, chars = list[list[str]](), list[int](), Counter[str]()
    for number, page in enumerate(pages, start=1):
        glyphs, turns = _glyphs(page, chars)
        fields = [one for one in page["fields"] if one[1] or one[0] == pdf_process.CHECK]
        if _is_picture(page, glyphs, fields):
            pictures.append(number)
        texts.append(_page_lines(glyphs, turns, fields))
    untold = chars["untold"] / max(chars["all"], 1)
    if untold > MAX_UNTOLD_SHARE:
        raise UnreadableFileError(
            "The letters of this PDF cannot be told: its fonts do not say which characters they draw "
            "(%(untold)s of %(count)s). Paste the text, or print the document to a PDF again.",
            untold=f"{chars['untold']:,}",
            count=f"{chars['all']:,}",
        )
    if pictures and not any(texts):
        raise UnreadableFileError(
            "The pages of this PDF are pictures, such as scans: there is no text in them. Run character "
            "recognition, or paste the text."
        )
    return Found("\n".join(_without_repeated(texts)), _notes(head, pages, pictures, chars))


def _notes(
    head: dict[str, Any], pages: Sequence[Any], pictures: list[int], chars: Counter[str]
) -> list[Message]:
    notes = list[Message]()
    if pictures:
        notes.append(
            Message(
                "Pages that are pictures were not read: %(numbers)s.", {"numbers": listed(pictures)}
            )
        )
    if chars["untold"]:
        notes.append(
            Message(
                "Letters that cannot be told stand as 〓: %(count)s. Compare the text with the document.",
                {"count": chars["untold"]},
            )
        )
    if head["of"] > len(pages):
        notes.append(
            Message(
                "Only the first %(count)s of %(pages)s pages were read.",
                {"count": len(pages), "pages": head["of"]},
            )
        )
    return notes


def _pages(content: bytes) -> list[dict[str, Any]]:
    """Return what the process says: of the file, and of each page; raises UnreadableFileError, ValueError."""
    command = [sys.executable, "-P", str(Path(pdf_process.__file__).resolve())]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, without arguments
                command, input=content, capture_output=True, timeout=MAX_PDF_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise UnreadableFileError("The file takes too long to read. Paste its text.") from None
    if done.returncode == _LOCKED:
        raise UnreadableFileError("The file is locked by a password. Save it without, or paste it.")
    if done.returncode == _XFA:
        raise UnreadableFileError(
            "This PDF is a form that only Adobe's reader can show (XFA). Print it to a PDF there, or "
            "paste its text."
        )
    if done.returncode:
        raise ValueError("the process ended early")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _glyphs(page: dict[str, Any], chars: Counter[str]) -> tuple[list[Glyph], int]:
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
    if flags & pdf_process.HYPHEN:
        return "-"
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return MISSING
    text = unfolded(chr(code))
    kind = unicodedata.category(text)
    if text in _BLANKS or kind == "Cf":
        return " " if text in _BLANKS else ""
    if flags & pdf_process.NOT_TOLD or kind in _NO_LETTERS or text == "\ufffd":
        return MISSING
    is_ligature = "\ufb00" <= text <= "\ufb06"
    return unicodedata.normalize("NFKC", text) if is_ligature else plain_kanji(text)


def _is_picture(page: dict[str, Any], glyphs: Sequence[Glyph], fields: Sequence[Any]) -> bool:
    says = sum(1 for glyph in glyphs if not glyph.text.isspace())
    if any(value for _, value, *_ in fields) or says > _FEW_CHARS:
        return False
    return page["pictures"] >= MIN_PICTURE_SHARE or (not says and page["objects"] > 0)


def _page_lines(glyphs: Sequence[Glyph], turns: int, fields: Sequence[Any]) -> list[str]:
    """Return the lines of a page, whichever way they are written."""
    inked = [glyph for glyph in glyphs if not glyph.text.isspace()]
    mode = mode_of(inked)
    runs, others = runs_of(_spaced(glyphs), mode)
    runs = without_readings(runs)
    blocks = [_other_way(run, mode) for run in others]
    em = em_of(inked)
    answers = [_answer(one, turns, em) for one in fields]
    if mode == DOWN:
        answers = [_laid(run, 1) for run in answers]
    _label(answers, runs)
    return [line.strip() for line in lines_of([*runs, *blocks, *answers]) if line.strip()]


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
    text = (_TICKED if value else _UNTICKED) if kind == pdf_process.CHECK else _plain_value(value)
    left, bottom, right, top = (edge / 10 for edge in edges)
    box = turned(Glyph("x", left, bottom, right, top), turns)
    label = "" if _GENERIC_NAME.match(name.rpartition(".")[2].strip()) else name
    place = (box.left, box.right, box.bottom, box.top)
    return TextRun(text, *place, em=em, is_block=True, label=" ".join(label.split()))


def _plain_value(value: str) -> str:
    return "\n".join(line.rstrip() for line in value.splitlines()).strip()


def _label(answers: Sequence[TextRun], runs: Sequence[TextRun]) -> None:
    """Put a field's own name before its value where no label stands beside it or right above."""
    for answer in answers:
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
        if answer.label and not (beside or above):
            answer.text = f"{answer.label}: {answer.text}"


def _without_repeated(pages: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of all pages; headers and footers once, the pages' numbers not at all."""
    edges = Counter(line for page in pages for line in {page[at] for at in _edges(page)})
    said = set[str]()
    for page in pages:
        at_edge = _edges(page)
        for at, line in enumerate(page):
            is_repeated = at in at_edge and len(pages) > 1 and 2 * edges[line] > len(pages)
            if at in at_edge and len(pages) > 1 and _PAGE_NUMBER.match(line):
                continue
            if not (is_repeated and line in said):
                yield line
            if is_repeated:
                said.add(line)
        yield ""


def _edges(page: Sequence[str]) -> frozenset[int]:
    """Return the places of a page's first and last lines, where headers and footers stand."""
    return frozenset(
        at for at in range(len(page)) if at < _EDGE_LINES or at >= len(page) - _EDGE_LINES
    )
