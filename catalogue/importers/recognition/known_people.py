"""Finds the researchers that the catalogue has by a name, so that rows without ids meet them."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, select

from catalogue.database.models import Researcher
from catalogue.database.record_models import ResearcherKey
from catalogue.identity.person_names import INITIALS, person_keys
from catalogue.records.lookups import NAMESAKE
from catalogue.records.source_records import chunks

MAX_REMEMBERED = 200_000  # keys of names


@dataclass(frozen=True)
class KnownPerson:
    """A researcher of the catalogue who has the name that was asked for."""

    researcher_id: str
    departments: tuple[str, ...] = ()
    has_employer: bool = False


class KnownPeople(Protocol):
    """Tells who has a name."""

    def look_up(self, names: Iterable[str]) -> None:
        """Learn of many names at once, which is faster than one by one."""

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return the researchers who share a full name with one of these."""


class NobodyKnown:
    """Knows nobody: for looking at a file without a catalogue."""

    def look_up(self, names: Iterable[str]) -> None:
        """Do nothing."""

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return nobody."""
        return frozenset()


class CataloguePeople:
    """Knows the catalogue's researchers, each name as it was known when it was first asked for."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._of_key: dict[str, frozenset[KnownPerson]] = {}

    def named(self, *names: str) -> frozenset[KnownPerson]:
        """Return the researchers who share a full name with one of these."""
        keys = {key for name in names for key in _full_keys(name)}
        self._load(keys)
        return frozenset().union(*(self._of_key[key] for key in keys))

    def look_up(self, names: Iterable[str]) -> None:
        """Learn of many names at once, which is faster than one by one."""
        self._load({key for name in names for key in _full_keys(name)})

    def _load(self, keys: set[str]) -> None:
        wanted = sorted(keys - self._of_key.keys())
        if not wanted:
            return
        if len(self._of_key) > MAX_REMEMBERED:
            self._of_key = {key: self._of_key[key] for key in keys if key in self._of_key}
        found: dict[str, set[KnownPerson]] = {key: set() for key in wanted}
        person = Researcher.__table__.c
        columns = (
            person.researcher_id,
            person.organisation_id,
            person.department_ja,
            person.department_en,
        )
        with self._transaction() as connection:
            for chunk in chunks(wanted):
                query = (
                    select(ResearcherKey.key, *columns)
                    .join(Researcher, ResearcherKey.researcher_id == Researcher.researcher_id)
                    .where(ResearcherKey.key.in_(chunk), Researcher.withdrawn_at.is_(None))
                    .where(Researcher.researcher_id.not_like(f"{NAMESAKE}%"))
                )
                for key, own_id, place, *departments in connection.execute(query):
                    told = tuple(filter(None, departments))
                    found[key].add(KnownPerson(own_id, told, has_employer=bool(place)))
        self._of_key |= {key: frozenset(people) for key, people in found.items()}


def _full_keys(name: str) -> set[str]:
    return {key for key in person_keys(name, "", name) if not key.startswith(INITIALS)}
