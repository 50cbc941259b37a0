"""A corpus on disk: what a build reads slowly, so that the catalogue is free again as soon as it was read.

It lies beside the version that is being written, and goes before that is published.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from matcher.corpus_stream import CorpusStream

_SEEDS, _LINKS, _PEOPLE = "seeds", "authorships", "researchers"


def spool(stream: CorpusStream, folder: Path) -> CorpusStream:
    """Write a stream into a new folder, a batch at a time; return what reads it there."""
    folder.mkdir()
    stream.researchers().to_parquet(folder / f"{_PEOPLE}.parquet")
    _write(stream.seeds(), folder / _SEEDS)
    _write(stream.authorships(), folder / _LINKS)
    state = stream.state()
    return CorpusStream(
        seeds=lambda: _read(folder / _SEEDS),
        researchers=lambda: pd.read_parquet(folder / f"{_PEOPLE}.parquet"),
        authorships=lambda: _read(folder / _LINKS),
        state=lambda: state,
    )


def _write(batches: Iterator[pd.DataFrame], folder: Path) -> None:
    folder.mkdir()
    for number, batch in enumerate(batches):
        batch.to_parquet(folder / f"{number:08}.parquet")


def _read(folder: Path) -> Iterator[pd.DataFrame]:
    for path in sorted(folder.iterdir()):
        yield pd.read_parquet(path)
