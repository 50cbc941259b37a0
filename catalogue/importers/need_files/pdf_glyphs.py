"""Characters of a PDF page gathered into runs: pieces of a line, written across or down the page.

Everything is turned so that reading goes along `start`…`end`, and later lines lie lower: `top` falls.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

SPACE_BEFORE, NOT_TOLD, HYPHEN = 1, 2, 4  # what is known of a character besides
TEXT, CHECK, LINE = "text", "check", "line"  # fields: written, ticked, and notes typed on a page
ACROSS, DOWN = "across", "down"
_MARKS = "、。，．・：；「」『』（）〔〕【】〈〉《》ー…"
_WIDE = 0x2E80  # from here on characters are as wide as they are high


@dataclass(frozen=True)
class Glyph:
    """A character and its box, in points, turned upright."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    flags: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether it is a kanji, kana or another full-width character."""
        return ord(self.text[0]) >= _WIDE


@dataclass
class TextRun:
    """A piece of text on one line, or a block of lines that stays together."""

    text: str = field(repr=False)
    start: float
    end: float
    bottom: float
    top: float
    em: float
    is_block: bool = False  # a field's value, or lines that are written the other way
    label: str = ""  # of a field, where the page has none beside it

    @property
    def height(self) -> float:
        """How high it is."""
        return max(self.top - self.bottom, 0.1)


def turned(glyph: Glyph, turns: int) -> Glyph:
    """Return a character as it lies once the page is turned back by so many quarters."""
    left, bottom, right, top = glyph.left, glyph.bottom, glyph.right, glyph.top
    edges = {
        0: (left, bottom, right, top),
        1: (-top, left, -bottom, right),
        2: (-right, -top, -left, -bottom),
        3: (bottom, -right, top, -left),
    }[turns]
    return Glyph(glyph.text, *edges, glyph.flags)


def mode_of(glyphs: Sequence[Glyph]) -> str:
    """Return how most of a page is written: across or down."""
    em = em_of(glyphs)
    votes = Counter(_step(one, other, em) for one, other in pairwise(glyphs))
    return DOWN if votes[DOWN] > votes[ACROSS] else ACROSS


def em_of(glyphs: Iterable[Glyph]) -> float:
    """Return the size of most characters."""
    sizes = [max(one.top - one.bottom, one.right - one.left) for one in glyphs]
    return max(median(sizes), 1.0) if sizes else 10.0


def runs_of(glyphs: Sequence[Glyph], main: str) -> tuple[list[TextRun], list[TextRun]]:
    """Return the runs written in the main direction, and those in the other, each in its own turn."""
    main_runs, other_runs = list[TextRun](), list[TextRun]()
    gathered, mode = list[Glyph](), ""
    em = em_of(glyphs)

    def close() -> None:
        if gathered:
            way = mode or main
            (main_runs if way == main else other_runs).append(_run(gathered, way))
            gathered.clear()

    for glyph in glyphs:
        if gathered and _is_same(gathered[-1], glyph):
            continue
        step = _step(gathered[-1], glyph, em, mode) if gathered else ""
        if not step or (mode and step != mode):
            close()
            mode = ""
        else:
            mode = step
        gathered.append(glyph)
    close()
    return main_runs, other_runs


def joined(before: str, after: str, gap: float, em: float) -> str:
    """Return what stands between two pieces of a line that are so far apart."""
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    is_wide = ord(before[-1]) >= _WIDE or ord(after[0]) >= _WIDE
    if gap > 1.5 * em:
        return "\t"
    if is_wide and (before[-1] in _MARKS or after[0] in _MARKS):  # their boxes are narrow
        return ""
    return " " if gap > (0.7 if is_wide else 0.13) * em else ""


def _step(one: Glyph, other: Glyph, em: float, mode: str = "") -> str:
    """Return which way leads from a character to the next one of a run, empty where none does."""
    size = min(max(one.top - one.bottom, one.right - one.left, 0.85 * em), 3 * em)
    middle = (other.left + other.right - one.left - one.right) / 2
    lower = (one.top + one.bottom - other.top - other.bottom) / 2
    across = abs(lower) < 0.55 * size and -0.6 * size < other.left - one.right < 1.1 * size
    down = abs(middle) < 0.6 * size and -0.6 * size < one.bottom - other.top < 1.1 * size
    beside = abs(lower) < 0.3 * size and abs(middle) < 0.7 * size  # two digits set side by side
    if mode == DOWN and (down or beside):
        return DOWN
    if mode == ACROSS:
        return ACROSS if across and middle > -0.3 * size else ""
    if across and middle > 0 and not (down and lower > abs(middle)):
        return ACROSS
    return DOWN if down and lower > 0 and one.is_wide else ""


def _is_same(one: Glyph, other: Glyph) -> bool:
    """Tell a character that was drawn twice to look bold."""
    near = abs(one.left - other.left) + abs(one.bottom - other.bottom)
    return one.text == other.text and near < 0.15 * max(one.top - one.bottom, 0.1)


def _run(glyphs: Sequence[Glyph], mode: str) -> TextRun:
    placed = [turned(one, 1) for one in glyphs] if mode == DOWN else list(glyphs)
    em = em_of(placed)
    written, last = list[str](), None
    for one in placed:
        if last is not None:
            gap = one.left - last.right
            said = one.flags & SPACE_BEFORE and gap > 0.08 * em and not one.is_wide
            space = joined(last.text, one.text, gap, em)
            written.append(" " if said and not last.is_wide else space.replace("\t", " "))
        written.append(one.text)
        last = one
    core = [one for one in placed if not one.text.isspace()] or placed
    return TextRun(
        text="".join(written),
        start=min(one.left for one in core),
        end=max(one.right for one in core),
        bottom=median(one.bottom for one in core),
        top=median(one.top for one in core),
        em=em,
    )
