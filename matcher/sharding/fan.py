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
