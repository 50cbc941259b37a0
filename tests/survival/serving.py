"""A service that works at a job is killed again and again; the job is accepted once and done once."""

import http.client
import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

from sqlalchemy import select

from catalogue.database.service_models import DONE, Job
from tests.survival.events import At
from tests.survival.invariants import assert_whole
from tests.survival.office import Office
from tests.survival.works import Work, assert_equal

JOBS = "/v1/jobs/matches"
PAUSE_S = 0.04
GONE = (OSError, http.client.HTTPException, ValueError)


class Served:
    """The service of an office, from its start to its end."""

    def __init__(self, office: Office, at: At | None, extent: Path | None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._office = office
        self.pid = office.start("serve", "--port", str(self._port), at=at, extent=extent)

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._office.launcher.exit_code(self.pid)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer, None where there is none."""
        with suppress(*GONE):
            token = (self._office.folder / "data" / "local-token").read_text("ascii")
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": "asked-once",
            }
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            try:
                connection.request(method, path, json.dumps(body) if body else None, headers)
                answer = connection.getresponse()
                content = json.loads(answer.read())
            finally:
                connection.close()
            assert answer.status < 500 or answer.status == 503, content
            return content if answer.status < 300 else None
        return None


class ServeWork(Work):
    """A service that takes a job, does it, and is ended as an operator does it."""

    left_over = 0.9

    def __init__(self, start: Office) -> None:
        super().__init__(start, lambda _: ("serve",))

    def begin(self, office: Office) -> None:
        super().begin(office)
        self._accepted, self._done, self._lists = False, 0, None

    def learn(self, office: Office) -> None:
        self.begin(office)
        self._answer = office.answer()
        self._measure(office)
        self._left = (self._lists, office.tables())
        assert self._lists

    def run(self, office: Office, *, at: At | None = None, extent: Path | None = None) -> int:
        served = Served(office, at, extent)
        until = time.monotonic() + office.launcher.patience_s
        while (code := served.code) is None:
            if time.monotonic() > until:
                os.killpg(served.pid, SIGKILL)
                raise AssertionError(f"the job is not done: {office.log.read_text('utf-8')}")
            if job := served.ask("POST", JOBS, {"top": 5}):
                self._accepted = True
                if (lists := _lists_of(served, job["job_id"])) is not None:
                    self._lists = lists
                    with suppress(ProcessLookupError):
                        os.killpg(served.pid, SIGTERM)
                    return office.launcher.wait(served.pid)
            time.sleep(PAUSE_S)
        return code

    def after_a_kill(self, office: Office) -> None:
        assert_whole(office)
        assert office.answer() == self._answer
        with office.catalogue() as catalogue, catalogue.reading() as connection:
            jobs = connection.execute(select(Job.done)).all()
        assert len(jobs) in ((1,) if self._accepted else (0, 1)), jobs
        done = sum(job.done for job in jobs)
        assert done >= self._done
        self._done = done

    def at_the_end(self, office: Office) -> None:
        self.after_a_kill(office)
        lists, tables = self._left
        assert self._lists == lists
        assert_equal(_without_keys(office.tables()), _without_keys(tables))


def _lists_of(served: Served, job_id: str) -> Any:
    """Return need id and researchers of each list of a job, None unless it is done."""
    now = served.ask("GET", f"/v1/jobs/{job_id}")
    if now is None or now["state"] != DONE:
        return None
    if (result := served.ask("GET", f"/v1/jobs/{job_id}/result")) is None:
        return None
    return [
        (item["need_id"], [match["researcher_id"] for match in item["matches"]])
        for item in result["items"]
    ]


def _without_keys(tables: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is of one asking: jobs have ids by chance, and their answers are kept."""
    return {n: rows for n, rows in tables.items() if n not in ("job", "kept_answer")}
