"""A small evaluation collection: two needs, two seeds, two researchers, two judgements."""

import gzip
import json
from pathlib import Path
from typing import Any

from training.collections import Collection, read_collection

NEEDS: list[dict[str, Any]] = [
    {"need_id": "n1", "lang": "ja", "text": "薄い膜の欠陥を見つけたい。", "posted_on": 2024},
    {"need_id": "n2", "lang": "en", "text": "We look for a gripper for soft fruit."},
]


SEEDS: list[dict[str, Any]] = [
    {
        "seed_id": "s1",
        "kind": "paper",
        "lang": "ja",
        "title": "薄膜の検査",
        "text": "薄膜の欠陥を光で調べる。",
        "year": 2020,
        "researcher_ids": ["r1"],
    },
    {
        "seed_id": "s2",
        "kind": "patent",
        "lang": "en",
        "title": "Soft gripper",
        "text": "A gripper for fruit.",
        "year": 2019,
        "researcher_ids": ["r2", "r1"],
    },
]
RESEARCHERS = [
    {"researcher_id": "r1", "affiliation": "縁坂大学"},
    {"researcher_id": "r2", "affiliation": "University of Enzaka", "country": "Japan"},
]
QRELS = "n1 0 r1 1\nn2 0 r2 2\n"


def lines_of(records: list[Any]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def with_seeds(folder: Path, seeds: list[Any]) -> Collection:
    (folder / "seeds.jsonl.gz").write_bytes(gzip.compress(lines_of(seeds).encode()))
    return read_collection(folder)


def with_needs(folder: Path, needs: str) -> Collection:
    (folder / "needs.jsonl").write_text(needs, "utf-8")
    return read_collection(folder)


def write_collection(folder: Path) -> Path:
    """Write the collection's files into a folder; returns it."""
    (folder / "needs.jsonl").write_text(lines_of(NEEDS), "utf-8")
    (folder / "seeds.jsonl.gz").write_bytes(gzip.compress(lines_of(SEEDS).encode()))
    (folder / "researchers.jsonl").write_text(lines_of(RESEARCHERS), "utf-8")
    (folder / "qrels.txt").write_text(QRELS, "utf-8")
    return folder
