"""Reads plain text and Markdown, whatever the encoding."""

from catalogue.importers.need_files.reading import Found
from catalogue.importers.reading.decoding import find_encoding, is_foreign
from catalogue.importers.reading.decoding_errors import ERRORS
from enmusubi.errors import UnreadableFileError


def read(content: bytes) -> Found:
    """Return the text; raises UnreadableFileError for a binary file and for bytes of other encodings."""
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
    return Found(text)
