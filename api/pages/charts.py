"""Columns and bars of charts, in units of their drawing: what is drawn stands in a table beside it, too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CHART_HEIGHT, STEP, BAR = 100, 10, 8  # units of the drawing


@dataclass(frozen=True)
class Bar:
    """A part of a column: its group, and where it stands in the drawing."""

    group: str
    x: int
    y: float
    height: float


def stacked(
    counts: Sequence[int], groups: Sequence[str], place: int, highest: int
) -> Iterable[Bar]:
    """Yield the parts of the column at a place, from the ground up; `highest` fills the drawing."""
    below = 0.0
    for group, count in zip(groups, counts, strict=True):
        height = CHART_HEIGHT * count / highest
        if count:
            x = place * STEP + (STEP - BAR) // 2
            yield Bar(group, x, round(CHART_HEIGHT - below - height, 2), round(height, 2))
        below += height
