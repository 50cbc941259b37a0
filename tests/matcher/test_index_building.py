"""Index versions from corpus to snapshot: what is stored, when it is fresh, how damage is told."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enmusubi.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    InputError,
    StorageError,
)
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index, is_fresh
from matcher.recommender import Recommender
from matcher.records import Need
from matcher.tables import Corpus
from matcher.version_files import open_snapshot

SEEDS_TABLE = [
    {"seed_id": "s1", "title": "Films", "text": "Films keep air out.", "people": ["r1", "r2"]},
    {"seed_id": "s2", "title": "膜", "text": "膜で水を通す。塩を除く。", "people": ["r2"]},
]


@pytest.fixture
def corpus(corpus_of: Callable[..., Corpus]) -> Corpus:
    return corpus_of(SEEDS_TABLE)


def build(corpus: Corpus, encoder: Encoder, root: Path, **options: Any) -> Any:
    return build_index(corpus, options.pop("needs", []), encoder, None, root, keep=2, **options)


def test_the_manifest_says_from_what_and_with_what_the_version_was_built(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    manifest = build(corpus, word_encoder, tmp_path).manifest

    assert manifest["model"] == {
        "name": "words",
        "checksum": "0123456789abcdef",
        "dimension": 64,
        "precision": "fp32",
    }
    assert manifest["counts"] == {"researchers": 2, "seeds": 2, "passages": 2}
    assert manifest["catalogue_state"] == "state-1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", manifest["built_at"])


def test_a_version_read_again_holds_what_was_indexed(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    build(corpus, word_encoder, tmp_path)

    snapshot = open_snapshot(tmp_path)

    assert list(snapshot.passages.texts("text")) == [
        "Films\nFilms keep air out.",
        "膜\n膜で水を通す。塩を除く。",
    ]
    assert list(snapshot.language_of_passage) == ["en", "ja"]
    assert [rows.tolist() for rows in snapshot.authorship_rows] == [[0, 0, 1], [0, 1, 1]]
    assert snapshot.sentence_vectors.shape == (5, 64)
    assert np.linalg.norm(snapshot.profiles, axis=1) == pytest.approx([1, 1])
    assert "text" not in snapshot.seeds.names


def test_authorships_of_unknown_seeds_or_people_are_left_out(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    corpus.authorships.loc[0, "seed_id"] = "s-gone"

    build(corpus, word_encoder, tmp_path)

    assert len(open_snapshot(tmp_path).authorships) == 2


def test_needs_lend_their_mean_and_nothing_else(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    hushed = "zeppelins made of paper"
    needs = [Need(f"{hushed} {n}", f"n{n}") for n in range(30)]

    version = build(corpus, word_encoder, tmp_path, needs=needs)

    assert sorted(open_snapshot(tmp_path).means) == ["query_en"]
    files = [path for path in version.folder.rglob("*") if path.is_file()]
    assert not any(b"zeppelin" in path.read_bytes() for path in files)


@pytest.mark.parametrize("seeds", [[], [{"seed_id": "s1", "title": " ", "people": ["r1"]}]])
def test_a_corpus_without_text_is_refused_with_what_to_do(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path, seeds: list[Any]
) -> None:
    with pytest.raises(InputError, match=r"nothing to index.*Import seeds with `enmusubi import`"):
        build(corpus_of(seeds), word_encoder, tmp_path)


def test_progress_ends_at_the_total(corpus: Corpus, word_encoder: Encoder, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    build(corpus, word_encoder, tmp_path, on_progress=lambda *step: told.append(step))

    assert told[0] == ("encode", 0, 2)
    assert ("encode", 2, 2) in told
    assert told[-1] == ("index", 1, 1)


@pytest.mark.parametrize("after_bytes", [100, 500, 2000, 4000, 10_000])
def test_a_full_disk_leaves_the_version_before_it_serving(
    *,
    corpus_of: Callable[..., Corpus],
    corpus: Corpus,
    word_encoder: Encoder,
    tmp_path: Path,
    full_disk: Any,
    after_bytes: int,
) -> None:
    build(corpus, word_encoder, tmp_path)
    larger = corpus_of(
        [
            {"seed_id": f"s{n}", "title": f"Film {n}", "text": f"Word{n} keeps.", "people": ["r"]}
            for n in range(200)
        ]
    )

    with (
        full_disk(after_bytes=after_bytes),
        pytest.raises(StorageError, match=r"version before it still serves\. Free some space"),
    ):
        build(larger, word_encoder, tmp_path)

    assert len(open_snapshot(tmp_path).passages) == 2
    assert list(tmp_path.glob(".staging-*")) == []


def test_a_folder_that_cannot_be_made_is_a_storage_error(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StorageError, match="index could not be written"):
        build(corpus, word_encoder, tmp_path / "file" / "indexes")


def test_no_index_yet_says_which_commands_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="`enmusubi import`, then run `enmusubi index`"):
        open_snapshot(tmp_path)


def test_every_missing_or_shortened_file_is_told(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    version = build(corpus, word_encoder, tmp_path)

    for file in version.manifest["files"]:
        path = version.folder / file
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if content else b"more")
        with pytest.raises(IndexDamagedError, match="enmusubi index --rebuild"):
            open_snapshot(tmp_path)
        path.unlink()
        with pytest.raises(IndexDamagedError, match="enmusubi index --rebuild"):
            open_snapshot(tmp_path)
        path.write_bytes(content)
    open_snapshot(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["passages/text.blocks.bin", "seeds/columns.json", "means.npz", "profiles.npy", "dense.faiss"],
)
def test_a_file_of_the_right_size_with_other_content_is_damage_too(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path, name: str
) -> None:
    path = build(corpus, word_encoder, tmp_path).folder / name
    path.write_bytes(b"\x07" * path.stat().st_size)

    with pytest.raises(IndexDamagedError, match="v000001 cannot be read"):
        open_snapshot(tmp_path)


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_tables_of_another_version_do_not_fit(
    corpus_of: Callable[..., Corpus], corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    version = build(corpus, word_encoder, tmp_path)
    other = build(corpus_of(SEEDS_TABLE[:1]), word_encoder, tmp_path / "other")
    (version.folder / "dense.faiss").write_bytes((other.folder / "dense.faiss").read_bytes())
    edit_manifest(version.folder, files={})

    with pytest.raises(IndexDamagedError, match="has 1 vectors for 2 passages"):
        open_snapshot(tmp_path)


def test_a_version_of_another_program_is_a_mismatch(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    edit_manifest(build(corpus, word_encoder, tmp_path).folder, format=99)

    with pytest.raises(IndexMismatchError, match="has format 99, this program reads 5"):
        open_snapshot(tmp_path)


@pytest.mark.parametrize("model", [None, "e5", {}, {"name": "e5"}])
def test_a_manifest_that_names_no_model_is_damage(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path, model: Any
) -> None:
    edit_manifest(build(corpus, word_encoder, tmp_path).folder, model=model)

    with pytest.raises(IndexDamagedError, match="enmusubi index --rebuild"):
        open_snapshot(tmp_path)
    assert not is_fresh(tmp_path, catalogue_state="state-1", model_checksum="0123456789abcdef")


def test_an_index_is_fresh_for_its_catalogue_and_model_only(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    assert not is_fresh(tmp_path, catalogue_state="state-1", model_checksum="0123456789abcdef")

    version = build(corpus, word_encoder, tmp_path)

    assert is_fresh(tmp_path, catalogue_state="state-1", model_checksum="0123456789abcdef")
    assert not is_fresh(tmp_path, catalogue_state="state-2", model_checksum="0123456789abcdef")
    assert not is_fresh(tmp_path, catalogue_state="state-1", model_checksum="fedcba")
    (version.folder / "seeds" / "title.bin").unlink()
    assert not is_fresh(tmp_path, catalogue_state="state-1", model_checksum="0123456789abcdef")


def test_an_approximate_index_is_described_in_the_manifest_and_answers_like_an_exact_one(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    corpus = corpus_of(
        [
            {
                "seed_id": f"s{n}",
                "text": f"Film{n % 9} number {n} keeps air out.",
                "people": [f"r{n}"],
            }
            for n in range(300)
        ]
    )
    need = Need("Film3 number 30 against air")

    exact, close = (
        build_index(corpus, [], word_encoder, None, tmp_path / str(n), keep=1, exact_below=n)
        for n in (301, 300)
    )
    lists = [Recommender.from_parts(v, word_encoder).match(need, top=5) for v in (exact, close)]

    assert exact.manifest["search"] == {"kind": "exact", "recall": 1.0, "counted": 300}
    assert close.manifest["search"]["kind"] == "ivf"
    assert open_snapshot(tmp_path / "300").dense.recall >= 0.99
    people = [[match.researcher.researcher_id for match in found.matches] for found in lists]
    assert people[0] == people[1]
    assert lists[0].matches[0].score == pytest.approx(lists[1].matches[0].score, abs=0.05)
