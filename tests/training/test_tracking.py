"""MLflow on a real SQLite store in a temporary folder."""

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from enmusubi.errors import SettingsError, StorageError
from enmusubi.settings import Settings
from matcher.records import Need
from matcher.tables import Corpus
from training.collections import Collection
from training.evaluation import EvaluationResult
from training.metrics import Interval
from training.tracking import import_mlflow, log_evaluation
from training.trec import read_run

NEED_TEXT = "a need that nobody may read"


@pytest.fixture
def collection() -> Collection:
    empty = pd.DataFrame()
    return Collection(
        name="made-up",
        needs=[Need(NEED_TEXT, "n1")],
        corpus=Corpus(empty, empty, empty, state="c0ffee"),
        qrels=empty,
        languages={"n1": "en"},
        files={"needs.jsonl": "ab" * 32},
        notes=[],
    )


@pytest.fixture
def result() -> EvaluationResult:
    model = {"name": "words", "checksum": "0123", "precision": "fp32", "dimension": 64}
    interval = Interval(0.5, 0.25, 0.75)
    return EvaluationResult(
        collection="made-up",
        run=pd.DataFrame({"need_id": ["n1"], "researcher_id": ["r1"], "score": [1.5]}),
        per_need=pd.DataFrame({"ndcg@10": [0.5]}, index=["n1"]),
        metrics={"ndcg@10": interval},
        by_language={"ja": {"ndcg@10": interval}},
        needs_by_language={"ja": 1},
        counts={"needs": 1},
        notes=[],
        seconds=2.0,
        index={"model": model, "program": "0"},
    )


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=tmp_path / "データ 1", cache_dir=tmp_path / "cache")


def stored_run(settings: Settings, run_id: str) -> Any:
    return import_mlflow().MlflowClient(settings.mlflow_uri).get_run(run_id)


def test_parameters_metrics_hashes_and_the_run_file_are_kept(
    result: EvaluationResult, collection: Collection, settings: Settings
) -> None:
    stored = stored_run(settings, log_evaluation(result, collection, settings, depth=1000))

    assert stored.info.status == "FINISHED"
    assert stored.data.params["model_checksum"] == "0123"
    assert stored.data.params["depth"] == "1000"
    assert stored.data.metrics == {
        "ndcg_at_10": 0.5,
        "ndcg_at_10_low": 0.25,
        "ndcg_at_10_high": 0.75,
        "ja/ndcg_at_10": 0.5,
        "ja/ndcg_at_10_low": 0.25,
        "ja/ndcg_at_10_high": 0.75,
        "seconds": 2.0,
    }
    assert stored.data.tags["sha256.needs.jsonl"] == "ab" * 32
    assert stored.data.tags["corpus_state"] == "c0ffee"
    files = list((settings.data_dir / "mlflow-artifacts").rglob("run.txt"))
    assert len(files) == 1
    assert read_run(files[0])["researcher_id"].tolist() == ["r1"]


def test_everything_lies_in_the_data_folder_and_nothing_beside_it(
    result: EvaluationResult, collection: Collection, settings: Settings, tmp_path: Path
) -> None:
    log_evaluation(result, collection, settings, depth=10)
    assert [path.name for path in tmp_path.iterdir()] == [settings.data_dir.name]
    assert sorted(path.name for path in settings.data_dir.iterdir()) == [
        "mlflow-artifacts",
        "mlflow.sqlite",
    ]


def test_no_text_of_a_need_is_kept_and_nothing_is_printed(
    result: EvaluationResult,
    collection: Collection,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
) -> None:
    log_evaluation(result, collection, settings, depth=10)
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
    for path in settings.data_dir.rglob("*"):
        assert not path.is_file() or NEED_TEXT.encode() not in path.read_bytes()


def test_two_evaluations_are_two_runs_of_one_experiment(
    result: EvaluationResult, collection: Collection, settings: Settings
) -> None:
    runs = [log_evaluation(result, collection, settings, depth=10) for _ in range(2)]
    assert runs[0] != runs[1]
    assert len({stored_run(settings, run_id).info.experiment_id for run_id in runs}) == 1


def test_a_store_that_cannot_be_used_is_an_error_without_its_password(
    result: EvaluationResult, collection: Collection, settings: Settings
) -> None:
    broken = settings.model_copy(update={"tracking_uri": "nothing://me:secret@host/store"})
    with pytest.raises(StorageError, match="nothing://host/store cannot be used") as caught:
        log_evaluation(result, collection, broken, depth=10)
    assert "secret" not in str(caught.value)


def test_without_mlflow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(SettingsError, match=r"pip install 'enmusubi\[tracking\]'"):
        import_mlflow()
