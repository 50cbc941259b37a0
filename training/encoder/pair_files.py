"""Pairs from files of JSON lines: translations, questions with paragraphs, similar sentences.

The fields of a row say what it is. Rows that say `split`: dev or test are left to be measured on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from enmusubi.errors import InputError
from training.collection_lines import read_records
from training.encoder.augmentation import join_translations
from training.encoder.batches import QUESTIONS, SIMILAR, TRANSLATIONS, Groups, TrainingPair
from training.fields import text_of
from training.notes import Notes

SHAPES = {  # the fields of a pair, in order, and the kind of source that they make
    ("ja", "en"): TRANSLATIONS,
    ("question", "paragraph"): QUESTIONS,
    ("query", "passage"): QUESTIONS,
    ("a", "b"): SIMILAR,
}
HELD_OUT = frozenset({"dev", "test", "validation", "valid", "eval"})
SIMILAR_SHARE = 0.8  # of the file's highest score: pairs above it are taken as saying the same
MAX_JOINED = 3
SHORT_CHARS = 12  # terms, not sentences
MAX_TERMS = 5
_FORMS = '{"ja", "en"}, {"question", "paragraph"}, {"query", "passage"} or {"a", "b", "score"}'
Clean = Callable[[str], str]


@dataclass(frozen=True)
class _Row:
    first: str
    second: str
    groups: Groups
    score: float | None


class PairFile:
    """The pairs of one file. Either text of a translation or of similar sentences may come first."""

    def __init__(self, name: str, kind: str, rows: list[_Row]) -> None:
        self.name = name
        self.kind = kind
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def pair(self, row: int, rng: Random) -> TrainingPair:
        """Return the row's pair; a translation is joined with up to two others, terms with more."""
        chosen = [self._rows[row]]
        if self.kind == TRANSLATIONS:
            chosen += self._more(chosen[0], rng)
            first, second = join_translations([(one.first, one.second) for one in chosen])
        else:
            first, second = chosen[0].first, chosen[0].second
        if self.kind != QUESTIONS and rng.random() < 0.5:
            first, second = second, first
        groups = frozenset().union(*(one.groups for one in chosen))
        return TrainingPair(first, second, groups, groups)

    def _more(self, first: _Row, rng: Random) -> list[_Row]:
        most = MAX_TERMS if len(first.first) <= SHORT_CHARS else MAX_JOINED
        return [rng.choice(self._rows) for _ in range(rng.randint(0, most - 1))]


def read_pair_file(path: Path, name: str, clean: Clean, notes: Notes) -> PairFile:
    """Return the file's pairs, its texts cleaned; what cannot be used is told to `notes`.

    Raises InputError when no row can be trained on.
    """
    kind, rows = "", []
    for line, record in read_records(path, notes):
        shape = next((shape for shape in SHAPES if all(f in record for f in shape)), None)
        if shape is None or (kind and SHAPES[shape] != kind):
            notes.fault(path, line, "of an unknown or another form, left out")
        elif str(record.get("split", "")).lower() in HELD_OUT:
            notes.fault(path, line, "held out for measuring, left out")
        else:
            row = _row(record, shape, clean)
            kind = SHAPES[shape]
            rows += [row] if row.first and row.second else []
    kept = _alike(rows) if kind == SIMILAR else rows
    if not kept:
        raise InputError(
            "%(path)s holds no pairs to train on. Expected JSON lines with %(forms)s, "
            "not all of them with split dev or test.",
            path=path,
            forms=_FORMS,
        )
    notes.fact(
        len(rows) - len(kept),
        f"pair of {name} is not alike enough, left out",
        f"pairs of {name} are not alike enough, left out",
    )
    return PairFile(name, kind, kept)


def _row(record: Mapping[str, Any], shape: tuple[str, str], clean: Clean) -> _Row:
    first, second = (clean(text_of(record[name])) for name in shape)
    title = text_of(record.get("title"))
    score = record.get("score")
    known = isinstance(score, int | float) and not isinstance(score, bool)
    return _Row(
        first,
        second,
        groups=frozenset([f"title:{title}"] if title else [f"text:{first}", f"text:{second}"]),
        score=float(score) if known and score is not None else None,
    )


def _alike(rows: list[_Row]) -> list[_Row]:
    highest = max((row.score for row in rows if row.score is not None), default=0.0)
    return [row for row in rows if row.score is None or row.score >= SIMILAR_SHARE * highest]
