"""BibTeX files, entry by entry: an entry that is broken harms no other.

An entry reaches from a line that begins with `@type{` to the next such line; only then the parser
sees it. Values are `{…}`, `"…"`, numbers and macros, joined by `#`. Memory stays flat, whatever the
length of the file.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
    String,
)

from catalogue.importers.reading.decoding import is_foreign
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.text_files import TextFile, lines_of
from catalogue.importers.rejects import TEXT, RejectsForm
from catalogue.importers.rows import BadRow, RawRow, ReadOptions, meant
from catalogue.records.drafts import Rejection
from enmusubi.messages import Message

MAX_VALUE_CHARS = 300_000  # beyond what any field may hold
MAX_MACRO_CHARS = 1_000  # macros of macros could grow without end
MAX_MACROS = 20_000

_MARKS = re.compile(r'(?<!\\)[{}"#]')
_WORD = re.compile(r"[^\s{}\"#,=()]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ENTRY_TYPE, ENTRY_KEY, PARENT = "ENTRYTYPE", "ID", "crossref"
INHERITED = ("year", "date", "booktitle", "journal", "journaltitle", "series")
MAX_ENTRY_CHARS = 1_000_000
MAX_PARENTS = 10_000

_START = re.compile(r"\s*@\s*(\w+)\s*[{(]")
_NO_ENTRIES = frozenset({"", "comment", "preamble"})
_PARENT = re.compile(r"crossref\s*=\s*[{\"]\s*([^{}\",\s]{1,200})", re.IGNORECASE)


class Macros:
    """The `@string` definitions so far; names go without regard to case."""

    def __init__(self) -> None:
        self._values = {name: str(month) for month, name in enumerate(_MONTHS, start=1)}
        self._defined: set[str] = set()

    def define(self, name: str, value: str) -> None:
        """Keep a definition; of several the last counts."""
        if len(self._defined) < MAX_MACROS:
            self._values[name.lower()] = resolve_value(value, self)[:MAX_MACRO_CHARS]
            self._defined.add(name.lower())

    def value(self, name: str) -> str:
        """Return what a name stands for; a number, or an unknown name, for itself."""
        return self._values.get(name.lower(), name)

    def with_definitions(self, entry: str) -> str:
        """Return an entry's text after the definitions of the names in it, fit for a new file."""
        words = dict.fromkeys(word.lower() for word in _WORD.findall(entry))
        used = (word for word in words if word in self._defined)
        definitions = [f"@string{{{word} = {{{self._values[word]}}}}}" for word in used]
        return "\n".join([*definitions, entry.strip()])


def resolve_value(source: str, macros: Macros) -> str:
    """Return the text of a value, its outer braces or quotes taken off."""
    parts: list[str] = []
    chars = 0
    for part in _split(source):
        is_enclosed = len(part) > 1 and part[0] + part[-1] in ("{}", '""')
        parts.append(part[1:-1] if is_enclosed else macros.value(part))
        chars += len(parts[-1])
        if chars > MAX_VALUE_CHARS:
            break
    return "".join(parts)[:MAX_VALUE_CHARS]


def _split(source: str) -> list[str]:
    """Return the parts between the `#` that stand outside of braces and quotes."""
    parts, start, depth, in_quotes = [], 0, 0, False
    for found in _MARKS.finditer(source):
        mark = found.group()
        if mark == "#" and not depth and not in_quotes:
            parts.append(source[start : found.start()].strip())
            start = found.end()
        elif mark == '"' and not depth:
            in_quotes = not in_quotes
        elif mark in "{}":
            depth = max(depth + (1 if mark == "{" else -1), 0)
    return [*parts, source[start:].strip()]


# The parser quotes the entries that it cannot read, and what users import may be confidential.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)


class BibtexFile(TextFile):
    """A file of entries; a row's number counts them, its cells are the fields by lower-case names.

    Only the `fields` are kept. What an entry does not say itself comes from the one that its field
    `crossref` names.
    """

    def __init__(self, file: InputFile, options: ReadOptions, fields: Sequence[str]) -> None:
        super().__init__(file, options)
        self._fields = frozenset({*fields, *INHERITED, PARENT, "title"})

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first entry's fields."""
        rows = (row for row in self.rows() if isinstance(row, RawRow))
        return tuple(next((row.cells for row in rows), {}))

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the entries."""
        parents = self._parents()
        for row in self._entries():
            if isinstance(row, RawRow) and row.cells.get(PARENT):
                parent = parents.get(row.cells[PARENT].casefold(), {})
                yield RawRow(row.number, _with_parent(row.cells, parent), row.raw)
            else:
                yield row

    def rejects_form(self) -> RejectsForm:
        """Return that entries are written as they stood."""
        return RejectsForm(TEXT, self.label, ".bib")

    def _entries(self) -> Iterator[RawRow | BadRow]:
        macros = Macros()
        number = 0
        for text, chars in self._pieces():
            for row in self._rows_of(text, chars, number + 1, macros):
                number = row.number
                yield row

    def _rows_of(
        self, text: str, chars: int, number: int, macros: Macros
    ) -> Iterator[RawRow | BadRow]:
        """Yield the entry of a piece, and those that follow it on the same line, if any do."""
        shape = Message("entry of %(count)s characters", {"count": f"{chars:,}"})
        if chars > MAX_ENTRY_CHARS:
            too_long = Message(
                "longer than %(most)s characters: is a brace not closed?",
                {"most": f"{MAX_ENTRY_CHARS:,}"},
            )
            yield BadRow(number, Rejection("", too_long, shape))
            return
        blocks = [_unwrapped(b) for b in parse_string(text, parse_stack=[]).blocks]
        raw = partial(macros.with_definitions, text)
        if is_foreign(text, self._encoding):
            own = meant(raw, self._encoding)
            yield BadRow(number, Rejection("", self.undecoded_reason(), shape), own)
        elif any(isinstance(block, ParsingFailedBlock) for block in blocks):
            broken = Message("not BibTeX: a brace, a quote, a comma or a `=` is missing in it")
            yield BadRow(number, Rejection("", broken, shape), raw)
        else:
            for block in blocks:
                if isinstance(block, String):
                    macros.define(block.key, str(block.value))
                elif isinstance(block, Entry):
                    raw = partial(macros.with_definitions, block.raw or text)
                    yield RawRow(number, self._cells(block, macros), raw)
                    number += 1

    def _cells(self, entry: Entry, macros: Macros) -> dict[str, str]:
        """Return the fields; of those that come twice the first counts, as in BibTeX."""
        fields = {
            field.key.lower(): resolve_value(str(field.value), macros)
            for field in reversed(entry.fields)
            if field.key.lower() in self._fields
        }
        return {ENTRY_TYPE: entry.entry_type.lower(), ENTRY_KEY: entry.key, **fields}

    def _pieces(self) -> Iterator[tuple[str, int]]:
        """Yield the text of each entry or definition, and how long it is; longer ones are cut."""
        kind, parts, chars = "", list[str](), 0
        with self.text() as text:
            for line in lines_of(text):
                if found := _START.match(line):
                    if kind not in _NO_ENTRIES:
                        yield "".join(parts), chars
                    kind, parts, chars = found[1].lower(), [], 0
                chars += len(line)
                if chars <= MAX_ENTRY_CHARS and kind not in _NO_ENTRIES:
                    parts.append(line)
        if kind not in _NO_ENTRIES:
            yield "".join(parts), chars

    def _parents(self) -> dict[str, Mapping[str, str]]:
        """Return the fields of the entries that others refer to, by their keys."""
        wanted: set[str] = set()
        with self.text() as text:
            for line in lines_of(text):
                if len(wanted) < MAX_PARENTS:
                    wanted.update(key.casefold() for key in _PARENT.findall(line))
        if not wanted:
            return {}
        rows = (row for row in self._entries() if isinstance(row, RawRow))
        keyed = ((str(row.cells[ENTRY_KEY]).casefold(), row.cells) for row in rows)
        return {key: _inheritance(cells) for key, cells in keyed if key in wanted}


def _unwrapped(block: Block) -> Block:
    """Return the entry of a block that is marked because it says something twice."""
    while isinstance(block, DuplicateFieldKeyBlock | DuplicateBlockKeyBlock):
        if block.ignore_error_block is None:
            break
        block = block.ignore_error_block
    return block


def _inheritance(parent: Mapping[str, str]) -> dict[str, str]:
    """Return what a child may inherit; the parent's title is the title of the child's book."""
    kept = {name: parent[name] for name in INHERITED if parent.get(name)}
    return {"booktitle": parent.get("title", ""), **kept}


def _with_parent(cells: Mapping[str, str], parent: Mapping[str, str]) -> dict[str, str]:
    return {**cells, **{name: value for name, value in parent.items() if not cells.get(name)}}
