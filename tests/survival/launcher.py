"""Starts commands of the real command line, each in a process group of its own, from one warm process.

Run as a program it loads the service once and forks for every command: so a kill at a random moment
hits the command's work and not the start of Python. Only the encoder is made up, and batches are a
quarter of the usual, so that small files have several.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from typing import Any

from tests.survival.events import At, Extent, set_up

ROOT = Path(__file__).parents[2]
_PRELOADED = (
    "cli.commands.import_",
    "office.backup.writing",
    "catalogue.importers.registry",
    "office.nightly.parts",
    "office.nightly.run",
    "matcher.recommender",
    "office.index_versions",
    "office.backup.restoring",
    "cli.commands.backup",
    "cli.commands.index",
    "cli.commands.nightly",
    "cli.commands.serve",
    "cli.commands.user",
    "cli.tables",
    "api.app",
    "api.middleware.connections",
    "holidays.countries",
    "office.inquiries.reminding",
    "office.nightly.findings",
    "office.privacy.retention",
    "office.projects.telling",
    "uvicorn",
    "psycopg",
    "rich.progress",
)
PATIENCE_S = 60.0


class Launcher:
    """The warm process, as the tests use it; a command that does not end within its patience is a fault."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        command = [sys.executable, "-m", "tests.survival.launcher"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        at: At | None = None,
        extent: Path | None = None,
        max_file_bytes: int = 0,
    ) -> int:
        """Start a command; return its process id. What it prints goes to `log`.

        It is killed, or finds its disk full, `at` an event; its `extent` is how many events it has.
        """
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "log": str(log),
            "at": at.record() if at else None,
            "extent": str(extent) if extent else "",
            "max_file_bytes": max_file_bytes,
        }
        return int(self._ask(request)["pid"])

    def exit_code(self, pid: int) -> int | None:
        """Return the exit code of a command, negative after a kill; None while it runs."""
        code = self._ask({"wait": pid})["code"]
        return None if code is None else int(code)

    def wait(self, pid: int, *, timeout_s: float = 0.0) -> int:
        """Return the exit code once the command ended; one that does not end fails the test."""
        pause_s, timeout_s = 0.002, timeout_s or self.patience_s
        deadline = time.monotonic() + timeout_s
        while (code := self.exit_code(pid)) is None:
            if time.monotonic() > deadline:
                os.killpg(pid, SIGKILL)
                raise AssertionError(f"the command still ran after {timeout_s} s")
            time.sleep(pause_s)
            pause_s = min(1.2 * pause_s, 0.05)
        return code

    def close(self) -> None:
        """End the warm process."""
        self._process.communicate(timeout=60)

    def _ask(self, request: Mapping[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def serve() -> None:
    """Answer the requests on standard input until it ends."""
    import importlib

    from catalogue.importers import batching
    from cli import wiring
    from office import configured
    from office.jobs.runner import JobRunner
    from tests.conftest import WordEncoder

    for name in _PRELOADED:
        importlib.import_module(name)
    wiring.encoder_of = lambda settings: WordEncoder()
    configured.configured_encoder = lambda settings, **_: WordEncoder()
    batching.BATCH_ROWS //= 4
    JobRunner.__init__.__kwdefaults__["save_every_s"] = 0.0  # each need of a job is kept at once
    for line in sys.stdin:
        request = json.loads(line)
        answer = _waited(request["wait"]) if "wait" in request else {"pid": _fork(request)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _waited(pid: int) -> dict[str, int | None]:
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return {"code": None}
    with suppress(OSError):  # what it started goes with it, as when the machine does
        os.killpg(pid, SIGKILL)
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status)}


def _fork(request: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        with suppress(
            OSError
        ):  # the child does so, too; whoever is first, its group is there to be killed
            os.setpgid(pid, pid)
        return pid
    code = 70
    try:
        code = _run(request)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(request: Mapping[str, Any]) -> int:
    from cli.main import run

    os.setpgid(0, 0)
    os.environ.update(request["environment"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    quiet = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((quiet, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)
    if request["max_file_bytes"]:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["max_file_bytes"], hard))
    if request["at"]:
        set_up(At(**request["at"]))
    if not request["extent"]:
        return run(request["arguments"])
    extent = Extent()
    code = run(request["arguments"])
    Path(request["extent"]).write_text(json.dumps(extent.counts()), "ascii")
    return code


if __name__ == "__main__":
    serve()
    os._exit(0)  # nothing of it is to be saved, and ending Python in order takes seconds
