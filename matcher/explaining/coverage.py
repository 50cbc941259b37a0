"""How near each candidate comes to each part of a need, compared with the other candidates."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.explaining.need_parts import NeedParts
from matcher.features.requirements import sentences_of
from matcher.snapshot import Snapshot

DEPTH = 5  # seeds of a person that are looked at


def part_shares(
    owned: pd.DataFrame, people: NDArray[np.int64], needed: NeedParts, snapshot: Snapshot
) -> pd.DataFrame:
    """Return for each person and part the share of the candidates who come no nearer to it.

    One row a person (index: `people`, ascending researcher rows), one column a part, values in
    (0, 1]. A person is as near to a part as the nearest sentence of the best seeds.
    """
    persons = owned["researcher_row"].to_numpy(np.int64)
    looked_at = np.flatnonzero((owned["place"].to_numpy() < DEPTH) & np.isin(persons, people))
    passages, persons = owned["passage_row"].to_numpy(np.int64)[looked_at], persons[looked_at]
    rows, counts = sentences_of(passages, snapshot)
    vectors = np.asarray(snapshot.sentence_vectors[rows], dtype=np.float32)
    found, starts = np.unique(np.repeat(persons, counts), return_index=True)
    nearest = np.maximum.reduceat(vectors @ needed.vectors.T, starts, axis=0)
    return pd.DataFrame(nearest, index=found).rank(pct=True, method="max")
