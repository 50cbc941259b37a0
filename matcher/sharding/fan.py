"""Asks all shards, or some of them, and waits for their answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from matcher.sharding.shard import Shard


class Fan(Protocol):
    """The shards of one index version, wherever they lie."""

    @property
    def n_shards(self) -> int:
        """How many there are."""
        ...

    def each(self, method: str, *arguments: Any) -> list[Any]:
        """Return what each shard answers to the same question, in their order.

        Raises what a shard raises, and ShardMissingError where one does not answer.
        """
        ...

    def some(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what some shards, by number, answer to a question of their own; raises as `each` does."""
        ...


class RestFan:
    """Some of the shards of a version, as if there were no others."""

    def __init__(self, fan: Fan, numbers: Sequence[int]) -> None:
        """`numbers` are those that are asked."""
        self._fan = fan
        self._numbers = tuple(numbers)

    @property
    def n_shards(self) -> int:
        """How many are asked."""
        return len(self._numbers)

    def each(self, method: str, *arguments: Any) -> list[Any]:
        """Return what each of these shards answers to the same question, in their order."""
        answers = self._fan.some(method, dict.fromkeys(self._numbers, arguments))
        return [answers[number] for number in self._numbers]

    def some(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what some of these shards, counted among them, answer to a question of their own."""
        asked = {self._numbers[at]: of for at, of in arguments.items()}
        answers = self._fan.some(method, asked)
        return {at: answers[self._numbers[at]] for at in arguments}


class LocalFan:
    """Shards in this process, asked one after the other."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._shards = shards

    @property
    def n_shards(self) -> int:
        """How many there are."""
        return len(self._shards)

    def each(self, method: str, *arguments: Any) -> list[Any]:
        """Return what each shard answers to the same question, in their order."""
        return [getattr(shard, method)(*arguments) for shard in self._shards]

    def some(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what some shards, by number, answer to a question of their own."""
        return {at: getattr(self._shards[at], method)(*of) for at, of in arguments.items()}
