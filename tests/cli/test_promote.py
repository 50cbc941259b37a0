"""`enmusubi promote` with a real MLflow store, a real index of a made-up collection, no model."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from enmusubi.settings import Settings
from matcher.reranking.reranker import Reranker
from office.configured import configured_reranker
from tests.support.rerankers import MARKER, THINGS, linear, record, write_collection
from training import promotion
from training.registry import (
    CHALLENGER,
    CHAMPION,
    PREVIOUS,
    RegisteredReranker,
    find_version,
    register_reranker,
    version_tags,
)

# Sudachi's old name for making a tokenizer, and MLflow's own old names
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

GOOD, ALSO_GOOD, BAD = linear(1.0), linear(2.0), linear(-1.0)
Command = Callable[..., int]


@pytest.fixture
def settings(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=empty_store, cache_dir=tmp_path / "cache")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return write_collection(tmp_path / "judged" / "made-up")


@pytest.fixture
def promote(settings: Settings, word_encoder: Any, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `enmusubi promote` in this process, without a model."""
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(settings.cache_dir))
    monkeypatch.setattr("cli.wiring.encoder_of", lambda settings: word_encoder)
    return lambda *arguments: run(["promote", "--yes", *map(str, arguments)])


@pytest.fixture
def train(settings: Settings) -> Callable[..., RegisteredReranker]:
    """Register a re-ranker, as training does."""
    return lambda reranker, **changes: register_reranker(reranker, record(**changes), settings)


def aliases(settings: Settings) -> dict[str, str]:
    found = {name: find_version(name, settings) for name in (CHAMPION, CHALLENGER, PREVIOUS)}
    return {name: version.version for name, version in found.items() if version}


def serving(settings: Settings) -> tuple[str, Reranker]:
    configured = configured_reranker(settings, "")
    assert configured.problem is None
    return configured.source, configured.reranker


def test_one_that_is_significantly_worse_is_refused_with_where_and_by_how_much(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    train(GOOD)
    assert promote("--force", "--reason", "the first") == 0
    train(BAD)
    capsys.readouterr()

    assert promote("--collections", collection) == 1

    printed = capsys.readouterr()
    assert "version 2 is significantly worse than version 1 on made-up by 1.0000" in printed.err
    assert "--force" in printed.err
    assert aliases(settings) == {CHAMPION: "1", CHALLENGER: "2"}
    assert serving(settings) == ("champion (version 1)", GOOD)
    assert "promoted_at" not in version_tags("2", settings)


def test_one_that_is_equal_is_promoted_and_the_champion_becomes_the_previous(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    train(GOOD)
    assert promote("--collections", collection) == 0
    assert serving(settings) == ("champion (version 1)", GOOD)
    train(ALSO_GOOD)
    capsys.readouterr()

    assert promote("--collections", collection, "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["champion"], told["model"], told["promoted"]) == ("1", "2", True)
    [compared] = told["collections"]
    assert compared["needs"] == len(THINGS)
    assert compared["difference"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert (compared["p_value"], compared["worse"]) == (1.0, False)
    assert serving(settings) == ("champion (version 2)", ALSO_GOOD)
    assert aliases(settings) == {CHAMPION: "2", PREVIOUS: "1"}
    assert version_tags("2", settings)["promoted_over"] == "1"


def test_a_forced_promotion_is_recorded_with_reason_user_and_time(
    promote: Command, train: Any, collection: Path, settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "mori")
    train(BAD)

    assert promote("--collections", collection) == 1
    assert (
        promote("--collections", collection, "--force", "--reason", "評価の前に一晩だけ試す") == 0
    )

    tags = version_tags("1", settings)
    assert (tags["forced_reason"], tags["forced_by"]) == ("評価の前に一晩だけ試す", "mori")
    assert tags["forced_at"].endswith("+00:00")
    assert tags["promoted_over"] == "the shipped default"
    assert serving(settings)[0] == "champion (version 1)"


@pytest.mark.parametrize(
    "arguments",
    [(), ("--force",), ("--reason", "x"), ("--force", "--reason", "  "), ("--rollback", "--force")],
)
def test_without_collections_or_a_reason_it_is_wrong_usage(
    promote: Command, arguments: tuple[str, ...]
) -> None:
    assert promote(*arguments) == 2


def test_rollback_serves_the_previous_champion_and_then_the_shipped_one(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    for reranker in (GOOD, ALSO_GOOD):
        train(reranker)
        assert promote("--collections", collection) == 0

    assert promote("--rollback") == 0
    assert serving(settings) == ("champion (version 1)", GOOD)
    assert aliases(settings) == {CHAMPION: "1"}
    assert "rolled_back_at" in version_tags("2", settings)

    assert promote("--rollback") == 0
    assert serving(settings)[0] == "default"
    assert aliases(settings) == {}

    assert promote("--rollback") == 1
    assert "the shipped re-ranker serves" in capsys.readouterr().err


def test_a_promotion_killed_before_the_file_is_published_is_finished_by_the_next(
    promote: Command, train: Any, collection: Path, settings: Settings, monkeypatch: Any
) -> None:
    train(GOOD)
    assert promote("--collections", collection) == 0
    train(ALSO_GOOD)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(promotion, "publish", killed)
        assert promote("--collections", collection) == 130
    assert serving(settings) == ("champion (version 1)", GOOD)

    assert promote("--collections", collection) == 0
    assert serving(settings) == ("champion (version 2)", ALSO_GOOD)
    assert aliases(settings) == {CHAMPION: "2", PREVIOUS: "1"}


def test_a_file_half_written_when_it_was_killed_leaves_the_champion_serving(
    promote: Command, train: Any, collection: Path, settings: Settings, full_disk: Any
) -> None:
    train(GOOD)
    assert promote("--collections", collection) == 0
    staged = settings.champion_path.with_name(f".{settings.champion_path.name}.new")
    staged.write_text('{"format": 1, "kin')

    assert serving(settings) == ("champion (version 1)", GOOD)
    assert promote("--model", "champion", "--collections", collection) == 0
    assert serving(settings) == ("champion (version 1)", GOOD)
    assert not staged.exists()


@pytest.mark.parametrize("alias_step", [CHAMPION, PREVIOUS])
def test_a_rollback_killed_between_its_steps_is_finished_by_the_next(
    promote: Command, train: Any, settings: Settings, monkeypatch: Any, alias_step: str
) -> None:
    for reranker in (GOOD, ALSO_GOOD):
        train(reranker)
        assert promote("--force", "--reason", "none was judged yet") == 0
    usual = promotion.set_alias

    def killed_at(alias: str, version: str | None, settings: Settings) -> None:
        if alias == alias_step:
            raise KeyboardInterrupt
        usual(alias, version, settings)

    with monkeypatch.context() as broken:
        broken.setattr(promotion, "set_alias", killed_at)
        assert promote("--rollback") == 130
    assert serving(settings)[0].startswith("champion (version ")

    assert promote("--rollback") == 0
    assert serving(settings) == ("champion (version 1)", GOOD)
    assert aliases(settings) == {CHAMPION: "1"}


def test_one_that_was_fitted_on_another_encoder_is_refused(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    train(linear(1.0, encoder_checksum="feedfeedfeedfeed"))

    assert promote("--collections", collection, "--force", "--reason", "why not") == 1

    assert "fitted on the encoder feedfeedfeedfeed" in capsys.readouterr().err
    assert serving(settings)[0] == "default"


def test_a_champion_that_no_longer_fits_is_told_and_the_shipped_one_compared(
    promote: Command, train: Any, collection: Path, word_encoder: Any, capsys: Any
) -> None:
    train(linear(1.0, encoder_checksum=word_encoder.checksum))
    assert promote("--collections", collection) == 0
    word_encoder.checksum = "feedfeedfeedfeed"
    train(GOOD)

    assert promote("--collections", collection) == 0

    told = capsys.readouterr().out
    assert "champion version 1 cannot serve, the shipped default does" in told


def test_collections_that_were_learned_from_are_named(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    learned = hashlib.sha256((collection / "qrels.txt").read_bytes()).hexdigest()
    train(GOOD, hashes={"made-up": {"qrels.txt": learned}})

    assert promote("--collections", collection) == 0

    assert "made-up: the challenger learned from files of it" in capsys.readouterr().out

    train(linear(1.0, trained={"left_out": {"made-up": {}}}))
    assert promote("--collections", collection) == 0
    told = capsys.readouterr().out
    assert "made-up: the challenger and champion learned from files of it" in told


def test_an_unknown_model_is_told(
    promote: Command, collection: Path, settings: Settings, capsys: Any
) -> None:
    assert promote("--collections", collection, "--model", "7") == 1
    assert "no re-ranker '7'" in capsys.readouterr().err


def test_who_says_no_changes_nothing(
    promote: Command, train: Any, collection: Path, settings: Settings, monkeypatch: Any
) -> None:
    train(GOOD)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))

    assert run(["promote", "--collections", str(collection)]) == 130

    assert aliases(settings) == {CHALLENGER: "1"}
    assert serving(settings)[0] == "default"


def test_no_text_of_a_need_is_kept_anywhere_in_the_data_folder(
    promote: Command, train: Any, collection: Path, settings: Settings, capsys: Any
) -> None:
    train(GOOD)
    assert promote("--collections", collection) == 0

    printed = capsys.readouterr()
    assert MARKER not in printed.out + printed.err
    assert MARKER in (collection / "needs.jsonl").read_text()
    files = [path for path in settings.data_dir.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if MARKER.encode() in path.read_bytes().lower()] == []
