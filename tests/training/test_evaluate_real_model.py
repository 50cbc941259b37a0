"""The whole evaluation once with the real weights: needs find seeds in the other language."""

import json
from pathlib import Path

import pytest

from enmusubi.settings import Settings
from matcher.encoder.encoder import Encoder
from training.collections import read_collection
from training.evaluation import evaluate_collection

# Sudachi's old name for making a tokenizer still stands in matcher.tokens
pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")

PAIRS = {
    "fruit": ("Robot hands that pick soft fruit.", "果物を傷つけずに収穫するロボットハンド。"),
    "water": ("Membranes that remove salt from sea water.", "海水から塩分を取り除く膜。"),
    "sleep": ("Measuring the sleep of elderly people at home.", "高齢者の睡眠を自宅で測る。"),
    "steel": ("Finding rust inside steel bridges.", "鋼橋の内部の錆を超音波で見つける。"),
    "miso": ("Controlling the fermentation of soy beans.", "大豆の発酵を制御する。"),
}


def test_needs_find_researchers_who_write_in_the_other_language(
    tmp_path: Path, real_encoder: Encoder
) -> None:
    needs = [{"need_id": name, "text": japanese} for name, (_, japanese) in PAIRS.items()]
    seeds = [
        {"seed_id": f"s-{name}", "text": english, "researcher_ids": [f"r-{name}"]}
        for name, (english, _) in PAIRS.items()
    ]
    for file, rows in (("needs.jsonl", needs), ("seeds.jsonl", seeds)):
        (tmp_path / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "qrels.txt").write_text("".join(f"{name} 0 r-{name} 1\n" for name in PAIRS))

    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    result = evaluate_collection(read_collection(tmp_path), settings, encoder=real_encoder)

    assert result.metrics["mrr"].mean == 1
    assert result.index["model"]["dimension"] == 384
