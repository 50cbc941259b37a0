"""Installs packages with pip and says how far it is: what is fetched, how many packages are in place.

    .venv/bin/python tools/install.py "Step 2 of 3: PyTorch" -c constraints.txt torch

What follows the step's name goes to `pip install`. On a terminal one line changes; elsewhere a line is
printed every few seconds. Where pip fails, its last lines are shown and what to do about them.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

NEEDED_GB = 4  # of the disk for the service's packages and the encoder built from them
FRESH = 10  # packages: with fewer, the environment was made just now
EVERY_S = {True: 0.5, False: 10.0}  # a new line of progress, on a terminal and elsewhere
LAST_LINES = 15
# what nobody imports, or little of it, is compiled when it is imported: a third of everything
SELDOM = r"/(tests?|_tests|testing)/|/transformers/models/|/ray/(rllib|serve|tune|train|data|llm|dashboard)/"
PROXY = """The package index could not be reached. Behind a proxy, name it and run the command again:
  export HTTPS_PROXY=http://proxy.example:3128
With a certificate of your organisation: export PIP_CERT=/path/to/ca.pem
With an index of your organisation: export PIP_INDEX_URL=https://…"""
HINTS = {
    r"No space left": f"The disk is full: about {NEEDED_GB} GB are needed.",
    r"Proxy|NewConnection|ConnectTimeout|ReadTimeout|name resolution|CERTIFICATE|Retrying": PROXY,
    r"No module named pip": "The environment is incomplete: `make clean`, then the command again.",
    r"No matching distribution|requires a different Python": "Some package has no build for this "
    "Python and machine. Python 3.11 on Linux is what is tested; README.md says which others work.",
}


class Progress:
    """How far pip is, told from the lines that it prints."""

    def __init__(self, packages: Path) -> None:
        self._packages = packages
        self._before = self._installed()
        self._collected: set[str] = set()
        self._total = 0
        self._doing = ""

    def take(self, line: str) -> None:
        """Take a line of pip's."""
        if found := re.match(r"Collecting (\S+)", line):
            self._collected.add(found.group(1))
            self._doing = ""
        elif found := re.match(r"\s*Downloading (.+?)(?:#\S*)? (\([\d.]+ [kMG]?B\))", line):
            self._doing = f"fetching {Path(found.group(1)).name.split('-')[0]} {found.group(2)}"
        elif line.startswith("Installing collected packages:"):
            self._total = line.count(",") + 1
        elif "Retrying" in line:
            self._doing = "the package index does not answer, trying again"

    def said(self) -> str:
        """Return how far it is, in a few words."""
        if self._total:
            done = min(self._installed() - self._before, self._total)
            return f"{done} of {self._total} packages are in place"
        looked = f"{len(self._collected)} packages found"
        return f"{looked}, {self._doing}" if self._doing else looked

    def _installed(self) -> int:
        return sum(1 for _ in self._packages.glob("*.dist-info"))


def install(step: str, arguments: Sequence[str], packages: Path) -> int:
    """Run pip and show the progress; returns its exit status."""
    if _is_without_room(packages):
        free = shutil.disk_usage(packages).free / 1e9
        print(f"{step}: {free:.1f} GB are free, about {NEEDED_GB} GB are needed.", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--no-compile", "--disable-pip-version-check", *arguments]
    started, progress = time.monotonic(), Progress(packages)
    lines: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as pip:

        def read() -> None:
            for line in pip.stdout or ():
                lines.append(line.rstrip())
                progress.take(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        _show_until_done(step, pip, progress, started)
        reader.join()
    if pip.returncode:
        print("\n".join([f"{step}: pip failed.", *lines, *_hints(lines)]), file=sys.stderr)
    else:
        compile_modules(packages)
        print(f"{step}: done in {time.monotonic() - started:.0f} s", flush=True)
    return pip.returncode


def compile_modules(packages: Path) -> None:
    """Compile what is not compiled yet on all cores; pip does it on one, which is half of its time."""
    command = [sys.executable, "-m", "compileall", "-qq", "-j", "0", "-x", SELDOM, str(packages)]
    subprocess.run(command, check=False)  # packages carry templates that are no Python, too


def _show_until_done(
    step: str, pip: "subprocess.Popen[str]", progress: Progress, started: float
) -> None:
    is_terminal = sys.stdout.isatty()
    line = f"{step} …"
    print(line, end="" if is_terminal else "\n", flush=True)
    while True:
        try:
            pip.wait(EVERY_S[is_terminal])
            break
        except subprocess.TimeoutExpired:
            line = f"{step}: {progress.said()} ({time.monotonic() - started:.0f} s)"
            width = shutil.get_terminal_size().columns - 1
            shown = f"\r\033[K{line[:width]}" if is_terminal else f"{line}\n"
            print(shown, end="", flush=True)
    if is_terminal:
        print("\r\033[K", end="", flush=True)


def _is_without_room(packages: Path) -> bool:
    is_fresh = sum(1 for _ in packages.glob("*.dist-info")) < FRESH
    return is_fresh and shutil.disk_usage(packages).free < NEEDED_GB * 1e9


def _hints(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    return ["", *(hint for pattern, hint in HINTS.items() if re.search(pattern, text))]


if __name__ == "__main__":
    sys.exit(install(sys.argv[1], sys.argv[2:], Path(sysconfig.get_paths()["purelib"])))
