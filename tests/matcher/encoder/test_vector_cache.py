"""The cache of vectors: nothing is encoded twice, whoever asks, and a bad file is told."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enmusubi.errors import StorageError
from matcher.encoder.encoder import PASSAGE, QUERY, EncodedPassage, unit
from matcher.encoder.vector_cache import VectorCache
from matcher.passages import Passage

TEXTS = ["Soft fingers pick fruit. They are cheap.", "膜で水を通す。塩を除く。", "Bread"]
DIMENSION = 64


@pytest.fixture
def passages(word_encoder: Any) -> list[Passage]:
    return [passage for text in TEXTS for passage in word_encoder.split("A title", text)]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[VectorCache]:
    cache = VectorCache(tmp_path / "cache" / "vectors.sqlite")
    yield cache
    cache.close()


def assert_identical(first: list[EncodedPassage], second: list[EncodedPassage]) -> None:
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.vector, other.vector)
        assert np.array_equal(one.sentence_vectors, other.sentence_vectors)


def test_a_second_run_encodes_nothing_and_gives_identical_vectors(
    cache: VectorCache, word_encoder: Any, passages: list[Passage], tmp_path: Path
) -> None:
    first = word_encoder.encode(passages, role=PASSAGE, cache=cache)
    encoded = word_encoder.encoded
    cache.close()
    reopened = VectorCache(tmp_path / "cache" / "vectors.sqlite")

    second = word_encoder.encode(passages, role=PASSAGE, cache=reopened)

    reopened.close()
    assert (encoded, word_encoder.encoded) == (3, 3)
    assert_identical(first, second)


def test_vectors_of_any_shape_come_back_bit_by_bit(cache: VectorCache) -> None:
    random = np.random.default_rng(7)
    rows = random.standard_normal((500, 3, DIMENSION)).astype(np.float32)
    stored = unit(unit(rows).astype(np.float16).astype(np.float32))
    written = {
        number.to_bytes(4, "big"): EncodedPassage(item[0], item[1:])
        for number, item in enumerate(stored)
    }

    cache.write(written)

    read = cache.read(written, DIMENSION)
    assert_identical([read[key] for key in written], list(written.values()))


def test_only_what_is_new_is_encoded_and_progress_counts_all(
    cache: VectorCache, word_encoder: Any, passages: list[Passage]
) -> None:
    word_encoder.encode(passages[:2], role=PASSAGE, cache=cache)
    word_encoder.encoded = 0
    told: list[int] = []

    word_encoder.encode(passages, role=PASSAGE, cache=cache, on_progress=told.append)

    assert word_encoder.encoded == 1
    assert sum(told) == 3


def test_role_model_and_sentences_make_different_keys(
    cache: VectorCache, word_encoder: Any, passages: list[Passage]
) -> None:
    word_encoder._prompts = {"query": "q: ", "passage": "p: "}
    word_encoder.encode(passages, role=PASSAGE, cache=cache)
    word_encoder.encode(passages, role=QUERY, cache=cache)
    word_encoder.checksum = "another"
    word_encoder.encode(passages, role=PASSAGE, cache=cache)
    word_encoder.precision = "bf16"
    word_encoder.encode(passages, role=PASSAGE, cache=cache)
    whole = [Passage(passage.text, passage.sentences[:1]) for passage in passages]
    word_encoder.encode(whole, role=PASSAGE, cache=cache)

    assert word_encoder.encoded == 5 * 3


def test_more_keys_than_one_question_holds_are_found(cache: VectorCache) -> None:
    vector = unit(np.ones((2, DIMENSION), dtype=np.float32))
    keys = [number.to_bytes(4, "big") for number in range(1234)]
    cache.write({key: EncodedPassage(vector[0], vector[1:]) for key in keys})

    assert len(cache.read([*keys, *keys, b"unknown"], DIMENSION)) == 1234


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "vectors.sqlite"
    ready = threading.Barrier(8)

    def write(writer: int) -> None:
        ready.wait()
        cache = VectorCache(path)
        for number in range(20):
            vectors = unit(np.full((2, DIMENSION), writer + 1, dtype=np.float32))
            cache.write({b"%d-%d" % (writer, number): EncodedPassage(vectors[0], vectors[1:])})
            cache.write({b"shared-%d" % number: EncodedPassage(vectors[0], vectors[1:])})
        cache.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    cache = VectorCache(path)
    keys = [b"%d-%d" % (writer, number) for writer in range(8) for number in range(20)]
    assert len(cache.read([*keys, *(b"shared-%d" % n for n in range(20))], DIMENSION)) == 180
    cache.close()


def test_one_cache_serves_several_threads(
    cache: VectorCache, word_encoder: Any, passages: list[Passage]
) -> None:
    expected = word_encoder.encode(passages, role=PASSAGE)

    def encode(_: int) -> list[EncodedPassage]:
        return list(word_encoder.encode(passages, role=PASSAGE, cache=cache))

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(encode, range(40)):
            assert_identical(found, expected)


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageError, match=r"cannot be used.*or name another with ENMUSUBI_CACHE"):
        VectorCache(tmp_path / "file" / "vectors.sqlite")


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"anything but a database" * 100)

    with pytest.raises(StorageError, match="not a database"):
        VectorCache(path)


def test_a_full_disk_is_a_storage_error_and_what_was_stored_stays(
    cache: VectorCache, word_encoder: Any, passages: list[Passage]
) -> None:
    word_encoder.encode(passages[:1], role=PASSAGE, cache=cache)
    pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
    cache._connection.execute(f"PRAGMA max_page_count = {pages}")
    many = [p for n in range(50) for p in word_encoder.split("", f"Film number {n} keeps air out.")]

    with pytest.raises(StorageError, match=r"disk is full.*Free some space"):
        word_encoder.encode(many, role=PASSAGE, cache=cache)

    word_encoder.encoded = 0
    word_encoder.encode(passages[:1], role=PASSAGE, cache=cache)
    assert word_encoder.encoded == 0


def test_the_cache_holds_no_text(
    cache: VectorCache, word_encoder: Any, passages: list[Passage], tmp_path: Path
) -> None:
    word_encoder.encode(passages, role=PASSAGE, cache=cache)

    for path in (tmp_path / "cache").iterdir():
        assert b"fingers" not in path.read_bytes()
