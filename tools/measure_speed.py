"""Measures the speed of matching on a made-up version: lists, recall, a night, and the next version.

    measure_speed.py [--passages 100000] [--needs 1000]

Takes some minutes; run it while nothing else runs. Nothing is encoded. Times are of the processor.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.measuring.clock import cpu_s
from cli.measuring.made_up_version import generate

TOOLS = Path(__file__).parent


def main() -> None:
    """Print what each part took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--needs", type=int, default=1000)
    given = parser.parse_args()
    began = time.monotonic()
    with TemporaryDirectory(prefix="enmusubi-speed-") as folder:
        exact = Path(folder, "exact")
        written = cpu_s(lambda: generate(exact, given.passages))
        print(f"load {os.getloadavg()[0]:.1f}; written in {written:.1f} s", flush=True)
        _run("measure_version.py", exact, "--needs", "24", "--exact", "0")
        _run("measure_recall.py", exact)
        _run("measure_night.py", exact, "--needs", str(given.needs))
        _measure_builds(Path(folder, "codes"), given.passages)
    print(f"load {os.getloadavg()[0]:.1f}; {time.monotonic() - began:.0f} s in all")


def _run(tool: str, *given: object) -> None:
    """Run a tool in a process of its own, whose memory nothing else has used."""
    subprocess.run([sys.executable, TOOLS / tool, *map(str, given)], check=True)


def _measure_builds(root: Path, n_passages: int) -> None:
    """Print what a version by codes takes, and those after it with one per cent changed, and gone."""
    by_codes = {"exact_below": n_passages // 2}
    full = cpu_s(lambda: generate(root, n_passages, **by_codes))
    changed = cpu_s(lambda: generate(root, n_passages, **by_codes, revision=1))
    gone = cpu_s(lambda: generate(root, n_passages, **by_codes, revision=1, gone=True))
    print(
        f"built by codes in {full:.1f} s; one per cent changed {changed:.1f} s ({changed / full:.1%}), "
        f"one per cent gone {gone:.1f} s ({gone / full:.1%})",
        flush=True,
    )


if __name__ == "__main__":
    main()
