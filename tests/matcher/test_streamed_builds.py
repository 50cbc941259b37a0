"""Builds that read a corpus as a stream: the same files, the catalogue free early, flat memory."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.measuring.made_up_catalogue import MadeUp
from matcher import corpus_stream
from matcher.corpus_stream import CorpusStream, in_memory
from matcher.corpus_writing import write_corpus
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.passages import Passage
from matcher.tables import Corpus

SEEDS: list[dict[str, Any]] = [
    {
        "seed_id": f"s{number:02}",
        "title": f"Films {number}",
        "text": f"Films keep air number {number} out. They are clear.",
        "people": [f"r{number % 4}", f"r{number % 3}"],
        "chosen_by": [f"r{number % 4}"] if number % 5 == 0 else [],
    }
    for number in range(23)
]
MOST_BYTES_A_PASSAGE = 150  # numbers by seed, by pair and by passage, and people's cards


@pytest.fixture
def few_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_stream, "SEEDS_TOGETHER", 4)


def files_of(version: Any) -> dict[str, str]:
    """Return the sums of a version's files; those of a search by words have names of their own each time."""
    files = version.manifest["files"]
    return {name: told["sha256"] for name, told in files.items() if "/counted/" not in name}


@pytest.mark.usefixtures("few_together")
def test_a_streamed_build_writes_what_one_in_memory_does(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    corpus = corpus_of(SEEDS)

    whole = build_index(corpus, [], word_encoder, None, tmp_path / "whole", keep=1)
    streamed = build_index(in_memory(corpus), [], word_encoder, None, tmp_path / "streamed", keep=1)

    assert files_of(streamed) == files_of(whole)
    assert not [name for name in streamed.manifest["files"] if "corpus" in name]
    assert streamed.manifest["counts"] == whole.manifest["counts"]


@pytest.mark.usefixtures("few_together")
def test_what_is_taken_over_is_found_batch_by_batch(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    build_index(in_memory(corpus_of(SEEDS)), [], word_encoder, None, tmp_path, keep=1)
    later = [
        {"seed_id": "a", "text": "Before all others.", "people": ["r1"]},
        *(SEEDS[:7] + SEEDS[12:20]),
        SEEDS[20] | {"text": "Films let air in."},
        {"seed_id": "t", "text": "Behind all others.", "people": ["r1"]},
    ]

    version = build_index(in_memory(corpus_of(later)), [], word_encoder, None, tmp_path, keep=2)
    anew = build_index(corpus_of(later), [], word_encoder, None, tmp_path / "new", keep=1)

    assert version.manifest["changes"]["seeds"] == {"added": 2, "changed": 1, "removed": 7}
    assert files_of(version) == files_of(anew)


def test_the_catalogue_is_closed_before_anything_is_cut(
    corpus_of: Callable[..., Corpus],
    word_encoder: Encoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met: list[str] = []
    split = word_encoder.split

    def noted(title: str, text: str) -> list[Passage]:
        met.append("cut")
        return split(title, text)

    @contextmanager
    def opened() -> Iterator[CorpusStream]:
        with in_memory(corpus_of(SEEDS))() as stream:
            yield stream
        met.append("closed")

    monkeypatch.setattr(word_encoder, "split", noted)
    build_index(opened, [], word_encoder, None, tmp_path, keep=1)

    assert met[0] == "closed"
    assert met.count("cut") == len(SEEDS)


def test_writing_a_corpus_takes_memory_for_numbers_and_not_for_texts(tmp_path: Path) -> None:
    sizes = 5_000, 20_000
    peaks = [peak_of_writing(n, tmp_path / str(n)) for n in sizes]

    assert (peaks[1] - peaks[0]) / (sizes[1] - sizes[0]) <= MOST_BYTES_A_PASSAGE


def peak_of_writing(n_passages: int, folder: Path) -> int:
    made = Long(n_passages)
    folder.mkdir()
    tracemalloc.start()
    try:
        with made.opened() as stream:
            write_corpus(folder, stream, made)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Long(MadeUp):
    """A made-up catalogue whose passages all have the same long text."""

    def cut(self, rows: range, seeds: Any = None) -> Iterator[tuple[int, Passage, str]]:
        """Yield a passage of each seed and more of some, without the cost of words."""
        for row in np.repeat(rows, self._counts[rows.start : rows.stop]).tolist():
            yield row, Passage(f"{row} " * 100, ()), "en"

    def tokens(self, language: str, texts: Sequence[str]) -> list[list[str]]:
        """Raise ValueError: nothing is tokenised."""
        raise ValueError("writing a corpus tokenises nothing")
