"""Lists a second of a real server, at 1, 8 and 32 users, and against the same lists made without one.

The server is a process of its own on a free port of this computer, with an empty catalogue and a made-up
version of an index.
"""

import asyncio
import multiprocessing
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx2
import numpy as np

from cli.measuring.made_up_version import generate, made_up_needs
from cli.measuring.results import HIGHER, Findings, Ratio
from enmusubi.errors import InputError
from enmusubi.settings import Settings, load_settings
from office.accounts.local_token import local_token

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from matcher.corpus_source import OnTotal
    from matcher.encoder.encoder import Encoder

USERS = (1, 8, 32)
HOST = "127.0.0.1"
START_TIMEOUT_S = 300
STOP_TIMEOUT_S = 30
REQUEST_TIMEOUT_S = 120
WARM_UP = 8
NO_LIMIT = 1_000_000_000  # requests a minute


@dataclass
class Measured:
    """What came of a number of requests."""

    users: int
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def lists_a_second(self) -> float:
        """Lists that were answered in a second."""
        return self.statuses[200] / self.seconds


async def send_needs(
    client: httpx2.AsyncClient, texts: Sequence[str], *, users: int, requests: int, top: int
) -> Measured:
    """Return what came of so many requests, each user sending the next when one is answered."""
    measured, numbers = Measured(users), iter(range(requests))

    async def user() -> None:
        for number in numbers:
            body = {"need_text": texts[number % len(texts)], "top": top}
            began = time.perf_counter()
            try:
                status = (await client.post("/v1/matches", json=body)).status_code
            except httpx2.HTTPError:
                status = 0
            if status == 200:
                measured.latencies_ms.append((time.perf_counter() - began) * 1000)
            measured.statuses[status] += 1

    began = time.perf_counter()
    await asyncio.gather(*(user() for _ in range(users)))
    measured.seconds = time.perf_counter() - began
    return measured


def measure_service(
    encoder: "Encoder", *, n_passages: int, requests: int, on_progress: "OnTotal"
) -> Findings:
    """Return rates and latencies over HTTP, and how they compare with lists made in this process.

    Raises InputError when the server doesn't start, or answers a need with an error.
    """
    texts = made_up_needs(requests)
    with TemporaryDirectory(prefix="enmusubi-bench-") as folder:
        settings = settings_in(Path(folder))
        generate(settings.index_dir, n_passages, encoder)
        alone_ms = _alone_ms(settings, texts)
        with _server(settings) as url:
            token = local_token(settings.data_dir)
            return asyncio.run(_findings(url, token, texts, alone_ms, on_progress))


def settings_in(folder: Path) -> Settings:
    """Return the settings in force for a catalogue of its own in the folder, that only this computer asks.

    Nothing of the office's goes in or out: no inbox, no mail, no trained re-ranker.
    """
    settings = load_settings(data_dir=folder, database_url="")
    names = ("rate_per_minute", "rate_burst", "address_per_minute", "address_burst")
    given = dict.fromkeys(names, NO_LIMIT)
    server = settings.server.model_copy(update=given)
    sign_in = type(settings.sign_in)()
    mail, reranker = type(settings.mail)(), type(settings.reranker)()
    nightly = settings.nightly.model_copy(update={"inbox": None})
    changed = {"server": server, "sign_in": sign_in, "mail": mail, "reranker": reranker}
    changed |= {"nightly": nightly}
    return settings.model_copy(update=changed)


def _alone_ms(settings: Settings, texts: Sequence[str]) -> float:
    """Return the median time of a list made in this process by what a server has, one after another."""
    from matcher.records import Need
    from office.configured import configured_encoder, open_recommender

    recommender = open_recommender(settings, configured_encoder(settings))
    taken = []
    for text in texts[: max(WARM_UP, len(texts) // 2)]:
        began = time.perf_counter()
        recommender.match(Need(text=text), top=10)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken[len(taken) // 3 :])


async def _findings(
    url: str, token: str, texts: Sequence[str], alone_ms: float, on_progress: "OnTotal"
) -> Findings:
    limits = httpx2.Limits(max_connections=2 * max(USERS))
    found = Findings(figures={"in_process_p50_ms": alone_ms})
    rates = {}
    async with httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        limits=limits,
        timeout=REQUEST_TIMEOUT_S,
        trust_env=False,
    ) as client:
        await send_needs(client, texts, users=2, requests=WARM_UP, top=10)
        for done, users in enumerate(USERS):
            on_progress("measure http", done, len(USERS))
            count = max(len(texts), users)
            measured = await send_needs(client, texts, users=users, requests=count, top=10)
            _refuse_errors(measured)
            p50, p99 = np.percentile(measured.latencies_ms, [50, 99])
            rates[users] = measured.lists_a_second
            found.figures |= {
                f"lists_a_second_{users}_users": rates[users],
                f"p50_ms_{users}_users": float(p50),
                f"p99_ms_{users}_users": float(p99),
            }
            if users == 1:
                found.ratios["one user / in process"] = Ratio(float(p50) / alone_ms)
    for users in USERS[1:]:
        found.ratios[f"rate of {users} users / one user"] = Ratio(rates[users] / rates[1], HIGHER)
    return found


def _refuse_errors(measured: Measured) -> None:
    wrong = {status: n for status, n in measured.statuses.items() if status != 200}
    if wrong:
        raise InputError(
            "The server answered %(count)s of %(total)s needs with errors (status %(statuses)s).",
            count=sum(wrong.values()),
            total=measured.statuses.total(),
            statuses=", ".join(str(status) for status in sorted(wrong)),
        )


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    """Start a server of these settings, wait until it is ready, and stop it at the end."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(settings, port), daemon=True
    )
    process.start()
    url = f"http://{HOST}:{port}"
    try:
        _wait_until_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.join(STOP_TIMEOUT_S)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(settings: Settings, port: int) -> None:
    """Serve, in a process of its own; what it would say goes nowhere."""
    from cli.commands.serve import answer_requests

    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - it has no path on every system
        sys.stdout = sys.stderr = nowhere
        answer_requests(settings, HOST, port)


def _wait_until_ready(process: "BaseProcess", url: str) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            ready = httpx2.get(f"{url}/readyz", timeout=START_TIMEOUT_S, trust_env=False)
            if ready.status_code == 200:
                return
        except httpx2.TransportError:
            pass
        if not process.is_alive() or time.monotonic() > until:
            raise InputError("The server did not become ready. `enmusubi doctor` says why.")
        time.sleep(0.2)
