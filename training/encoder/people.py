"""Pairs from evaluation collections: seeds of one person, needs and seeds of relevant people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from training.encoder.augmentation import Text, crop_long, crop_short
from training.encoder.batches import NEEDS, PEOPLE, Groups, TrainingPair

CROSS_LINGUAL_SHARE = 0.7
WHOLE_NEED_SHARE = 0.5


@dataclass(frozen=True)
class Seeds:
    """The texts of a collection and whose they are; row i of all three is one seed.

    `negatives` are the rows of seeds that are near to seed i but somebody else's; none when they
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
