"""Reports how often taking a match's named evidence away lowers it, and taking other seeds away.

    removal_check.py COLLECTION [--needs FILE] [--seeds FILE] [--qrels FILE] [--top 3] [--count 100]

COLLECTION is a folder as for `enmusubi evaluate`; model and re-ranker are those of the settings. A
few evenly spaced needs are asked; each match costs two more rankings.
"""

import argparse
from pathlib import Path

from enmusubi.settings import load_settings
from office.configured import configured_encoder, configured_reranker
from training.collections import can_be_matched, read_collection
from training.evaluation import opened_collection
from training.removal import removal_shares, remove_evidence


def main() -> None:
    """Open the collection, remove and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("collection", type=Path)
    for name in ("needs", "seeds", "qrels"):
        parser.add_argument(f"--{name}", help="another file, or a file of the folder")
    parser.add_argument("--top", type=int, default=3, help="matches of each need")
    parser.add_argument("--count", type=int, default=100, help="needs that are asked")
    chosen = parser.parse_args()
    settings = load_settings()
    encoder = configured_encoder(settings)
    reranker = configured_reranker(settings, encoder.checksum).reranker
    collection = read_collection(
        chosen.collection, needs=chosen.needs, seeds=chosen.seeds, qrels=chosen.qrels
    )
    needs = [need for need in collection.needs if can_be_matched(need)]
    asked = needs[:: max(1, -(-len(needs) // chosen.count))]
    with opened_collection(collection, encoder, settings.cache_dir, reranker) as opened:
        removals = remove_evidence(
            opened.recommender, asked, collection.corpus.authorships, top=chosen.top
        )
    print(f"{collection.name}: {len(asked)} needs")
    for line in removal_shares(removals).lines():
        print(f"  {line}")


if __name__ == "__main__":
    main()
