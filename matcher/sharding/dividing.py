"""Divides a catalogue into shards: of each the people, all their seeds, and seeds of nobody."""

import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.sharding.balance import divide
from matcher.sharding.shard_job import ShardRows
from matcher.sharding.slices import Slices
from matcher.sharding.spooling import Outline, Pairs
from matcher.tables import RESEARCHER_ID

IntArray = NDArray[np.int64]


def divided(outline: Outline, slices: Slices, n_shards: int) -> Iterator[ShardRows]:
    """Yield the rows of each shard."""
    shard_of = _shard_of_people(outline, slices, n_shards)
    of_nobody = outline.checksums % n_shards
    of_nobody[outline.pairs.seed] = -1
    of_pair = shard_of[outline.pairs.person]
    for number in range(n_shards):
        mine = of_pair == number
        pairs = Pairs(*(values[mine] for values in vars(outline.pairs).values()))
        has = of_nobody == number
        has[pairs.seed] = True
        seeds = np.flatnonzero(has)
        yield ShardRows(seeds, np.flatnonzero(shard_of == number), pairs, outline.digests[seeds])


def _shard_of_people(outline: Outline, slices: Slices, n_shards: int) -> IntArray:
    ids = outline.researchers[RESEARCHER_ID]
    checksums = np.array([zlib.crc32(str(one).encode()) for one in ids], dtype=np.int64)
    passages = np.bincount(slices.seed_rows, minlength=outline.n_seeds)
    work = np.bincount(
        outline.pairs.person, weights=passages[outline.pairs.seed], minlength=len(ids)
    )
    return divide(checksums, work.astype(np.int64), n_shards)
