"""What a version takes over from the one before it: as if it had been built from nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes.versions import Version
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.passages import Passage
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.snapshot import Snapshot
from matcher.tables import Corpus
from matcher.version_files import TABLE_NAMES, read_snapshot

CorpusOf = Callable[..., Corpus]
N_SEEDS = 320  # enough for codes
NEED = Need("Film3 number 30 against air")


def seeds(
    *, changed: Sequence[int] = (), gone: Sequence[int] = (), hidden: Sequence[int] = ()
) -> list[dict[str, Any]]:
    return [
        {
            "seed_id": f"s{n:03}",
            "text": f"Film{n % 9} number {n} keeps air{' and water' if n in changed else ''} out.",
            "people": [f"r{n:03}"],
            "visibility": "internal" if n in hidden else "public",
        }
        for n in range(N_SEEDS)
        if n not in gone
    ]


def build(corpus: Corpus, encoder: Encoder, root: Path, exact_below: int) -> Version:
    return build_index(corpus, [], encoder, None, root, keep=2, exact_below=exact_below)


def rows_of(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the rows as they read: a year that is not known is not equal to itself."""
    tables = {name: getattr(snapshot, name) for name in TABLE_NAMES}
    return {name: [str(t.row(row)) for row in range(len(t))] for name, t in tables.items()}


@pytest.fixture
def cut_texts(word_encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are cut from now on."""
    texts: list[str] = []
    usual = word_encoder.split

    def split(title: str, text: str) -> list[Passage]:
        if text.startswith("Film"):  # a word of the vocabulary is cut, too
            texts.append(text)
        return usual(title, text)

    monkeypatch.setattr(word_encoder, "split", split)
    return texts


@pytest.mark.parametrize("exact_below", [1000, 100], ids=["small", "large"])
def test_only_changed_seeds_are_cut_and_the_tables_are_those_of_a_full_build(
    corpus_of: CorpusOf,
    word_encoder: Encoder,
    cut_texts: list[str],
    tmp_path: Path,
    exact_below: int,
) -> None:
    build(corpus_of(seeds()), word_encoder, tmp_path / "a", exact_below)
    later = corpus_of(seeds(changed=[7, 100], gone=[0, 8, 319]))
    cut_texts.clear()

    taken = read_snapshot(build(later, word_encoder, tmp_path / "a", exact_below))

    assert sorted(cut_texts) == sorted(
        f"Film{n % 9} number {n} keeps air and water out." for n in (7, 100)
    )
    full = read_snapshot(build(later, word_encoder, tmp_path / "b", exact_below))
    assert rows_of(taken) == rows_of(full)


def test_a_large_versions_vectors_and_words_answer_as_those_of_a_full_build(
    corpus_of: CorpusOf, word_encoder: Encoder, tmp_path: Path
) -> None:
    build(corpus_of(seeds()), word_encoder, tmp_path / "a", 100)
    later = corpus_of(seeds(changed=[7, 100], gone=[0, 8, 319]))

    taken = build(later, word_encoder, tmp_path / "a", 100)
    full = build(later, word_encoder, tmp_path / "b", 100)

    assert taken.manifest["new_since_estimates"] == 5  # and three are gone
    a, b = (read_snapshot(version) for version in (taken, full))
    rows = np.arange(len(a.passages))
    assert a.dense.vectors(rows) == pytest.approx(b.dense.vectors(rows), abs=0.05)
    words = [snapshot.lexical["en"] for snapshot in (a, b)]
    assert [one.frequency("water") for one in words] == [2, 2]
    assert [one.frequency("film8") for one in words] == [words[1].frequency("film8")] * 2
    lists = [Recommender.from_parts(one, word_encoder).match(NEED, top=3) for one in (taken, full)]
    assert lists[0].matches[0].researcher == lists[1].matches[0].researcher
    assert "r030" in {match.researcher.researcher_id for match in lists[0].matches}


def test_vectors_of_unchanged_passages_are_copied_bit_by_bit(
    corpus_of: CorpusOf, word_encoder: Encoder, tmp_path: Path
) -> None:
    before = read_snapshot(build(corpus_of(seeds()), word_encoder, tmp_path, 100))
    after = read_snapshot(build(corpus_of(seeds(gone=[0])), word_encoder, tmp_path, 100))

    rows = np.arange(1, N_SEEDS)
    assert np.array_equal(after.dense.vectors(rows - 1), before.dense.vectors(rows))
    shifted = len(before.sentence_vectors) - len(after.sentence_vectors)
    everything = np.arange(len(after.sentence_vectors))
    assert np.array_equal(
        after.sentence_vectors[everything], before.sentence_vectors[everything + shifted]
    )


def test_means_and_words_are_made_anew_when_a_tenth_has_changed(
    corpus_of: CorpusOf, word_encoder: Encoder, tmp_path: Path
) -> None:
    counts = []
    for last in (0, 20, 40, 60):
        version = build(corpus_of(seeds(changed=range(last))), word_encoder, tmp_path, 100)
        counts.append(version.manifest["new_since_estimates"])

    assert counts == [0, 20, 0, 20]


def test_estimates_are_made_anew_when_a_tenth_is_gone(
    corpus_of: CorpusOf, word_encoder: Encoder, tmp_path: Path
) -> None:
    counts = []
    for gone in (0, 20, 40):
        version = build(corpus_of(seeds(gone=range(gone))), word_encoder, tmp_path, 100)
        counts.append(version.manifest["new_since_estimates"])

    assert counts == [0, 20, 0]


@pytest.mark.parametrize("exact_below", [1000, 100], ids=["small", "large"])
def test_a_seed_of_another_visibility_is_built_as_a_new_one(
    corpus_of: CorpusOf,
    word_encoder: Encoder,
    cut_texts: list[str],
    tmp_path: Path,
    exact_below: int,
) -> None:
    build(corpus_of(seeds(hidden=[5])), word_encoder, tmp_path / "a", exact_below)
    later = corpus_of(seeds(hidden=[9]))
    cut_texts.clear()

    taken = read_snapshot(build(later, word_encoder, tmp_path / "a", exact_below))

    assert sorted(cut_texts) == ["Film0 number 9 keeps air out.", "Film5 number 5 keeps air out."]
    full = read_snapshot(build(later, word_encoder, tmp_path / "b", exact_below))
    assert rows_of(taken) == rows_of(full)
    words = [snapshot.lexical["en"] for snapshot in (taken, full)]
    assert [one.frequency("film0") for one in words] == [words[1].frequency("film0")] * 2


@pytest.mark.parametrize("file", ["passages/text.bin", "seeds/text_digest.bin"])
def test_nothing_is_taken_over_from_a_version_with_a_damaged_byte(
    corpus_of: CorpusOf, word_encoder: Encoder, cut_texts: list[str], tmp_path: Path, file: str
) -> None:
    path = build(corpus_of(seeds()), word_encoder, tmp_path, 1000).folder / file
    path.write_bytes(b"?" + path.read_bytes()[1:])
    cut_texts.clear()

    after = read_snapshot(build(corpus_of(seeds()), word_encoder, tmp_path, 1000))

    assert len(cut_texts) == N_SEEDS
    assert not any("?" in text for text in after.passages.texts("text"))


def test_a_version_that_is_built_anew_takes_nothing_over(
    corpus_of: CorpusOf, word_encoder: Encoder, cut_texts: list[str], tmp_path: Path
) -> None:
    build(corpus_of(seeds()), word_encoder, tmp_path, 100)
    cut_texts.clear()

    build_index(
        corpus_of(seeds()), [], word_encoder, None, tmp_path, keep=2, exact_below=100, anew=True
    )

    assert len(cut_texts) == N_SEEDS


def test_another_model_takes_nothing_over(
    corpus_of: CorpusOf,
    word_encoder: Encoder,
    cut_texts: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build(corpus_of(seeds()), word_encoder, tmp_path, 100)
    cut_texts.clear()
    monkeypatch.setattr(word_encoder, "checksum", "another")

    build(corpus_of(seeds()), word_encoder, tmp_path, 100)

    assert len(cut_texts) == N_SEEDS
