"""Reports what spreading lists costs on a judged collection, and how many departments it brings.

    measure_spread.py COLLECTION [--needs FILE] [--seeds FILE] [--qrels FILE]

COLLECTION is a folder as for `enmusubi evaluate`; model and re-ranker are those of the settings. A department
is an institution where the collection knows no more.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from enmusubi.settings import load_settings
from matcher.records import MatchList
from matcher.spreading import FIRST, LEVELS, POOL, SAFEST, Spread, spread_list
from matcher.teams.pool import department_of
from office.configured import configured_encoder, configured_reranker
from training.collections import can_be_matched, read_collection
from training.evaluation import opened_collection
from training.metrics import bootstrap_intervals, evaluate_run


def main() -> None:
    """Open the collection, ask every need at every level and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", type=Path)
    for name in ("needs", "seeds", "qrels"):
        parser.add_argument(f"--{name}", help="another file, or a file of the folder")
    chosen = parser.parse_args()
    settings = load_settings()
    encoder = configured_encoder(settings, is_alone=True)
    reranker = configured_reranker(settings, encoder.checksum).reranker
    collection = read_collection(
        chosen.collection, needs=chosen.needs, seeds=chosen.seeds, qrels=chosen.qrels
    )
    needs = [need for need in collection.needs if can_be_matched(need)]
    with opened_collection(collection, encoder, settings.cache_dir, reranker) as opened:
        known_for = opened.recommender.known_for
        lists = [opened.recommender.match(need, top=POOL) for need in needs]
        asked = {
            level: [spread_list(one, Spread(level), known_for, top=FIRST) for one in lists]
            for level in LEVELS
        }
    print(f"{collection.name}: {len(needs)} needs")
    plain = _measured(asked[SAFEST], collection.qrels)
    for level in LEVELS:
        measured = _measured(asked[level], collection.qrels)
        told = {**bootstrap_intervals(measured)}
        lost = bootstrap_intervals((measured - plain).dropna())
        moved = sum(one.spread is not None and one.spread.entered > 0 for one in asked[level])
        print(f"  {level}: {moved} lists with other people")
        for name, interval in told.items():
            print(f"    {name}: {interval}  change {lost[name]}")


def _measured(lists: list[MatchList], qrels: pd.DataFrame) -> pd.DataFrame:
    """Return by need nDCG@10, how many of the first ten are expected to suit, and their departments."""
    rows = [
        (one.need_id, match.researcher.researcher_id, match.rank, -float(match.rank))
        for one in lists
        for match in one.matches
    ]
    run = pd.DataFrame(rows, columns=["need_id", "researcher_id", "rank", "score"])
    judged = qrels[qrels["need_id"].isin(run["need_id"])]
    found = evaluate_run(run, judged, metrics=("ndcg@10",))
    found["expected"] = pd.Series(
        {one.need_id: sum(m.probability or 0.0 for m in one.matches) for one in lists}
    )
    found["departments"] = pd.Series(
        {
            one.need_id: float(len({department_of(m.researcher) for m in one.matches} - {""}))
            for one in lists
        }
    )
    return found.astype(np.float64)


if __name__ == "__main__":
    main()
