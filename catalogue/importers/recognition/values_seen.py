"""What the values of a column look like: which kinds of values they are, and how many of them.

A value may be of several kinds: `工学部` is a department and words, `0001234` a code and digits. What
values of a kind look like stands in `value_patterns.json`.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from importlib.resources import files
from itertools import pairwise
from typing import Any

from catalogue.importers.values import as_text
from catalogue.records.drafts import BadValueError

MAX_LOOKED_AT = 2_000  # characters of a value

_PATTERNS = {
    kind: re.compile(pattern)
    for kind, pattern in json.loads(
        (files("catalogue.importers.recognition") / "value_patterns.json").read_text("utf-8")
    ).items()
}
_LIST_BORDER = re.compile(r"[、,，;；\n／/・]")
_MARKS = "◎○●◯☆★*＊※† "  # beside a name
_UNIT = re.compile(r"^\S+[部課室係局所社店院庁省科署]$")  # no one's name ends like that
_WORDS = re.compile(r"[^\W\d_]")
_PROSE_CHARS, _TITLE_CHARS, _TITLE_MAX, _SHORT_CHARS = 40, 8, 150, 200


@dataclass(frozen=True)
class Seen:
    """Of the filled cells of a column: how many there are, and the share that is of each kind."""

    filled: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    is_running: bool = False  # 1, 2, 3 …: the number of the row and no one's id

    def share(self, kinds: str) -> float:
        """Return the largest share of the kinds, which are divided by blanks; 0 for no kind."""
        return max((self.shares.get(kind, 0.0) for kind in kinds.split()), default=0.0)


def look_at(values: Iterable[Any]) -> Seen:
    """Return what the values of a column look like; empty ones say nothing."""
    texts = [text for value in values if (text := _text(value))]
    if not texts:
        return Seen()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(kinds_of(text))
    return Seen(
        filled=len(texts),
        shares={kind: count / len(texts) for kind, count in counts.items()},
        is_running=_is_running(texts),
    )


def kinds_of(text: str) -> set[str]:
    """Return the kinds that one value is of."""
    patterns = _PATTERNS.items() if len(text) <= _SHORT_CHARS else ()
    found = {kind for kind, pattern in patterns if pattern.fullmatch(text)}
    if _PATTERNS["person"].fullmatch(text[:_SHORT_CHARS].strip(_MARKS)):
        found.add("person")
    if _WORDS.search(text):
        found.add("words")
    if _UNIT.search(text):
        found.discard("person")
    parts = [p.strip(_MARKS) for part in _LIST_BORDER.split(text) if (p := part.strip())]
    if len(parts) > 1 and max(map(len, parts)) <= 25 and "。" not in text:
        found.add("listing")
        people = sum(_PATTERNS["person"].fullmatch(part) is not None for part in parts)
        found |= {"people"} if people * 2 > len(parts) else set()
    if len(text) >= _PROSE_CHARS or "。" in text:
        found.add("prose")
    if _TITLE_CHARS <= len(text) <= _TITLE_MAX and "words" in found:
        found.add("title")
    return found


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, time):
        return value.isoformat()
    try:
        text = as_text(value)
    except BadValueError:
        return ""
    return unicodedata.normalize("NFKC", text[:MAX_LOOKED_AT]).strip()


def _is_running(texts: list[str]) -> bool:
    """Whether most of the values count the rows: 1, 2, 3 …, whatever stands below them."""
    numbers = [int(text) for text in texts if text.isdigit() and len(text) <= 6 and text[0] != "0"]
    if len(numbers) < 2 or len(numbers) * 10 < len(texts) * 6 or numbers[0] > 1:
        return False
    return all(0 < after - before <= 2 for before, after in pairwise(numbers))
