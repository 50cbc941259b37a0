"""`enmusubi evaluate` from folder to metrics, with real indexes and a made-up encoder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from enmusubi.errors import CollectionError
from enmusubi.settings import Settings
from training.collections import read_collection
from training.evaluation import evaluate_collection
from training.trec import read_run

NEEDS = [
    {
        "need_id": "n-fruit",
        "lang": "en",
        "text": "A gripper that picks soft fruit without bruises.",
    },
    {"need_id": "n-film", "lang": "ja", "text": "薄膜の欠陥を光で検査したい。"},
    {"need_id": "n-unjudged", "lang": "en", "text": "Corrosion of steel bridges near the sea."},
]
SEEDS = [
    ("s1", "Soft gripper", "A gripper with soft fingers picks fruit and berries.", ["r-mori"]),
    ("s2", "", "薄膜の欠陥を光で検査する方法を示す。", ["r-sato"]),
    ("s3", "Steel bridges", "Corrosion of steel near the sea is measured.", ["r-tani"]),
    ("s4", "発酵", "味噌の発酵を温度で制御する。", ["r-hara", "r-sato"]),
]
# Sudachi's old name for making a tokenizer still stands in matcher.tokens
pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")

QRELS = "n-fruit 0 r-mori 1\nn-film 0 r-sato 1\nn-film 0 r-hara 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "made-up"
    folder.mkdir()
    seeds = [
        {"seed_id": seed_id, "title": title, "text": text, "researcher_ids": researchers}
        for seed_id, title, text, researchers in SEEDS
    ]
    for name, rows in (("needs.jsonl", NEEDS), ("seeds.jsonl", seeds)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name).write_text(text, "utf-8")
    (folder / "qrels.txt").write_text(QRELS)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.fixture
def evaluate(
    tmp_path: Path, word_encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Run `enmusubi evaluate` in this process, without a model."""
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("cli.wiring.encoder_of", lambda settings: word_encoder)
    return lambda *arguments: run(["evaluate", *map(str, arguments)])


def test_every_need_is_ranked_and_the_judged_ones_are_measured(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    result = evaluate_collection(read_collection(folder), settings, encoder=word_encoder)

    best = result.run[result.run["rank"] == 1].set_index("need_id")["researcher_id"]
    assert best.to_dict() == {"n-fruit": "r-mori", "n-film": "r-sato", "n-unjudged": "r-tani"}
    assert {name: interval.mean for name, interval in result.metrics.items()} == {
        "ndcg@10": 1,
        "recall@10": 1,
        "recall@100": 1,
        "mrr": 1,
    }
    assert set(result.by_language) == {"ja", "en"}
    assert result.needs_by_language == {"en": 1, "ja": 1}
    assert result.counts == {
        "needs": 3,
        "needs_ranked": 3,
        "needs_measured": 2,
        "judgements": 3,
        "researchers": 4,
        "seeds": 4,
        "passages": 4,
    }
    assert result.notes == ["1 need has no judgements: it is ranked, not measured"]


def test_a_second_evaluation_encodes_nothing_and_gives_the_same_run(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    first = evaluate_collection(read_collection(folder), settings, encoder=word_encoder)
    encoded = word_encoder.encoded
    second = evaluate_collection(read_collection(folder), settings, encoder=word_encoder)
    assert encoded == len(SEEDS) + len(NEEDS)
    assert word_encoder.encoded == encoded
    assert second.run.equals(first.run)


def test_nothing_but_vectors_is_left_behind(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    evaluate_collection(read_collection(folder), settings, encoder=word_encoder)
    assert {path.name.partition("-")[0] for path in settings.cache_dir.iterdir()} == {
        "vectors.sqlite"
    }
    assert not settings.data_dir.exists()


def test_an_empty_need_ranks_nobody_and_counts_as_zero(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    blank = [{**NEEDS[0], "text": "  "}, NEEDS[1]]
    (folder / "needs.jsonl").write_text("".join(json.dumps(n) + "\n" for n in blank))
    result = evaluate_collection(read_collection(folder), settings, encoder=word_encoder)
    assert set(result.run["need_id"]) == {"n-film"}
    assert result.metrics["mrr"].mean == 1 / 2


def test_when_every_need_is_empty_the_metrics_are_zero(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    (folder / "needs.jsonl").write_text('{"need_id": "n-fruit", "text": ""}\n')
    result = evaluate_collection(read_collection(folder), settings, encoder=word_encoder)
    assert result.run.empty
    assert result.metrics["recall@100"].mean == 0


def test_progress_tells_every_stage_up_to_its_end(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    told: dict[str, tuple[int, int]] = {}
    evaluate_collection(
        read_collection(folder),
        settings,
        encoder=word_encoder,
        on_progress=lambda stage, done, total: told.update({stage: (done, total)}),
    )
    assert told == {"encode": (4, 4), "index": (1, 1), "match": (3, 3)}


def test_depth_and_top_limit_what_is_ranked(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    collection = read_collection(folder)
    result = evaluate_collection(collection, settings, depth=1, top=1, encoder=word_encoder)
    assert result.run[["need_id", "rank"]].to_numpy().tolist() == [["n-fruit", 1]]
    assert result.by_language == {}
    assert "only 1 researchers were ranked" in result.notes[-1]


def test_when_none_of_the_first_needs_was_judged_it_says_so(
    folder: Path, settings: Settings, word_encoder: Any
) -> None:
    (folder / "qrels.txt").write_text("n-film 0 r-sato 1\n")
    collection = read_collection(folder)
    with pytest.raises(CollectionError, match="None of the first 1 needs was judged"):
        evaluate_collection(collection, settings, top=1, encoder=word_encoder)


def test_the_command_prints_a_table_on_stdout_and_bars_on_stderr(
    evaluate: Callable[..., int], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(folder) == 0
    printed = capsys.readouterr()
    assert "made-up: 2 of 3 needs measured" in printed.out
    assert [line.split()[:2] for line in printed.out.splitlines()[2:6]] == [
        [metric, "1.0000"] for metric in ("ndcg@10", "recall@10", "recall@100", "mrr")
    ]
    assert "ja (1)" in printed.out
    assert "note: 1 need has no judgements" in printed.out
    assert "Encoding" not in printed.out


def test_the_run_file_is_written_and_can_be_read_back(
    evaluate: Callable[..., int], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs" / "run.txt"
    assert evaluate(folder, "--out", out, "--depth", 2) == 0
    lines = out.read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["Q0"] * len(lines)
    assert {line.split()[5] for line in lines} == {"enmusubi"}
    assert set(read_run(out)["rank"]) == {1, 2}


def test_json_is_one_object_with_everything_that_made_the_metrics(
    evaluate: Callable[..., int], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(folder, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["metrics"]["ndcg@10"] == 1
    assert printed["intervals"]["ndcg@10"] == [1, 1]
    assert printed["by_language"]["ja"]["needs"] == 1
    assert printed["counts"]["needs_measured"] == 2
    assert printed["model"]["name"] == "words"
    assert printed["index"]["counts"]["seeds"] == 4
    assert printed["seconds"] > 0
    assert printed["mlflow_run"] is None
    assert set(printed) == {
        "collection", "metrics", "intervals", "by_language", "counts", "notes", "seconds", "model",
        "index", "mlflow_run",
    }  # fmt: skip


def test_files_may_be_named_by_path_or_by_name(
    evaluate: Callable[..., int], folder: Path, tmp_path: Path
) -> None:
    (folder / "qrels.txt").rename(tmp_path / "judged.txt")
    (folder / "needs.jsonl").rename(folder / "needs_all.jsonl")
    assert evaluate(folder, "--needs", "needs_all.jsonl", "--qrels", tmp_path / "judged.txt") == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--qrels", "none.txt"], 1, "no file none.txt nor"),
        (["--out", "."], 1, "cannot be written"),
        (["--depth", "0"], 2, "--depth"),
        (["--top", "x"], 2, "--top"),
        (["--unknown"], 2, "--unknown"),
    ],
)
def test_failures_and_wrong_usage_have_their_codes(
    evaluate: Callable[..., int],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert evaluate(folder, *arguments) == code
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""
    assert "Traceback" not in printed.err


def test_no_folder_is_one_message(
    evaluate: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(tmp_path / "nothing") == 1
    assert "is not a folder" in capsys.readouterr().err
