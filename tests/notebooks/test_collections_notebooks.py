"""The notebooks that look into collections and models, executed on small made-up collections."""

import re
from pathlib import Path

import pandas as pd
import pytest
from nbclient.exceptions import CellExecutionError

from catalogue.demonstration.collections import (
    NEEDS,
    write_collections,
)
from tests.notebooks.executing import (
    NOTEBOOKS,
    committed,
    execute,
    output_types,
    outputs,
    pictures,
    texts,
)
from training.collections import read_collection

SHOWN = {"execute_result", "display_data"}
WARNED = SHOWN | {"stream"}  # that the re-ranker was not fitted on the tests' encoder
NAMES = ("materials", "food", "towns")
Named = dict[str, object]


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    monkeypatch.setenv("ENMUSUBI_ENCODER__PRECISION", "fp32")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_collections(tmp_path_factory.mktemp("collections"))


@pytest.fixture(scope="module")
def named(folders: list[Path]) -> Named:
    """The parameters: collections, and the folder in which their tables are kept."""
    return {"COLLECTIONS": [str(path) for path in folders], "TABLES": str(folders[0].parent / "t")}


def need_texts(folders: list[Path]) -> list[str]:
    return [need.text for path in folders for need in read_collection(path).needs]


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_every_notebook_is_committed_without_outputs(name: str) -> None:
    notebook = committed(name)
    assert outputs(notebook) == []
    assert {cell.get("execution_count") for cell in notebook.cells} == {None}


def test_a_collection_is_explored_without_any_file_being_named(tmp_path: Path) -> None:
    notebook = execute("explore_collection", tmp_path)

    shown = texts(notebook)
    row = next(line for line in shown.splitlines() if line.startswith("needs judged"))
    assert row.split()[2:] == [str(NEEDS)] * 3
    assert "relevant without a seed" in shown
    assert pictures(notebook) == 2
    assert output_types(notebook) <= SHOWN
    assert list(tmp_path.iterdir()) == []


def test_models_are_compared_by_collection_language_and_kind(
    tmp_path: Path, named: Named, real_cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(real_cache_dir))

    notebook = execute("compare_models", tmp_path, words=True, **named)

    shown = texts(notebook)
    for name in (*NAMES, "first stage", "linear", "lambdamart", "needs in ja", "seeds: paper"):
        assert name in shown
    assert "linear: p" in shown
    assert pictures(notebook) == 1
    assert output_types(notebook) <= SHOWN


@pytest.mark.exhaustive
def test_one_folder_is_too_few_where_models_are_fitted_on_the_others(
    tmp_path: Path, folders: list[Path]
) -> None:
    with pytest.raises(CellExecutionError, match="two folders or more"):
        execute("compare_models", tmp_path, COLLECTIONS=[str(folders[0])])


def test_errors_are_explained_by_ids_and_figures(
    tmp_path: Path, named: Named, folders: list[Path]
) -> None:
    notebook = execute("error_analysis", tmp_path, words=True, **named)

    shown = texts(notebook)
    assert re.search(r"(materials|food|towns)-n\d\d", shown)
    assert "out-ranked" in shown
    lost = next(line for line in shown.splitlines() if line.startswith("no seed"))
    assert lost.split()[2:] == ["1", "1", "1"]
    assert pictures(notebook) == 3
    assert output_types(notebook) <= WARNED
    everything = str(outputs(notebook))
    assert not any(text in everything for text in need_texts(folders))


@pytest.mark.exhaustive
def test_the_texts_of_the_worst_needs_are_shown_when_asked_for(
    tmp_path: Path, named: Named, folders: list[Path]
) -> None:
    notebook = execute("error_analysis", tmp_path, words=True, **named, SHOW_TEXTS=True, WORST=2)

    shown = texts(notebook)
    assert sum(text in shown for text in need_texts(folders)) == 2


def test_probabilities_and_words_are_held_against_what_was_relevant(
    tmp_path: Path, named: Named
) -> None:
    notebook = execute("calibration", tmp_path, words=True, **named)

    shown = texts(notebook)
    assert "expected_calibration_error" in shown
    words = ("strong", "good", "possible", "weak")
    counts = [line.split()[2] for line in shown.splitlines() if line.startswith(words)]
    assert sum(int(count) for count in counts) == 3 * NEEDS * 10
    assert pictures(notebook) == 1
    assert output_types(notebook) <= WARNED


def test_the_learning_curve_starts_at_the_first_stage_and_ends_with_all_needs(
    tmp_path: Path, named: Named
) -> None:
    notebook = execute("learning_curve", tmp_path, words=True, **named, SIZES=(4,), DRAWS=2)

    lines = texts(notebook).splitlines()
    rows = pd.DataFrame([line.split() for line in lines if line[:1].isdigit()]).set_index(0)
    assert list(rows.index) == ["0", "4", str(2 * NEEDS)]
    assert rows.loc["0", 4] == "0.000"
    assert pictures(notebook) == 1
    assert output_types(notebook) <= SHOWN
