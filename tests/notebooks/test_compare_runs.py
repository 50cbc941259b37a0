"""The notebook that compares two runs, executed as it stands in the repository."""

from pathlib import Path

import pandas as pd
import pytest
from nbclient.exceptions import CellExecutionError

from tests.notebooks.executing import execute, output_types, pictures, texts
from training.trec import write_run

VARIABLES = ("ENMUSUBI_RUN_A", "ENMUSUBI_RUN_B", "ENMUSUBI_QRELS")


@pytest.fixture(autouse=True)
def no_files_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.exhaustive
def test_without_files_it_compares_two_runs_that_it_makes_up(tmp_path: Path) -> None:
    notebook = execute("compare_runs", tmp_path)

    shown = texts(notebook)
    for metric in ("ndcg@10", "recall@10", "recall@100", "mrr"):
        assert metric in shown
    assert "p_value" in shown
    assert "best rank A" in shown
    assert pictures(notebook) == 2
    assert output_types(notebook) <= {"execute_result", "display_data"}
    assert list(tmp_path.iterdir()) == []


def test_files_are_named_by_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, scores in (("a", (1.0, 2.0)), ("b", (2.0, 1.0))):
        rows = [("need-7", "r-mori", scores[0]), ("need-7", "r-sato", scores[1])]
        frame = pd.DataFrame(rows, columns=["need_id", "researcher_id", "score"])
        write_run(frame, tmp_path / f"{name}.txt")
    (tmp_path / "q.txt").write_text("need-7 0 r-mori 1\n")
    for variable, file in zip(VARIABLES, ("a.txt", "b.txt", "q.txt"), strict=True):
        monkeypatch.setenv(variable, str(tmp_path / file))

    shown = texts(execute("compare_runs", tmp_path))

    row = next(line for line in shown.splitlines() if line.startswith("mrr"))
    assert "0.5000 [0.500, 0.500]" in row
    assert "1.0000 [1.000, 1.000]" in row
    assert "need-7" in shown


@pytest.mark.exhaustive
def test_only_some_of_the_files_named_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENMUSUBI_RUN_A", "a.txt")
    with pytest.raises(CellExecutionError, match="Set all three"):
        execute("compare_runs", tmp_path)
