"""TREC run files: order, digits, refusals, and writing whole or not at all."""

import os
from pathlib import Path

import pandas as pd
import pytest

from enmusubi.errors import InputError, StorageError, UnreadableFileError
from training.trec import check_writable, read_run, write_run


def run_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["need_id", "researcher_id", "score"])


def test_the_best_score_stands_first_and_ties_go_by_id(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    write_run(run_of(("n2", "b", 0.5), ("n1", "x", 1), ("n2", "a", 0.5), ("n2", "c", 0.75)), path)
    assert path.read_text() == (
        "n2 Q0 c 1 0.75 enmusubi\n"
        "n2 Q0 a 2 0.5 enmusubi\n"
        "n2 Q0 b 3 0.5 enmusubi\n"
        "n1 Q0 x 1 1.0 enmusubi\n"
    )


def test_scores_come_back_to_the_last_digit(tmp_path: Path) -> None:
    scores = [1 / 3, 0.1 + 0.2, 1e-17, 0.0, -2.5e-9]
    run = run_of(*[("n1", f"r{i}", score) for i, score in enumerate(scores)])
    write_run(run, tmp_path / "run.txt")
    assert read_run(tmp_path / "run.txt")["score"].tolist() == scores


def test_japanese_ids_are_written_in_utf8(tmp_path: Path) -> None:
    write_run(run_of(("需要1", "森", 1.0)), tmp_path / "run.txt")
    assert read_run(tmp_path / "run.txt").iloc[0]["researcher_id"] == "森"


@pytest.mark.parametrize("name", ["r 1", "r\u30001", "", "r1\n", "\tr1"])
def test_ids_with_blanks_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"researcher_id .* holds blanks"):
        write_run(run_of(("n1", name, 1.0)), tmp_path / "run.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_score_that_is_not_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="researcher r1 for need n1 is not a number"):
        write_run(run_of(("n1", "r1", float("nan"))), tmp_path / "run.txt")


def test_a_run_replaces_an_older_one_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run.txt"
    for score in (1.0, 2.0):
        write_run(run_of(("n1", "r1", score)), path)
    assert path.read_text() == "n1 Q0 r1 1 2.0 enmusubi\n"
    assert list(path.parent.iterdir()) == [path]


def test_when_writing_fails_the_older_run_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("older\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        write_run(run_of(("n1", "r1", 1.0)), path)
    assert path.read_text() == "older\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_run(run_of(("n1", "r1", 1.0)), Path("/dev/null"))
    assert not Path("/dev/null").is_file()


def test_a_folder_is_no_place_for_a_run(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        check_writable(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        check_writable(tmp_path / "file" / "run.txt")
    check_writable(tmp_path / "new" / "run.txt")


def test_the_score_decides_the_rank_when_a_run_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("n1 Q0 b 1 0.1 x\nn1\tQ0\ta\t2\t0.9\tx\n\n")
    assert list(read_run(path)[["researcher_id", "rank"]].itertuples(index=False, name=None)) == [
        ("a", 1),
        ("b", 2),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("n1 Q0 a 1 0.5\n", "line 1: expected"), ("n1 Q0 a 1 0.5 x\nn1 Q0 b 2 nan x\n", "line 2"),
     ("n1 Q0 a 1 0.5 x\nn1 Q0 a 2 0.4 x\n", "a stands twice for need n1"), ("", "is empty")],
)  # fmt: skip
def test_a_broken_run_is_an_error_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.txt"
    path.write_text(text)
    with pytest.raises(UnreadableFileError, match=message):
        read_run(path)
