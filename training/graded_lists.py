"""Figures of lists for needs that readers graded from 0 to 3: what the first ten people are worth.

Suitable is grade 2 or 3; whoever was not judged counts as 0. Scores come from models that had not seen the
topic (`reranker.leave_one_out`), so that the figures hold for needs that nobody fitted anything to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.reranking.calibration import WORDS
from matcher.tables import NEED_ID, RESEARCHER_ID, SEED_ID, Corpus
from training.calibration import (
    SHOWN,
    Scored,
    equal_count_error,
    fit_curve,
    left_out_by_topic,
)
from training.feature_tables import SUITABLE_GRADE, FeatureTable
from training.reranker import CUTS, FOLDS, NOBODY_BELOW
from training.trec import RELEVANCE

FIRST_FIVE, FIRST_THREE = 5, 3
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Calibrated:
    """What probabilities of topics held out are worth: the error and, by word, a row of `words`.

    Columns of `words`: word, pairs, suitable (share of the pairs), of_all (share of all suitable ones shown).
    `silent` has, by the grade from which on people were taken out of each list, the share of such lists of
    which nobody reaches NOBODY_BELOW, and its precision at equal numbers of lists with somebody suitable.
    """

    error: float
    words: pd.DataFrame
    silent: Mapping[int, tuple[float, float]]


def languages_of_evidence(corpus: Corpus) -> dict[str, str]:
    """Return the language of most of each researcher's seeds."""
    seeds = corpus.authorships[[SEED_ID, RESEARCHER_ID]].merge(
        corpus.seeds[[SEED_ID, "lang"]], on=SEED_ID
    )
    counts = seeds.groupby([RESEARCHER_ID, "lang"]).size().rename("n").reset_index()
    ordered = counts.sort_values([RESEARCHER_ID, "n", "lang"], ascending=[True, False, True])
    most = ordered.drop_duplicates(RESEARCHER_ID)
    return dict(zip(most[RESEARCHER_ID].astype(str), most["lang"].astype(str), strict=True))


def ordered_lists(table: FeatureTable, scores: FloatArray) -> dict[str, list[str]]:
    """Return each need's researchers, the best first; ties by id."""
    rows = table.rows[[NEED_ID, RESEARCHER_ID]].assign(score=np.round(scores, 6))
    rows = rows.sort_values(
        [NEED_ID, "score", RESEARCHER_ID], ascending=[True, False, True], kind="stable"
    )
    return {str(n): list(map(str, one[RESEARCHER_ID])) for n, one in rows.groupby(NEED_ID)}


def list_figures(
    lists: Mapping[str, list[str]], table: FeatureTable, evidence: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row for each need with somebody suitable, indexed by need id.

    Columns: `ndcg` at ten with the gain 2^grade - 1 (Burges et al. 2005), `precision` of suitable people in
    the first five, `found` whether one of the first three is suitable, and `recall_X` among ten of the
    suitable people with evidence in the language X, NaN where there is none.
    """
    found: dict[str, dict[str, float]] = {}
    names = sorted(set(evidence.values()))
    discounts = 1 / np.log2(np.arange(2, SHOWN + 2))
    for need, judged in table.qrels.groupby(NEED_ID):
        grades = dict(zip(judged[RESEARCHER_ID].astype(str), judged[RELEVANCE], strict=True))
        good = {person for person, grade in grades.items() if grade >= SUITABLE_GRADE}
        if not good or str(need) not in lists:
            continue
        first = lists[str(need)][:SHOWN]
        gains = np.array([2.0 ** grades.get(person, 0) - 1 for person in first])
        ideal = np.array(sorted((2.0**g - 1 for g in grades.values()), reverse=True)[:SHOWN])
        row = {
            "ndcg": float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)])),
            "precision": len(good.intersection(first[:FIRST_FIVE])) / FIRST_FIVE,
            "found": float(bool(good.intersection(first[:FIRST_THREE]))),
        }
        for name in names:
            own = {person for person in good if evidence.get(person) == name}
            reached = len(own.intersection(first)) / min(SHOWN, len(own)) if own else np.nan
            row[f"recall_{name}"] = reached
        found[str(need)] = row
    return pd.DataFrame.from_dict(found, orient="index")


def calibrated(table: FeatureTable, scores: FloatArray) -> Calibrated:
    """Return what the probabilities of topics held out are worth."""
    scored = Scored(
        table.name, table.group, scores, table.is_suitable(), table.needs(), table.topics()
    )
    probabilities, outcomes = left_out_by_topic(scored, FOLDS)
    cuts = [CUTS[word] for word in WORDS if word in CUTS]
    level = np.array([sum(p < cut for cut in cuts) for p in probabilities])
    words = pd.DataFrame(
        [
            {
                "word": word,
                "pairs": int((level == i).sum()),
                "suitable": float(outcomes[level == i].mean()) if (level == i).any() else np.nan,
                "of_all": float(outcomes[level == i].sum() / max(1.0, outcomes.sum())),
            }
            for i, word in enumerate(WORDS)
        ]
    )
    silent = {least: _silent(table, scored, least) for least in (1, SUITABLE_GRADE)}
    return Calibrated(equal_count_error(probabilities, outcomes), words, silent)


def _silent(table: FeatureTable, scored: Scored, least: int) -> tuple[float, float]:
    """Return recall and precision of "nobody fits" where all of grade `least` or more are taken out.

    They are out of the share of the softmax, too: a catalogue without them knows nothing of them.
    """
    grades = table.rows[RELEVANCE].to_numpy()
    topics = table.topics()
    with_them: list[float] = []
    without: list[float] = []
    for fold in range(FOLDS):
        out = topics % FOLDS == fold
        if not out.any() or out.all():
            continue
        curve = fit_curve([scored.of(~out)])
        for kept, best in ((out, with_them), (out & (grades < least), without)):
            one = scored.of(kept)
            highest = np.zeros(one.needs.max() + 1)
            np.maximum.at(highest, one.needs, curve.probability(one))
            suitable = np.bincount(one.needs, weights=scored.labels[kept]) > 0
            best += list(highest[suitable] if kept is out else highest)
    said = float(np.mean(np.array(without) < NOBODY_BELOW))
    wrong = float(np.mean(np.array(with_them) < NOBODY_BELOW))
    return said, said / (said + wrong) if said else np.nan
