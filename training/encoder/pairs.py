"""Pairs of texts: from evaluation collections (seeds of one person, needs and seeds of relevant people)
and from files of JSON lines (translations, questions with paragraphs, similar sentences).

The fields of a file's row say what it is. Rows that say `split`: dev or test are left to be measured on.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from enmusubi.errors import InputError
from training.collection_lines import read_records
from training.encoder.augmentation import Text, crop_long, crop_short, join_translations
from training.encoder.batches import (
    NEEDS,
    PEOPLE,
    QUESTIONS,
    SIMILAR,
    TRANSLATIONS,
    Groups,
    TrainingPair,
)
from training.reading import Notes, text_of

CROSS_LINGUAL_SHARE = 0.7
WHOLE_NEED_SHARE = 0.5


@dataclass(frozen=True)
class Seeds:
    """The texts of a collection and whose they are; row i of all three is one seed.

    `negatives` are the rows of seeds that are near to seed i but another person's; none when they
    were not mined.
    """

    texts: Sequence[Text]
    owners: Sequence[Groups]
    negatives: Sequence[tuple[int, ...]] = field(default=())

    def by_owner(self) -> dict[str, list[int]]:
        """Return the rows of every owner's seeds."""
        rows: dict[str, list[int]] = defaultdict(list)
        for row, owners in enumerate(self.owners):
            for owner in sorted(owners):
                rows[owner].append(row)
        return dict(rows)

    def negative_of(self, row: int, rng: Random) -> tuple[str, Groups]:
        """Return a cut of one of the seed's negatives and its owners; nothing when it has none."""
        nearby = self.negatives[row] if self.negatives else ()
        if not nearby:
            return "", frozenset()
        chosen = rng.choice(nearby)
        return crop_long(self.texts[chosen], rng), self.owners[chosen]


class SamePerson:
    """Two seeds of the same person, of different titles; one in each language where there are."""

    kind = PEOPLE

    def __init__(self, name: str, seeds: Seeds) -> None:
        self.name = name
        self.seeds = seeds
        self._people = [
            rows
            for _, rows in sorted(seeds.by_owner().items())
            if len({seeds.texts[row].key() for row in rows}) > 1
        ]

    def __len__(self) -> int:
        return len(self._people)

    def pair(self, row: int, rng: Random) -> TrainingPair:
        """Return two seeds of one person, the first in a short cut, the second in a long one."""
        rows = self._people[row]
        texts, owners = self.seeds.texts, self.seeds.owners
        anchor = rng.choice(rows)
        others = [other for other in rows if texts[other].key() != texts[anchor].key()]
        foreign = [o for o in others if texts[o].language != texts[anchor].language]
        cross = bool(foreign) and rng.random() < CROSS_LINGUAL_SHARE
        positive = rng.choice(foreign if cross else others)
        negative, negative_owners = self.seeds.negative_of(anchor, rng)
        return TrainingPair(
            anchor=crop_short(texts[anchor], rng),
            positive=crop_long(texts[positive], rng),
            anchor_groups=owners[anchor],
            positive_groups=owners[positive],
            negative=negative,
            negative_groups=negative_owners,
        )


class NeedsAndSeeds:
    """A need and a seed of one of the people who are relevant to it."""

    kind = NEEDS

    def __init__(
        self, name: str, needs: Mapping[str, Text], relevant: Mapping[str, Groups], seeds: Seeds
    ) -> None:
        """`relevant` has the owners by need id; needs without a seed of theirs are left out."""
        self.name = name
        self.seeds = seeds
        self._rows_of = seeds.by_owner()
        self._needs = [
            (text, relevant[need_id], people)
            for need_id, text in needs.items()
            if (text.title or text.body)
            and (people := sorted(relevant.get(need_id, frozenset()) & self._rows_of.keys()))
        ]

    def __len__(self) -> int:
        return len(self._needs)

    def pair(self, row: int, rng: Random) -> TrainingPair:
        """Return the need, half of the time a part of it, and a long cut of a seed."""
        text, relevant, people = self._needs[row]
        crop = crop_long if rng.random() < WHOLE_NEED_SHARE else crop_short
        seed = rng.choice(self._rows_of[rng.choice(people)])
        return TrainingPair(
            anchor=crop(text, rng),
            positive=crop_long(self.seeds.texts[seed], rng),
            anchor_groups=relevant,
            positive_groups=self.seeds.owners[seed],
        )


SHAPES = {  # the fields of a pair, in order, and the kind of source that they make
    ("ja", "en"): TRANSLATIONS,
    ("question", "paragraph"): QUESTIONS,
    ("query", "passage"): QUESTIONS,
    ("a", "b"): SIMILAR,
}
HELD_OUT = frozenset({"dev", "test", "validation", "valid", "eval"})
SIMILAR_SHARE = 0.8  # of the file's highest score: pairs above it are taken as saying the same
CROPPED_SHARE = 0.5
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
    negative: str = ""
    negative_groups: Groups = frozenset()


class PairFile:
    """The pairs of one file. Either text of a translation or of similar texts may come first.

    Half of the time the first of two similar texts is cut to a few of its sentences, as a need is short.
    """

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
        if self.kind == SIMILAR and rng.random() < CROPPED_SHARE:
            first = crop_short(Text("", first, ""), rng)
        groups = frozenset().union(*(one.groups for one in chosen))
        negative, own = chosen[0].negative, chosen[0].negative_groups
        return TrainingPair(first, second, groups, groups, negative, own)

    def _more(self, first: _Row, rng: Random) -> list[_Row]:
        most = MAX_TERMS if len(first.first) <= SHORT_CHARS else MAX_JOINED
        return [rng.choice(self._rows) for _ in range(rng.randint(0, most - 1))]


def read_pair_file(path: Path, name: str, clean: Clean, notes: Notes) -> PairFile:
    """Return the file's pairs, its texts cleaned; what cannot be used is noted in `notes`.

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
    title, negative = text_of(record.get("title")), clean(text_of(record.get("negative")))
    of_negative = text_of(record.get("negative_title"))
    score = record.get("score")
    known = isinstance(score, int | float) and not isinstance(score, bool)
    return _Row(
        first,
        second,
        groups=frozenset([f"title:{title}"] if title else [f"text:{first}", f"text:{second}"]),
        score=float(score) if known and score is not None else None,
        negative=negative,
        negative_groups=frozenset(
            [f"title:{of_negative}"] if of_negative else [f"text:{negative}"]
        ),
    )


def _alike(rows: list[_Row]) -> list[_Row]:
    highest = max((row.score for row in rows if row.score is not None), default=0.0)
    return [row for row in rows if row.score is None or row.score >= SIMILAR_SHARE * highest]
