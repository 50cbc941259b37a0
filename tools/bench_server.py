"""Measures POST /v1/matches of a real server: `python tools/bench_server.py --requests 300`.

Starts `enmusubi serve` on a free port of this computer with the settings in force, or asks the one
at `--url`; sends needs' texts with 1, 8 and 32 users at once, and prints a row for each.
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import numpy as np

from cli.measuring.service import NO_LIMIT, Measured, send_needs
from enmusubi.settings import load_settings
from office.accounts.local_token import local_token

START_TIMEOUT_S = 300
REQUEST_TIMEOUT_S = 120
RESIDENT = re.compile(r"^process_resident_memory_bytes ([0-9.e+]+)$", re.MULTILINE)
BATCH = re.compile(r"^enmusubi_encoder_batch_needs_(sum|count) ([0-9.e+]+)$", re.MULTILINE)
LIMITS = tuple(
    f"ENMUSUBI_SERVER__{name}"
    for name in ("RATE_PER_MINUTE", "RATE_BURST", "ADDRESS_PER_MINUTE", "ADDRESS_BURST")
)
HEAD = "users  requests  per second  p50 ms  p99 ms  503s  errors  together  memory MB"


def row(measured: Measured, together: float, memory_mb: tuple[float, float]) -> str:
    """Return the row of the table; times are of those that were answered with a list."""
    answered, busy = measured.statuses[200], measured.statuses[503]
    errors = measured.statuses.total() - answered - busy
    p50, p99 = np.percentile(measured.latencies_ms or [np.nan], [50, 99])
    return (
        f"{measured.users:5}  {measured.statuses.total():8}  {measured.lists_a_second:10.1f}  "
        f"{p50:6.0f}  {p99:6.0f}  {busy:4}  {errors:6}  {together:8.2f}  "
        f"{memory_mb[0]:.0f} → {memory_mb[1]:.0f}"
    )


async def read_texts(client: httpx2.AsyncClient, wanted: int) -> list[str]:
    """Return the texts of needs that the server has."""
    texts: list[str] = []
    asked = {"limit": "200"}
    while True:
        page = (await client.get("/v1/needs", params=asked)).raise_for_status().json()
        texts += [need["text"] for need in page["items"]]
        if not page["next_cursor"] or len(texts) >= wanted:
            return texts
        asked["cursor"] = page["next_cursor"]


async def figures(client: httpx2.AsyncClient) -> tuple[float, np.ndarray]:
    """Return the server's memory in MB, and the sum and number of its batches."""
    text = (await client.get("/metrics")).raise_for_status().text
    batches = dict(BATCH.findall(text))
    memory = RESIDENT.search(text)
    resident_mb = float(memory[1]) / 1e6 if memory else np.nan
    return resident_mb, np.array([float(batches["sum"]), float(batches["count"])])


async def bench(url: str, key: str, options: argparse.Namespace) -> int:
    """Print the table; returns how many requests ended with an error."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, limits=limits, timeout=REQUEST_TIMEOUT_S
    ) as client:
        texts = [text[: options.chars] for text in await read_texts(client, options.requests)]
        # a need that is asked for again is kept, and would be neither encoded nor searched for
        texts = [f"{text} ({number})" for number in range(options.requests) for text in texts]
        await send_needs(client, texts, users=2, requests=options.warm_up, top=options.top)
        texts = texts[options.warm_up :]
        print(HEAD)
        errors = 0
        for users in options.users:
            before, batches = await figures(client)
            measured = await send_needs(
                client, texts, users=users, requests=options.requests, top=options.top
            )
            texts = texts[options.requests :]
            after, later = await figures(client)
            needs, count = later - batches
            print(row(measured, needs / max(count, 1), (before, after)), flush=True)
            errors += sum(n for status, n in measured.statuses.items() if status not in {200, 503})
    return errors


@contextmanager
def server() -> Iterator[str]:
    """Start `enmusubi serve`, wait until it is ready, and stop it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve"]
    unbounded = dict.fromkeys(
        LIMITS, str(NO_LIMIT)
    )  # the machine is measured, not what one may ask
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=os.environ | unbounded,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            if httpx2.get(f"{url}/readyz", timeout=START_TIMEOUT_S).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit("The server did not become ready. `enmusubi doctor` says why.")
        time.sleep(0.2)


def main() -> int:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs; without it, one is started")
    parser.add_argument("--key", default="", help="a machine's key, where there are accounts")
    parser.add_argument("--users", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--requests", type=int, default=300, help="for each number of users")
    parser.add_argument("--chars", type=int, help="of each text; all of it without")
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--top", type=int, default=10)
    options = parser.parse_args()
    if options.url:
        return min(asyncio.run(bench(options.url, options.key, options)), 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server is stopped with it
    with server() as url:
        # where there are no accounts, the link's token is what opens the service
        key = options.key or local_token(load_settings().data_dir)
        return min(asyncio.run(bench(url, key, options)), 1)


if __name__ == "__main__":
    sys.exit(main())
