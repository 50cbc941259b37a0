"""The reading order of a page: columns one after the other, rows of tables and forms from label to value.

Columns are told from tables by what stands in them: lines of running text that fill them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from catalogue.importers.need_files.pdf_glyphs import TextRun, joined

_MAX_RUNS = 3_000  # beyond, a page is read row by row: it is no text for people
_MIN_GUTTER_EMS = 1.0
_MIN_LINES = 3
_READING_SIZE = 0.65  # of the kanji that it stands above
_MAX_DEPTH = 10  # of columns in columns
_MIN_LINE_CHARS = 8
_MIN_COLUMN_SHARE = 0.2  # of the width of the text
_LEAST_LINE_EMS, _SURE_LINE_EMS = 12, 20  # how long a line is that is part of a paragraph
_FULL = 0.6  # of a column's width: what a line of running text fills, but for last lines
_ENDS = tuple("。．.!?！？：:」）)")
_BULLETS = tuple("・•●■◆○□◇▪※☐☑-–(（①②③④⑤⑥⑦⑧⑨⑩")
Interval = tuple[float, float]
MAX_EFFORT, MAX_PAGE_EFFORT = 30_000_000, 2_000_000  # comparisons; a page of text takes thousands


class Effort:
    """How many comparisons the layout of a document may still take; without, it is read row by row."""

    def __init__(self, document: int = MAX_EFFORT, page: int = MAX_PAGE_EFFORT) -> None:
        self._of_document, self._of_each_page = document, page
        self.begin_page()

    def begin_page(self) -> None:
        """Give the next page its share."""
        self._of_page = min(self._of_document, self._of_each_page)

    def spend(self, comparisons: int) -> bool:
        """Take so many; returns False, and leaves the page none, where there are not so many left."""
        if comparisons > self._of_page:
            self._of_page = 0
            return False
        self._of_page -= comparisons
        self._of_document -= comparisons
        return True


@dataclass
class _Row:
    """What stands side by side: runs from the first to the last."""

    runs: list[TextRun]

    @property
    def start(self) -> float:
        return min(run.start for run in self.runs)

    @property
    def end(self) -> float:
        return max(run.end for run in self.runs)

    @property
    def middle(self) -> float:
        return (self.runs[0].top + self.runs[0].bottom) / 2

    def text(self) -> str:
        """Return the row on one line, tabs between what is far apart."""
        written = self.runs[0].text
        for before, after in pairwise(self.runs):
            em = max(before.em, after.em)
            written += joined(written, after.text, after.start - before.end, em) + after.text
        return written


def lines_of(runs: Sequence[TextRun], effort: Effort) -> list[str]:
    """Return a page's lines in reading order; lines of one paragraph are joined."""
    if not runs:
        return []
    if len(runs) > _MAX_RUNS:
        return [row.text() for row in _rows(runs, effort)]
    return list(_ordered(list(runs), 0, effort))


def without_readings(runs: Sequence[TextRun], effort: Effort) -> list[TextRun]:
    """Return the runs without the small kana that stand right above the kanji that they read."""
    if len(runs) > _MAX_RUNS:
        return list(runs)
    largest = max((run.em for run in runs), default=0.0)
    return [
        run
        for run in runs
        if not (
            run.em < _READING_SIZE * largest
            and all("\u3041" <= letter <= "\u30ff" for letter in run.text.strip())
            and effort.spend(len(runs))
            and any(_is_reading(run, below) for below in runs)
        )
    ]


def _is_reading(run: TextRun, below: TextRun) -> bool:
    """Tell kana that stand right above what they read, by their places."""
    gap = run.bottom - below.top
    return (
        run.em < _READING_SIZE * below.em
        and -0.3 * below.em < gap < 0.4 * below.em
        and run.start > below.start - run.em
        and run.end < below.end + run.em
    )


def _ordered(runs: list[TextRun], depth: int, effort: Effort) -> Iterator[str]:
    strips = _strips(runs)
    edges = min(run.start for run in runs), max(run.end for run in runs)
    at = 0
    single = list[TextRun]()
    while at < len(strips):
        end, gutter = _columns_from(strips, at, edges, effort)
        if gutter is None or depth > _MAX_DEPTH:
            single += strips[at]
            at += 1
            continue
        yield from _paragraphs(_rows(single, effort))
        single = []
        segment = [run for strip in strips[at:end] for run in strip]
        middle = (gutter[0] + gutter[1]) / 2
        yield from _ordered([run for run in segment if run.end <= middle], depth + 1, effort)
        yield from _ordered([run for run in segment if run.end > middle], depth + 1, effort)
        at = end
    yield from _paragraphs(_rows(single, effort))


def _strips(runs: Sequence[TextRun]) -> list[list[TextRun]]:
    """Return the runs in strips across the page, with nothing that reaches from one to the next."""
    strips, lowest = list[list[TextRun]](), 0.0
    for run in sorted(runs, key=lambda run: -run.top):
        if not strips or run.top - 0.25 * run.height < lowest:
            strips.append([run])
            lowest = run.bottom
        else:
            strips[-1].append(run)
            lowest = min(lowest, run.bottom)
    return strips


def _columns_from(
    strips: Sequence[list[TextRun]], at: int, edges: Interval, effort: Effort
) -> tuple[int, Interval | None]:
    """Return where the columns end that begin at a strip, and what divides them; None if there are none."""
    free: list[Interval] = [edges]
    em = median(run.em for run in strips[at])
    end = at
    while end < len(strips):
        if not effort.spend(len(free) * len(strips[end])):
            return at + 1, None
        left = _gaps(free, strips[end], _MIN_GUTTER_EMS * em)
        if not left:
            break
        free, end = left, end + 1
    if end == at:
        return at + 1, None
    segment = [run for strip in strips[at:end] for run in strip]
    start, stop = min(run.start for run in segment), max(run.end for run in segment)
    for gutter in sorted(free):
        if (
            gutter[0] > start
            and gutter[1] < stop
            and _divides(segment, gutter, stop - start, effort)
        ):
            return end, gutter
    return at + 1, None


def _gaps(free: Sequence[Interval], runs: Sequence[TextRun], least: float) -> list[Interval]:
    """Return what is left of the free intervals where runs stand, of those that are wide enough."""
    taken = sorted((run.start, run.end) for run in runs)
    found = list[Interval]()
    for first, last in free:
        begun = first
        for start, end in taken:
            if end <= begun or start >= last:
                continue
            if start - begun >= least:
                found.append((begun, start))
            begun = max(begun, end)
        if last - begun >= least:
            found.append((begun, last))
    return found


def _divides(runs: Sequence[TextRun], gutter: Interval, width: float, effort: Effort) -> bool:
    """Tell columns of running text from a table: lines that fill their column, on both sides."""
    if not effort.spend(len(runs)):
        return False
    middle = (gutter[0] + gutter[1]) / 2
    sides = ([run for run in runs if run.end <= middle], [run for run in runs if run.end > middle])
    return all(_is_running_text(side, width, effort) for side in sides)


def _is_running_text(runs: Sequence[TextRun], total: float, effort: Effort) -> bool:
    if len(runs) < _MIN_LINES:
        return False
    start, end = min(run.start for run in runs), max(run.end for run in runs)
    if end - start < _MIN_COLUMN_SHARE * total or any(run.is_block for run in runs):
        return False
    rows = _rows(runs, effort)
    if len(rows) < _MIN_LINES:
        return False
    full = [row for row in rows if row.end - row.start >= _FULL * (end - start)]
    chars = median(sum(len(run.text) for run in row.runs) for row in rows)
    return 2 * len(full) >= len(rows) and chars >= _MIN_LINE_CHARS


def _rows(runs: Sequence[TextRun], effort: Effort) -> list[_Row]:
    """Return the rows from the top; a run is in a row if it stands beside what is in it."""
    rows = list[list[TextRun]]()
    for run in sorted(runs, key=lambda run: (-run.top, run.start)):
        for row in reversed(rows[-4:]):
            others = row if effort.spend(len(row)) else row[-1:]
            if all(_is_beside(run, other) for other in others):
                row.append(run)
                break
        else:
            rows.append([run])
    ordered = [_Row(sorted(row, key=lambda run: run.start)) for row in rows]
    return sorted(ordered, key=lambda row: -_first_line(row))


def _first_line(row: _Row) -> float:
    """Return how high a row's first line stands: that of a label, not of a tall field beside it."""
    lines = [run for run in row.runs if not run.is_block] or row.runs
    return max(run.top for run in lines)


def _is_beside(run: TextRun, other: TextRun) -> bool:
    common = min(run.top, other.top) - max(run.bottom, other.bottom)
    return common >= 0.5 * min(run.height, other.height) and (
        run.start >= other.end - 0.5 * run.em or run.end <= other.start + 0.5 * run.em
    )


def _paragraphs(rows: Sequence[_Row]) -> Iterator[str]:
    """Yield the rows' texts, those of lines joined that only the column's edge divides."""
    if not rows:
        return
    start, end = min(row.start for row in rows), max(row.end for row in rows)
    pitches = [upper.middle - lower.middle for upper, lower in pairwise(rows)]
    pitch = median(pitches) if pitches else 0.0
    full = sum(1 for row in rows if row.end > end - 1.2 * row.runs[-1].em)
    text = rows[0].text()
    for before, after in pairwise(rows):
        if _goes_on(before, after, (start, end), pitch, is_alone=full < 2):
            text = _joined_lines(text, after.text())
        else:
            yield text
            text = after.text()
    yield text


def _goes_on(before: _Row, after: _Row, edges: Interval, pitch: float, *, is_alone: bool) -> bool:
    """Tell a line that ends only because its column does; one that is alone at the edge must be long."""
    one, other = before.runs[-1], after.runs[0]
    if any(run.is_block for run in (*before.runs, *after.runs)):
        return False
    if "\t" in before.text() + after.text() or abs(one.em - other.em) > 0.15 * one.em:
        return False
    width = before.end - before.start
    is_full = (
        one.end > edges[1] - 2.2 * one.em
        and width > (_SURE_LINE_EMS if is_alone else _LEAST_LINE_EMS) * one.em
    )
    is_left = (
        other.start < edges[0] + 0.6 * other.em or abs(other.start - before.start) < 0.3 * one.em
    )
    is_near = before.middle - after.middle < 1.4 * pitch + 0.1 * one.em
    text = one.text.rstrip()
    return (
        is_full
        and is_left
        and is_near
        and not text.endswith(_ENDS)
        and not other.text.lstrip().startswith(_BULLETS)
    )


def _joined_lines(before: str, after: str) -> str:
    before, after = before.rstrip(), after.lstrip()
    if before.endswith(("\u00ad", "\u2010")) or (
        before.endswith("-") and before[-2:-1].isalpha() and after[:1].islower()
    ):
        return before[:-1] + after
    is_latin = bool(before and after) and before[-1].isascii() and after[0].isascii()
    return f"{before} {after}" if is_latin else before + after
