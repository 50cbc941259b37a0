"""Finds the researchers that the catalogue has by a name, so that rows without ids meet them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, select

from catalogue.database.models import Researcher
from catalogue.database.record_models import ResearcherKey
from catalogue.identity.person_names import INITIALS, person_keys

MAX_REMEMBERED = 50_000


@dataclass(frozen=True)
class KnownPerson:
    """A researcher of the catalogue who has the name that was asked for."""

    researcher_id: str
    departments: tuple[str, ...] = ()


class KnownPeople(Protocol):
    """Tells who has a name."""

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return the researchers who share a full name with one of these."""


class NobodyKnown:
    """Knows nobody: for looking at a file without a catalogue."""

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return nobody."""
        return frozenset()


class CataloguePeople:
    """Knows the catalogue's researchers; who was found stays known, who was not is asked for again."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._found: dict[frozenset[str], frozenset[KnownPerson]] = {}

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return the researchers who share a full name with one of these."""
        keys = frozenset().union(*(person_keys(name, "", name) for name in names if name))
        full = frozenset(key for key in keys if not key.startswith(INITIALS))
        if not full:
            return frozenset()
        if full not in self._found:
            found = self._ask(full)
            if not found or len(self._found) > MAX_REMEMBERED:
                return found
            self._found[full] = found
        return self._found[full]

    def _ask(self, keys: frozenset[str]) -> frozenset[KnownPerson]:
        columns = Researcher.researcher_id, Researcher.department_ja, Researcher.department_en
        query = (
            select(*columns)
            .join(ResearcherKey, ResearcherKey.researcher_id == Researcher.researcher_id)
            .where(ResearcherKey.key.in_(sorted(keys)), Researcher.withdrawn_at.is_(None))
        )
        with self._transaction() as connection:
            return frozenset(
                KnownPerson(row[0], tuple(filter(None, row[1:])))
                for row in connection.execute(query)
            )
