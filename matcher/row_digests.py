"""Digests of rows: where they are the same, so is what a catalogue knows of a seed or a person."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def row_digests(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a digest of each row, of its values alone: whatever else a frame holds changes none."""
    return np.array(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)
