"""The job that makes a slice: cuts, encodes and tokenises seeds, as far as no earlier slice has them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from matcher.corpus_source import CorpusSource
from matcher.sharding.jobs import Tools, begin, checked, new_input, seal
from matcher.sharding.slice_writing import EarlierSlices, write_slice
from matcher.sharding.slices import SEEDS_NAME

_EARLIER_NAME = "earlier.json"


@dataclass(frozen=True)
class SliceJob:
    """Cuts, encodes and tokenises consecutive seeds."""

    folder: Path
    encodes: bool = True

    def prepare(self, seeds: pd.DataFrame, earlier: Sequence[Path] = ()) -> None:
        """Write down which seeds, each with a `text_digest`, and which earlier slices may have them."""
        folder = new_input(self.folder)
        seeds.to_parquet(folder / SEEDS_NAME)
        (folder / _EARLIER_NAME).write_text(json.dumps([str(one) for one in earlier]), "utf-8")

    def run(self, tools: Tools | None) -> None:
        """Do it, from the beginning, unless it is done; raises ValueError without an encoder."""
        if tools is None:
            raise ValueError("a slice needs an encoder")
        if checked(self.folder):
            return
        folder = begin(self.folder)
        seeds = pd.read_parquet(folder / SEEDS_NAME)
        folders = [Path(one) for one in json.loads((folder / _EARLIER_NAME).read_text("utf-8"))]
        source = CorpusSource(tools.encoder, tools.cache, lambda what, done, total: None)
        earlier = EarlierSlices([one for one in folders if checked(one)], seeds)
        count, taken_over = write_slice(self.folder, seeds, source, earlier)
        told = {
            "first": str(seeds["seed_id"].iloc[0]),
            "last": str(seeds["seed_id"].iloc[-1]),
            "seeds": len(seeds),
            "passages": count,
            "taken_over": taken_over,
        }
        seal(self.folder, {**told, **source.encodings})
