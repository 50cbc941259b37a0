"""Reads RIS files record by record: from `TY  -` to `ER  -`, or to the next record."""

import re
from collections.abc import Iterator
from functools import partial

from rispy import RisParser

from catalogue.importers.reading.decoding import UNDECODED
from catalogue.importers.reading.text_files import TextFile, lines_of
from catalogue.importers.rejects import TEXT, RejectsForm
from catalogue.importers.rows import BadRow, RawRow
from catalogue.records.rejections import Rejection
from enmusubi.messages import Message

START, END = "TY", "ER"
MAX_RECORD_CHARS = 1_000_000
LIST_TAGS = ("AU", "A1", "A2", "A3", "A4", "KW", "UR", "AD")
WORDS = "KW"  # one a line, also where the tag is written once

_TAGGED = re.compile(r"\ufeff?\s{0,8}([A-Z][A-Z0-9])  ?- ?(.*)", re.DOTALL)


class RisFile(TextFile):
    """A file of records; a row's number counts them, its cells are the tags by rispy's names."""

    def columns(self) -> tuple[str, ...]:
        """Return the names of the first record's tags."""
        rows = (row for row in self.rows() if isinstance(row, RawRow))
        return tuple(next((row.cells for row in rows), {}))

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Yield the records."""
        for number, (lines, chars) in enumerate(self._records(), start=1):
            yield self._row(number, lines, chars)

    def rejects_form(self) -> RejectsForm:
        """Return that records are written as they stood."""
        return RejectsForm(TEXT, self.label, ".ris")

    def _row(self, number: int, lines: list[str], chars: int) -> RawRow | BadRow:
        shape = Message("record of %(count)s characters", {"count": f"{chars:,}"})
        if chars > MAX_RECORD_CHARS:
            too_long = Message(
                "longer than %(most)s characters: is its end, `ER  -`, missing?",
                {"most": f"{MAX_RECORD_CHARS:,}"},
            )
            return BadRow(number, Rejection("", too_long, shape))
        text = "".join(lines)
        raw = partial(str, text)
        if UNDECODED.search(text):
            return BadRow(number, Rejection("", self.undecoded_reason(), shape), raw)
        parser = RisParser(
            list_tags=list(LIST_TAGS), delimiter_tags_mapping={}, skip_unknown_tags=True
        )
        records = parser.parse_lines(iter([*_one_line_a_tag(lines), f"{END}  - "]))
        if not records or not _tag(lines[0])[1].strip():
            untyped = Message("no type of publication in `TY  -`")
            return BadRow(number, Rejection(START, untyped, shape), raw)
        return RawRow(number, records[0], raw)

    def _records(self) -> Iterator[tuple[list[str], int]]:
        """Yield the lines of each record, and how long it is; longer ones are cut."""
        lines: list[str] = []
        chars = 0
        with self.text() as text:
            for line in lines_of(text):
                tag = _tag(line)[0]
                if tag == START or (tag and not lines and tag != END):  # its type may be missing
                    if lines:
                        yield lines, chars
                    lines, chars = [line], len(line)
                elif lines:
                    chars += len(line)
                    if chars <= MAX_RECORD_CHARS:
                        lines.append(line)
                    if tag == END:
                        yield lines, chars
                        lines, chars = [], 0
        if lines:
            yield lines, chars


def _tag(line: str) -> tuple[str, str]:
    found = _TAGGED.match(line)
    return (found[1], found[2]) if found else ("", line)


def _one_line_a_tag(lines: list[str]) -> Iterator[str]:
    """Yield each tag with the lines that follow it without one; the end is left out."""
    last, parts = START, list[str]()
    for line in lines:
        tag, content = _tag(line)
        if tag or last == WORDS:
            if parts:
                yield f"{last}  - {' '.join(parts)}"
            last, parts = tag or last, []
        if last == END:
            return
        if content.strip():
            parts.append(" ".join(content.split()))
    if parts:
        yield f"{last}  - {' '.join(parts)}"
