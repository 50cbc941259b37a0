"""Tables to fit re-rankers on: the features that serving would compute, and who was relevant.

A table holds ids and numbers, never text. Tables are kept in a folder and computed anew when the
collection, the encoder or the features changed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import Encoder
from matcher.features.definitions import NAMES
from matcher.tables import NEED_ID, RESEARCHER_ID
from training.collections import Collection, can_be_matched
from training.evaluation import opened_collection
from training.trec import RELEVANCE

SUITABILITY_OF_GRADE = np.array([0.0, 0.2, 0.8, 1.0])
SUITABLE_GRADE = 2
WEIGHT = "pair_weight"  # column of the tables whose pairs do not all count the same


@dataclass(frozen=True)
class FeatureTable:
    """The re-ranked researchers of a collection's judged needs.

    `rows` has need_id, researcher_id, relevance and the features, grouped by need; `qrels` all
    judgements above 0, also of those who were not found. Tables of one `group` share texts or
    people, and are left out together. `share` is how much the linear kinds learn from it, 1 unless set.
    """

    name: str
    group: str
    rows: pd.DataFrame
    qrels: pd.DataFrame
    share: float = 1.0

    def needs(self) -> NDArray[np.int64]:
        """Return the number of the need of each row, from 0."""
        return np.asarray(pd.factorize(self.rows[NEED_ID])[0], dtype=np.int64)

    def of(self, kept: NDArray[np.bool_]) -> "FeatureTable":
        """Return the table of these rows."""
        return replace(self, rows=self.rows[kept].reset_index(drop=True))

    @property
    def graded(self) -> bool:
        """Whether readers gave grades from 0 to 3, and so said of every pair whether it suits."""
        return bool((self.qrels[RELEVANCE] > 2).any())

    def suitability(self) -> NDArray[np.float64]:
        """Return how far each row's person is suitable, from 0 to 1.

        For grades the chance that a second reader would say "suitable" (2 or more): judgements are
        uncertain by about one grade.
        """
        relevance = self.rows[RELEVANCE].to_numpy()
        if not self.graded:
            return (relevance > 0).astype(np.float64)
        grades = np.clip(relevance, 0, len(SUITABILITY_OF_GRADE) - 1)
        return np.asarray(SUITABILITY_OF_GRADE[grades], dtype=np.float64)

    def is_suitable(self) -> NDArray[np.float64]:
        """Return 1 where the person was judged suitable: grade 2 or more, or relevant at all, else 0."""
        least = SUITABLE_GRADE if self.graded else 1
        return (self.rows[RELEVANCE].to_numpy() >= least).astype(np.float64)

    def topics(self) -> NDArray[np.int64]:
        """Return the number of the topic of each row, from 0: needs with the same judgements share one.

        Versions of one need in two languages are not two independent needs.
        """
        judged = self.qrels.sort_values(RESEARCHER_ID).groupby(NEED_ID)
        known = {str(n): tuple(zip(g[RESEARCHER_ID], g[RELEVANCE], strict=True)) for n, g in judged}
        keys = [known.get(str(n), (str(n),)) for n in self.rows[NEED_ID].unique()]
        number = dict(
            zip(self.rows[NEED_ID].unique(), pd.factorize(pd.Series(keys))[0], strict=True)
        )
        return self.rows[NEED_ID].map(number).to_numpy(np.int64)

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
    # a need for which nobody suits was judged, too: without such, probabilities would be too high
    judged_needs = set(collection.qrels[NEED_ID])
    needs = [n for n in collection.needs if n.need_id in judged_needs and can_be_matched(n)]
    with opened_collection(collection, encoder, cache_dir, on_progress=on_progress) as opened:
        for done, (need_id, features) in enumerate(opened.recommender.describe(needs), start=1):
            judged = relevant.get(need_id, {})
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
