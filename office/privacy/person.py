"""Who somebody is in the catalogue: all ids and names by which tables and files may hold them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from catalogue.database.models import Researcher
from catalogue.records.drafts import RESEARCHERS
from catalogue.records.source_records import RECORD, SourceRecord, load_records
from catalogue.records.suppression import ids_of, names_of
from enmusubi.errors import UnknownIdError

SHORTEST_WORD = 2  # a shorter name or id stands in everything
_BETWEEN = re.compile(r"[\s,、]+")


@dataclass(frozen=True)
class Person:
    """A person: the row's id, the ids that tables refer to, and what texts call them."""

    researcher_id: str
    records: tuple[SourceRecord, ...] = field(repr=False)

    @property
    def ids(self) -> frozenset[str]:
        """The ids that other tables know the person by."""
        return frozenset({self.researcher_id, *(one.home_id for one in self.records)})

    @property
    def names(self) -> frozenset[str]:
        """All names that sources give them, as they are written there."""
        return frozenset(name for one in self.records for name in names_of(one.values))

    @property
    def words(self) -> tuple[str, ...]:
        """What a text that names the person has in it: ids, names and addresses."""
        said = {*self.ids, *(one.key for one in self.records)}
        for one in self.records:
            said |= {*ids_of(one.values)}
            said |= {str(one.values.get(name) or "") for name in ("email", "homepage")}
        said |= {form for name in self.names for form in _written(name)}
        return tuple(sorted(word for word in said if len(word) >= SHORTEST_WORD))


def person_of(connection: Connection, researcher_id: str) -> Person:
    """Return a person by any of their ids in the catalogue; raises UnknownIdError."""
    row_id = connection.execute(
        select(RECORD.c.row_id).where(
            RECORD.c.table_name == RESEARCHERS, RECORD.c.home_id == researcher_id
        )
    ).scalar()
    known = select(Researcher.researcher_id).where(Researcher.researcher_id == researcher_id)
    row_id = row_id or connection.execute(known).scalar()
    if row_id is None:
        raise UnknownIdError(
            "No researcher has the id %(id)r. Match lists show the ids.", id=researcher_id
        )
    records = tuple(load_records(connection, RESEARCHERS, "row_id", [row_id]))
    return Person(str(row_id), records)


def _written(name: str) -> Iterator[str]:
    """Yield how files write a name: as it is, in the other order, parted by a comma or nothing."""
    yield name
    words = [word for word in _BETWEEN.split(name) if word]
    if len(words) != len({"family", "given"}):
        return
    separators = (" ", ", ", ",") if name.isascii() else (" ", "\u3000", ", ", ",", "")
    for order in (words, words[::-1]):
        yield from (separator.join(order) for separator in separators)
