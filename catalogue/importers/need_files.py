"""Reads a need from a file: plain text, Markdown, Word or PDF, whatever its encoding.

Files are hostile until read: sizes are limited before and after unpacking, nothing is executed or
fetched, and no error quotes what is written in them.
"""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalogue.importers.reading.decoding import find_encoding, is_foreign
from catalogue.importers.reading.decoding_errors import ERRORS
from enmusubi.errors import InputError, UnreadableFileError
from enmusubi.language import clean_text

MAX_UNPACKED_BYTES = 200_000_000
MAX_XML_BYTES = 10_000_000  # each byte of it costs dozens when it is parsed
MAX_PDF_PAGES = 200
MAX_PAGE_BYTES = 3_000_000  # of the instructions that draw it, which are parsed one by one
MAX_DRAWN_BYTES = 20_000_000
MAX_PDF_S = 10.0
_PARSED = (".xml", ".rels")
_PARAGRAPHS = ".//w:p[.//w:t][not(ancestor::w:txbxContent)]"


def read_need_file(path: Path, *, max_bytes: int) -> str:
    """Return the text of the file; raises UnreadableFileError that names it and says why."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise UnreadableFileError(
                "%(name)s has %(count)s bytes, at most %(most)s.",
                name=path.name,
                count=f"{size:,}",
                most=f"{max_bytes:,}",
            )
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(
            "%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror
        ) from error
    return read_need_bytes(path.name, content, max_bytes=max_bytes)


def read_need_bytes(name: str, content: bytes, *, max_bytes: int) -> str:
    """Return the text of an uploaded file, told by its name's ending and its first bytes."""
    if len(content) > max_bytes:
        raise UnreadableFileError(
            "%(name)s has %(count)s bytes, at most %(most)s.",
            name=name,
            count=f"{len(content):,}",
            most=f"{max_bytes:,}",
        )
    ending = Path(name).suffix.lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise UnreadableFileError(
            "%(name)s is of an unknown kind; readable are %(kinds)s.",
            name=name,
            kinds=", ".join(sorted(_READERS)),
        )
    try:
        text = clean_text(reader(content))
    except InputError as error:
        raise UnreadableFileError("%(name)s: %(reason)s", name=name, reason=error) from None
    except Exception as error:  # the parsers raise dozens of kinds on damaged files
        raise UnreadableFileError(
            "%(name)s cannot be read as %(ending)s (%(kind)s): it seems to be damaged. "
            "Save it again, or paste its text.",
            name=name,
            ending=ending,
            kind=type(error).__name__,
        ) from error
    if not text:
        raise UnreadableFileError(
            "%(name)s holds no text. If it is a scan, paste the text or run character recognition.",
            name=name,
        )
    return text


def _read_plain(content: bytes) -> str:
    encoding = find_encoding(content)
    wide = encoding.replace("_", "-").startswith(("utf-16", "utf-32"))
    if b"\x00" in content and not wide:
        raise UnreadableFileError(
            "The file is binary, not text. Save it as txt, md, docx or pdf, or paste its text."
        )
    text = content.decode(encoding, ERRORS).lstrip("\ufeff")
    if is_foreign(text, encoding):
        raise UnreadableFileError(
            "The file has bytes that belong to no Japanese encoding, or to several. Open it where it "
            "can be read, save it as UTF-8, or paste its text."
        )
    return text


def _read_docx(content: bytes) -> str:
    import docx
    from docx.text.paragraph import Paragraph

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    marked_up = sum(size for name, size in sizes.items() if name.endswith(_PARSED))
    _check_size(sum(sizes.values()), MAX_UNPACKED_BYTES)
    _check_size(marked_up, MAX_XML_BYTES)
    document = docx.Document(io.BytesIO(content))
    # cells are not asked for by their columns: a file may say that one is as wide as billions
    paragraphs = document.element.body.xpath(_PARAGRAPHS)
    return "\n".join(Paragraph(found, document).text for found in paragraphs)


def _check_size(unpacked: int, most: int) -> None:
    if unpacked > most:
        raise UnreadableFileError(
            "The file unpacks to %(count)s bytes, at most %(most)s.",
            count=f"{unpacked:,}",
            most=f"{most:,}",
        )


def _read_pdf(content: bytes) -> str:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableFileError("The file is locked by a password. Save it without, or paste it.")
    until, texts, drawn = time.monotonic() + MAX_PDF_S, list[str](), 0

    def watch(*_: Any) -> None:
        if time.monotonic() > until:
            raise UnreadableFileError("The file takes too long to read. Paste its text.")

    for page in reader.pages[:MAX_PDF_PAGES]:
        size = _drawn_bytes(page)
        drawn += size
        _check_size(size, MAX_PAGE_BYTES)
        _check_size(drawn, MAX_DRAWN_BYTES)
        watch()
        texts.append(page.extract_text(visitor_operand_before=watch) or "")
    return "\n".join(texts)


def _drawn_bytes(page: Any) -> int:
    """Return how long the instructions are that draw a page, those of its forms included."""
    from pypdf.generic import ArrayObject, DictionaryObject

    contents, nothing = page.get("/Contents", ArrayObject()).get_object(), DictionaryObject()
    parts = contents if isinstance(contents, ArrayObject) else [contents]
    total, seen = 0, set[int]()
    for part in parts:  # what is unpacked is kept: no more of it than is needed to refuse
        total += len(part.get_object().get_data()) if total <= MAX_PAGE_BYTES else 0
    waiting = [page]
    while waiting and total <= MAX_PAGE_BYTES:
        resources = waiting.pop().get("/Resources", nothing).get_object()
        for found in resources.get("/XObject", nothing).get_object().values():
            form = found.get_object()
            if form.get("/Subtype") == "/Form" and id(form) not in seen:
                seen.add(id(form))
                total += len(form.get_data())
                waiting.append(form)
    return total


_READERS: dict[str, Callable[[bytes], str]] = {
    ".txt": _read_plain,
    ".text": _read_plain,
    ".md": _read_plain,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
