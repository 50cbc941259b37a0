"""Columns and bars of charts, in units of their drawing: what is drawn stands in a table beside it, too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from office.figures.review import FigureView

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


@dataclass(frozen=True)
class FigureChart:
    """A figure over periods: its columns, the lines of targets and yardsticks, the height of `highest`."""

    bars: tuple[Bar, ...]
    targets: tuple[Bar, ...]
    yardsticks: tuple[Bar, ...]
    highest: float
    width: int


def chart_of(view: FigureView) -> FigureChart:
    """Return the drawing of a figure; periods without a value have no column, a 0 has a flat one."""
    values = [one.value for one in view.series]
    targets = [one.target for one in view.series]
    highest = max((v for v in (*values, *targets, *view.yardsticks) if v), default=0.0) or 1.0

    def marks(group: str, levels: Sequence[float | None], thickness: float) -> tuple[Bar, ...]:
        found = []
        for place, level in enumerate(levels):
            if level is not None:
                top = CHART_HEIGHT * (1 - level / highest)
                height = thickness or round(CHART_HEIGHT - top, 2) or 0.5
                x = place * STEP + (STEP - BAR) // 2
                y = min(round(top, 2), CHART_HEIGHT - height)
                found.append(Bar(group, x, y, height))
        return tuple(found)

    return FigureChart(
        marks("value", values, 0),
        marks("target", targets, 1.2),
        marks("yardstick", view.yardsticks, 1.2),
        highest,
        len(values) * STEP,
    )
