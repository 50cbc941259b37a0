"""Requests that wait together are encoded together; each is answered as if it had come alone."""

import threading
import time

import anyio
import pytest

from enmusubi.errors import EmptyNeedError, IndexMissingError, InputError, TooBusyError
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from office.encoder_gate import CHARS_TOGETHER, EncoderGate
from tests.conftest import make_corpus
from tests.support.service import Shelf
from tests.support.small_recommender import SmallRecommender

TEXTS = [
    "食品包装の薄い膜",
    "a thin film for food",
    "酸素を通しにくい",
    "水蒸気にも強い膜",
    "recycling",
]

SEEDS = [
    {
        "seed_id": "s-film",
        "title": "食品包装の薄い膜",
        "text": "酸素を通しにくい。",
        "people": ["r-1"],
    },
    {"seed_id": "s-food", "title": "Thin film", "text": "For packaging food.", "people": ["r-2"]},
]


@pytest.fixture
def recommender(word_encoder, tmp_path):
    version = build_index(make_corpus(SEEDS), [], word_encoder, None, tmp_path / "indexes", keep=1)
    return Recommender.from_parts(version, word_encoder)


class Blocked:
    """Keeps the encoder busy until it is let go."""

    def __init__(self):
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.go_on.wait(10)


async def taken(gate):
    """Wait until the encoder has begun with what waits."""
    while gate.waiting:
        await anyio.sleep(0.005)


def ask_together(gate, live, needs, **options):
    """Return the answers, or errors, to needs that all come while another is answered.

    The first of them is encoded alone, meanwhile.
    """
    blocked, answers = Blocked(), {}

    async def one(number, need):
        try:
            answers[number] = await gate.ask(live, need, lambda r: r.match(need, **options))
        except Exception as error:
            answers[number] = error

    async def everyone():
        async with anyio.create_task_group() as group:
            group.start_soon(gate.run, blocked)
            await anyio.to_thread.run_sync(blocked.begun.wait)
            for number, need in enumerate(needs):
                group.start_soon(one, number, need)
                if number == 0:
                    await anyio.wait_all_tasks_blocked()
                    await taken(gate)
            await anyio.wait_all_tasks_blocked()
            blocked.go_on.set()

    anyio.run(everyone)
    return [answers[number] for number in range(len(needs))]


def test_those_that_wait_are_encoded_together_and_at_most_eight():
    shelf, batches = Shelf(), []
    gate = EncoderGate(32, on_batch=lambda together, seconds: batches.append(together))
    answers = ask_together(gate, shelf.live(), [Need(text) for text in TEXTS * 2])
    assert shelf.published.prepared_together == [1, 8, 1]
    gate._answering.shutdown()  # the last batch is told after its answers
    assert batches == [1, 8, 1]
    assert answers == [shelf.published.match(Need(text)) for text in TEXTS * 2]


class Meeting(SmallRecommender):
    """Encodes as soon as another batch is encoded beside it."""

    def __init__(self):
        super().__init__()
        self.both, self.met = threading.Barrier(2, timeout=10), []

    def prepared(self, needs):
        self.both.wait()
        self.met.append(len(needs))
        return super().prepared(needs)


def test_two_encoders_encode_beside_each_other():
    shelf, gate = Shelf(Meeting()), EncoderGate(32, encoders=2)

    async def both():
        async with anyio.create_task_group() as group:
            for text in TEXTS[:2]:
                group.start_soon(
                    gate.ask, shelf.live(), Need(text), lambda r: r.match(Need(TEXTS[0]))
                )

    anyio.run(both)
    assert shelf.published.met == [1, 1]  # each went on once the other was there


def test_two_encoders_share_those_that_wait():
    shelf, gate = Shelf(), EncoderGate(32, encoders=2)
    answers = ask_together(gate, shelf.live(), [Need(text) for text in TEXTS * 2])
    assert sum(shelf.published.prepared_together) == len(answers) == 10
    assert max(shelf.published.prepared_together) <= 5
    assert answers == [shelf.published.match(Need(text)) for text in TEXTS * 2]


def test_one_that_cannot_be_matched_spoils_no_other():
    gate, shelf = EncoderGate(32), Shelf()
    needs = [Need(TEXTS[0]), Need("!"), Need(TEXTS[1])]
    first, refused, last = ask_together(gate, shelf.live(), needs)
    assert isinstance(refused, EmptyNeedError)
    assert (first.matches, last.matches) != ((), ())


def test_when_a_batch_cannot_be_encoded_each_is_asked_for_alone(caplog):
    class Clumsy(SmallRecommender):
        def prepared(self, needs):
            raise RuntimeError(needs[0].text)

    gate, shelf = EncoderGate(32), Shelf(published=Clumsy())
    answers = ask_together(gate, shelf.live(), [Need(text) for text in TEXTS])
    assert answers == [SmallRecommender().match(Need(text)) for text in TEXTS]
    assert "4 needs were not encoded together: RuntimeError" in caplog.text
    assert TEXTS[0] not in caplog.text


def test_all_of_a_batch_are_told_that_there_is_no_index():
    answers = ask_together(EncoderGate(32), Shelf(None).live(), [Need(text) for text in TEXTS])
    assert [type(answer) for answer in answers] == [IndexMissingError] * 5


def test_more_than_may_wait_are_told_to_come_back():
    answers = ask_together(EncoderGate(3), Shelf().live(), [Need(text) for text in TEXTS])
    assert [type(answer) is TooBusyError for answer in answers] == [False] * 3 + [True] * 2


def started(gate, live, order, blocked):
    """Begin a thread that asks behind; returns it."""
    note = lambda r: order.append("behind")  # noqa: E731
    thread = threading.Thread(target=lambda: gate.ask_behind(live, Need(TEXTS[0]), note))
    thread.start()
    while not gate._behind:
        time.sleep(0.005)
    return thread


@pytest.mark.parametrize(
    ("patience_s", "expected"),
    [(60, ["first", "second", "behind"]), (0, ["first", "behind", "second"])],
)
def test_work_behind_waits_for_requests_but_not_for_ever(patience_s, expected):
    gate, live, order = EncoderGate(32, patience_s=patience_s), Shelf().live(), []
    blocked = Blocked()

    async def everyone():
        async with anyio.create_task_group() as group:
            group.start_soon(gate.run, blocked)
            await anyio.to_thread.run_sync(blocked.begun.wait)
            for name in ("first", "second"):
                note = lambda r, name=name: order.append(name)  # noqa: E731
                group.start_soon(gate.ask, live, Need(name), note)
                await anyio.wait_all_tasks_blocked()
                if name == "first":
                    await taken(gate)
            thread = started(gate, live, order, blocked)
            blocked.go_on.set()
            await anyio.to_thread.run_sync(thread.join)

    anyio.run(everyone)
    assert order == expected


def test_who_gave_up_waiting_is_not_worked_for():
    gate, done = EncoderGate(32), []
    blocked = Blocked()

    async def everyone():
        async with anyio.create_task_group() as group:
            group.start_soon(gate.run, blocked)
            await anyio.to_thread.run_sync(blocked.begun.wait)
            with anyio.move_on_after(0.01):
                await gate.run(lambda: done.append("gone"))
            blocked.go_on.set()

    anyio.run(everyone)
    anyio.run(gate.run, lambda: done.append("here"))
    assert done == ["here"]


def test_a_need_encoded_with_others_is_answered_as_alone(recommender, word_encoder):
    needs = [Need(text, title=str(number)) for number, text in enumerate([*TEXTS, "膜。" * 900])]
    alone = [recommender.match(need, top=5) for need in needs]
    ready = recommender.prepared([*needs, Need("!")])
    before = word_encoder.encoded
    assert [ready.match(need, top=5) for need in needs] == alone
    assert word_encoder.encoded == before
    with pytest.raises(EmptyNeedError, match="letters"):
        ready.match(Need("!"))
    with pytest.raises(InputError, match="kind"):
        ready.match(needs[0], filters=Filters(kinds=("poem",)))
    recommender.prepared([another := Need("薄い紙を探しています。")])
    before = word_encoder.encoded
    recommender.match(another)
    assert word_encoder.encoded == before + 1  # nothing of it stays


def test_a_very_long_need_is_encoded_alone():
    shelf, gate = Shelf(), EncoderGate(32)
    long = TEXTS[2] * (CHARS_TOGETHER // len(TEXTS[2]))
    texts = [TEXTS[0], *TEXTS[:2], long, *TEXTS[3:]]
    answers = ask_together(gate, shelf.live(), [Need(text) for text in texts])
    assert shelf.published.prepared_together == [1, 2, 1, 2]
    assert answers == [shelf.published.match(Need(text)) for text in texts]
