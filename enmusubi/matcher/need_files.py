"""Reads a need from a file: plain text, Markdown, Word or PDF, whatever its encoding.

Files are hostile until read: sizes are limited before and after unpacking, nothing is executed or
fetched, and no error quotes what is written in them.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from enmusubi.matcher.errors import InputError, UnreadableFileError
from enmusubi.matcher.importers.decoding import find_encoding
from enmusubi.matcher.language import clean_text

MAX_UNPACKED_BYTES = 200_000_000
MAX_PDF_PAGES = 200


def read_need_file(path: Path, *, max_bytes: int) -> str:
    """Return the text of the file; raises UnreadableFileError that names it and says why."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise UnreadableFileError(f"{path.name} has {size:,} bytes, at most {max_bytes:,}.")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}.") from error
    return read_need_bytes(path.name, content, max_bytes=max_bytes)


def read_need_bytes(name: str, content: bytes, *, max_bytes: int) -> str:
    """Return the text of an uploaded file, told by its name's ending and its first bytes."""
    if len(content) > max_bytes:
        raise UnreadableFileError(f"{name} has {len(content):,} bytes, at most {max_bytes:,}.")
    ending = Path(name).suffix.lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise UnreadableFileError(
            f"{name} is of an unknown kind; readable are {', '.join(sorted(_READERS))}."
        )
    try:
        text = clean_text(reader(content))
    except InputError as error:
        raise UnreadableFileError(f"{name}: {error}") from None
    except Exception as error:  # the parsers raise dozens of kinds on damaged files
        raise UnreadableFileError(
            f"{name} cannot be read as {ending} ({type(error).__name__}): it seems to be damaged. "
            "Save it again, or paste its text."
        ) from error
    if not text:
        raise UnreadableFileError(
            f"{name} holds no text. If it is a scan, paste the text or run character recognition."
        )
    return text


def _read_plain(content: bytes) -> str:
    encoding = find_encoding(content)
    wide = encoding.replace("_", "-").startswith(("utf-16", "utf-32"))
    if b"\x00" in content and not wide:
        raise UnreadableFileError(
            "The file is binary, not text. Save it as txt, md, docx or pdf, or paste its text."
        )
    return content.decode(encoding, "replace").lstrip("\ufeff")


def _read_docx(content: bytes) -> str:
    import docx

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableFileError(
                f"The file unpacks to {unpacked:,} bytes, at most {MAX_UNPACKED_BYTES:,}."
            )
    document = docx.Document(io.BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _read_pdf(content: bytes) -> str:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableFileError("The file is locked by a password. Save it without, or paste it.")
    pages = reader.pages[:MAX_PDF_PAGES]
    return "\n".join(page.extract_text() or "" for page in pages)


_READERS: dict[str, Callable[[bytes], str]] = {
    ".txt": _read_plain,
    ".text": _read_plain,
    ".md": _read_plain,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
