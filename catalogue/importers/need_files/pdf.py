"""Reads PDFs: text in reading order, values of form fields beside their labels, what is no text said.

PDFium reads the file and its pages are laid out in a process of its own (`pdf_process`), because it may
break on what it reads, and a file can be made to take long.
"""

import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import catalogue
from catalogue.importers.need_files.reading import Found
from enmusubi.errors import UnreadableFileError
from enmusubi.messages import Message, listed

MAX_PDF_S = 10.0
MAX_UNTOLD_SHARE = 0.2  # of the characters: a text with more of them cannot be trusted
_LOCKED, _XFA = 3, 4  # how the process ends
_AT_ONCE = threading.BoundedSemaphore(2)
_PROCESS = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from catalogue.importers.need_files.pdf_process import main; main()"
)
_EDGE_LINES = 2
_PAGE_NUMBER = re.compile(
    r"^\W*+(?:p(?:age)?\b|第|ページ|頁)?\W*+\d{1,4}\W*+(?:(?:of|中)?\W*+\d{1,4})?\W*+(?:pages?|ページ|頁)?\W*+$",
    re.I,
)


def read(content: bytes) -> Found:
    """Return the text; raises UnreadableFileError for locked files, pictures and letters not told."""
    head, *pages = _pages(content)
    texts = [page["lines"] for page in pages]
    pictures = [number for number, page in enumerate(pages, start=1) if page["is_picture"]]
    chars = Counter({name: sum(page[name] for page in pages) for name in ("chars", "untold")})
    untold = chars["untold"] / max(chars["chars"], 1)
    if untold > MAX_UNTOLD_SHARE:
        raise UnreadableFileError(
            "The letters of this PDF cannot be told: its fonts do not say which characters they draw "
            "(%(untold)s of %(count)s). Paste the text, or print the document to a PDF again.",
            untold=f"{chars['untold']:,}",
            count=f"{chars['chars']:,}",
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
    root = str(Path(catalogue.__file__).parents[1])  # where the process finds its module, too
    command = [sys.executable, "-P", "-c", _PROCESS, root]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module and folder
                command,
                input=content,
                capture_output=True,
                timeout=MAX_PDF_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = _said((error.output or b"").rpartition(b"\n")[0])
            if len(said) > 1:  # as far as it came
                return said
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
    return _said(done.stdout)


def _said(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


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
