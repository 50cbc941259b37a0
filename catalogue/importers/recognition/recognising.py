"""Recognises a table: what its rows are about, and the role of each column, by names and by values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalogue.importers.recognition.fitting import SAME, score_of
from catalogue.importers.recognition.headers import nearness, script_of, shown
from catalogue.importers.recognition.layout import (
    Label,
    Layout,
    find_layout,
    unique,
    without_header,
)
from catalogue.importers.recognition.roles import (
    IGNORED,
    KINDS,
    LEFT_OUT,
    NEEDED,
    PEOPLE,
    ROLES,
    Role,
)
from catalogue.importers.recognition.values_seen import Seen, look_at
from catalogue.importers.rows import is_blank
from enmusubi.language import JAPANESE, detect_language

SAMPLE_ROWS = 200
ENOUGH = 0.42  # the least score by which a column gets a role
_SURE, _UNCLAIMED = (
    2.5,
    0.15,
)  # what a sure name adds to a kind, and a column without a role takes off
_LEAST_COLUMNS = 2  # of a table that nothing is known of
_TELLING = 0.75  # how near a name must be to tell of another kind
_STRONG = (
    "email",
    "orcid",
    "doi",
    "kana",
    "position",
    "application",
    "department",
    "phone",
    "url",
    "person",
)
_SHEETS = {
    "people": "研究者 教員 名簿 職員 スタッフ faculty people staff researchers 教職員",
    "seeds": "シーズ 業績 論文 成果 seeds papers publications 科研 授業 講演",
    "patents": "特許 知財 発明 patents 出願",
    "needs": "ニーズ 相談 案件 企業 問合せ 問い合わせ needs inquiries",
    "judgements": "判定 評価 マッチング結果 judgements judgments",
}


@dataclass(frozen=True)
class RecognisedColumn:
    """A column as it was recognised: its label, its role, and in which language its values are."""

    label: str
    role: str = IGNORED
    script: str = ""
    samples: tuple[str, ...] = field(default=(), repr=False)
    score: float = 0.0


@dataclass(frozen=True)
class RecognisedTable:
    """A recognised table: what its rows are about, how it lies, and its columns in order."""

    kind: str
    layout: Layout
    columns: tuple[RecognisedColumn, ...]
    score: float = 0.0

    def with_roles(self, kind: str, roles: Mapping[str, str]) -> "RecognisedTable":
        """Return the table with what somebody says of it: the kind, and the role of each label."""
        columns = tuple(
            RecognisedColumn(one.label, roles.get(one.label, IGNORED), one.script, one.samples, 1.0)
            for one in self.columns
        )
        return RecognisedTable(kind, self.layout, columns, 1.0)

    def labels_of(self, role: str) -> tuple[str, ...]:
        """Return the labels of the columns that have a role."""
        return tuple(column.label for column in self.columns if column.role == role)


def recognise(rows: Sequence[Sequence[Any]], *, called: str = "") -> RecognisedTable | None:
    """Return the table whose first rows these are, blank ones left out, or None if none is recognised.

    `called` is the name of the sheet and of the file: they count where columns leave it open.
    """
    layout = find_layout(rows)
    if layout is None:
        return _headless(rows)
    values = _values_of(rows, layout)
    columns = _without_roles(layout, values)
    seen = [look_at(one) for one in values]
    tables = [
        table
        for kind in KINDS
        if (table := _as_kind(kind, layout, columns, seen, called=called)) is not None
    ]
    return max(tables, key=lambda table: table.score, default=None)


def recognise_as(kind: str, rows: Sequence[Sequence[Any]], layout: Layout) -> RecognisedTable:
    """Return a table as somebody says that it is: of this kind, with the roles that its columns then have."""
    values = _values_of(rows, layout)
    columns = _without_roles(layout, values)
    seen = [look_at(one) for one in values]
    found = _as_kind(kind, layout, columns, seen, called="", is_told=True)
    return found or RecognisedTable(kind, layout, columns)


def unrecognised(rows: Sequence[Sequence[Any]]) -> RecognisedTable | None:
    """Return a table of no kind, the first row that is wide enough for its header; None for no table."""
    width = max(map(_filled, rows), default=0)
    place = next((p for p, row in enumerate(rows) if _filled(row) * 2 > width), None)
    if place is None or width < _LEAST_COLUMNS or len(rows) < place + 2:
        return None
    layout = Layout((place,), unique([(shown(cell),) for cell in rows[place]]))
    return RecognisedTable("", layout, _without_roles(layout, _values_of(rows, layout)))


def _filled(row: Sequence[Any]) -> int:
    return sum(not is_blank(cell) for cell in row)


def _without_roles(layout: Layout, columns: Sequence[list[Any]]) -> tuple[RecognisedColumn, ...]:
    return tuple(
        RecognisedColumn(label.shown, IGNORED, _script(label, values), _samples(values))
        for label, values in zip(layout.labels, columns, strict=True)
    )


def _headless(rows: Sequence[Sequence[Any]]) -> RecognisedTable | None:
    """Return a list of people without a header: told by its values alone, where they are sure."""
    layout = without_header(rows)
    values = _values_of(rows, layout)
    seen = [look_at(one) for one in values]
    sure = sum(
        max((one.shares.get(kind, 0.0) for kind in _STRONG), default=0) >= 0.8 for one in seen
    )
    if len(rows) < 2 or sure < 3 or max((one.filled for one in seen), default=0) < 2:
        return None
    return _as_kind(PEOPLE, layout, _without_roles(layout, values), seen, called="")


def _values_of(rows: Sequence[Sequence[Any]], layout: Layout) -> list[list[Any]]:
    """Return the values of each column, those of the rows behind the header."""
    if layout.is_sideways:
        (labels,) = layout.header
        return [list(row[labels + 1 :]) for row in rows[: len(layout.labels)]]
    behind = rows[layout.first_row : layout.first_row + SAMPLE_ROWS]
    return [
        [row[place] if place < len(row) else None for row in behind]
        for place in range(len(layout.labels))
    ]


def _as_kind(
    kind: str,
    layout: Layout,
    columns: Sequence[RecognisedColumn],
    seen: Sequence[Seen],
    *,
    called: str,
    is_told: bool = False,
) -> RecognisedTable | None:
    roles = ROLES[kind]
    offers = sorted(
        (
            (score_of(label, one, name, role), place, name)
            for place, (label, one) in enumerate(zip(layout.labels, seen, strict=True))
            for name, role in roles.items()
        ),
        key=lambda offer: (-offer[0], offer[1], list(roles).index(offer[2])),
    )
    given: dict[int, tuple[str, float]] = {}
    taken: set[tuple[str, str]] = set()
    for score, place, name in offers:
        if score < ENOUGH or place in given:
            continue
        side = (name, "" if name in _ONE_SIDED else columns[place].script)
        if side in taken and not roles[name].several:
            continue
        given[place], taken = (name, score), taken | {side}
    found = {name for name, _ in given.values()}
    if not is_told and not all(found.intersection(group) for group in NEEDED[kind]):
        return None
    total = sum(score * roles[name].tells for name, score in given.values())
    total += sum(
        _SURE for place, (name, _) in given.items() if _is_sure(layout.labels[place], roles[name])
    )
    total += sum(1.0 for word in _SHEETS[kind].split() if word in called.casefold())
    unclaimed = [p for p, one in enumerate(seen) if one.filled and p not in given]
    total -= sum(_missed(kind, layout.labels[place]) for place in unclaimed)
    made = tuple(
        replace(column, role=given[place][0], score=given[place][1]) if place in given else column
        for place, column in enumerate(columns)
    )
    return RecognisedTable(kind, layout, made, total)


_ONE_SIDED = frozenset(
    {
        "email",
        "extension",
        "page",
        "number",
        "erad",
        "orcid",
        "researchmap",
        "year",
        "doi",
        "url",
        "budget",
        "kana",
    }
)


def _is_sure(label: Label, role: Role) -> bool:
    return any(nearness(reading, role.sure) >= 0.85 for reading in label.readings)


def _missed(kind: str, label: Label) -> float:
    """Return how much a column without a role speaks against a kind: most where it tells of another."""
    if any(nearness(reading, LEFT_OUT) >= SAME for reading in label.readings):
        return 0.0
    telling = (
        role.tells
        for other, roles in ROLES.items()
        for role in roles.values()
        if other != kind
        and role.tells >= 1
        and any(nearness(reading, role.names) >= _TELLING for reading in label.readings)
    )
    return max(telling, default=_UNCLAIMED)


def _script(label: Label, values: Sequence[Any]) -> str:
    said = next(filter(None, map(script_of, reversed(label.readings))), "")
    texts = [str(value) for value in values if not is_blank(value)]
    if not texts:
        return said
    japanese = sum(detect_language(text) == JAPANESE for text in texts)
    return JAPANESE if japanese * 2 >= len(texts) else "en"


def _samples(values: Sequence[Any]) -> tuple[str, ...]:
    texts = (" ".join(str(value).split())[:80] for value in values if not is_blank(value))
    return tuple(dict.fromkeys(texts))[:3]
