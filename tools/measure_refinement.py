"""Measures "more like this / not this": `tools/measure_refinement.py DIR`, a collection judged by grade.

For every need with somebody suitable (grade 2 or more) and somebody unsuitable among the first ten, a
reader marks one of each; nDCG@10 (gain 2^grade - 1) over everybody else is printed before and after, by
language, with a 95 % bootstrap interval of the difference over needs. The first draw marks the best-placed
of each, further draws any.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from enmusubi.settings import load_settings
from matcher.recommender import Recommender
from matcher.records import Mark, Need, Refinement
from office.configured import configured_encoder
from training.collections import Collection, read_collection
from training.evaluation import opened_collection
from training.metrics import bootstrap_intervals
from training.trec import RELEVANCE

LISTED = 100
SUITABLE = 2
Grades = dict[str, int]


@dataclass(frozen=True)
class MarkedPair:
    """One suitable and one unsuitable person of the first ten of a need's list."""

    need: Need
    suitable: str
    unsuitable: str


def main() -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--draws", type=int, default=3)
    asked = parser.parse_args()
    settings = load_settings()
    collection = read_collection(asked.collection)
    with opened_collection(collection, configured_encoder(settings), settings.cache_dir) as opened:
        for sides in ("both", "more", "less"):
            _report(sides, collection, _measure(collection, opened.recommender, sides, asked.draws))


def _measure(
    collection: Collection, recommender: Recommender, sides: str, draws: int
) -> dict[str, list[tuple[float, float]]]:
    grades = _grades(collection)
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for need in collection.needs:
        plain = _ranked(recommender, need)
        for pair in _pairs(need, plain, grades[need.need_id], draws):
            more, less = (Mark(researcher_id=i) for i in (pair.suitable, pair.unsuitable))
            refinement = Refinement(
                more_like=() if sides == "less" else (more,),
                less_like=() if sides == "more" else (less,),
            )
            marked = {pair.suitable, pair.unsuitable}
            rest = {i: g for i, g in grades[need.need_id].items() if i not in marked}
            refined = _ranked(recommender, replace(need, refinement=refinement))
            before, after = (
                _ndcg([i for i in ranked if i not in marked], rest) for ranked in (plain, refined)
            )
            found[need.need_id].append((before, after))
    return found


def _pairs(need: Need, ranked: Sequence[str], grades: Grades, draws: int) -> Iterator[MarkedPair]:
    top = ranked[:10]
    good = [i for i in top if grades.get(i, 0) >= SUITABLE]
    bad = [i for i in top if grades.get(i) == 0] or [i for i in top if grades.get(i) == 1]
    for draw in range(draws if good and bad else 0):
        chance = random.Random(f"{draw} {need.need_id}")  # noqa: S311 - a draw that can be repeated
        chosen, refused = (chance.choice(side) if draw else side[0] for side in (good, bad))
        if any(grade >= SUITABLE for i, grade in grades.items() if i != chosen):
            yield MarkedPair(need, chosen, refused)


def _ranked(recommender: Recommender, need: Need) -> list[str]:
    run = recommender.recommend([need], top=LISTED)
    return [str(researcher_id) for researcher_id in run["researcher_id"]]


def _grades(collection: Collection) -> dict[str, Grades]:
    found: defaultdict[str, Grades] = defaultdict(dict)
    for row in collection.qrels.itertuples():
        found[str(row.need_id)][str(row.researcher_id)] = int(getattr(row, RELEVANCE))
    return found


def _ndcg(ranked: Sequence[str], grades: Grades) -> float:
    discounts = 1 / np.log2(np.arange(2, 12))
    gains = np.array([2.0 ** grades.get(i, 0) - 1 for i in ranked[:10]])
    ideal = np.array(sorted((2.0**g - 1 for g in grades.values()), reverse=True)[:10])
    return float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)]))


def _report(
    sides: str, collection: Collection, found: dict[str, list[tuple[float, float]]]
) -> None:
    for language in sorted(set(collection.languages.values())):
        values = [
            np.mean(v, axis=0) for n, v in found.items() if collection.languages[n] == language
        ]
        if not values:
            continue
        before, after = np.array(values).T
        gains = pd.DataFrame({"gain": after - before})
        gain = bootstrap_intervals(gains, resamples=2000, random_state=1)["gain"]
        print(
            f"{sides} {language}: {len(gains)} needs, {before.mean():.3f} -> {after.mean():.3f} "
            f"({gain.mean:+.3f}, {gain.low:+.3f} to {gain.high:+.3f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
