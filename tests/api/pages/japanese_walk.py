"""Walks the pages in Japanese as somebody of a role, and finds what a reader of Japanese has no use for.

What a page shows is held against what the catalogue holds: names, titles and texts stay as they are;
other Latin words, and codes and identifiers of any kind, are found.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from fastapi.testclient import TestClient
from sqlalchemy import String, select

from catalogue.database.schema import tables_in_order
from catalogue.records.catalogue import Catalogue

BESIDE = re.compile(r"\s*[·/|;:()、,…]\s*")  # between texts that stand side by side
JAPANESE = re.compile(r"[\u3041-\u9fff]")
PATH = re.compile(r"(?:/[\w.-]+){2,}")
EACH = 3  # pages of one kind that are looked at
WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
CODES = {
    "a UUID": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "a version of the index": re.compile(r"\bv\d{6}\b"),
    "a model": re.compile(r"\b\w+@[0-9a-f]{6,}"),
    "a raw code": re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\bnon-competitive\b"),
    "a code of a register": re.compile(r"\b(?:kaken|ipc|fterm|orcid|openalex|erad|org|doi)[:-]\w+"),
    "a hash": re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b"),
    "a time for machines": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
    "a placeholder": re.compile(r"%\(\w+\)s|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b"),
}
# what is the same in both languages: kinds of files, registers and organisations, units, keys
KNOWN = frozenset(
    WORD.findall(
        """
    English Enmusubi Word PowerPoint Excel PDF XLSX XLSM XLS CSV ODS ICS ics JSON JSONL RIS BibTeX XML
    zip IPC ORCID iD KAKEN researchmap OpenAlex ROR Rad API DOI ID IP URL Ctrl Mac Web Webhook
    NDA CVC OEM PC AI DX pH CO NOx mm cm nm kg MPa GPa dB Hz kHz MHz GHz TB GB MB KB DOCX PPTX
    xlsx xlsm xls JST JavaScript OpenID Connect
        """
    )
)
SHOWN_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title"})
SILENT = frozenset({"script", "style", "code", "textarea", "template"})


@dataclass(frozen=True)
class Found:
    """Something that a page shows and should not."""

    path: str
    what: str
    text: str
    around: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: {self.text!r} in {self.around!r}"


class Shown(HTMLParser):
    """What a page shows, text by text, and where its links lead.

    What is marked as being in English, as a text of its own, is left out, and so is what a command
    or a person wrote: `code`, `textarea`.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._stack: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and attributes that are read, and whether texts are left out from here on."""
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if not self._is_silent():
            self.texts += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]
        if tag not in {"br", "hr", "img", "input", "link", "meta", "wbr"}:
            self._stack.append((tag, tag in SILENT or given.get("lang") == "en"))

    def handle_endtag(self, tag: str) -> None:
        """Go back to where the element began."""
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if not self._is_silent() and data.strip():
            self.texts.append(" ".join(data.split()))

    def _is_silent(self) -> bool:
        return any(silent for _, silent in self._stack[1:])  # the page's own language is no matter


@dataclass(frozen=True)
class Known:
    """What the catalogue holds: its Latin words, and all its texts in one."""

    words: frozenset[str]
    text: str

    def holds(self, part: str) -> bool:
        """Return whether a text is one of the catalogue's, or nothing but words of both languages."""
        return " ".join(part.split()) in self.text or set(WORD.findall(part)) <= KNOWN


def known_texts(catalogue: Catalogue) -> Known:
    """Return the names, titles and texts that the catalogue holds."""
    texts: set[str] = set()
    with catalogue.reading() as connection:
        for table in tables_in_order():
            columns = [
                column
                for column in table.columns
                if isinstance(column.type, String) and not column.name.endswith(("_id", "_codes"))
            ]
            for row in connection.execute(select(*columns)) if columns else ():
                texts.update(" ".join(text.split()) for text in row if text)
    joined = "\n".join(sorted(texts))
    return Known(frozenset(WORD.findall(joined)), joined)


def walk(client: TestClient, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (path, page) of the pages that links lead to, a few of each kind."""
    waiting, seen, kinds = deque(starts), set(starts), Counter[str]()
    while waiting:
        path = waiting.popleft()
        answer = client.get(path, headers={"accept-language": "ja"})
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield path, answer.text
        for link in Shown(answer.text).links:
            target = link.split("#")[0]
            kind = re.sub(r"(?<=.)/[^/?]+|=[^&]*", "", target)
            # files of the office, such as the night's whole report, are in two languages side by side
            if not target.startswith("/") or "lang=" in target or "/files/" in target:
                continue
            if target in seen:
                continue
            if kinds[kind] < EACH:
                kinds[kind] += 1
                seen.add(target)
                waiting.append(target)


def faults(path: str, html: str, known: Known, *, codes: bool = True) -> list[Found]:
    """Return codes, identifiers and Latin words that a page shows and that the catalogue does not hold.

    A text without any Japanese has to be one of the catalogue's as a whole, or several side by side.
    Where `codes` may stand, as on the administrator's pages, they and paths of files are passed over.
    """
    found = []
    for text in Shown(html).texts:
        if codes:
            for what, pattern in CODES.items():
                found += [Found(path, what, hit[0], text[:80]) for hit in pattern.finditer(text)]
        else:
            for pattern in (*CODES.values(), PATH):
                text = pattern.sub(" ", text)  # noqa: PLW2901
        if JAPANESE.search(text):
            strange = set(WORD.findall(text)) - known.words - KNOWN
        else:
            strange = {part for part in BESIDE.split(text) if not known.holds(part)}
        found += [Found(path, "English", one.strip(), text[:80]) for one in strange]
    return found
