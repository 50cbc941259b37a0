"""Measures what fair exposure among equals costs: the change of nDCG@10, with an interval, by language.

    fair_exposure.py RUN QRELS [--draws 40]

RUN is what `enmusubi evaluate --out RUN` wrote. Each draw stands for another index version. Needs are
drawn again for the interval (95 %), those of one topic (`d01-ja`, `d01-en`) together.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from matcher.records import Match, MatchList, Need, ResearcherCard
from office.fair_exposure import BAND, BEYOND, evened

TOP, RESAMPLES = 10, 2_000
DISCOUNTS = 1 / np.log2(np.arange(TOP) + 2)
Qrels = dict[str, dict[str, int]]


def main() -> None:
    """Read, draw and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--draws", type=int, default=40)
    chosen = parser.parse_args()
    lists, qrels = read_lists(chosen.run), read_qrels(chosen.qrels)
    judged = [need_id for need_id in lists if any(qrels[need_id].values())]
    change, moved = {}, []
    for need_id in judged:
        before = ndcg(lists[need_id], qrels[need_id])
        drawn = [draw(need_id, lists[need_id], str(number)) for number in range(chosen.draws)]
        after = np.mean([ndcg(one.matches, qrels[need_id]) for one in drawn])
        change[need_id] = float(after) - before
        moved.append(np.mean([one.is_evened for one in drawn]))
    print(f"{len(judged)} needs, band {BAND} in log-odds; lists changed: {np.mean(moved):.0%}")
    for ending in ("", "-ja", "-en"):
        if some := {n: c for n, c in change.items() if n.endswith(ending)}:
            low, high = interval(some)
            mean = np.mean(list(some.values()))
            print(
                f"{ending[1:] or 'all'}: {mean:+.4f} ({low:+.4f} to {high:+.4f}), {len(some)} needs"
            )


def draw(need_id: str, matches: tuple[Match, ...], version: str) -> MatchList:
    """Return the list as another index version would draw it."""
    whole = MatchList(need_id, "", matches, len(matches), version, "")
    return evened(whole, Need("-", need_id), top=TOP)


def read_lists(path: Path) -> dict[str, tuple[Match, ...]]:
    """Return the first matches of each need; a run's scores are log-odds."""
    found: defaultdict[str, list[Match]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        need_id, _, person, rank, score, _ = line.split()
        if int(rank) <= TOP + BEYOND:
            odds = float(score)
            chance = float(1 / (1 + np.exp(-odds)))
            found[need_id].append(Match(int(rank), ResearcherCard(person), odds, (), chance))
    return {n: tuple(sorted(f, key=lambda match: match.rank)) for n, f in found.items()}


def read_qrels(path: Path) -> Qrels:
    """Return the relevance of each judged person by need."""
    found: Qrels = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines():
        need_id, _, person, relevance = line.split()
        found[need_id][person] = int(relevance)
    return found


def ndcg(matches: tuple[Match, ...], judged: dict[str, int]) -> float:
    """Return nDCG@10 with linear gains."""
    gains = [judged.get(match.researcher.researcher_id, 0) for match in matches[:TOP]]
    ideal = sorted(judged.values(), reverse=True)[:TOP]
    return float(np.dot(gains, DISCOUNTS[: len(gains)]) / np.dot(ideal, DISCOUNTS[: len(ideal)]))


def interval(change: dict[str, float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean: a bootstrap over topics."""
    topics: defaultdict[str, list[float]] = defaultdict(list)
    for need_id, value in change.items():
        topics[need_id.removesuffix("-ja").removesuffix("-en")].append(value)
    sums = np.array([sum(values) for values in topics.values()])
    counts = np.array([len(values) for values in topics.values()])
    drawn = np.random.default_rng(0).integers(len(sums), size=(RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


if __name__ == "__main__":
    main()
