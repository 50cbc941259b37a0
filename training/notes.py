"""Counts what a collection's files hold amiss, and says it in sentences.

A note names the file and the first lines, never a text: needs may be confidential.
"""

from pathlib import Path

_LINES_NAMED = 3


class Notes:
    """Faults by file and kind, in the order of their first appearance."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], list[int]] = {}
        self._facts: list[str] = []

    def fault(self, path: Path, line: int, what: str) -> None:
        """Count one line of a file that is `what`, such as "not JSON"."""
        self._lines.setdefault((path.name, what), []).append(line)

    def fact(self, count: int, one: str, many: str) -> None:
        """Add a sentence unless `count` is 0; `one` and `many` follow the number."""
        if count:
            self._facts.append(f"{count} {one if count == 1 else many}")

    def sentences(self) -> list[str]:
        """Return all notes, the faults of the files first."""
        return [self._sentence(*key, lines) for key, lines in self._lines.items()] + self._facts

    @staticmethod
    def _sentence(file: str, what: str, lines: list[int]) -> str:
        named = ", ".join(str(line) for line in lines[:_LINES_NAMED])
        more = ", …" if len(lines) > _LINES_NAMED else ""
        word = "line" if len(lines) == 1 else "lines"
        return f"{file}: {len(lines)} {word} {what} (line {named}{more})"
