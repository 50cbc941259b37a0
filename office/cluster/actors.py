"""Shards as actors of a Ray cluster: each opened where it runs, asked all at once, restarted when lost.

A recommender has actors of its own: when a new version serves, those of the old one answer what they were
asked and go with it, so that no list is made of two versions. A shard that doesn't answer in time makes the
whole question fail: a list of some researchers is never shown as one of all (see `office.partial_lists`).
"""

import itertools
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import EnmusubiError, ShardMissingError
from enmusubi.messages import Message, MessageError
from enmusubi.threads import one_thread_each
from matcher.sharding.local_shard import LocalShard
from matcher.sharding.opening import open_shard
from office.cluster.connection import connect
from office.cluster.sealing import Seal, new_key

TOGETHER = 8  # questions that one actor answers beside each other
AGAIN_AFTER_S = 0.05  # until a lost shard is asked again, doubled each time
_NO_KEY, _NOT_OPEN = b"", b"-"  # instead of a sealed answer, which is longer
LOST = Message("it was lost and is being started again")
LATE = Message("it is too slow")
UNREADABLE = Message("its files cannot be read")
FAILED = Message("its program failed")
_log = logging.getLogger(__name__)


class ShardActor:
    """A shard that answers sealed questions; it lives in a worker of the cluster.

    It is opened when it is first asked: an actor that fails while it is made is never started again, so
    files that cannot be read for a moment would take a shard away until the service is restarted.
    """

    def __init__(self, folder: str) -> None:
        one_thread_each()
        self._folder = Path(folder)
        self._shard: LocalShard | None = None
        self._opening = threading.Lock()
        self._seal: Seal | None = None

    def accept(self, key: bytes) -> bool:
        """Take the key that questions are sealed with; returns whether the shard could be opened."""
        self._seal = Seal(key)
        return self._opened() is not None

    def answer(self, sealed: bytes) -> bytes:
        """Return the sealed answer, `_NO_KEY` while there is no key, `_NOT_OPEN` without the files.

        What is raised is sealed, too: Ray would write it into its logs.
        """
        if self._seal is None:
            return _NO_KEY
        shard = self._opened()
        if shard is None:
            return _NOT_OPEN
        method, arguments = self._seal.open(sealed)
        try:
            return self._seal.seal((True, getattr(shard, method)(*arguments)))
        except MessageError as error:
            return self._seal.seal((False, error))
        except Exception as error:
            return self._seal.seal((False, type(error).__name__))

    def _opened(self) -> LocalShard | None:
        """Return the shard, opened once; None as long as its files cannot be read."""
        with self._opening:
            if self._shard is None:
                try:
                    self._shard = open_shard(self._folder)
                except (EnmusubiError, OSError):
                    return None
            return self._shard


class RayFan:
    """The shards of a version as actors: `replicas` of each, asked by turns.

    Actors end when nobody holds this any more.
    """

    def __init__(self, folders: Sequence[Path], settings: ClusterSettings) -> None:
        """Start the actors and wait until all of them have opened their shards.

        Raises ShardMissingError where one does not in time, ClusterUnusableError without a cluster.
        """
        self._ray = connect(settings)
        self._folders = list(folders)
        self._within_s = settings.answer_within_s
        self._key = new_key()
        self._seal = Seal(self._key)
        self._turn = itertools.count()
        self._replacing = threading.Lock()
        self._kind = self._ray.remote(ShardActor).options(
            max_restarts=-1,
            max_task_retries=0,
            max_concurrency=TOGETHER,
            num_cpus=0,
            scheduling_strategy="SPREAD",
        )
        self._actors = [
            [self._kind.remote(str(folder)) for _ in range(settings.replicas)] for folder in folders
        ]
        opening = [actor.accept.remote(self._key) for copies in self._actors for actor in copies]
        try:
            opened = self._ray.get(opening, timeout=settings.start_within_s)
        except self._ray.exceptions.RayError as error:
            raise self._missing(self._reason(error)) from error
        if not all(opened):
            raise self._missing(UNREADABLE)

    @property
    def n_shards(self) -> int:
        """How many there are."""
        return len(self._actors)

    def each(self, method: str, *arguments: Any) -> list[Any]:
        """Return what each shard answers to the same question, in their order.

        Raises what a shard raises, and ShardMissingError where one does not answer in time.
        """
        sealed = self._seal.seal((method, arguments))
        answers = self._ask(dict.fromkeys(range(self.n_shards), sealed))
        return [answers[at] for at in range(self.n_shards)]

    def some(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what some shards, by number, answer to a question of their own; raises as `each` does."""
        return self._ask({at: self._seal.seal((method, of)) for at, of in arguments.items()})

    def _ask(self, questions: Mapping[int, bytes]) -> dict[int, Any]:
        """Return the answers by shard, in the order of the questions; ask again whoever is lost."""
        until, turn, pause = time.monotonic() + self._within_s, next(self._turn), AGAIN_AFTER_S
        answers: dict[int, bytes] = {}
        reason = LATE
        dead: set[Any] = set()
        while len(answers) < len(questions):
            left = until - time.monotonic()
            if left <= 0:
                raise self._missing(reason, [at for at in questions if at not in answers])
            chosen = {at: self._copy(at, turn) for at in questions if at not in answers}
            asked = {at: one.answer.remote(questions[at]) for at, one in chosen.items()}
            # where there are copies, a slow one isn't waited for to the end
            patience = left / 2 if len(self._actors[0]) > 1 else left
            self._ray.wait(list(asked.values()), num_returns=len(asked), timeout=patience)
            for at, one in asked.items():
                try:
                    answer = self._ray.get(one, timeout=0)
                except self._ray.exceptions.RayError as error:
                    reason = self._reason(error)
                    self._replace_if_dead(at, chosen[at], error, dead)
                    continue
                if answer == _NO_KEY:  # just restarted
                    chosen[at].accept.remote(self._key)
                elif answer == _NOT_OPEN:
                    reason = UNREADABLE
                else:
                    answers[at] = answer
            turn += 1
            if len(answers) < len(questions):
                time.sleep(min(pause, max(0.0, until - time.monotonic())))
                pause = min(2 * pause, 1.0)
        return {at: self._opened(answers[at], at) for at in questions}

    def _copy(self, at: int, turn: int) -> Any:
        copies = self._actors[at]
        return copies[turn % len(copies)]

    def _replace_if_dead(self, at: int, actor: Any, error: Exception, dead: set[Any]) -> None:
        """Start another actor where one is told dead twice: one that restarts is told so only once."""
        if not isinstance(error, self._ray.exceptions.ActorDiedError):
            return
        if actor not in dead:
            dead.add(actor)
            return
        with self._replacing:  # others may ask it at the same time
            copies = self._actors[at]
            if actor in copies:
                copies[copies.index(actor)] = self._kind.remote(str(self._folders[at]))

    def _opened(self, sealed: bytes, at: int) -> Any:
        is_answer, value = self._seal.open(sealed)
        if is_answer:
            return value
        if isinstance(value, MessageError):
            raise value
        _log.warning("a shard failed: %s", value)
        raise self._missing(FAILED, [at])

    def _reason(self, error: Exception) -> Message:
        is_late = isinstance(error, self._ray.exceptions.GetTimeoutError)
        return LATE if is_late else LOST

    def _missing(self, reason: Message, shards: Sequence[int] = ()) -> ShardMissingError:
        error = ShardMissingError(
            "A part of the index does not answer (%(reason)s), and a list without its researchers is not "
            "shown. Try again in a minute.",
            reason=reason,
        )
        error.shards = tuple(shards)
        return error
