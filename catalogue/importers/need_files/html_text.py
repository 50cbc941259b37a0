"""The text of a web page or of a mail written as one: lines as they look, quotations behind `>`."""

import re
from collections.abc import Mapping

from lxml import etree

from catalogue.importers.reading.decoding import find_encoding, known_encoding
from catalogue.importers.reading.decoding_errors import ERRORS, STRICT
from enmusubi.errors import UnreadableFileError

_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt"}
    | {"fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"}
    | {"li", "main", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"}
)
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset(
    {"applet", "audio", "head", "iframe", "noscript", "object", "rp", "rt", "script", "style"}
    | {"template", "title"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"}
    | {"track", "wbr"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*+=\s*+(?:["']\s*+)?([\w.:-]{1,40})""", re.I)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HEAD_BYTES = 4_096
_MAX_DEPTH = 100  # of what is not shown
MAX_HTML_CHARS = 2_000_000
MAX_TAGS = 40_000  # where none of them matches, each end is looked for among all that are open


def html_text(html: str) -> str:
    """Return the text that a page shows, without scripts, styles and what is hidden.

    Raises UnreadableFileError for more tags than a mail has.
    """
    if html.count("<") > MAX_TAGS:
        raise UnreadableFileError(
            "The file has %(count)s parts, at most %(most)s are read.",
            count=f"{html.count('<'):,}",
            most=f"{MAX_TAGS:,}",
        )
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, no_network=True, recover=True, encoding="utf-8")
    parser.feed(html[:MAX_HTML_CHARS].encode("utf-8", "ignore"))
    parser.close()
    return reader.text()


def decoded_html(content: bytes) -> str:
    """Return a page's source in the encoding that it declares, or the likeliest."""
    declared, encoding = _CHARSET.search(content[:_HEAD_BYTES]), find_encoding(content)
    if declared and not encoding.startswith(("utf-8-sig", "utf-16", "utf-32", "iso_2022")):
        try:
            return content.decode(known_encoding(declared[1].decode("ascii")), STRICT)
        except (LookupError, UnicodeError):
            pass
    return content.decode(encoding, ERRORS)


class _Reader:
    """Gathers the lines of a page from what libxml2 finds; `_silent` are the open elements not shown."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._says = (
            False  # whether the line holds more than blanks: joining it each time takes too long
        )
        self._silent: list[str] = []  # the element that is not shown, and those open inside it
        self._quotes = 0
        self._pre = 0

    def text(self) -> str:
        """Return the lines found so far."""
        self._end_line()
        return "\n".join(self._lines)

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """Take an element that opens."""
        if self._silent:
            if tag not in _VOID and len(self._silent) < _MAX_DEPTH:
                self._silent.append(tag)
            return
        hides = tag in _SILENT or "hidden" in given or _HIDDEN.search(given.get("style", ""))
        if hides and tag not in _VOID:
            self._silent.append(tag)
            return
        if tag in _BLOCKS:
            self._end_line()
        if tag in _CELLS and self._says:
            self._add("\t")
        self._quotes += tag == "blockquote"
        self._pre += tag == "pre"

    def end(self, tag: str) -> None:
        """Take an element that closes."""
        if self._silent:
            if tag in self._silent:  # what was left open inside ends, too
                while self._silent.pop() != tag:
                    pass
            return
        if tag in _BLOCKS:
            self._end_line()
        self._quotes -= tag == "blockquote" and self._quotes > 0
        self._pre -= tag == "pre" and self._pre > 0
        if tag in {"p", "table", "blockquote"} and self._lines and self._lines[-1].strip("> "):
            self._lines.append("> " * self._quotes)

    def data(self, data: str) -> None:
        """Take a piece of text."""
        if self._silent:
            return
        if self._pre:
            first, *rest = data.split("\n")
            self._add(first)
            for line in rest:
                self._end_line(keeps_blank=True)
                self._add(line)
        else:
            self._add(_BLANKS.sub(" ", data))

    def close(self) -> None:
        """Take the end of the page."""

    def _add(self, text: str) -> None:
        self._line.append(text)
        self._says = self._says or bool(text.strip())

    def _end_line(self, *, keeps_blank: bool = False) -> None:
        line = "".join(self._line).replace("\xa0", " ")
        line = line if self._pre else re.sub(" {2,}", " ", line).strip(" ")
        self._line.clear()
        self._says = False
        if line.strip() or keeps_blank:
            self._lines.append("> " * self._quotes + line)
