"""Measures an index in shards on this machine: what asking many of them costs, and two workers against one.

    measure_shards.py FOLDER [--passages 600] [--texts 400 --cache CACHE]

Asked is a Ray cluster of this machine. Encoded are works of the made-up university, in turns, within one run.
Needs Ray, and the default encoder for `--texts`.
"""

import argparse
import os
import statistics
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from catalogue.demonstration.loading import import_demonstration
from catalogue.records.catalogue import open_catalogue
from cli.measuring.made_up_catalogue import DIMENSION, MadeUp
from enmusubi.cluster_settings import ClusterSettings
from matcher.corpus_stream import in_memory
from matcher.earlier_version import text_digests
from matcher.encoder.encoder import EncodedPassage, Encoder
from matcher.sharding.building import build_shards
from matcher.sharding.jobs import LocalEngine, Tools
from matcher.sharding.opening import open_whole
from matcher.sharding.slice_job import SliceJob
from office.cluster.actors import RayFan
from office.cluster.connection import connect
from office.cluster.tasks import ConfiguredTools, RayEngine

SHARDS = (1, 2, 4, 8, 16)
TIMES = 40


class MadeUpEncoder(Encoder):
    """Gives a text a vector by its letters; as fast as it is meaningless."""

    def __init__(self) -> None:
        self.name, self.checksum, self.precision = "made-up", "made-up", "fp32"
        self.dimension, self.max_tokens = DIMENSION, 400
        self._prompts = {"query": "", "passage": ""}

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Return words."""
        words = text.split(" ")
        ends = np.cumsum([len(word) + 1 for word in words]).tolist()
        return [(end - len(word) - 1, end - 1) for word, end in zip(words, ends, strict=True)]

    def _encode_missing(self, passages: Any, rows: Any, role: str) -> Iterator[Any]:
        for row in rows:
            rng = np.random.default_rng(zlib.crc32(passages[row].text.encode()))
            made = rng.standard_normal(
                (1 + len(passages[row].sentences), DIMENSION), dtype=np.float32
            )
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            yield [row], [EncodedPassage(made[0], made[1:])]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=600)
    parser.add_argument("--texts", type=int, default=0, help="Works to encode; 0: leave it out.")
    parser.add_argument("--cache", type=Path, help="Folder of the built default encoder.")
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    if given.texts:
        measure_encoding(given.folder, given.texts, given.cache)
    if given.passages:
        measure_asking(given.folder, given.passages)


def measure_asking(folder: Path, n_passages: int) -> None:
    """Print how long a question takes that no shard has to think about, for each number of shards."""
    encoder, most = MadeUpEncoder(), SHARDS[-1]
    corpus = MadeUp(n_passages).corpus
    corpus.seeds["text"] = corpus.seeds["title"]
    engine = LocalEngine(Tools(encoder, None))
    build_shards(
        in_memory(corpus), [], encoder, None, folder / "i", n_shards=most, engine=engine, keep=1
    )
    _, folders = open_whole(folder / "i")
    fan = RayFan(folders, ClusterSettings(engine="ray", start_within_s=600))
    print("| shards | least | median |")
    print("|---|---|---|")
    for n_shards in SHARDS:
        times = _asking(fan, n_shards)
        print(
            f"| {n_shards} | {min(times):.1f} ms | {statistics.median(times):.1f} ms |", flush=True
        )


def _asking(fan: RayFan, n_shards: int) -> list[float]:
    """Return the milliseconds of some questions to so many shards."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        fan.some("row_of", dict.fromkeys(range(n_shards), ("nobody",)))
        times.append(1000 * (time.perf_counter() - began))
    return times[TIMES // 10 :]  # the first ones find their way


def measure_encoding(folder: Path, n_texts: int, cache: Path) -> None:
    """Print the texts a second of one and of two workers, in turns."""
    with open_catalogue(f"sqlite:///{folder}/catalogue.sqlite") as catalogue:
        import_demonstration(catalogue)
        seeds = catalogue.read_corpus(("public",)).seeds
    seeds = seeds.head(n_texts)
    seeds = seeds.assign(text_digest=text_digests(seeds))
    settings = ClusterSettings(engine="ray")
    tools = ConfiguredTools("default", "default", "auto", "cpu", cache, None, 1)
    ray = connect(settings)
    size = max(1, len(seeds) // 8)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(4):
        for workers in (1, 2):
            run = RayEngine(settings.model_copy(update={"cores_a_task": 3 - workers}), tools.make)
            jobs = []
            for number, first in enumerate(range(0, len(seeds), size)):
                job = SliceJob(folder / f"turn-{turn}-{workers}-{number}")
                job.prepare(seeds.iloc[first : first + size].reset_index(drop=True))
                jobs.append(job)
            began = time.perf_counter()
            list(run.run(jobs))
            if turn:  # the first loads the encoder
                rates[workers].append(len(seeds) / (time.perf_counter() - began))
    ray.shutdown()
    one, two = (statistics.median(rates[workers]) for workers in (1, 2))
    print(f"one worker {one:.2f} works a second, two {two:.2f}: {two / one:.2f} times", flush=True)


if __name__ == "__main__":
    main()
