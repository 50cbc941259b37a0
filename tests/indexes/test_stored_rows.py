"""Arrays in new files: they have their room on disk before anything is written into them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes.stored_rows import new_array, new_npy

MIB = 1 << 20


@pytest.mark.parametrize("make", [new_array, new_npy])
def test_a_new_file_has_its_room_on_disk(make: Callable[..., Any], tmp_path: Path) -> None:
    array = make(tmp_path / "rows", np.int8, (MIB,))

    assert 512 * (tmp_path / "rows").stat().st_blocks >= MIB  # a sparse file has next to none
    assert not array.any()


@pytest.mark.parametrize("make", [new_array, new_npy])
def test_a_file_that_has_no_room_is_an_error(
    make: Callable[..., Any], tmp_path: Path, full_disk: Callable[..., Any]
) -> None:
    with full_disk(after_bytes=MIB // 2), pytest.raises(OSError, match="large"):
        make(tmp_path / "rows", np.int8, (MIB,))


@pytest.mark.parametrize("make", [new_array, new_npy])
def test_an_array_without_rows_is_made(make: Callable[..., Any], tmp_path: Path) -> None:
    assert make(tmp_path / "rows", np.int8, (0, 4)).shape == (0, 4)
