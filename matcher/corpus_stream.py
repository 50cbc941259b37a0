"""A corpus that is read a batch at a time: builds in slices keep no text in memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pandas as pd

from matcher.tables import Corpus

SEEDS_TOGETHER = 2_000


@dataclass(frozen=True)
class CorpusStream:
    """One state of a catalogue, as `tables.Corpus` has it, to be read as often as it is wanted.

    Batches of `seeds` and of `authorships` have the columns of a corpus; all of them together are sorted by
    id. `state` reads everything once.
    """

    seeds: Callable[[], Iterator[pd.DataFrame]]
    researchers: Callable[[], pd.DataFrame]
    authorships: Callable[[], Iterator[pd.DataFrame]]
    state: Callable[[], str]


OpenStream = Callable[[], AbstractContextManager[CorpusStream]]
"""Opens a stream; what it shows stays one state for as long as it is open."""


def in_memory(corpus: Corpus) -> OpenStream:
    """Return what opens a corpus that lies in memory."""

    def batches(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
        for first in range(0, len(frame), SEEDS_TOGETHER):
            yield frame.iloc[first : first + SEEDS_TOGETHER]

    @contextmanager
    def opened() -> Iterator[CorpusStream]:
        yield CorpusStream(
            seeds=lambda: batches(corpus.seeds),
            researchers=lambda: corpus.researchers,
            authorships=lambda: batches(corpus.authorships),
            state=lambda: corpus.state,
        )

    return opened
