"""Measures builds of a made-up catalogue, of shards or of one index: memory, and what small changes cost.

    measure_shard_builds.py FOLDER [--passages 50000 200000] [--shards 4]
    measure_shard_builds.py FOLDER --passages 50000 --shards 0 --exact-below 20000

For each size a catalogue is written in SQLite, built into shards from nothing, built again with one per cent
of the works changed and one per mille gone, and once more with one person's department changed. The building
process only spools, learns and joins: slices and shards are made in a process of its own, as on a cluster.
One index (no shards) is built in the building process alone.
Vectors are made up; what encoding would take is added by --encode-ms a passage.
"""

import argparse
import datetime
import multiprocessing
import os
import resource
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from measure_shards import MadeUpEncoder
from sqlalchemy import create_engine, insert, text

from catalogue.database.models import Authorship, Researcher, Seed
from catalogue.records.catalogue import open_catalogue
from cli.measuring.made_up_catalogue import PER_PERSON, PER_SEED
from indexes.dense import EXACT_BELOW
from matcher.indexing import build_index
from matcher.sharding.building import build_shards
from matcher.sharding.jobs import BuildJob, Tools

SENTENCE = 14  # words
EVERY_S = 0.2


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--shards", type=int, default=4, help="0: one index")
    parser.add_argument(
        "--exact-below",
        type=int,
        default=EXACT_BELOW,
        help="Passages of one that is searched exactly.",
    )
    parser.add_argument("--once", action="store_true", help="From nothing alone.")
    parser.add_argument(
        "--encode-ms",
        type=float,
        default=18.6,
        help="A passage's encoding in milliseconds of one thread (docs/performance.md).",
    )
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores", flush=True)
    print(
        "| passages | build | peak MB of the building process, its own / with mapped files |",
        end="",
    )
    print(" processor s, building + jobs | encoded | disk MB, version / slices |")
    print("|---|---|---|---|---|---|", flush=True)
    for n_passages in given.passages:
        measure(given.folder / str(n_passages), n_passages, given)


def measure(folder: Path, n_passages: int, given: argparse.Namespace) -> None:
    """Print up to three rows of the table for one size."""
    url = f"sqlite:///{folder}/catalogue.sqlite"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_catalogue(url, n_passages)
    whole = 0.0
    changes = ("from nothing", None), ("1 % changed", change_some), ("a person", move)
    for name, change in changes[: 1 if given.once else None]:
        if change:
            change(url)
        # in a process of its own, so that its peak is this build's
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            sizes = given.shards, given.exact_below
            told = pool.submit(build, url, folder / "indexes", *sizes).result()
        cost = told["own_s"] + told["jobs_s"] + told["encoded"] * given.encode_ms / 1000
        whole = whole or cost
        print(
            f"| {told['passages']:,} | {name}, {100 * cost / whole:.1f} % of the first with encoding | "
            f"{told['private_mb']:.0f} / {told['rss_mb']:.0f} | "
            f"{told['own_s']:.0f} + {told['jobs_s']:.0f} | {told['encoded']:,} | "
            f"{told['version_mb']:.0f} / {told['slices_mb']:.0f} |",
            flush=True,
        )


def build(url: str, root: Path, n_shards: int, exact_below: int) -> dict[str, Any]:
    """Build in this process, jobs in another, and return what it took."""
    engine, peak = OtherProcess(), Peak()
    with open_catalogue(url) as catalogue, engine, peak:
        began = time.process_time()
        of: Any = catalogue.stream_corpus, [], MadeUpEncoder(), None, root
        sizes: Any = {"exact_below": exact_below, "keep": 1}
        if n_shards:
            version = build_shards(*of, n_shards=n_shards, engine=engine, **sizes)
        else:
            version = build_index(*of, **sizes)
        own_s = time.process_time() - began
    return {
        "passages": version.manifest["counts"]["passages"],
        "encoded": version.manifest["encodings"]["encoded"],
        "private_mb": peak.private_kb / 1024,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "own_s": own_s,
        "jobs_s": engine.processor_s,
        "version_mb": size_of(version.folder) / 2**20,
        "slices_mb": size_of(root / ".slices") / 2**20,
    }


class OtherProcess:
    """Runs jobs in another process, one after the other, and adds up its processor time."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        self.processor_s = 0.0

    def __enter__(self) -> "OtherProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def run(self, jobs: Sequence[BuildJob]) -> Iterator[str]:
        """Run them all, and yield the name of each one's folder when it is done."""
        for job in jobs:
            self.processor_s += self._pool.submit(_run, job).result()
            yield job.folder.name


def _run(job: BuildJob) -> float:
    began = time.process_time()
    job.run(Tools(MadeUpEncoder(), None))
    return time.process_time() - began


class Peak:
    """Looks at the memory that is this process's own, again and again."""

    def __init__(self) -> None:
        self.private_kb = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(EVERY_S):
            status = Path("/proc/self/status").read_text("ascii")
            line = next(one for one in status.splitlines() if one.startswith("RssAnon"))
            self.private_kb = max(self.private_kb, int(line.split()[1]))


def size_of(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write_catalogue(url: str, n_passages: int) -> None:
    """Write so many made-up works of about a passage each, with their people."""
    with open_catalogue(url):
        pass
    n_seeds = int(n_passages / PER_SEED)
    n_people = max(1, int(n_seeds / PER_PERSON))
    now = datetime.datetime.now(datetime.UTC)
    common = {"source": "made-up", "updated_at": now}
    rng = np.random.default_rng(0)
    _insert(url, Researcher, n_people, lambda n: {**common, **_person(n)})
    _insert(url, Seed, n_seeds, lambda n: {**common, **_work(n, 0, rng)})
    pairs = np.sort(rng.zipf(1.3, (n_seeds, 2)) % n_people, axis=1)
    _insert(
        url,
        Authorship,
        2 * n_seeds,
        lambda n: common | _link(n // 2, int((pairs[n // 2, n % 2] + n % 2 * (n // 2)) % n_people)),
    )


def _insert(url: str, model: Any, count: int, row_of: Callable[[int], dict[str, Any]]) -> None:
    table = model.__table__
    empty = {column.name: "" for column in table.c if not column.nullable}
    engine = create_engine(url)
    with engine.begin() as connection:
        for first in range(0, count, 5_000):
            rows = [empty | row_of(n) for n in range(first, min(first + 5_000, count))]
            connection.execute(insert(table).prefix_with("OR IGNORE"), rows)
    engine.dispose()


def _person(number: int) -> dict[str, Any]:
    return {"researcher_id": f"r-{number:07}", "name_en": f"Person {number}"}


def _work(number: int, revision: int, rng: np.random.Generator) -> dict[str, Any]:
    n_words = int(rng.lognormal(4.6, 0.5))
    numbers = ((rng.zipf(1.2, n_words) - 1) % 60_000).tolist()
    words = [f"w{one}" for one in numbers]
    sentences = [" ".join(words[n : n + SENTENCE]) for n in range(0, len(words), SENTENCE)]
    identifier = f"s-{zlib.crc32(str(number).encode()):010}-{number}"
    return {
        "seed_id": identifier,
        "kind": "paper",
        "title": f"Study {number} of {words[0]}, revision {revision}",
        "text": ". ".join(one.capitalize() for one in sentences) + ".",
        "lang": "en",
        "year": 2000 + number % 25,
        "visibility": "public",
    }


def _link(work: int, person: int) -> dict[str, Any]:
    identifier = f"s-{zlib.crc32(str(work).encode()):010}-{work}"
    return {"seed_id": identifier, "researcher_id": f"r-{person:07}", "position": 1}


def change_some(url: str) -> None:
    """Change every hundredth work's text and another title in a thousand, and let one in a thousand go."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "UPDATE seed SET text = text || ' Another sentence w1 w2.' WHERE rowid % 100 = 7",
            "DELETE FROM authorship WHERE seed_id IN (SELECT seed_id FROM seed WHERE rowid % 1000 = 11)",
            "UPDATE seed SET title = title || ' again' WHERE rowid % 1000 = 13",
        ):
            connection.execute(text(statement))
    engine.dispose()


def move(url: str) -> None:
    """Let one person belong to another department."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE researcher SET department_en = 'Another' WHERE researcher_id = 'r-0000011'"
            )
        )
    engine.dispose()


if __name__ == "__main__":
    main()
