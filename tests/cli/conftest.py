"""Commands in a data folder of their own: an empty one, or one with an index."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import wiring
from cli.main import run
from tests.cli.outcomes import Outcome
from tests.support.worlds import copied
from tests.support.worlds.indexed import CACHE


@pytest.fixture
def enmusubi(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    word_encoder: Any,
) -> Callable[..., Outcome]:
    """A function that runs a command in an empty data folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "data" / CACHE))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: word_encoder)

    def call(*arguments: str) -> Outcome:
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture
def office(enmusubi: Callable[..., Outcome], tmp_path: Path) -> Callable[..., Outcome]:
    """The same with a catalogue of two researchers and an index."""
    copied("indexed", tmp_path / "data")
    return enmusubi
