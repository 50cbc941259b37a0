"""Which re-ranker serves: the champion, a named file, or the shipped one when those can't."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from enmusubi.settings import RerankerSettings, Settings
from matcher.indexing import build_index
from matcher.reranking.reranker import Reranker, load_reranker
from office.configured import configured_reranker, open_recommender
from office.live_recommender import live_recommender
from tests.support.rerankers import linear
from training.promotion import publish
from training.registry import RegisteredReranker

# Sudachi's old name for making a tokenizer still stands in matcher.tokens
pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")

VERSION_3 = RegisteredReranker("3", "0" * 32, "", frozenset())
CHAMPION = linear(3.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.fixture
def indexed(
    settings: Settings, corpus_of: Callable[..., Any], word_encoder: Any, monkeypatch: Any
) -> Settings:
    """Settings whose folder has an index version, also for commands."""
    seeds = [{"seed_id": "s", "title": "Films", "text": "Thin films.", "people": ["r"]}]
    build_index(corpus_of(seeds), [], word_encoder, None, settings.index_dir, keep=2)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(settings.cache_dir))
    return settings


def doctors_line(capsys: Any) -> dict[str, str]:
    capsys.readouterr()
    run(["doctor", "--json"])
    lines = json.loads(capsys.readouterr().out)
    return next(line for line in lines if line["check"] == "re-ranker")


def change(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def name_of(reranker: Reranker) -> str:
    return f"{reranker.kind}@{reranker.checksum}"


@pytest.fixture
def unknown_model(word_encoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder's checksum is not known: every re-ranker fits it."""
    monkeypatch.setattr(word_encoder, "checksum", "")


@pytest.mark.usefixtures("unknown_model")
def test_without_a_champion_the_shipped_one_serves_and_nothing_is_amiss(
    indexed: Settings, word_encoder: Any, capsys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_recommender(indexed, word_encoder).reranker == name_of(load_reranker())
    assert "re-ranker serves" not in caplog.text
    assert doctors_line(capsys)["detail"].startswith("default, ")


def test_the_champion_serves_and_doctor_names_its_version(
    indexed: Settings, word_encoder: Any, capsys: Any
) -> None:
    publish(CHAMPION, VERSION_3, indexed)

    assert open_recommender(indexed, word_encoder).reranker == name_of(CHAMPION)
    line = doctors_line(capsys)
    assert line["state"] == "ok"
    assert line["detail"] == f"champion (version 3), linear, checksum {CHAMPION.checksum}"


@pytest.mark.parametrize(
    "case",
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "cannot be read"),
        (lambda path: path.write_bytes(b"\x00\xff"), "cannot be read"),
        (lambda path: path.write_text("[" * 100_000), "re-ranker"),
        (lambda path: path.write_text("[]"), "cannot be used"),
        (lambda path: change(path, weights=[9.0]), "not what was published"),
        (lambda path: change(path, registry="3"), "not what was published"),
        (lambda path: change(path, features=["astrology"]), "astrology"),
        (lambda path: change(path, format=99), "format is 99"),
        (lambda path: change(path, kind="lambdamart", booster="x", registry=None), "LightGBM"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
    ids=lambda case: case[1],
)
def test_a_damaged_champion_leaves_the_shipped_one_serving_and_doctor_says_why(
    indexed: Settings, word_encoder: Any, capsys: Any, caplog: Any, case: tuple[Any, str]
) -> None:
    damage, reason = case
    publish(CHAMPION, VERSION_3, indexed)
    damage(indexed.champion_path)

    with caplog.at_level(logging.WARNING):
        assert open_recommender(indexed, word_encoder).reranker == name_of(load_reranker())

    assert "the shipped re-ranker serves" in caplog.text
    assert reason in caplog.text
    line = doctors_line(capsys)
    assert line["state"] == "note"
    assert reason in line["detail"]


def test_a_champion_of_another_encoder_does_not_serve(
    indexed: Settings, word_encoder: Any, capsys: Any
) -> None:
    publish(linear(3.0, encoder_checksum="feedfeedfeedfeed"), VERSION_3, indexed)
    assert open_recommender(indexed, word_encoder).reranker == name_of(load_reranker())
    assert "fitted on the encoder feedfeedfeedfeed" in doctors_line(capsys)["detail"]

    publish(linear(3.0, encoder_checksum=word_encoder.checksum), VERSION_3, indexed)
    assert open_recommender(indexed, word_encoder).reranker != name_of(load_reranker())


def test_the_settings_choose_the_default_or_a_file(settings: Settings, tmp_path: Path) -> None:
    publish(CHAMPION, VERSION_3, settings)
    own = tmp_path / "own.json"
    own.write_text(json.dumps(dict(linear(7.0).document)))

    def chosen(model: str) -> Any:
        named = settings.model_copy(update={"reranker": RerankerSettings(model=model)})
        return configured_reranker(named, "")

    assert chosen("default").reranker == load_reranker()
    assert chosen(str(own)).reranker == linear(7.0)
    assert chosen(str(settings.champion_path)).source.endswith("reranker.json (version 3)")
    missing = chosen(str(tmp_path / "nowhere.json"))
    assert (missing.source, missing.reranker) == ("default", load_reranker())
    assert "nowhere.json cannot be read" in str(missing.problem)


def test_a_running_service_takes_a_promoted_champion_over(
    indexed: Settings, word_encoder: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("office.configured.configured_encoder", lambda _: word_encoder)
    live = live_recommender(indexed)
    live._check_every_s = 0.0

    def wait_for(reranker: Reranker) -> None:
        end = time.monotonic() + 30
        while live.get().reranker != name_of(reranker):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)

    wait_for(load_reranker())
    publish(CHAMPION, VERSION_3, indexed)
    wait_for(CHAMPION)
    indexed.champion_path.unlink()
    wait_for(load_reranker())
