"""Shards as actors of a Ray cluster: each opened where it runs, asked all at once, restarted when lost.

A recommender has actors of its own: when a new version serves, those of the old one answer what they were
asked and go with it, so that no list is made of two versions. A shard that doesn't answer in time makes the
whole question fail: a list of some researchers is never shown as one of all.
"""

import itertools
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import ShardMissingError
from enmusubi.messages import MessageError
from enmusubi.threads import one_thread_each
from matcher.sharding.local_shard import LocalShard
from matcher.sharding.opening import open_shard
from office.cluster.connection import connect
from office.cluster.sealing import Seal, new_key

TOGETHER = 8  # questions that one actor answers beside each other
AGAIN_AFTER_S = 0.05  # until a lost shard is asked again, doubled each time
_NO_KEY = b""


class ShardActor:
    """A shard that answers sealed questions; it lives in a worker of the cluster."""

    def __init__(self, folder: str) -> None:
        one_thread_each()
        self._shard: LocalShard = open_shard(Path(folder))
        self._seal: Seal | None = None

    def accept(self, key: bytes) -> bool:
        """Take the key that questions are sealed with; a restarted actor is given it again."""
        self._seal = Seal(key)
        return True

    def answer(self, sealed: bytes) -> bytes:
        """Return the sealed answer to a sealed question, or nothing while there is no key.

        What is raised is sealed, too: Ray would write it into its logs.
        """
        if self._seal is None:
            return _NO_KEY
        method, arguments = self._seal.open(sealed)
        try:
            return self._seal.seal((True, getattr(self._shard, method)(*arguments)))
        except MessageError as error:
            return self._seal.seal((False, error))
        except Exception as error:
            return self._seal.seal((False, type(error).__name__))


class RayFan:
    """The shards of a version as actors: `replicas` of each, asked by turns.

    Actors end when nobody holds this any more.
    """

    def __init__(self, folders: Sequence[Path], settings: ClusterSettings) -> None:
        """Start the actors and wait until all of them have opened their shards.

        Raises ShardMissingError where one does not in time, ClusterUnusableError without a cluster.
        """
        self._ray = connect(settings)
        self._within_s = settings.answer_within_s
        key = new_key()
        self._key, self._seal = key, Seal(key)
        self._turn = itertools.count()
        kind = self._ray.remote(ShardActor).options(
            max_restarts=-1,
            max_task_retries=0,
            max_concurrency=TOGETHER,
            num_cpus=0,
            scheduling_strategy="SPREAD",
        )
        self._actors = [
            [kind.remote(str(folder)) for _ in range(settings.replicas)] for folder in folders
        ]
        opening = [actor.accept.remote(key) for copies in self._actors for actor in copies]
        try:
            self._ray.get(opening, timeout=settings.start_within_s)
        except self._ray.exceptions.RayError as error:
            raise self._missing(error) from error

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
        lost: Exception | None = None
        while len(answers) < len(questions):
            left = until - time.monotonic()
            if left <= 0:
                raise self._missing(lost)
            asked = {
                at: copies[turn % len(copies)].answer.remote(question)
                for at, question in questions.items()
                if at not in answers
                for copies in [self._actors[at]]
            }
            # where there are copies, a slow one isn't waited for to the end
            patience = left / 2 if len(self._actors[0]) > 1 else left
            self._ray.wait(list(asked.values()), num_returns=len(asked), timeout=patience)
            for at, one in asked.items():
                try:
                    answer = self._ray.get(one, timeout=0)
                except self._ray.exceptions.RayError as error:
                    lost = error
                    continue
                if answer == _NO_KEY:  # just restarted
                    self._hand_key(at, turn)
                else:
                    answers[at] = answer
            turn += 1
            if len(answers) < len(questions):
                time.sleep(min(pause, max(0.0, until - time.monotonic())))
                pause = min(2 * pause, 1.0)
        return {at: self._opened(answers[at]) for at in questions}

    def _hand_key(self, at: int, turn: int) -> None:
        copies = self._actors[at]
        copies[turn % len(copies)].accept.remote(self._key)

    def _opened(self, sealed: bytes) -> Any:
        is_answer, value = self._seal.open(sealed)
        if is_answer:
            return value
        if isinstance(value, MessageError):
            raise value
        raise self._missing(None, str(value))

    def _missing(self, error: Exception | None, kind: str = "") -> ShardMissingError:
        return ShardMissingError(
            "A part of the index does not answer (%(kind)s), and a list without its researchers is not "
            "shown. Try again in a minute.",
            kind=kind or type(error).__name__,
        )
