"""Loads an encoder: the model that a setting names, its adapter, and the arithmetic for this processor."""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from enmusubi.errors import ModelUnavailableError, SettingsError
from enmusubi.messages import listed
from matcher.encoder.adapter import DEFAULT_ADAPTER, adapter_folder, merge_adapter, read_adapter
from matcher.encoder.default_model import MANIFEST_NAME, ensure_default_model
from matcher.encoder.encoder import PRECISIONS, Encoder, FloatArray
from matcher.encoder.forward import CPU
from matcher.encoder.pinned_weights import check_weights

AUTO = "auto"
BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
DEFAULT_MODEL = "default"


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Return the processor's feature flags; none where the system does not say."""
    try:
        text = cpuinfo.read_text("ascii", errors="replace")
    except OSError:
        return frozenset()
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    return frozenset(next(lines, "").partition(":")[2].split())


def choose_precision(setting: str, flags: frozenset[str] | None = None) -> str:
    """Return `bf16` or `fp32`; `auto` takes bf16 where AMX or AVX512-BF16 computes it natively."""
    if setting == AUTO:
        return "bf16" if BF16_FLAGS & (processor_flags() if flags is None else flags) else "fp32"
    if setting not in PRECISIONS:
        raise SettingsError(
            "encoder.precision is %(setting)r, expected one of auto, %(known)s.",
            setting=setting,
            known=listed(sorted(PRECISIONS)),
        )
    return setting


def check_device(device: str) -> None:
    """Raise ModelUnavailableError where PyTorch cannot compute on the device."""
    import torch

    backends = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if device != CPU and not backends[device]():
        raise ModelUnavailableError(
            "encoder.device is %(device)s, but this PyTorch (%(version)s) finds none. Install a PyTorch "
            "for it, or set encoder.device to cpu.",
            device=device,
            version=torch.__version__,
        )


def _precision(setting: str, device: str) -> str:
    """Return the arithmetic of a processor (see `choose_precision`) or of another device."""
    if device == CPU or setting != AUTO:
        return choose_precision(setting)
    import torch

    return "bf16" if device == "cuda" and torch.cuda.is_bf16_supported() else "fp32"


def load_encoder(
    model: str,
    cache_dir: Path,
    *,
    precision: str = "auto",
    adapter: str = DEFAULT_ADAPTER,
    device: str = CPU,
    threads: int | None = None,
) -> Encoder:
    """Load the default model, a local folder or a hub name, and merge an adapter into it.

    `adapter` is `default` (the shipped one, for the default model only), `none` or a folder. `threads`
    is how many encode, None as many as the libraries take.
    Raises ModelUnavailableError when model, adapter or device cannot be had.
    """
    check_device(device)
    is_default = model == DEFAULT_MODEL
    location = str(ensure_default_model(cache_dir)) if is_default else model
    with ThreadPoolExecutor(1) as beside:  # half a second, of which importing takes the most
        checking = beside.submit(check_weights, Path(location)) if is_default else None
        _import_quietly()
    if checking:
        checking.result()
    from sentence_transformers import SentenceTransformer

    try:
        loaded = SentenceTransformer(location, device="cpu")
    except Exception as error:  # the libraries raise a dozen kinds for one fact
        raise ModelUnavailableError(
            "The model %(model)r could not be loaded (%(kind)s). Name a folder that "
            "holds a sentence-transformers model, or remove ENMUSUBI_ENCODER__MODEL for "
            "the default.",
            model=model,
            kind=type(error).__name__,
        ) from error
    checksum = _checksum(Path(location), model)
    means: Mapping[str, FloatArray] = {}
    folder = adapter_folder(adapter, default_model=is_default)
    if folder is not None:
        correction = read_adapter(folder)
        merge_adapter(loaded, correction, base_checksum=checksum)
        checksum = hashlib.sha256(f"{checksum}+{correction.checksum}".encode()).hexdigest()[:16]
        means = correction.language_means
    return Encoder(
        loaded,
        name=model,
        checksum=checksum,
        precision=_precision(precision, device),
        language_means=means,
        device=device,
        threads=threads,
    )


def _import_quietly() -> None:
    import logging

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    import sentence_transformers  # noqa: F401
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()


def _checksum(folder: Path, name: str) -> str:
    """Return the built model's checksum, or one of the folder's files, or of a hub model's name."""
    manifest = folder / MANIFEST_NAME
    if manifest.is_file():
        return str(json.loads(manifest.read_text("utf-8"))["checksum"])[:16]
    digest = hashlib.sha256(name.encode())
    if folder.is_dir():
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{path.relative_to(folder)}:{path.stat().st_size}".encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
