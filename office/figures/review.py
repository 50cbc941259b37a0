"""What a period brought: each figure against the period before and its target, and which cases changed it."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from office.cases.case_words import MEANS_WORDS, Words
from office.figures.countable import COMPANY, DEPARTMENT, MEANS, ORIGIN, TYPE
from office.figures.counting import Figures, Given, Value, made_of
from office.figures.definitions import ALL, DAYS, FEW, FIGURES, SHARE, YEN, Figure
from office.figures.periods import Period

TYPE_WORDS: Words = {
    "ja": {"inbound": "インバウンド型", "outbound": "アウトバウンド型", "coupled": "連携型"},
    "en": {"inbound": "Inbound", "outbound": "Outbound", "coupled": "Coupled"},
}
ORIGIN_WORDS: Words = {
    "ja": {
        "list": "照合結果の一覧", "team": "チーム", "release": "開示した一覧",
        "portal": "企業のポータル", "file": "表計算ファイル", "hand": "手入力",
    },
    "en": {
        "list": "Match list", "team": "Team", "release": "Released list", "portal": "Company's portal",
        "file": "Spreadsheet", "hand": "By hand",
    },
}  # fmt: skip
DIMENSION_WORDS: Words = {
    "ja": {COMPANY: "企業：", MEANS: "手段：", DEPARTMENT: "部局："},
    "en": {COMPANY: "company: ", MEANS: "means: ", DEPARTMENT: "department: "},
}
_CODES = {MEANS: MEANS_WORDS, TYPE: TYPE_WORDS, ORIGIN: ORIGIN_WORDS}
UNKNOWN: Mapping[str, str] = {"ja": "不明", "en": "Unknown"}
MOST_CASES = 500  # of a list of cases that made a figure


@dataclass(frozen=True)
class FigureView:
    """A figure in a row of periods, the last one at the end; `yardsticks` stand beside, None where none."""

    figure: Figure
    series: tuple[Value, ...]
    yardsticks: tuple[float | None, ...]

    @property
    def current(self) -> Value:
        """The last period's."""
        return self.series[-1]

    @property
    def before(self) -> Value:
        """That of the period before."""
        return self.series[-2]

    @property
    def change(self) -> float | None:
        """How much more it is than in the period before; None where either has none."""
        now, then = self.current.value, self.before.value
        return None if now is None or then is None else now - then

    @property
    def is_better(self) -> bool | None:
        """Whether it changed for the better; None where it did not change, or nothing can be said."""
        if not self.change:
            return None
        return (self.change < 0) == (self.figure.good == FEW)

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a target or a value."""
        now, target = self.current.value, self.current.target
        if now is None or target is None:
            return None
        return now <= target if self.figure.good == FEW else now >= target


@dataclass(frozen=True)
class GroupChange:
    """A figure of one group of cases, now and in the period before."""

    key: str
    name: str = field(repr=False)
    value: float | None
    before: float | None
    count: int

    @property
    def change(self) -> float:
        """How much more it is; nothing counts as 0."""
        return (self.value or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class CaseGiven:
    """What a case gave to a figure, now and in the period before; None: nothing."""

    case_id: int
    value: float | None
    before: float | None

    @property
    def change(self) -> float:
        """How much more it is; nothing counts as 0."""
        return (self.value or 0.0) - (self.before or 0.0)


def views_of(figures: Figures, last: Period) -> list[FigureView]:
    """Return all figures in the periods until one, in the order of their definitions."""
    return [view_of(figures, figure.name, last) for figure in ALL]


def view_of(figures: Figures, name: str, last: Period) -> FigureView:
    """Return one figure in the periods until one."""
    series = tuple(figures.series(name, last))
    marks = tuple(figures.yardstick(name, value.period) for value in series)
    return FigureView(FIGURES[name], series, marks)


def by_group(
    figures: Figures, name: str, period: Period, dimension: str, language: str
) -> list[GroupChange]:
    """Return a figure by the groups of a dimension, the greatest change first."""
    now, then = (_grouped(figures, name, one, dimension) for one in (period, period.before))
    figure = FIGURES[name]
    found = [
        GroupChange(
            key,
            group_name(figures, dimension, key, language),
            figures.part(name, period, made_of(figure, now.get(key, ()))),
            figures.part(name, period.before, made_of(figure, then.get(key, ()))),
            len(now.get(key, ())),
        )
        for key in {*now, *then}
    ]
    return sorted(found, key=lambda one: (-abs(one.change), one.name, one.key))


def by_case(figures: Figures, name: str, period: Period) -> list[CaseGiven]:
    """Return what each case gave to a figure, the greatest change first; of means, the mean of a case."""
    now, then = (_of_cases(figures, name, one) for one in (period, period.before))
    found = [
        CaseGiven(
            case,
            figures.part(name, period, now.get(case)),
            figures.part(name, period.before, then.get(case)),
        )
        for case in sorted({*now, *then})
    ]
    return sorted(found, key=lambda one: (-abs(one.change), one.case_id))[:MOST_CASES]


def group_name(figures: Figures, dimension: str, key: str, language: str) -> str:
    """Return what a group is called."""
    if dimension in _CODES:
        return _CODES[dimension][language].get(key, "") or UNKNOWN[language]
    if not key:
        return UNKNOWN[language]
    return names_in(figures, dimension, language).get(key, UNKNOWN[language])


def names_in(figures: Figures, dimension: str, language: str) -> dict[str, str]:
    """Return the groups of a dimension that have cases, by key, in the order of their names."""
    place = language != "ja"
    if dimension in {COMPANY, DEPARTMENT}:
        told = {
            one.keys[dimension]: one.names[dimension][place]
            for one in figures.countable.groups.values()
            if one.keys[dimension]
        }
    else:
        there = {one.keys[dimension] for one in figures.countable.groups.values()}
        told = {key: name for key, name in _CODES[dimension][language].items() if key in there}
    return dict(sorted(told.items(), key=lambda pair: pair[1]))


def say_value(value: float | None, figure: Figure, language: str) -> str:
    """Return a figure's value in words; a dash where there is none."""
    if value is None:
        return "–"
    if figure.unit == SHARE:
        return f"{100 * value:.0f}%"
    if figure.unit == DAYS:
        return f"{value:.1f}日" if language == "ja" else f"{value:.1f} days"
    if figure.unit == YEN:
        return f"{value:,.0f}円" if language == "ja" else f"¥{value:,.0f}"
    count = math.ceil(value)  # a quarter of a year's target, 1.5, is met by two
    return f"{count}件" if language == "ja" else f"{count}"


def say_change(change: float | None, figure: Figure, language: str) -> str:
    """Return a change with its sign; shares in percentage points."""
    if change is None:
        return "–"
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    if figure.unit == SHARE:
        return f"{sign}{abs(100 * change):.0f}" + ("ポイント" if language == "ja" else " points")
    return f"{sign}{say_value(abs(change), figure, language)}"


def why(figures: Figures, name: str, period: Period, language: str) -> Iterator[tuple[str, str]]:
    """Yield by dimension which group changed a figure the most, called by both, with its change."""
    told = figures.countable.dimensions
    for dimension in (one for one in (COMPANY, MEANS, DEPARTMENT) if one in told):
        changed = by_group(figures, name, period, dimension, language)
        if changed and changed[0].change:
            one = changed[0]
            named = f"{DIMENSION_WORDS[language][dimension]}{one.name}"
            yield named, say_change(one.change, FIGURES[name], language)


def _grouped(figures: Figures, name: str, period: Period, dimension: str) -> dict[str, list[Given]]:
    found: defaultdict[str, list[Given]] = defaultdict(list)
    for one in figures.in_period(name, period):
        found[figures.countable.groups[one.case_id].keys[dimension]].append(one)
    return dict(found)


def _of_cases(figures: Figures, name: str, period: Period) -> dict[int, float]:
    found: defaultdict[int, list[Given]] = defaultdict(list)
    for one in figures.in_period(name, period):
        found[one.case_id].append(one)
    figure = FIGURES[name]
    return {case: made_of(figure, given) or 0.0 for case, given in found.items()}


def scale_of(values: Sequence[float | None]) -> float:
    """Return the greatest of values, for a drawing; 1 where there is none."""
    return max((v for v in values if v), default=0.0) or 1.0
