"""Compares two re-rankers on collections: paired, with intervals, corrected for many collections."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from enmusubi.settings import Settings
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import Encoder
from matcher.reranking.reranker import Reranker
from training.collections import Collection
from training.evaluation import evaluate_collection
from training.metrics import Interval, bootstrap_intervals, compare_runs

METRIC = "ndcg@10"
SIGNIFICANT = 0.05
STAGES = {"encode": "encoding passages", "match": "matching needs"}  # those that take a while


@dataclass(frozen=True)
class Comparison:
    """What two re-rankers reach on a collection; `difference` is challenger minus champion.

    `p_value` is the paired randomisation test's, `adjusted` the same after Holm's correction over
    all collections compared.
    """

    collection: str
    needs: int
    champion: Interval
    challenger: Interval
    difference: Interval
    p_value: float
    adjusted: float

    @property
    def worse(self) -> bool:
        """Say whether the challenger is significantly worse here."""
        return self.difference.mean < 0 and self.adjusted < SIGNIFICANT

    @property
    def better(self) -> bool:
        """Say whether the challenger is significantly better here."""
        return self.difference.mean > 0 and self.adjusted < SIGNIFICANT


def compare_rerankers(
    collections: Sequence[Collection],
    champion: Reranker,
    challenger: Reranker,
    *,
    settings: Settings,
    encoder: Encoder,
    on_progress: OnTotal | None = None,
) -> list[Comparison]:
    """Return a comparison on METRIC for each collection, in their order.

    Both are measured as `evaluate_collection` does, on the same needs.
    """

    def measure(collection: Collection, reranker: Reranker, who: str) -> pd.DataFrame:
        def show(stage: str, done: int, total: int) -> None:
            if on_progress and stage in STAGES:
                on_progress(f"{collection.name}, {who}: {STAGES[stage]}", done, total)

        result = evaluate_collection(
            collection, settings, encoder=encoder, reranker=reranker, on_progress=show
        )
        return result.per_need[[METRIC]]

    measured = [
        (one.name, measure(one, champion, "champion"), measure(one, challenger, "challenger"))
        for one in collections
    ]
    p_values = [compare_runs(a, b)[METRIC].p_value for _, a, b in measured]
    return [
        _comparison(name, a, b, p_value, adjusted)
        for (name, a, b), p_value, adjusted in zip(measured, p_values, holm(p_values), strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in their order (Holm 1979).

    The smallest is multiplied by n, the next by n - 1, and so on; none is less than the one before
    it, none above 1.
    """
    adjusted = [1.0] * len(p_values)
    least = 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        least = max(least, min(1.0, p_values[i] * (len(p_values) - place)))
        adjusted[i] = least
    return adjusted


def _comparison(
    name: str, champion: pd.DataFrame, challenger: pd.DataFrame, p_value: float, adjusted: float
) -> Comparison:
    challenger = challenger.loc[champion.index]
    return Comparison(
        collection=name,
        needs=len(champion),
        champion=bootstrap_intervals(champion)[METRIC],
        challenger=bootstrap_intervals(challenger)[METRIC],
        difference=bootstrap_intervals(challenger - champion)[METRIC],
        p_value=p_value,
        adjusted=adjusted,
    )
