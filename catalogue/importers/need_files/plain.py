"""Reads plain text and Markdown, whatever the encoding."""

from catalogue.importers.need_files.reading import Found
from catalogue.importers.reading.decoding import find_encoding, is_foreign
from catalogue.importers.reading.decoding_errors import ERRORS
from catalogue.importers.reading.likelihood import log_likelihood
from enmusubi.errors import UnreadableFileError

_LEAST_LIKELY = (
    -14.0
)  # log likelihood a character: that of text is above -9, of bytes by chance below -14.9
_JUDGED_CHARS = 100_000
_UNMARKED = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def read(content: bytes) -> Found:
    """Return the text; raises UnreadableFileError for a binary file and for bytes of other encodings."""
    encoding = find_encoding(content)
    if _is_binary(content, encoding):
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


def _is_binary(content: bytes, encoding: str) -> bool:
    """Tell bytes with zeros among them from text: without a mark they may be UTF-16 by chance alone."""
    if b"\x00" not in content:
        return False
    if encoding not in _UNMARKED:
        return not encoding.startswith(("utf-16", "utf-32"))
    text = content.decode(encoding, "replace")[:_JUDGED_CHARS]
    return "\x00" in text or log_likelihood(text) < _LEAST_LIKELY * len(text)
