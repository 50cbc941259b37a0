"""Past its capacity the service refuses at once, answers those it took, and stays responsive."""

import asyncio
import threading
import time

import httpx2
import pytest

from enmusubi.errors import TooBusyError
from office.encoder_gate import LONGEST_S, UNKNOWN_S, EncoderGate, LatencyEstimate
from office.jobs.runner import JobRunner
from tests.support.service import Shelf, service
from tests.support.small_recommender import SmallRecommender

WAITING, SURPLUS = 12, 32  # besides the one that is taken at once
QUICK_S = 1.0
ELSEWHERE = [
    "/healthz",
    "/readyz",
    "/v1/needs",
    "/v1/jobs",
    "/needs",
    "/researchers",
    "/needs/N-01",
]


class Slow(SmallRecommender):
    """Takes its time to encode, as long as it is held; notes whose needs it answers, in order."""

    def __init__(self):
        super().__init__()
        self.go_on, self.answered = threading.Event(), []

    def prepared(self, needs):
        assert self.go_on.wait(30)
        return super().prepared(needs)

    def match(self, need, **options):
        self.answered.append("job" if need.need_id else "request")
        return super().match(need, **options)


async def timed(asking):
    began = time.monotonic()
    return await asking, time.monotonic() - began


def asker(app):
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver")


async def crowd(client, size):
    """Let so many ask at once; returns their answers to come."""
    body = {"need_text": "食品包装の薄い膜"}
    return [asyncio.create_task(timed(client.post("/v1/matches", json=body))) for _ in range(size)]


async def refusals(asked):
    """Wait until all that is refused is refused; returns it with its seconds."""
    left = set(asked)
    while len(left) > WAITING + 1:
        done, left = await asyncio.wait(left, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        assert done, f"{len(left)} wait, {WAITING + 1} may"
    return [task.result() for task in asked if task.done()]


async def working_at_jobs(app):
    """Let a thread work at jobs, and return it when it waits behind the crowd."""
    runner = JobRunner(app.state.services.matching, lambda _: None)
    thread = threading.Thread(target=runner.work, args=(threading.Event(),))
    thread.start()
    while not app.state.services.gate._behind:
        await asyncio.sleep(0.01)
    return thread


@pytest.fixture
def slow():
    recommender = Slow()
    yield recommender
    recommender.go_on.set()


def test_the_surplus_is_refused_at_once_the_others_are_answered_and_jobs_wait(
    catalogue, tmp_path, slow
):
    app = service(catalogue, tmp_path, Shelf(published=slow), max_waiting=WAITING)

    async def rush():
        async with asker(app) as client:
            for path in ELSEWHERE:  # the first time, templates are read
                await client.get(path)
            job = await client.post("/v1/jobs/matches", json={"need_ids": ["N-01"]})
            asked = await crowd(client, WAITING + 1 + SURPLUS)
            refused = await refusals(asked)
            worker = await working_at_jobs(app)
            elsewhere = [await timed(client.get(path)) for path in ELSEWHERE]
            assert slow.answered == []
            slow.go_on.set()
            answered = [answer for answer, _ in await asyncio.gather(*asked)]
            await asyncio.to_thread(worker.join)
            state = (await client.get(job.headers["location"])).json()["state"]
            return refused, elsewhere, answered, state

    refused, elsewhere, answered, state = asyncio.run(rush())
    assert len(refused) == SURPLUS
    assert {answer.status_code for answer, _ in refused} == {503}
    assert {answer.headers["retry-after"] for answer, _ in refused} == {str(UNKNOWN_S)}
    assert sorted(seconds for _, seconds in refused)[int(SURPLUS * 0.99)] < QUICK_S
    assert [answer.status_code for answer, _ in elsewhere] == [200] * len(ELSEWHERE)
    assert max(seconds for _, seconds in elsewhere) < QUICK_S
    assert sum(answer.status_code == 200 for answer in answered) == WAITING + 1
    assert slow.answered == ["request"] * (WAITING + 1) + ["job"]
    assert state == "done"


def test_who_is_refused_is_told_how_long_the_others_take():
    gate = EncoderGate(max_waiting=3)

    async def rush():
        for _ in range(2):  # the first is taken account of before the second is answered
            await gate.run(lambda: time.sleep(0.3))
        crowd = (gate.run(lambda: time.sleep(0.3)) for _ in range(5))
        results = await asyncio.gather(*crowd, return_exceptions=True)
        return [one for one in results if isinstance(one, TooBusyError)]

    (refused,) = asyncio.run(rush())
    assert refused.retry_after_s in (2, 3, 4)  # four of 0.3 seconds, or more on a busy machine


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self):
        return self.now


def paced(*batches):
    """A pace that has seen batches: when each began and ended, and how many it answered."""
    clock = Clock()
    pace = LatencyEstimate(clock=clock)
    for began, ended, answers in batches:
        clock.now = ended
        pace.note(answers, began)
    return pace


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([], UNKNOWN_S),
        ([(100, 104, 8)], 8),  # half a second each, sixteen of them
        ([(100, 104, 8), (102, 106, 8)], 7),  # the second took 2 s more, and weighs less
        ([(100, 104, 8), (300, 304, 8)], 8),  # nobody asked in between
        ([(100, 100.001, 8)], 1),
        ([(100, 200, 1)], LONGEST_S),
    ],
)
def test_the_wait_is_that_of_those_before_at_the_latest_pace(batches, expected):
    assert paced(*batches).wait_s(16) == expected


def test_the_pace_follows_a_machine_that_slows_down():
    pace = paced(*[(n, n + 1, 8) for n in range(100, 110)])
    assert pace.wait_s(32) == 4
    slower = paced(
        *[(n, n + 1, 8) for n in range(100, 110)], *[(n, n + 4, 8) for n in range(110, 150, 4)]
    )
    assert slower.wait_s(32) == 16
