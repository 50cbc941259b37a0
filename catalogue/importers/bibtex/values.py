"""Values of BibTeX fields: `{…}`, `"…"`, numbers and macros, joined by `#`."""

import re

MAX_VALUE_CHARS = 300_000  # beyond what any field may hold
MAX_MACRO_CHARS = 1_000  # macros of macros could grow without end
MAX_MACROS = 20_000

_MARKS = re.compile(r'(?<!\\)[{}"#]')
_WORD = re.compile(r"[^\s{}\"#,=()]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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
