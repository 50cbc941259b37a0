"""The service over real index versions: published, rolled back and deleted while people ask."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enmusubi.settings import IndexSettings, Settings
from indexes.versions import current_name, version_folders
from matcher.indexing import build_index
from matcher.records import Need
from matcher.tables import Corpus
from matcher.version_files import open_snapshot
from office.configured import open_recommender
from office.index_versions import roll_back
from office.live_recommender import LiveRecommender, NeedMatcher

NEED = Need("A gripper that picks ripe fruit")
MAX_SECONDS = 60
PAUSE_S = 0.005  # of each who asks: without it they leave no time to whom they wait for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", cache_dir=tmp_path / "cache", index=IndexSettings(keep=1)
    )


@pytest.fixture
def publish(
    settings: Settings, corpus_of: Callable[..., Corpus], word_encoder: Any
) -> Callable[..., str]:
    """Publishes a version of so many seeds, keeping `keep` versions, and returns its name."""

    def build(n_seeds: int, keep: int = 1) -> str:
        seeds = [
            {"seed_id": f"s{n}", "title": f"Grip {n}", "text": "It picks ripe fruit.", "people": [f"r{n}"]}
            for n in range(n_seeds)
        ]  # fmt: skip
        version = build_index(
            corpus_of(seeds), [], word_encoder, None, settings.index_dir, keep=keep
        )
        return version.name

    return build


class People:
    """Threads that ask again and again; notes the versions that answered and what failed."""

    def __init__(self, live: LiveRecommender) -> None:
        self._live = live
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]
        self.failures: list[BaseException] = []
        self.answers: list[tuple[str, int]] = []

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                matches = self._live.get().match(NEED, top=50)
                assert all(match.evidence[0].sentence for match in matches.matches)
                self.answers.append((matches.index_version, len(matches.matches)))
            except Exception as error:
                self.failures.append(error)
                return
            time.sleep(PAUSE_S)

    def wait_for(self, version: str) -> None:
        """Return when that version has answered."""
        end = time.monotonic() + MAX_SECONDS
        while version not in {name for name, _ in self.answers[-20:]} and not self.failures:
            assert time.monotonic() < end, f"{version} never answered"
            time.sleep(0.005)

    def __enter__(self) -> "People":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def live(settings: Settings, word_encoder: Any) -> LiveRecommender:
    def open_version(present: NeedMatcher | None) -> NeedMatcher:
        return open_recommender(settings, word_encoder)

    return LiveRecommender(
        open_version, lambda: current_name(settings.index_dir), check_every_s=0.0
    )


@pytest.fixture
def people(live: LiveRecommender, publish: Callable[..., str]) -> Iterator[People]:
    publish(1)
    with People(live) as asking:
        yield asking


def test_versions_are_published_and_deleted_without_a_failed_answer(
    people: People, publish: Callable[..., str], settings: Settings
) -> None:
    for n_seeds in range(2, 14):
        name = publish(n_seeds)
        assert [path.name for path in version_folders(settings.index_dir)] == [name]
        if n_seeds % 3 == 0:
            people.wait_for(name)
    people.wait_for("v000013")

    assert people.failures == []
    assert {count == int(name[1:]) for name, count in people.answers} == {True}


def test_versions_are_rolled_back_and_forth_without_a_failed_answer(
    people: People, publish: Callable[..., str], settings: Settings, word_encoder: Any
) -> None:
    publish(2, keep=3)
    publish(3, keep=3)
    for name in ("v000002", "v000001", "v000003", "v000001", "v000002"):
        roll_back(settings, model_checksum=word_encoder.checksum, name=name)
        people.wait_for(name)
    people.wait_for(publish(4, keep=1))

    assert people.failures == []
    assert {count == int(name[1:]) for name, count in people.answers} == {True}


def is_mapped(array: Any) -> bool:
    """Say whether an array, or what it is a view of, lies in a file."""
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


def test_a_version_goes_on_answering_after_its_files_are_gone(
    settings: Settings, publish: Callable[..., str], word_encoder: Any
) -> None:
    publish(5)
    serving = open_recommender(settings, word_encoder)
    snapshot = open_snapshot(settings.index_dir)

    shutil.rmtree(settings.index_dir)

    assert len(serving.match(NEED).matches) == 5
    assert is_mapped(snapshot.sentence_vectors)  # read from the disk until now
    assert float(abs(snapshot.sentence_vectors).sum()) > 0


def test_opening_takes_the_version_that_takes_the_place_of_one_that_vanishes(
    settings: Settings, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matcher import version_files as module

    publish(2)
    usual = module.read_snapshot

    def read(version: Any) -> Any:
        if version.name == "v000001":
            publish(3)  # in the middle of reading, and the version being read is deleted
        return usual(version)

    monkeypatch.setattr(module, "read_snapshot", read)

    assert open_snapshot(settings.index_dir).version == "v000002"


def test_the_check_after_a_switch_gives_the_memory_of_the_old_version_back(
    live: LiveRecommender, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[str] = []
    monkeypatch.setattr(
        "office.live_recommender.give_memory_back",
        lambda: given_back.append(live.get().index_version),
    )
    publish(1)
    live.get()
    newest = publish(2)

    end = time.monotonic() + MAX_SECONDS
    while not given_back:
        assert time.monotonic() < end, "nothing was given back"
        live.get()
        time.sleep(0.005)
    time.sleep(0.05)
    live.get()

    assert given_back == [newest]
