"""A service that works at a job is killed again and again; the job is accepted once and done once."""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from signal import SIGKILL, SIGTERM
from typing import Any

from sqlalchemy import select

from catalogue.database.service_models import DONE, Job
from tests.survival.events import EVENTS, At
from tests.survival.kills import A_ROUND, RANDOM, Tally, assert_equal
from tests.survival.office import Office

REACH = 25  # the starting service and its job have about so many events of a kind
LATEST_S = 3.0
GONE = (OSError, http.client.HTTPException, ValueError)


class Served:
    """The service of an office, from its start to its end."""

    def __init__(self, office: Office, at: At | None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._office = office
        self.pid = office.start("serve", "--port", str(self._port), at=at)

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


def kill_serving(start: Office, office: Office, random: Random, kills: int) -> Tally:
    """Kill the service so often while it takes and does a job; returns where the kills came."""
    tally = Tally()
    start.copy_to(office)
    answer = office.answer()
    result, tables = _done(office), office.tables()
    while tally.kills < kills:
        start.copy_to(office)
        accepted, before = False, 0
        for _ in range(min(A_ROUND, kills - tally.kills)):
            event = random.choice((RANDOM, *EVENTS))
            at = None if event == RANDOM else At(event, random.randint(1, REACH))
            accepted |= _serve_until_killed(office, at, random.uniform(0.2, LATEST_S))
            tally.count(event)
            office.check()
            assert office.answer() == answer
            jobs = _jobs(office)
            assert len(jobs) in ((1,) if accepted else (0, 1)), jobs
            done = sum(job["done"] for job in jobs)
            assert done >= before
            before = done
        assert _done(office) == result
        office.check()
        assert_equal(_without_keys(office.tables()), _without_keys(tables))
    return tally


def _serve_until_killed(office: Office, at: At | None, seconds: float) -> bool:
    """Start the service, ask for the job, kill it in time; returns whether the job was accepted."""
    served, accepted, until = Served(office, at), False, time.monotonic() + seconds
    while served_code(served) is None:
        if not accepted and served.ask("POST", "/v1/jobs/matches", {"top": 5}):
            accepted = True
        if time.monotonic() > until:
            os.killpg(served.pid, SIGKILL)
            assert office.launcher.wait(served.pid) == -SIGKILL, office.log.read_text("utf-8")
            return accepted
        time.sleep(0.02)
    assert served.last == -SIGKILL, office.log.read_text("utf-8")
    return accepted


def served_code(served: Any) -> int | None:
    """Return the exit code, and keep it: it is told once."""
    served.last = served.code
    return served.last  # type: ignore[no-any-return]


def _done(office: Office) -> Any:
    """Let the service do the job to its end; returns the lists, and ends the service as an operator does."""
    with _undisturbed(office) as served:
        until = time.monotonic() + 60
        while not (job := served.ask("POST", "/v1/jobs/matches", {"top": 5})):
            assert time.monotonic() < until, office.log.read_text("utf-8")
            time.sleep(0.05)
        path = f"/v1/jobs/{job['job_id']}"
        while (now := served.ask("GET", path)) is None or now["state"] != DONE:
            assert time.monotonic() < until, now
            time.sleep(0.05)
        items = served.ask("GET", f"{path}/result")["items"]
        return [
            (
                item["need_id"],
                [m["researcher_id"] for m in item["matches"]],
            )
            for item in items
        ]


@contextmanager
def _undisturbed(office: Office) -> Iterator[Served]:
    served = Served(office, None)
    try:
        yield served
    finally:
        os.killpg(served.pid, SIGTERM)
        code = office.launcher.wait(served.pid)
    assert code == 0, office.log.read_text("utf-8")


def _jobs(office: Office) -> list[dict[str, Any]]:
    with office.catalogue() as catalogue, catalogue.reading() as connection:
        return [dict(row) for row in connection.execute(select(Job.__table__)).mappings()]


def _without_keys(tables: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is of one asking: jobs have ids by chance, and their answers are kept."""
    return {n: rows for n, rows in tables.items() if n not in ("job", "kept_answer")}
