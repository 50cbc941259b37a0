"""The arithmetic follows the processor's flags."""

from pathlib import Path

import pytest

from enmusubi.errors import SettingsError
from matcher.encoder.encoder import torch_dtype
from matcher.encoder.loading import choose_precision, processor_flags


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"avx2", "amx_bf16", "amx_tile"}, "bf16"),
        ({"avx512f", "avx512_bf16"}, "bf16"),
        ({"avx2", "avx512f", "avx512_vnni"}, "fp32"),
        (set(), "fp32"),
    ],
)
def test_auto_takes_bf16_where_the_processor_computes_it(flags: set[str], expected: str) -> None:
    assert choose_precision("auto", frozenset(flags)) == expected


def test_a_named_precision_is_taken_whatever_the_processor() -> None:
    assert choose_precision("bf16", frozenset()) == "bf16"
    assert choose_precision("fp32", frozenset({"amx_bf16"})) == "fp32"


def test_an_unknown_precision_is_told() -> None:
    with pytest.raises(SettingsError, match="'int4', expected one of auto, bf16, fp32"):
        choose_precision("int4")


def test_flags_are_read_from_the_system(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\nflags\t\t: other\n")

    assert processor_flags(cpuinfo) == {"fpu", "avx2", "amx_bf16"}
    assert processor_flags(tmp_path / "none") == frozenset()


def test_every_precision_has_its_type() -> None:
    import torch

    assert (torch_dtype("fp32"), torch_dtype("bf16")) == (torch.float32, torch.bfloat16)
