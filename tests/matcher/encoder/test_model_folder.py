"""The folder of the default model: built whole, verified, mended; with a tiny model for speed."""

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import normalizers

from enmusubi.errors import ModelUnavailableError, StorageError
from matcher.encoder import default_model, loading
from matcher.encoder.default_model import (
    ABANDONED_AFTER_S,
    MANIFEST_NAME,
    default_model_folder,
    ensure_default_model,
    is_intact,
    verify_default_model,
)
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder
from matcher.encoder.loading import load_encoder
from matcher.encoder.packed_e5 import PackedModel

HIDDEN, FEED_FORWARD, POSITIONS = 32, 64, 64


@pytest.fixture(scope="module")
def tiny_model(packed_model: PackedModel) -> PackedModel:
    pieces = [piece for piece in packed_model.pieces if len(piece[0]) <= 2][:800]
    specials = packed_model.pieces[:4]
    pieces = [*specials, *(piece for piece in pieces if piece not in specials)]
    sizes = {
        "emb.word": len(pieces) * HIDDEN,
        "emb.pos": POSITIONS * HIDDEN,
        "emb.type": packed_model.token_types * HIDDEN,
        "l0.fi.w": FEED_FORWARD * HIDDEN,
        "l0.fi.b": FEED_FORWARD,
        "l0.fo.w": FEED_FORWARD * HIDDEN,
        **{f"l0.{part}.w": HIDDEN * HIDDEN for part in ("q", "k", "v", "ao")},
    }
    names = [name for name in packed_model.tensors if name.startswith(("emb.", "l0."))]
    random = np.random.default_rng(5)
    return replace(
        packed_model,
        hidden_size=HIDDEN,
        layers=1,
        heads=4,
        feed_forward_size=FEED_FORWARD,
        vocabulary_size=len(pieces),
        max_positions=POSITIONS,
        pieces=pieces,
        tensors={
            name: random.standard_normal(sizes.get(name, HIDDEN)).astype(np.float32)
            for name in names
        },
    )


@pytest.fixture(scope="module")
def differing_characters(tiny_model: PackedModel) -> list[str]:
    """What a build finds by comparing all characters of Unicode; once is enough here."""
    usual = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    return default_model._characters_mapped_otherwise(tiny_model.character_map, usual)


@pytest.fixture
def builds(
    tiny_model: PackedModel, differing_characters: list[str], monkeypatch: pytest.MonkeyPatch
) -> list[Path]:
    """Make the tiny model the default one; holds an entry for every time that it is built."""
    built: list[Path] = []
    monkeypatch.setattr(
        default_model, "_characters_mapped_otherwise", lambda *_: differing_characters
    )

    def read(path: Path) -> PackedModel:
        built.append(path)
        return tiny_model

    monkeypatch.setattr(default_model, "read_packed_model", read)
    for module, name in (
        (default_model, "check_packed"),
        (default_model, "check_weights"),
        (loading, "check_weights"),
    ):
        monkeypatch.setattr(module, name, lambda path: None)  # test_pinned_weights.py tries these
    return built


def test_the_model_is_built_once_and_verified(tmp_path: Path, builds: list[Path]) -> None:
    folder = ensure_default_model(tmp_path)

    assert folder == default_model_folder(tmp_path) == ensure_default_model(tmp_path)
    assert len(builds) == 1
    assert len(verify_default_model(folder)) == 64
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.usefixtures("builds")
def test_two_builds_have_the_same_checksum(tmp_path: Path) -> None:
    one, other = (ensure_default_model(tmp_path / name) for name in ("one", "other"))

    assert verify_default_model(one) == verify_default_model(other)


@pytest.mark.usefixtures("builds")
def test_an_altered_file_is_detected(tmp_path: Path) -> None:
    folder = ensure_default_model(tmp_path)
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)

    with pytest.raises(ModelUnavailableError, match=r"model\.safetensors was altered.*Delete"):
        verify_default_model(folder)


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])


def without_manifest(folder: Path) -> None:
    (folder / MANIFEST_NAME).unlink()


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def unreadable_manifest(folder: Path) -> None:
    (folder / MANIFEST_NAME).write_text("{")


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize(
    "damage", [cut_short, without_manifest, without_tokenizer, unreadable_manifest, empty]
)
def test_a_half_written_folder_is_told_and_built_again(
    tmp_path: Path, builds: list[Path], damage: Callable[[Path], None]
) -> None:
    folder = ensure_default_model(tmp_path)
    checksum = verify_default_model(folder)
    damage(folder)

    assert not is_intact(folder)
    with pytest.raises(ModelUnavailableError, match="is not complete"):
        verify_default_model(folder)
    ensure_default_model(tmp_path)

    assert verify_default_model(folder) == checksum
    assert len(builds) == 2


def test_what_a_killed_build_left_is_swept_but_not_what_is_being_built(
    tmp_path: Path, builds: list[Path]
) -> None:
    parent = default_model_folder(tmp_path).parent
    for name, age_s in ((".building-killed", ABANDONED_AFTER_S + 60), (".building-now", 5)):
        (parent / name).mkdir(parents=True)
        os.utime(parent / name, (time.time() - age_s,) * 2)

    folder = ensure_default_model(tmp_path)

    assert {path.name for path in parent.iterdir()} == {folder.name, ".building-now"}
    assert len(builds) == 1


def test_two_processes_may_build_at_once(tmp_path: Path, builds: list[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        folders = set(pool.map(ensure_default_model, [tmp_path] * 2))

    assert folders == {default_model_folder(tmp_path)}
    assert 1 <= len(builds) <= 2
    verify_default_model(folders.pop())


@pytest.mark.usefixtures("builds")
def test_an_unwritable_cache_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(
        StorageError, match=r"Not a directory.*name another folder with ENMUSUBI_CA"
    ):
        ensure_default_model(tmp_path / "file")


@pytest.mark.usefixtures("builds")
@pytest.mark.parametrize("after_bytes", [200, 20_000])
def test_a_full_disk_is_a_storage_error_and_leaves_nothing(
    tmp_path: Path, full_disk: Any, after_bytes: int
) -> None:
    with (
        full_disk(after_bytes=after_bytes),
        pytest.raises(StorageError, match=r"could not be written.*it needs 500 MB"),
    ):
        ensure_default_model(tmp_path)

    assert list(default_model_folder(tmp_path).parent.iterdir()) == []
    verify_default_model(ensure_default_model(tmp_path))


@pytest.fixture
def encoder(tmp_path: Path, builds: list[Path]) -> Encoder:
    assert builds == []
    return load_encoder("default", tmp_path, precision="fp32", adapter="none")


def test_the_built_model_encodes_with_its_prompts(encoder: Encoder) -> None:
    passages = [encoder.split("", text)[0] for text in ("Films keep air out.", "膜。", "x y z")]

    query, passage = (
        np.stack([e.vector for e in encoder.encode(passages, role=role)])
        for role in (QUERY, PASSAGE)
    )

    assert query.shape == (3, HIDDEN)
    assert np.linalg.norm(query, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert not np.allclose(query, passage)


def test_a_passages_vectors_do_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    texts = ["Films keep air out. They last.", "膜。", "word " * 60, "One. Two. Three."]
    passages = [passage for text in texts for passage in encoder.split("", text)]

    together = encoder.encode(passages, role=PASSAGE)
    for passage, encoded in zip(passages, together, strict=True):
        (alone,) = encoder.encode([passage], role=PASSAGE)
        assert alone.vector == pytest.approx(encoded.vector, abs=2e-3)
        assert alone.sentence_vectors == pytest.approx(encoded.sentence_vectors, abs=2e-3)
        assert encoded.sentence_vectors.shape == (len(passage.sentences), HIDDEN)


def test_a_folder_can_be_named_and_its_content_is_its_checksum(
    encoder: Encoder, tmp_path: Path
) -> None:
    named = tmp_path / "named"
    shutil.copytree(default_model_folder(tmp_path), named)
    (named / MANIFEST_NAME).unlink()

    first = load_encoder(str(named), tmp_path, precision="fp32")
    (named / "modules.json").write_text((named / "modules.json").read_text() + " ")
    second = load_encoder(str(named), tmp_path, precision="fp32")

    assert (first.name, first.dimension) == (str(named), HIDDEN)
    assert len({encoder.checksum, first.checksum, second.checksum}) == 3


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(
        ModelUnavailableError, match=r"could not be loaded.*Name a folder that holds"
    ):
        load_encoder(str(tmp_path / "empty"), tmp_path)
