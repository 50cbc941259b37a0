"""Adapters of the encoder: low-rank corrections of its weights, read and merged when it is loaded.

An adapter is a folder in the file format of the library peft (`adapter_config.json`,
`adapter_model.safetensors`) and a manifest of our own. For every adapted matrix W it holds a pair
A (rank, in) and B (out, rank), and the merged weight is W + (alpha / rank) B A (Hu et al. 2021,
"LoRA: Low-Rank Adaptation of Large Language Models"). Reading one needs neither peft nor a network.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import ModelUnavailableError
from enmusubi.messages import UnfitError

CONFIG_NAME = "adapter_config.json"
WEIGHTS_NAME = "adapter_model.safetensors"
MANIFEST_NAME = "enmusubi-adapter.json"
SHIPPED = Path(__file__).parent / "adapter"
NO_ADAPTER = "none"
DEFAULT_ADAPTER = "default"
FORMAT = 1
_PREFIX = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"


@dataclass(frozen=True)
class Adapter:
    """Corrections by the name of the matrix they belong to, for one base model.

    `pairs` gives A (rank, in) and B (out, rank); `language_means` the means of the tuned encoder's
    vectors, keyed like `query_ja` (see `matcher.centring`).
    """

    base_checksum: str
    scale: float
    pairs: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    language_means: dict[str, NDArray[np.float32]]
    checksum: str


def adapter_folder(setting: str, *, default_model: bool) -> Path | None:
    """Return the folder of the adapter that a setting names, or None for the model as it is.

    `default` is the shipped adapter for the default model, and none for any other model.
    """
    if setting == NO_ADAPTER:
        return None
    if setting == DEFAULT_ADAPTER:
        return SHIPPED if default_model and (SHIPPED / WEIGHTS_NAME).is_file() else None
    return Path(setting).expanduser()


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter's folder; raises ModelUnavailableError that says what is wrong with it."""
    from safetensors.numpy import load_file

    try:
        config = json.loads((folder / CONFIG_NAME).read_text("utf-8"))
        manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
        tensors = load_file(folder / WEIGHTS_NAME)
        if manifest["format"] != FORMAT:
            raise UnfitError(
                "its format is %(found)s, this program reads %(expected)s",
                found=manifest["format"],
                expected=FORMAT,
            )
        return Adapter(
            base_checksum=str(manifest["base_checksum"]),
            scale=float(config["lora_alpha"]) / int(config["r"]),
            pairs=_pairs(tensors),
            language_means={
                name: np.asarray(mean, dtype=np.float32)
                for name, mean in manifest.get("language_means", {}).items()
            },
            checksum=_sha256(folder),
        )
    except Exception as error:  # safetensors, JSON and the file system each have their own kinds
        raise ModelUnavailableError(
            "The adapter %(folder)s cannot be used (%(reason)s). Name a folder that "
            "`enmusubi train encoder` wrote, or set ENMUSUBI_ENCODER__ADAPTER=none.",
            folder=folder,
            reason=error,
        ) from error


def require_base(adapter: Adapter, checksum: str) -> None:
    """Raise ModelUnavailableError when the adapter was made for another model than that of `checksum`."""
    if adapter.base_checksum != checksum:
        raise ModelUnavailableError(
            "The adapter was trained for the model %(trained_for)s, but "
            "%(loaded)s is loaded. Set ENMUSUBI_ENCODER__ADAPTER=none, or train "
            "one for this model.",
            trained_for=adapter.base_checksum,
            loaded=checksum,
        )


def merge_adapter(model: Any, adapter: Adapter, *, base_checksum: str) -> None:
    """Add the adapter to the weights of a sentence-transformers model, in place.

    Raises ModelUnavailableError when it was made for another model; nothing is merged then.
    """
    import torch

    require_base(adapter, base_checksum)
    weights = dict(model[0].model.named_parameters())
    for name, (a, b) in adapter.pairs.items():
        matrix = weights.get(f"{name}.weight")
        if matrix is None or (a.shape[0], matrix.shape) != (b.shape[1], (len(b), a.shape[1])):
            raise ModelUnavailableError(
                "The adapter corrects %(matrix)s by %(rows)s x %(columns)s, but the model has "
                "no such matrix. Set ENMUSUBI_ENCODER__ADAPTER=none, or train one for this "
                "model.",
                matrix=name,
                rows=b.shape,
                columns=a.shape,
            )
    with torch.no_grad():
        for name, (a, b) in adapter.pairs.items():
            weights[f"{name}.weight"] += torch.from_numpy(adapter.scale * (b @ a))


def _pairs(
    tensors: dict[str, Any],
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    pairs = {}
    for key, a in tensors.items():
        if key.endswith(_A):
            stem = key.removesuffix(_A)
            name = stem.removeprefix(_PREFIX)
            pairs[name] = (a.astype(np.float32), tensors[stem + _B].astype(np.float32))
    if not pairs:
        raise UnfitError("%(file)s holds no pairs of lora_A and lora_B", file=WEIGHTS_NAME)
    return pairs


def _sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (CONFIG_NAME, WEIGHTS_NAME):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]
