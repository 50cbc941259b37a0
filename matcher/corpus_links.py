"""Who made the seeds of a corpus, read a batch at a time beside them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.corpus_stream import CorpusStream
from matcher.records import REPRESENTATIVE
from matcher.row_digests import row_digests
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_ID, SEED_ID

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LinkedSeeds:
    """Digests of seeds, their people included, and who made them: rows of both sides, ascending."""

    digests: NDArray[np.uint64]
    seed_rows: Rows
    people: Rows
    representative: NDArray[np.bool_]


class Links:
    """The authorships of seeds that are asked for in their order: both are sorted by the seeds' ids."""

    def __init__(self, stream: CorpusStream, researchers: pd.DataFrame) -> None:
        self._batches = stream.authorships()
        self._people = pd.Index(researchers[RESEARCHER_ID])
        self._next: pd.DataFrame | None = None

    def of(self, seeds: pd.DataFrame, digests: NDArray[np.uint64]) -> LinkedSeeds:
        """Return who made these seeds, numbered from 0; `digests` are those of the seeds' own content."""
        links = self._up_to(str(seeds[SEED_ID].iloc[-1]))
        rows = pd.Index(seeds[SEED_ID]).get_indexer(links[SEED_ID])
        people = self._people.get_indexer(links[RESEARCHER_ID])
        joined, is_of = digests.copy(), rows >= 0
        np.bitwise_xor.at(joined, rows[is_of], row_digests(links)[is_of])
        known = np.flatnonzero(is_of & (people >= 0))
        order = known[np.lexsort((people[known], rows[known]))]  # stable
        same = (np.diff(rows[order]) == 0) & (np.diff(people[order]) == 0)
        order = order[np.append(True, ~same)[: len(order)]]
        chosen = (links["choice"] == REPRESENTATIVE).to_numpy(bool)
        return LinkedSeeds(joined, rows[order], people[order], chosen[order])

    def _up_to(self, last: str) -> pd.DataFrame:
        """Return the authorships up to those of the seed of this id."""
        found = []
        while (batch := self._batch()) is not None:
            inside = int(np.searchsorted(batch[SEED_ID].to_numpy(str), last, side="right"))
            found.append(batch.iloc[:inside])
            if inside < len(batch):
                self._next = batch.iloc[inside:]
                break
        return pd.concat(found or [pd.DataFrame({name: [] for name in AUTHORSHIP_COLUMNS})])

    def _batch(self) -> pd.DataFrame | None:
        batch, self._next = self._next, None
        return batch if batch is not None else next(self._batches, None)
