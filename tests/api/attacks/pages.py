"""Reads a page as a browser does, and finds what would run there: scripts, handlers, foreign links."""

from html.parser import HTMLParser

MARK = "zz9"  # stands in every hostile text
_LINKS = frozenset(
    {"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"}
)
_FORBIDDEN = frozenset({"iframe", "object", "embed", "base", "applet", "frame", "style"})
_SAFE_STARTS = ("/", "?", "#", "http://", "https://", "data:image/", "data:,")


class Page(HTMLParser):
    """A page; `faults` says what in it a hostile text could have put there."""

    def __init__(self, html: str, *, own_styles: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text = ""
        self._own_styles = own_styles
        self._tag = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        if tag in _FORBIDDEN and not (tag == "style" and self._own_styles):
            self.faults.append(f"<{tag}>")
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append(f"<script {given}>")
        policy = "Content-Security-Policy"  # of pages that are stored
        if MARK in tag or given.get("http-equiv", policy) != policy:
            self.faults.append(f"<{tag} {given}>")
        for name, value in given.items():
            if name.startswith("on") or MARK in name or (name == "style" and not self._own_styles):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in _LINKS and value and not value.strip().lower().startswith(_SAFE_STARTS):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in _LINKS and value.startswith(("//", "/\\")):
                self.faults.append(f"<{tag} {name}={value!r}>")
            self.text += f" {value}"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._tag = ""

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._tag == "script" and data.strip():
            self.faults.append(f"script: {data[:60]!r}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.faults.append(f"comment: {data[:60]!r}")


def faults_of(html: str, *, own_styles: bool = False) -> list[str]:
    """Return what would run on a page, or what a template engine worked out of a hostile text."""
    found = Page(html, own_styles=own_styles).faults
    return found + ["49" for _ in range(html.count(f"49{MARK}"))]
