"""Chooses the arithmetic of the encoder from what the processor can do."""

from pathlib import Path
from typing import Any

from enmusubi.errors import SettingsError
from enmusubi.messages import listed

AUTO = "auto"
BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
_DTYPES = {"fp32": "float32", "bf16": "bfloat16"}


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
    if setting not in _DTYPES:
        raise SettingsError(
            "encoder.precision is %(setting)r, expected one of auto, %(known)s.",
            setting=setting,
            known=listed(sorted(_DTYPES)),
        )
    return setting


def torch_dtype(precision: str) -> Any:
    """Return the torch dtype of a precision that `choose_precision` gave."""
    import torch

    return getattr(torch, _DTYPES[precision])
