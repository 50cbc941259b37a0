"""One need at a time is encoded, few may wait, and the event loop stays free."""

import threading

import anyio
import pytest

from enmusubi.errors import TooBusyError
from office.encoder_gate import EncoderGate
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender


class Held(SmallRecommender):
    """Keeps a request until it is let go; counts how many it works on at once."""

    def __init__(self):
        super().__init__()
        self.inside, self.most = 0, 0
        self.entered, self.go_on = threading.Semaphore(0), threading.Event()

    def match(self, need, **options):
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.release()
        assert self.go_on.wait(10)
        self.inside -= 1
        return super().match(need, **options)


def test_who_comes_when_too_many_wait_is_told_to_come_back(client_of):
    held = Held()
    client = client_of(Shelf(published=held), max_waiting=1)
    answers = []

    def ask(path="/v1/matches"):
        answers.append(client.post(path, json={"need_text": "薄い膜"}))

    working = threading.Thread(target=ask)
    working.start()
    assert held.entered.acquire(timeout=5)
    others = [threading.Thread(target=ask) for _ in range(4)]
    for thread in others:
        thread.start()
    while len(answers) < 3:
        threading.Event().wait(0.01)
    assert client.get("/healthz").status_code == 200
    page = client.post("/", data={"need": "薄い膜を探しています"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "混み合って" in page.text
    held.go_on.set()
    for thread in [working, *others]:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 503, 503, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.headers["retry-after"] == "5"
    assert refused.headers["content-type"] == "application/problem+json"
    assert held.most == 1


def test_a_place_is_free_again_after_a_failure():
    gate = EncoderGate(max_waiting=1)

    def fail():
        raise ValueError("no")

    async def rounds():
        for _ in range(5):
            with pytest.raises(ValueError, match="no"):
                await gate.run(fail)
        return await gate.run(lambda: "done")

    assert anyio.run(rounds) == "done"


def test_as_many_as_may_wait_do_wait():
    gate, results = EncoderGate(max_waiting=3), []

    async def one():
        try:
            results.append(await gate.run(lambda: "done"))
        except TooBusyError as error:
            results.append(str(error))

    async def all_at_once():
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(one)

    anyio.run(all_at_once)
    assert results.count("done") == 4
    refused = "3 requests wait already. Try again in a few seconds."
    assert results.count(refused) == 2
