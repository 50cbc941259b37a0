"""The text of a web page or of a mail written as one: lines as they look, quotations behind `>`."""

import re
from html.parser import HTMLParser

from catalogue.importers.reading.decoding import find_encoding, known_encoding
from catalogue.importers.reading.decoding_errors import ERRORS, STRICT

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
_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HEAD_BYTES = 4_096
_MAX_DEPTH = 100  # of what is not shown
MAX_HTML_CHARS = 2_000_000


def html_text(html: str) -> str:
    """Return the text that a page shows; scripts, styles and what is hidden are out."""
    reader = _Reader()
    reader.feed(html[:MAX_HTML_CHARS])
    reader.close()
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


class _Reader(HTMLParser):
    """Gathers the lines of a page; `_silent` counts the open elements that show nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._silent: list[str] = []  # the element that is not shown, and those open inside it
        self._quotes = 0
        self._pre = 0

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            if tag not in _VOID and len(self._silent) < _MAX_DEPTH:
                self._silent.append(tag)
            return
        given = {name: value or "" for name, value in attrs}
        hides = tag in _SILENT or "hidden" in given or _HIDDEN.search(given.get("style", ""))
        if hides and tag not in _VOID:
            self._silent.append(tag)
            return
        if tag in _BLOCKS:
            self._end_line()
        if tag in _CELLS and "".join(self._line).strip():
            self._line.append("\t")
        self._quotes += tag == "blockquote"
        self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
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

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._pre:
            first, *rest = data.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line(keeps_blank=True)
                self._line.append(line)
        else:
            self._line.append(_BLANKS.sub(" ", data))

    def _end_line(self, *, keeps_blank: bool = False) -> None:
        line = "".join(self._line).replace("\xa0", " ")
        line = line if self._pre else re.sub(" {2,}", " ", line).strip(" ")
        self._line.clear()
        if line.strip() or keeps_blank:
            self._lines.append("> " * self._quotes + line)
