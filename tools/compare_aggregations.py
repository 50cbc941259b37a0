"""Compares rules that make one score of a person's seeds: nDCG@10 with intervals, as a table.

    compare_aggregations.py DIR[::needs=F,seeds=F,qrels=F]… [--needs N]

The seeds' scores are the first stage's (vectors and words, one scale for both languages), for the
candidates that serving would take. `docs/quality.md` says what came of it. Voting rules are those of
Macdonald and Ounis (Voting for candidates, CIKM 2006): a seed votes for its people.
"""

import argparse
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from enmusubi.settings import load_settings
from matcher.aggregation import TEMPERATURE
from matcher.filtering import apply_filters
from matcher.queries import QueryMaker, encode_needs
from matcher.ranking import find_candidates
from matcher.recommender import Recommender
from matcher.records import Filters
from matcher.retrieval import PassageScorer
from office.configured import configured_encoder
from training.collections import read_specified
from training.evaluation import opened_collection
from training.metrics import bootstrap_intervals, evaluate_run

METRIC = "ndcg@10"
SERVED = "first stage as served"
Totals = Callable[[pd.DataFrame], pd.Series]


def _best(owned: pd.DataFrame, count: int) -> pd.DataFrame:
    return owned[owned["place"] < count]


def _mean_of_best(count: int) -> Totals:
    """Missing seeds count as the lowest score of the candidates."""

    def totals(owned: pd.DataFrame) -> pd.Series:
        best = _best(owned, count).groupby("researcher_row")["score"]
        low = owned["score"].min()
        return (best.sum() + (count - best.size()) * low) / count

    return totals


def _soft(count: int | None, *, per_seed: bool = False) -> Totals:
    """T ln sum exp(s / T), over the best seeds or all; per seed: the sum's mean instead."""

    def totals(owned: pd.DataFrame) -> pd.Series:
        counted = _best(owned, count) if count else owned
        powers = np.exp(counted["score"] / TEMPERATURE).groupby(counted["researcher_row"])
        return TEMPERATURE * np.log(powers.mean() if per_seed else powers.sum())

    return totals


def _votes(owned: pd.DataFrame) -> pd.Series:
    """Sum of reciprocal ranks of the seeds."""
    ranks = owned["score"].rank(ascending=False, method="min")
    return (1.0 / ranks).groupby(owned["researcher_row"]).sum()


def _combined(power: Callable[[pd.Series], pd.Series], *, by_number: bool) -> Totals:
    """CombSUM and its kin over scores put between 0 and 1; by number: times the number of votes."""

    def totals(owned: pd.DataFrame) -> pd.Series:
        low, high = owned["score"].min(), owned["score"].max()
        votes = power((owned["score"] - low) / ((high - low) or 1.0))
        grouped = votes.groupby(owned["researcher_row"])
        return grouped.sum() * grouped.size() if by_number else grouped.sum()

    return totals


RULES: Mapping[str, Totals] = {
    "best seed": _mean_of_best(1),
    "mean of the best three": _mean_of_best(3),
    "mean of the best five": _mean_of_best(5),
    "votes (reciprocal ranks)": _votes,
    "CombSUM": _combined(lambda scores: scores, by_number=False),
    "CombMNZ": _combined(lambda scores: scores, by_number=True),
    "expCombMNZ": _combined(np.exp, by_number=True),
    "log-sum-exp of five": _soft(5),
    "log-sum-exp of all": _soft(None),
    "log-mean-exp of all": _soft(None, per_seed=True),
}


def compare(recommender: Recommender, needs: list, qrels: pd.DataFrame) -> pd.DataFrame:
    """Return nDCG@10 of every need (rows) under every rule (columns)."""
    snapshot = recommender._snapshot
    maker = QueryMaker(snapshot, recommender.encoder)
    everyone = apply_filters(Filters(), snapshot)
    ids = np.array(list(snapshot.researchers.texts("researcher_id")))
    frames: dict[str, list[pd.DataFrame]] = {}
    for need, encoded in zip(
        needs, encode_needs(needs, recommender.encoder, recommender._cache), strict=True
    ):
        query = maker.make(need, encoded)
        found = find_candidates(PassageScorer(query, snapshot), snapshot, everyone, maker.records)
        owned = pd.DataFrame(vars(found.owned))
        lists = {name: rule(owned) for name, rule in RULES.items()}
        rows = lists["best seed"].index.to_numpy()
        lists["profile (mean of all seeds)"] = pd.Series(
            snapshot.profiles[rows] @ query.vector, rows
        )
        lists[SERVED] = pd.Series(found.first.score, found.first.researcher_row)
        for name, totals in lists.items():
            frames.setdefault(name, []).append(_run(query.need_id, totals, ids))
    return pd.DataFrame(
        {n: evaluate_run(pd.concat(f), qrels, (METRIC,))[METRIC] for n, f in frames.items()}
    )


def _run(need_id: str, totals: pd.Series, ids: np.ndarray) -> pd.DataFrame:
    ordered = totals.sort_index().sort_values(ascending=False, kind="stable").head(100)
    people = ids[ordered.index.to_numpy()]
    ranks = np.arange(1, len(people) + 1)
    return pd.DataFrame({"need_id": need_id, "researcher_id": people, "rank": ranks})


def main() -> None:
    """Compare on every collection that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collections", nargs="+")
    parser.add_argument("--needs", type=int, default=None, help="the first N needs only")
    chosen = parser.parse_args()
    settings = load_settings()
    encoder = configured_encoder(settings)
    table = {}
    for spec in chosen.collections:
        collection = read_specified(spec)
        with opened_collection(collection, encoder, settings.cache_dir) as opened:
            needs = list(collection.needs)[: chosen.needs]
            asked = collection.qrels[collection.qrels["need_id"].isin([n.need_id for n in needs])]
            values = compare(opened.recommender, needs, asked)
        table[collection.name] = {
            name: "{0.mean:.3f} ({0.low:.3f}–{0.high:.3f})".format(
                bootstrap_intervals(values[[name]].rename(columns={name: METRIC}))[METRIC]
            )
            for name in values
        }
        print(pd.DataFrame(table).to_string(), flush=True)


if __name__ == "__main__":
    main()
