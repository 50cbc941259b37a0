"""`enmusubi doctor`: what is missing and how to get it, in the reader's language."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.outcomes import Outcome
from tests.support.worlds.indexed import CACHE


def test_doctor_speaks_japanese(
    enmusubi: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")

    code, out, _ = enmusubi("doctor")

    assert code == 1
    assert "初めて使うときに e5-small-q4.bin から作られます" in out
    assert "組織 0件、研究者 0件" in out
    assert "検索データがまだありません" in out


def test_doctor_names_what_is_missing_and_how_to_get_it(enmusubi: Callable[..., Outcome]) -> None:
    code, out, _ = enmusubi("doctor")

    assert code == 1
    assert "missing index" in " ".join(out.split())
    assert "`enmusubi index`" in out
    assert "is built on first use from e5-small-q4.bin" in out


def test_doctor_is_content_with_an_index(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("doctor", "--json")

    states = {check["check"]: check for check in json.loads(out)}
    assert code == 0
    assert not [check for check in states.values() if check["state"] == "missing"]
    assert states["index"]["detail"].startswith("v000001, 2 passages")
    assert "2 researchers, 2 seeds" in states["catalogue"]["detail"]


def test_doctor_finds_a_model_that_is_not_complete(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "data" / CACHE / "models" / "multilingual-e5-small-q4-v1").mkdir(parents=True)

    code, out, _ = office("doctor")

    assert (code, "is not complete" in out) == (1, True)
