"""What the tests of the registry share: a made-up collection and re-rankers good and bad.

Each need shares its words with the seed of one person, so the first stage is right everywhere; a
re-ranker that turns its order round is worse on every need.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.reranking.reranker import Reranker, load_reranker, reranker_of
from training.metrics import Interval
from training.registry import TrainingRecord

MARKER = "zeppelinharz"
THINGS = (
    "gripper fruit", "membrane oxygen", "bridge corrosion", "battery ageing", "enzyme paper",
    "laser glass", "noise turbine", "tofu texture", "robot welding", "kiln ceramics",
    "valve hydrogen", "dye cotton",
)  # fmt: skip


def write_collection(folder: Path) -> Path:
    """Write a collection of a need and a person for each of THINGS; the needs hold MARKER."""
    folder.mkdir(parents=True)
    needs = [
        {"need_id": f"n{i}", "lang": "en", "text": f"We look for {thing}. {MARKER}"}
        for i, thing in enumerate(THINGS)
    ]
    seeds = [
        {"seed_id": f"s{i}", "title": thing, "text": f"On {thing}.", "researcher_ids": [f"r{i}"]}
        for i, thing in enumerate(THINGS)
    ]
    for name, rows in (("needs.jsonl", needs), ("seeds.jsonl", seeds)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / name).write_text(text, "utf-8")
    (folder / "qrels.txt").write_text("".join(f"n{i} 0 r{i} 1\n" for i in range(len(THINGS))))
    return folder


def linear(weight: float, **changes: Any) -> Reranker:
    """Return a re-ranker by the first stage's score alone: right above 0, turned round below."""
    document: Mapping[str, Any] = {
        **load_reranker().document,
        "kind": "linear",
        "features": ["first_stage"],
        "weights": [weight],
        "means": [0.0],
        "scales": [1.0],
        "intercept": 0.0,
        "encoder_checksum": "",
    }
    return reranker_of({**document, **changes})


def record(**changes: Any) -> TrainingRecord:
    """Return what a made-up training left."""
    values: dict[str, Any] = {
        "parameters": {"kind": "linear", "penalty": "0.1"},
        "results": {"made-up": {"ndcg@10": Interval(0.5, 0.4, 0.6)}},
        "hashes": {"made-up": {"qrels.txt": "ab" * 32}},
        "probabilities": [0.1, 0.2, 0.8, 0.9],
        "outcomes": [0, 0, 1, 1],
    }
    return TrainingRecord(**{**values, **changes})
