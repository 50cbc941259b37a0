"""Compares a layman's and a specialist's words for the same need: who finds the experts named?

    compare_wordings.py DIR|demonstration [PAIRS] [--json]

DIR is an evaluation collection, or the word `demonstration` for the made-up university that ships;
PAIRS a file of pairs (`training/wordings.py` has its form), of which those count whose collection
is the folder's name. Prints, with 95 % intervals and by language, how often an expert is among the first
three for either version, and how far the layman's falls behind. No text of a need is printed.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from catalogue.demonstration.loading import demonstration_qrels, import_demonstration
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from office.configured import configured_encoder
from training.collections import Collection, read_specified
from training.evaluation import opened_collection
from training.metrics import Interval
from training.trec import read_qrels
from training.wordings import (
    LAYMAN_FIRST,
    LOWER,
    SPECIALIST_FIRST,
    Kept,
    kept_experts,
    match_pairs,
    read_pairs,
)

DEMONSTRATION = "demonstration"
PAIRS = Path(__file__).parents[1] / "tests" / "quality" / "laymen_and_experts.jsonl"


def read_demonstration() -> Collection:
    """Return the made-up university as a collection, by way of a catalogue that is thrown away."""
    with TemporaryDirectory(prefix="wordings-") as folder:
        url = f"sqlite:///{Path(folder, 'catalogue.sqlite')}"
        with open_catalogue(url) as catalogue:
            import_demonstration(catalogue)
            corpus, needs = catalogue.read_corpus(), catalogue.needs()
    qrels = read_qrels(demonstration_qrels())
    return Collection(DEMONSTRATION, needs, corpus, qrels, languages={}, files={}, notes=[])


def printed(groups: Mapping[str, Kept]) -> str:
    """Return a table with a line for all pairs and for each language."""
    rows = {
        name: {
            "pairs": kept.pairs,
            "specialist": _share(kept.specialist),
            "layman": _share(kept.layman),
            "kept": _share(kept.kept),
            "kept, one word lower at most": _share(kept.kept_near),
            "words lower: pairs": ", ".join(f"{by}: {n}" for by, n in kept.lower.items()),
        }
        for name, kept in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").to_string()


def _share(share: Interval | None) -> str:
    return "–" if share is None else f"{share.mean:.2f} ({share.low:.2f}–{share.high:.2f})"


def main() -> None:
    """Match the pairs and print what became of their experts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", help=f"a folder, or {DEMONSTRATION}")
    parser.add_argument("pairs", nargs="?", type=Path, default=PAIRS)
    parser.add_argument("--json", action="store_true", help="all figures and every pair, as JSON")
    chosen = parser.parse_args()
    ours = chosen.collection == DEMONSTRATION
    collection = read_demonstration() if ours else read_specified(chosen.collection)
    pairs = read_pairs(chosen.pairs, collection.name.partition("/")[0])
    settings = load_settings()
    encoder = configured_encoder(settings)
    with opened_collection(collection, encoder, settings.cache_dir) as opened:
        matched = match_pairs(opened.recommender, pairs)
    groups = kept_experts(matched)
    if chosen.json:
        kept = {name: asdict(group) for name, group in groups.items()}
        each = matched.to_dict("records")
        print(json.dumps({"collection": collection.name, "kept": kept, "each": each}, indent=1))
        return
    print(f"{collection.name}: an expert named among the first three, by whose words\n")
    print(printed(groups))
    lost = matched[matched[SPECIALIST_FIRST] & (~matched[LAYMAN_FIRST] | (matched[LOWER] > 1))]
    if len(lost):
        print("\nLost by the layman's words (rank 0: nobody):\n")
        print(lost.drop(columns=[SPECIALIST_FIRST, LAYMAN_FIRST]).to_string(index=False))


if __name__ == "__main__":
    main()
