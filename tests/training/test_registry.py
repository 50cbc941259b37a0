"""The registry of re-rankers on a real MLflow store."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import enmusubi
from enmusubi.errors import InputError
from enmusubi.settings import Settings
from matcher.features.definitions import FEATURES
from tests.support.rerankers import linear, record
from training.registry import (
    CHALLENGER,
    CHAMPION,
    MODEL_NAME,
    find_version,
    read_registered,
    register_reranker,
    set_alias,
)
from training.tracking import import_mlflow

# MLflow's own code uses what pydantic and Python have since renamed
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def settings(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=empty_store, cache_dir=tmp_path / "cache")


def client_of(settings: Settings) -> Any:
    return import_mlflow().MlflowClient(settings.mlflow_uri)


def test_parameters_figures_hashes_and_the_version_of_the_code_are_kept(
    settings: Settings,
) -> None:
    registered = register_reranker(linear(1.0), record(), settings)

    run = client_of(settings).get_run(registered.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"kind": "linear", "penalty": "0.1"}
    assert run.data.metrics["made-up/ndcg_at_10_low"] == 0.4
    assert run.data.metrics["expected_calibration_error"] == pytest.approx(0.15)
    assert run.data.tags["sha256.made-up.qrels.txt"] == "ab" * 32
    assert run.data.tags["program"] == enmusubi.__version__
    assert run.data.tags["reranker"] == linear(1.0).checksum
    assert registered.learned_from == {"ab" * 32}
    plots = list(settings.data_dir.rglob("reliability.png"))
    assert len(plots) == 1
    assert plots[0].parent.parent.name == registered.run_id


def test_mlflow_loads_the_model_by_its_alias_and_scores_as_the_service_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_reranker(linear(2.0), record(), settings)
    mlflow = import_mlflow()
    features = pd.DataFrame([{f.name: 0.5 for f in FEATURES}, {f.name: 0.1 for f in FEATURES}])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", settings.mlflow_uri)

    model = mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}@{CHALLENGER}")

    signature = model.metadata.signature
    assert signature.inputs.input_names() == ["first_stage"]
    assert signature.outputs.input_names() == ["score", "probability"]
    predicted = model.predict(features)
    own = linear(2.0)
    assert predicted["score"].tolist() == own.score(features).tolist()
    assert predicted["probability"].tolist() == own.probability(own.score(features)).tolist()


def test_the_calibration_error_of_each_collection_is_kept(settings: Settings) -> None:
    errors = {"made-up": 0.03}

    registered = register_reranker(linear(1.0), record(calibration_errors=errors), settings)

    metrics = client_of(settings).get_run(registered.run_id).data.metrics
    assert metrics["made-up/expected_calibration_error"] == 0.03


def test_a_newly_trained_one_is_the_challenger_and_the_champion_stays(settings: Settings) -> None:
    first = register_reranker(linear(1.0), record(), settings)
    set_alias(CHAMPION, first.version, settings)
    second = register_reranker(linear(2.0), record(), settings)

    assert (first.version, second.version) == ("1", "2")
    assert find_version(CHALLENGER, settings) == second
    assert find_version(CHAMPION, settings) == first
    assert read_registered(second, settings).document == linear(2.0).document


def test_versions_are_found_by_number_run_and_alias(settings: Settings) -> None:
    registered = register_reranker(linear(1.0), record(), settings)

    assert find_version("1", settings) == registered
    assert find_version(registered.run_id, settings) == registered
    assert find_version(CHALLENGER, settings) == registered
    for unknown in ("2", "0" * 32, CHAMPION, "' or 1=1"):
        assert find_version(unknown, settings) is None


def test_an_empty_registry_has_no_versions(settings: Settings) -> None:
    assert find_version(CHALLENGER, settings) is None


def test_names_that_mlflow_does_not_allow_are_written_otherwise(settings: Settings) -> None:
    results = {"評価 (2026)/ja": record().results["made-up"]}

    registered = register_reranker(linear(1.0), record(results=results), settings)

    metrics = client_of(settings).get_run(registered.run_id).data.metrics
    assert metrics["評価 _2026_/ja/ndcg_at_10"] == 0.5


def test_wrong_probabilities_are_told_before_anything_is_registered(settings: Settings) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        register_reranker(linear(1.0), record(probabilities=[0.1, 0.2, 0.8, 9.0]), settings)
    assert find_version(CHALLENGER, settings) is None


def test_nothing_is_written_beside_the_data_folder_and_nothing_is_printed(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    register_reranker(linear(1.0), record(), settings)

    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == [settings.data_dir.name]
    assert not list(settings.data_dir.rglob("*.pkl"))
