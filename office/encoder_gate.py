"""The queue for the encoder: a batch for each thread, requests before jobs, and not too many of them.

Requests that wait together are encoded together and then answered one after the other, each as if
it had come alone. While a batch is answered, which keeps one core busy, the next ones are encoded, by as
many threads as there are cores for: one alone leaves a core idle as soon as more than one user asks.
"""

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from enmusubi.errors import TooBusyError
from matcher.records import Need
from office.live_recommender import LiveRecommender, NeedMatcher

Answer = TypeVar("Answer")
OnBatch = Callable[[int, float], None]
MAX_TOGETHER = 8
CHARS_TOGETHER = 6_000  # eight long needs; a file of twenty pages keeps no other request waiting
PATIENCE_S = 10.0  # what waits behind longer has its turn, however many requests come
UNKNOWN_S = 5  # the wait before the first answer
LONGEST_S = 60
_WEIGHT = 0.3  # of the latest batch, against all before
_log = logging.getLogger(__name__)


class LatencyEstimate:
    """The seconds for an answer while others wait, smoothed over the latest batches.

    Batches overlap: one is encoded while another is answered. A batch counts from the end of the one
    before it, or from its own beginning where nothing was done in between.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._each_s: float | None = None
        self._ended = -math.inf

    def note(self, answers: int, began: float) -> None:
        """Take account of a batch that has just had its answers; `began` by the same clock."""
        now = self._clock()
        each_s = (now - max(began, self._ended)) / answers
        before = each_s if self._each_s is None else self._each_s
        self._each_s, self._ended = before + _WEIGHT * (each_s - before), now

    def wait_s(self, answers: int) -> int:
        """Return the seconds until so many will be answered: whole ones, as Retry-After says them."""
        if self._each_s is None:
            return UNKNOWN_S
        return min(max(1, math.ceil(self._each_s * answers)), LONGEST_S)


@dataclass(frozen=True)
class _Waiting(Generic[Answer]):
    """Something that waits: `get` gives what `work` is done with; those with a need go together."""

    get: Callable[[], Any]
    work: Callable[[Any], Answer]
    need: Need | None = field(default=None, repr=False)
    future: "Future[Answer]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)
    context: Context = field(default_factory=copy_context)  # whose log lines these are

    @property
    def chars(self) -> int:
        """Length of what is to be encoded."""
        return len(self.need.text) if self.need else 0


class EncoderGate:
    """Encodes in `encoders` threads and answers in another; raises TooBusyError for one too many.

    `on_batch` is told how many requests were encoded together and the seconds until all had answers.
    """

    def __init__(
        self,
        max_waiting: int,
        *,
        encoders: int = 1,
        max_together: int = MAX_TOGETHER,
        patience_s: float = PATIENCE_S,
        on_batch: OnBatch | None = None,
    ) -> None:
        self._max_waiting = max_waiting
        self._encoders = encoders
        self._max_together = max_together
        self._patience_s = patience_s
        self._on_batch = on_batch
        self._present = 0
        self._latency = LatencyEstimate()
        self._is_closed = False
        self._ahead: deque[_Waiting[Any]] = deque()
        self._behind: deque[_Waiting[Any]] = deque()
        self._lock = threading.Lock()
        self._encoding = ThreadPoolExecutor(encoders, thread_name_prefix="encoder")
        self._answering = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._room = threading.Semaphore(1 + encoders)  # a batch that is answered, and the next

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._ahead)

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """Return what `work` returns, done alone; raises TooBusyError when too many wait already."""
        return await self._answer(_Waiting(lambda: None, lambda _: work()))

    async def ask(
        self, live: LiveRecommender, need: Need, work: Callable[[NeedMatcher], Answer]
    ) -> Answer:
        """Return what `work` returns for the recommender that serves, its need encoded with others'.

        Raises TooBusyError when too many wait already, and what `work` raises.
        """
        return await self._answer(_Waiting(live.get, work, need))

    def ask_behind(
        self, live: LiveRecommender, need: Need, work: Callable[[NeedMatcher], Answer]
    ) -> Answer:
        """Return what `work` returns when no request waits; blocks, for threads with long work."""
        return self._put(_Waiting(live.get, work, need), self._behind).result()

    def close(self) -> None:
        """Let no request wait any longer: what has not begun is cancelled."""
        with self._lock:
            self._is_closed = True
            left = [*self._ahead, *self._behind]
            self._ahead.clear()
            self._behind.clear()
        for one in left:
            one.future.cancel()
        self._encoding.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, waiting: _Waiting[Answer]) -> Answer:
        if self._present > self._max_waiting:
            raise TooBusyError(
                "%(count)s requests wait already. Try again in a few seconds.",
                retry_after_s=self._latency.wait_s(self._present),
                count=self._max_waiting,
            )
        self._present += 1
        try:
            return await asyncio.wrap_future(self._put(waiting, self._ahead))
        finally:
            self._present -= 1

    def _put(self, waiting: _Waiting[Answer], queue: "deque[_Waiting[Any]]") -> "Future[Answer]":
        with self._lock:
            if self._is_closed:
                raise TooBusyError("The service is stopping. Try again in a few seconds.")
            queue.append(waiting)
            self._encoding.submit(self._encode_next)
        return waiting.future

    def _encode_next(self) -> None:
        """Encode the next batch, if one before has not taken it along, and hand it on."""
        self._room.acquire()
        batch = [one for one in self._take() if not one.future.cancelled()]
        began = time.monotonic()
        try:
            if batch:
                subject = batch[0].get()
                needs = [one.need for one in batch if one.need is not None]
                subject = _prepared(subject, needs) if needs else subject
                self._answering.submit(self._answer_all, batch, subject, began)
                return
        except Exception as error:  # there is no index, or the service ends: all of them are told
            for one in batch:
                _settle(one, error)
        self._room.release()

    def _answer_all(self, batch: "list[_Waiting[Any]]", subject: Any, began: float) -> None:
        try:
            for one in batch:
                _settle(one, subject)
            self._latency.note(len(batch), began)
            if self._on_batch and batch[0].need is not None:
                self._on_batch(len(batch), time.monotonic() - began)
        finally:
            self._room.release()

    def _take(self) -> list[_Waiting[Any]]:
        with self._lock:
            if self._behind and (not self._ahead or self._is_overdue(self._behind[0])):
                return [self._behind.popleft()]
            # an equal part for each encoder: the others would have nothing to do
            most = min(self._max_together, -(-len(self._ahead) // self._encoders))
            batch = [self._ahead.popleft()] if self._ahead else []
            chars = batch[0].chars if batch else 0
            while batch and batch[0].need and self._ahead and len(batch) < most:
                chars += self._ahead[0].chars
                if self._ahead[0].need is None or chars > CHARS_TOGETHER:
                    break
                batch.append(self._ahead.popleft())
            return batch

    def _is_overdue(self, waiting: _Waiting[Any]) -> bool:
        return time.monotonic() - waiting.since > self._patience_s


def _prepared(serving: NeedMatcher, needs: Sequence[Need]) -> NeedMatcher:
    """Return the recommender with the needs encoded; as it was, if one of them cannot be."""
    try:
        return serving.prepared(needs)
    except Exception as error:  # whose fault it is shows when each is asked for alone
        _log.warning("%s needs were not encoded together: %s", len(needs), type(error).__name__)
        return serving


def _settle(one: _Waiting[Any], subject: Any) -> None:
    """Do what waited, unless its caller has gone; an error as the subject is its answer."""
    if not one.future.set_running_or_notify_cancel():
        return
    try:
        if isinstance(subject, Exception):
            raise subject
        answer = one.context.run(one.work, subject)
    except BaseException as error:
        one.future.set_exception(error)
    else:
        one.future.set_result(answer)
