"""Made-up needs of fields that a graded collection lacks: how often "nobody fits" is said, and rightly.

A file has a need a line, as the needs of a collection; `answered` names the collections in which somebody
could help with it after all, as far as readers found.
"""

from collections.abc import Set
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.encoder.encoder import Encoder
from matcher.tables import NEED_ID
from training.calibration import Scored, fit_curve
from training.collection_lines import read_needs, read_records
from training.collections import Collection
from training.evaluation import opened_collection
from training.feature_tables import FeatureTable
from training.reading import Notes
from training.reranker import FOLDS, NOBODY_BELOW
from training.trec import RELEVANCE

FloatArray = NDArray[np.float64]


def foreign_table(
    collection: Collection, path: Path, encoder: Encoder, cache_dir: Path
) -> FeatureTable:
    """Return the features of the file's needs among the collection's people, of whom nobody is relevant.

    The index is the collection's own: the mean that is taken away from needs is that of its own ones.
    """
    needs, _ = read_needs(path, Notes())
    frames = []
    with opened_collection(collection, encoder, cache_dir) as opened:
        for need_id, features in opened.recommender.describe(needs):
            features.insert(0, NEED_ID, need_id)
            features.insert(2, RELEVANCE, 0)
            frames.append(features)
    rows = pd.concat(frames, ignore_index=True)
    name = f"{collection.name}/{path.stem}"
    return FeatureTable(name, name, rows, rows[rows[RELEVANCE] > 0])


def answered_in(collection: Collection, path: Path) -> set[str]:
    """Return the ids of the file's needs that somebody of the collection could help with."""
    return {
        str(record["need_id"])
        for _, record in read_records(path, Notes())
        if collection.name in record.get("answered", ())
    }


def silence(
    table: FeatureTable,
    scores: FloatArray,
    foreign: tuple[FeatureTable, FloatArray],
    without: Set[str] = frozenset(),
) -> tuple[int, float, float]:
    """Return the number of needs that nobody fits, and recall and precision of saying so.

    They are the foreign ones but those `without`, and those of the graded table that have nobody suitable,
    whose topics are held out; precision is at equal numbers of needs with and without somebody.
    """
    scored = _scored(table, scores)
    topics = table.topics()
    likeliest = np.zeros(len(scores))
    for fold in range(FOLDS):
        out = topics % FOLDS == fold
        if out.any() and not out.all():
            likeliest[out] = fit_curve([scored.of(~out)]).probability(scored.of(out))
    highest = pd.Series(likeliest).groupby(table.rows[NEED_ID].to_numpy()).max()
    suits = pd.Series(table.is_suitable()).groupby(table.rows[NEED_ID].to_numpy()).max() > 0
    elsewhere, its_scores = foreign
    chances = fit_curve([scored]).probability(_scored(elsewhere, its_scores))
    abroad = pd.Series(chances).groupby(elsewhere.rows[NEED_ID].to_numpy()).max()
    nobody = np.r_[highest[~suits], abroad[~abroad.index.isin(without)]]
    said, wrong = (nobody < NOBODY_BELOW).mean(), (highest[suits] < NOBODY_BELOW).mean()
    return len(nobody), float(said), float(said / (said + wrong)) if said else np.nan


def _scored(table: FeatureTable, scores: FloatArray) -> Scored:
    topics = table.topics() if table.graded else None
    return Scored(table.name, table.group, scores, table.is_suitable(), table.needs(), topics)
