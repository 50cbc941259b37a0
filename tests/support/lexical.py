"""A lexical index of given tokens, written and read as a version's is."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from indexes.lexical import LexicalIndex
from indexes.lexical_writer import LexicalWriter


def lexical_index(
    tokens: Sequence[Sequence[str]],
    rows: NDArray[np.int64],
    in_statistics: NDArray[np.bool_] | None = None,
    *,
    folder: Path | None = None,
) -> LexicalIndex:
    """Index the tokens of each row, in a new folder, or in one that goes: what is mapped stays."""
    if folder is None:
        with TemporaryDirectory(
            ignore_cleanup_errors=True
        ) as gone:  # what is mapped may keep files
            return lexical_index(tokens, rows, in_statistics, folder=Path(gone) / "index")
    counted = np.ones(len(tokens), dtype=bool) if in_statistics is None else in_statistics
    writer = LexicalWriter(folder)
    writer.add(tokens, np.asarray(rows, dtype=np.int64), counted)
    writer.close()
    return LexicalIndex.load(folder)
