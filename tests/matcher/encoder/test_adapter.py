"""Adapters are read from peft's files and merged into the weights, or refused with the reason."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from enmusubi.errors import ModelUnavailableError
from matcher.encoder.adapter import (
    CONFIG_NAME,
    MANIFEST_NAME,
    SHIPPED,
    WEIGHTS_NAME,
    adapter_folder,
    merge_adapter,
    read_adapter,
)

BASE = "base0123"
ALPHA, RANK, IN, OUT = 8, 2, 3, 4
A = np.arange(RANK * IN, dtype=np.float16).reshape(RANK, IN)
B = np.array([[1, 0], [0, 1], [1, 1], [0.5, -2]], dtype=np.float16)
STEM = "base_model.model.encoder.dense"


def write(folder: Path, **changes: Any) -> Path:
    """Write an adapter of one matrix; `config`, `manifest` and `tensors` change what is in it."""
    folder.mkdir()
    config = {"lora_alpha": ALPHA, "r": RANK} | changes.get("config", {})
    manifest = {
        "format": 1,
        "base_checksum": BASE,
        "language_means": {"query_ja": [0.5, 0.25]},
    } | changes.get("manifest", {})
    tensors = {f"{STEM}.lora_A.weight": A, f"{STEM}.lora_B.weight": B}
    (folder / CONFIG_NAME).write_text(json.dumps(config), "utf-8")
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest), "utf-8")
    save_file(changes.get("tensors", tensors), folder / WEIGHTS_NAME)
    return folder


def tiny_model() -> Any:
    """Return what looks like a sentence-transformers model of two linear layers."""
    import torch

    torch.manual_seed(1)
    inner = torch.nn.Module()
    inner.encoder = torch.nn.ModuleDict(
        {"dense": torch.nn.Linear(IN, OUT), "other": torch.nn.Linear(IN, OUT)}
    )
    return [SimpleNamespace(model=inner)]


def weights_of(model: Any) -> dict[str, np.ndarray]:
    return {n: p.detach().numpy().copy() for n, p in model[0].model.named_parameters()}


def test_what_is_merged_is_alpha_over_rank_times_b_a(tmp_path: Path) -> None:
    model = tiny_model()
    before = weights_of(model)

    merge_adapter(model, read_adapter(write(tmp_path / "a")), base_checksum=BASE)

    after = weights_of(model)
    correction = ALPHA / RANK * (B.astype(np.float32) @ A.astype(np.float32))
    changed = before.pop("encoder.dense.weight") + correction
    assert after.pop("encoder.dense.weight") == pytest.approx(changed, abs=1e-6)
    assert all((after[name] == before[name]).all() for name in before)
    assert all(p.requires_grad and p.grad is None for p in model[0].model.parameters())


def test_an_adapter_tells_its_base_its_means_and_a_checksum_of_its_files(tmp_path: Path) -> None:
    one = read_adapter(write(tmp_path / "a"))
    same = read_adapter(write(tmp_path / "b"))
    other = read_adapter(write(tmp_path / "c", config={"lora_alpha": 16}))

    assert (one.base_checksum, one.scale) == (BASE, ALPHA / RANK)
    assert one.language_means["query_ja"].tolist() == [0.5, 0.25]
    assert len(one.checksum) == 16
    assert one.checksum == same.checksum != other.checksum


def test_an_adapter_of_another_model_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    model = tiny_model()
    before = weights_of(model)

    with pytest.raises(ModelUnavailableError, match="trained for the model base0123, but feed is"):
        merge_adapter(model, read_adapter(write(tmp_path / "a")), base_checksum="feed")

    assert all((value == before[name]).all() for name, value in weights_of(model).items())


WIDE = {f"{STEM}.lora_A.weight": np.zeros((RANK, 9)), f"{STEM}.lora_B.weight": B}
ELSEWHERE = {f"{STEM}s.lora_A.weight": A, f"{STEM}s.lora_B.weight": B}


@pytest.mark.parametrize("tensors", [WIDE, ELSEWHERE], ids=["shape", "name"])
def test_corrections_that_fit_no_matrix_are_refused_before_any_is_merged(
    tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    model = tiny_model()
    before = weights_of(model)
    right = {
        "base_model.model.encoder.other.lora_A.weight": A,
        "base_model.model.encoder.other.lora_B.weight": B,
    }
    adapter = read_adapter(write(tmp_path / "a", tensors=right | tensors))

    with pytest.raises(ModelUnavailableError, match=r"corrects encoder\.denses? .*no such matrix"):
        merge_adapter(model, adapter, base_checksum=BASE)

    assert all((value == before[name]).all() for name, value in weights_of(model).items())


@pytest.mark.parametrize("name", [CONFIG_NAME, MANIFEST_NAME, WEIGHTS_NAME])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_damaged_files_are_refused_with_what_to_do(name: str, damage: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a") / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else content[: len(content) // 2])

    with pytest.raises(ModelUnavailableError, match=r"The adapter .*a cannot be used") as refusal:
        read_adapter(path.parent)

    assert "set ENMUSUBI_ENCODER__ADAPTER=none" in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"manifest": {"format": 9}}, "its format is 9, this program reads 1"),
        ({"config": {"r": 0}}, "division by zero"),
        ({"tensors": {"x": A}}, "holds no pairs of lora_A and lora_B"),
        ({"tensors": {f"{STEM}.lora_A.weight": A}}, r"dense\.lora_B\.weight"),
    ],
)
def test_files_that_hold_no_adapter_are_refused_with_the_reason(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnavailableError, match=reason):
        read_adapter(write(tmp_path / "a", **changes))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="No such file or directory"):
        read_adapter(tmp_path / "nowhere")


def test_the_setting_names_the_shipped_adapter_none_or_a_folder(tmp_path: Path) -> None:
    shipped = SHIPPED if (SHIPPED / WEIGHTS_NAME).is_file() else None

    assert adapter_folder("none", default_model=True) is None
    assert adapter_folder("default", default_model=False) is None
    assert adapter_folder("default", default_model=True) == shipped
    assert adapter_folder(str(tmp_path), default_model=False) == tmp_path
    assert adapter_folder("~/mine", default_model=True) == Path.home() / "mine"
