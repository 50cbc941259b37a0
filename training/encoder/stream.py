"""Says which batch comes at which step, so that a resumed training goes on with the same batches.

Everything follows from the random state and the number of the step: the source (each gets its share
of the batches, as evenly as can be), the rows (each once before any comes again) and their cuts.
"""

from collections.abc import Mapping, Sequence
from random import Random

from training.encoder.batches import PairSource, TrainingBatch, build_batch


class BatchStream:
    """The batches of a training by step, from 0; `len` is where it ends."""

    def __init__(
        self,
        sources: Sequence[PairSource],
        weights: Mapping[str, float],
        *,
        batch: int,
        length: int,
        random_state: int,
    ) -> None:
        self._sources = list(sources)
        total = sum(weights[source.name] for source in sources)
        self._shares = [weights[source.name] / total for source in sources]
        self._batch = batch
        self._length = length
        self._random_state = random_state
        self._plan: list[tuple[int, int]] = []  # source and how many batches it had before
        self._given = [0] * len(self._sources)
        self._passes: dict[int, tuple[int, list[int]]] = {}

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, step: int) -> TrainingBatch:
        """Return the batch of a step."""
        place, earlier = self._planned(step)
        source = self._sources[place]
        rng = self._rng(step)
        pairs = [source.pair(row, rng) for row in self._rows(place, earlier)]
        return build_batch(source.name, source.kind, pairs)

    def _planned(self, step: int) -> tuple[int, int]:
        while len(self._plan) <= step:
            missing = [
                share * (len(self._plan) + 1) - given
                for share, given in zip(self._shares, self._given, strict=True)
            ]
            place = missing.index(max(missing))
            self._plan.append((place, self._given[place]))
            self._given[place] += 1
        return self._plan[step]

    def _rows(self, place: int, earlier: int) -> list[int]:
        count = len(self._sources[place])
        size = min(self._batch, count)
        return [
            self._pass(place, position // count)[position % count]
            for position in range(earlier * size, (earlier + 1) * size)
        ]

    def _pass(self, place: int, number: int) -> list[int]:
        """Return the order of a source's rows in one pass over them."""
        known = self._passes.get(place)
        if known is None or known[0] != number:
            rows = list(range(len(self._sources[place])))
            self._rng(self._sources[place].name, number).shuffle(rows)
            self._passes[place] = known = (number, rows)
        return known[1]

    def _rng(self, *parts: object) -> Random:
        return Random("/".join(map(str, (self._random_state, *parts))))  # noqa: S311
