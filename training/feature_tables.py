"""Tables to fit re-rankers on: the features that serving would compute, and who was relevant.

A table holds ids and numbers, never text. Tables are kept in a folder and computed anew when the
collection, the encoder or the features changed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.encoder.encoder import Encoder
from matcher.features.definitions import NAMES
from matcher.indexing import OnTotal
from matcher.tables import NEED_ID, RESEARCHER_ID
from training.collections import Collection, can_be_matched
from training.evaluation import opened_collection
from training.trec import RELEVANCE

WEIGHT = "pair_weight"  # column of the tables whose pairs do not all count the same


@dataclass(frozen=True)
class FeatureTable:
    """The re-ranked researchers of a collection's judged needs.

    `rows` has need_id, researcher_id, relevance and the features, grouped by need; `qrels` all
    judgements above 0, also of those who were not found. Tables of one `group` share texts or
    people, and are left out together.
    """

    name: str
    group: str
    rows: pd.DataFrame
    qrels: pd.DataFrame

    def needs(self) -> NDArray[np.int64]:
        """Return the number of the need of each row, from 0."""
        return np.asarray(pd.factorize(self.rows[NEED_ID])[0], dtype=np.int64)

    def weights(self) -> NDArray[np.float64]:
        """Return the weight of each row, 1 unless the table says otherwise."""
        if WEIGHT not in self.rows:
            return np.ones(len(self.rows))
        return self.rows[WEIGHT].to_numpy(np.float64)

    def labels(self) -> NDArray[np.float64]:
        """Return 1 for the rows of relevant researchers, else 0."""
        return (self.rows[RELEVANCE].to_numpy() > 0).astype(np.float64)


def feature_table(
    collection: Collection,
    encoder: Encoder,
    cache_dir: Path,
    *,
    group: str = "",
    tables: Path | None = None,
    on_progress: OnTotal | None = None,
) -> FeatureTable:
    """Return the table of a collection, from the folder `tables` if it is there and still fits."""
    qrels = collection.qrels[collection.qrels[RELEVANCE] > 0].reset_index(drop=True)
    name = collection.name
    stored = tables / f"{name.replace('/', '-')}.parquet" if tables else None
    key = _key(collection, encoder)
    rows = _read(stored, key) if stored else None
    if rows is None:
        frames = list(_described(collection, encoder, cache_dir, qrels, on_progress))
        rows = pd.concat(frames, ignore_index=True)
        rows.attrs = {"key": key}
        if stored:
            stored.parent.mkdir(parents=True, exist_ok=True)
            rows.to_parquet(stored)
    return FeatureTable(name, group or name.partition("/")[0], rows, qrels)


def _described(
    collection: Collection,
    encoder: Encoder,
    cache_dir: Path,
    qrels: pd.DataFrame,
    on_progress: OnTotal | None,
) -> Iterator[pd.DataFrame]:
    relevant = {str(need_id): _by_person(judged) for need_id, judged in qrels.groupby(NEED_ID)}
    needs = [n for n in collection.needs if n.need_id in relevant and can_be_matched(n)]
    with opened_collection(collection, encoder, cache_dir, on_progress=on_progress) as opened:
        for done, (need_id, features) in enumerate(opened.recommender.describe(needs), start=1):
            judged = relevant[need_id]
            features.insert(0, NEED_ID, need_id)
            features.insert(2, RELEVANCE, [judged.get(i, 0) for i in features[RESEARCHER_ID]])
            yield features
            if on_progress:
                on_progress("match", done, len(needs))


def _by_person(judged: pd.DataFrame) -> dict[str, int]:
    return dict(zip(judged[RESEARCHER_ID], judged[RELEVANCE].astype(int), strict=True))


def _key(collection: Collection, encoder: Encoder) -> str:
    content = [dict(collection.files), collection.corpus.state, encoder.checksum, list(NAMES)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(path: Path, key: str) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    rows = pd.read_parquet(path)
    return rows if rows.attrs.get("key") == key else None
