"""Writes seeds, people, authorships and passages of a version while their corpus is read once.

A batch of seeds at a time: in memory stay the researchers, and some numbers by seed. Both the corpus and the
version before it are sorted by the seeds' ids, so that what is taken over is met on the way.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.columns import Categories, Table, TableWriter
from matcher.changes import Known, hashes_of
from matcher.corpus_links import LinkedSeeds, Links
from matcher.corpus_stream import CorpusStream
from matcher.earlier_version import EarlierSeeds, EarlierVersion, text_digests
from matcher.row_digests import row_digests
from matcher.stored_passages import StoredPassages
from matcher.tables import (
    AUTHORSHIP_KINDS,
    RESEARCHER_ID,
    RESEARCHER_KINDS,
    SEED_ID,
    STORED_SEED_KINDS,
    visibility_levels,
)
from matcher.version_writer import PassageSource, PassageWriter, write_frame

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WrittenCorpus:
    """What was written; `seeds` and `researchers` are known by hashes of their ids and by digests."""

    stored: StoredPassages
    state: str
    seeds: Known
    researchers: Known
    earlier: EarlierVersion | None

    @property
    def counts(self) -> dict[str, int]:
        """How many researchers and seeds there are."""
        return {"researchers": len(self.researchers[0]), "seeds": len(self.seeds[0])}


def write_corpus(
    folder: Path, stream: CorpusStream, source: PassageSource, earlier: EarlierSeeds | None = None
) -> WrittenCorpus:
    """Write a corpus's tables into a version's folder, its passages among them, of which there may be none.

    Passages of seeds that `earlier` has as they are are taken over.
    """
    people = stream.researchers().reset_index(drop=True)
    links = Links(stream, people)
    seeds = TableWriter(folder / "seeds", STORED_SEED_KINDS)
    pairs = TableWriter(folder / "authorships", AUTHORSHIP_KINDS)
    writer = PassageWriter(folder, source)
    parts = _Parts()
    for batch in stream.seeds():
        first = seeds.n_rows
        linked = links.of(batch, row_digests(batch))
        told = batch.assign(digest=linked.digests, text_digest=text_digests(batch))
        seeds.append({name: told[name] for name in STORED_SEED_KINDS})
        pairs.append(_pairs(linked, first))
        known, read = np.full(len(batch), -1), None
        if earlier is not None:
            known, read = earlier.find(told), earlier.cut
        writer.add(batch, known, read)
        parts.add(
            ids=hashes_of(map(str, batch[SEED_ID])),
            digests=linked.digests,
            levels=visibility_levels(Categories.of(batch["visibility"])),
        )
    seeds.close()
    pairs.close()
    passages, sentences = writer.close()
    digests = row_digests(people)
    write_frame(folder / "researchers", people.assign(digest=digests), RESEARCHER_KINDS)
    stored = StoredPassages(
        len(people),
        passages,
        sentences,
        parts.joined("levels", np.int64),
        Table.load(folder / "authorships"),
    )
    return WrittenCorpus(
        stored,
        stream.state(),
        (parts.joined("ids", np.uint64), parts.joined("digests", np.uint64)),
        (hashes_of(map(str, people[RESEARCHER_ID])), digests),
        earlier.found() if earlier else None,
    )


def _pairs(linked: LinkedSeeds, first: int) -> dict[str, Any]:
    return {
        "seed_row": linked.seed_rows + first,
        "researcher_row": linked.people,
        "representative": linked.representative,
    }


class _Parts:
    """Numbers of seeds, gathered batch by batch."""

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray[Any]]] = {}

    def add(self, **columns: NDArray[Any]) -> None:
        """Take the numbers of a batch."""
        for name, values in columns.items():
            self._parts.setdefault(name, []).append(values)

    def joined(self, name: str, dtype: Any) -> NDArray[Any]:
        """Return the numbers of all batches, and forget them."""
        return np.concatenate([np.zeros(0, dtype=dtype), *self._parts.pop(name, [])])
