"""Runs a night of many needs over a made-up version, and says what it takes beyond encoding.

    measure_night.py FOLDER [--needs 1000]

FOLDER is what `generate_version.py` wrote. Needs have the words of a passage and a vector near to it, so that
nothing is encoded; they lie in a new SQLite catalogue, and their lists are made, kept, recorded and
published as every night, all in one process. Times are of the processor, with the clock's beside them.
"""

import argparse
import datetime
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from measure_version import NeedVectors, made_needs

from catalogue.importers.importing import ImportChoices
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from cli.measuring.service import settings_in
from enmusubi.settings import Settings
from indexes.versions import open_current
from matcher.recommender import Recommender
from matcher.version_files import read_snapshot
from office.nightly.parts import Parts, open_nightly_parts
from office.nightly.run import run_nightly


def main() -> None:
    """Print what the night took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--needs", type=int, default=1000)
    given = parser.parse_args()
    measure_night(given.folder, given.needs)


def measure_night(folder: Path, n_needs: int) -> None:
    """Run the night and print what it took."""
    snapshot = read_snapshot(open_current(folder))
    encoder = NeedVectors(snapshot.dense.dimension)
    needs = made_needs(snapshot, encoder, n_needs)
    recommender = Recommender(snapshot, encoder)  # type: ignore[arg-type]
    with TemporaryDirectory(prefix="enmusubi-night-") as data:
        settings = settings_in(Path(data))
        _import_needs(settings, [need.text for need in needs])

        @contextmanager
        def open_parts(settings: Settings) -> Iterator[Parts]:
            with open_nightly_parts(settings) as parts:
                yield replace(parts, open_matcher=lambda _: (recommender, "made-up"))

        processor, clock = time.process_time(), time.monotonic()
        done = run_nightly(settings, open_parts=open_parts, today=datetime.date(2026, 1, 1))
        taken = time.process_time() - processor, time.monotonic() - clock
    if done.failed:
        raise SystemExit(f"{len(done.failed)} needs failed: {next(iter(done.failed.values()))}")
    print(
        f"a night of {done.matched} needs over {len(snapshot.seeds)} seeds: {taken[0]:.1f} s of processor "
        f"time, {taken[1]:.1f} by the clock; load {os.getloadavg()[0]:.1f}"
    )


def _import_needs(settings: Settings, texts: list[str]) -> None:
    path = settings.data_dir / "needs.csv"
    rows = [f"need-{number:06},{text}\n" for number, text in enumerate(texts)]
    path.write_text("".join(["need_id,text\n", *rows]), "utf-8")
    with open_catalogue(settings.catalogue_url) as catalogue:
        choices = ImportChoices(rejects=settings.rejects_dir)
        import_files(catalogue, "general", [path], choices=choices)


if __name__ == "__main__":
    main()
