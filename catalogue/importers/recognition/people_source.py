"""People, a person a row: whoever stands in several rows is one, and who has no id is found by name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from catalogue.importers.general.columns import errors_in, read_record
from catalogue.importers.recognition.known_people import KnownPeople
from catalogue.importers.recognition.person_cells import side_of
from catalogue.importers.recognition.reading_rows import (
    Fields,
    given_id,
    id_by_name,
    person_fields,
    united,
)
from catalogue.importers.recognition.table_source import HEADING, TableSettings, TableSource
from catalogue.importers.rows import Raw, RawRow
from catalogue.importers.sources import ParsedRow, parsed_row
from catalogue.records.drafts import NOTE, RESEARCHERS, Rejection
from enmusubi.messages import Message

MAX_UNITED_ROWS = 200_000  # of larger files each row is taken by itself
MAX_KEPT_CHARS = 10_000_000  # of the rows that wait in memory
_ROW_CHARS = 1_000  # what a row costs besides its texts
_AT_ONCE = 500
_NAMES = ("name_ja", "name_en")
_DIFFERING = ("name_kana", "email", "position_ja", "department_ja")
_TELLING = ("department_ja", "department_en", "position_ja", "name_kana")  # namesakes apart


_RowAndFields = tuple[RawRow | ParsedRow, Fields]


class PersonTableSource(TableSource):
    """People, a person a row; whoever stands in several rows is one person with all their departments.

    Who is who has to be known before the first person goes in. So the rows wait in memory for that; a large
    file is read twice instead.
    """

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order; of a person's rows, the last one has the person."""
        ids, kept = self._ids()
        to_come = Counter(islice(ids.values(), MAX_UNITED_ROWS))
        waiting: dict[str, list[_Told]] = {}
        for row, fields in kept or self._with_fields():
            if isinstance(row, ParsedRow):
                yield row
            else:
                own_id = ids[row.number]
                together = waiting.pop(own_id, []) if own_id else []
                together.append(_Told(row.number, {**fields, "researcher_id": own_id}, row.raw))
                to_come[own_id] -= 1
                if own_id and to_come[own_id] > 0:
                    waiting[own_id] = together
                    yield ParsedRow(row.number)
                else:
                    yield self._person(row, together)

    def _person(self, row: RawRow, together: Sequence["_Told"]) -> ParsedRow:
        record = read_record(RESEARCHERS, united([told.fields for told in together]), given=None)
        found = parsed_row(self.label, row.number, [record, errors_in(row.cells)], row.raw)
        noted = tuple(self._one_with(told.number, row.number) for told in together[:-1])
        raws = {told.number: told.raw for told in together[:-1] if told.raw}
        return replace(found, rejections=(*found.rejections, *noted), together=raws)

    def _with_fields(self) -> Iterator[_RowAndFields]:
        """Yield the rows in order with the fields of each; what is no record has none."""
        for row in self._records():
            yield row, {} if isinstance(row, ParsedRow) else self._fields(row)

    def _ids(self) -> tuple[dict[int, str], list[_RowAndFields]]:
        """Return the id of the person of each row, and the rows, if they are few."""
        ids: dict[int, str] = {}
        first: dict[str, Fields] = {}  # of each name without an id, what tells namesakes apart
        kept = _Kept()
        rows = (pair for pair in kept.noting(self._with_fields()) if isinstance(pair[0], RawRow))
        while chunk := [(row.number, fields) for row, fields in islice(rows, _AT_ONCE)]:
            nameless = [fields for _, fields in chunk if not given_id(fields)]
            self.known.look_up(str(f.get(n) or "") for f in nameless for n in _NAMES)
            for number, fields in chunk:
                if not (own_id := given_id(fields)):
                    own_id = person_id(fields, self.known)
                    told = {name: fields[name] for name in _DIFFERING if fields.get(name)}
                    if _are_two(first.setdefault(own_id, told), told):
                        own_id = id_by_name(fields, *(str(fields.get(n) or "") for n in _TELLING))
                ids[number] = own_id
        return ids, kept.rows

    def _one_with(self, number: int, last: int) -> Rejection:
        message = Message(
            "the same person as in row %(row)s: both rows are one person", {"row": last}
        )
        return Rejection("researcher_id", message, scope=NOTE, file=self.label, row=number)

    def _fields(self, row: RawRow) -> Fields:
        texts = self._texts(row)
        if heading := str(row.cells.get(HEADING) or ""):
            texts["department"] = list(dict.fromkeys([heading, *texts.get("department", ())]))
        return with_institution(person_fields(texts), self._settings)


class _Kept:
    """The rows of a file while they are few and short; none of a larger one."""

    def __init__(self) -> None:
        self.rows: list[_RowAndFields] = []
        self._left = MAX_KEPT_CHARS

    def noting(self, rows: Iterator[_RowAndFields]) -> Iterator[_RowAndFields]:
        """Yield the rows, and note them until they are too many."""
        for row, fields in rows:
            if self._left > 0:
                cells = row.cells.values() if isinstance(row, RawRow) else ()
                self._left -= _ROW_CHARS + sum(len(c) for c in cells if isinstance(c, str))
                self.rows.append((row, fields))
                if self._left <= 0:
                    self.rows = []
            yield row, fields


@dataclass(frozen=True)
class _Told:
    """What one row says of a person, and the row itself."""

    number: int
    fields: Fields
    raw: Raw | None


def _are_two(one: Fields, other: Fields) -> bool:
    """Whether two rows of one name, without ids, are of namesakes, by what they say of `_DIFFERING`.

    Their readings or addresses differ, or they have other posts in other departments.
    """
    differ = {name for name in one.keys() & other.keys() if one[name] != other[name]}
    return bool(differ & {"name_kana", "email"}) or {"position_ja", "department_ja"} <= differ


def with_institution(fields: Fields, settings: TableSettings) -> Fields:
    """Return the fields with the institution of the settings, where they have none of their own."""
    has_one = fields.get("institution_ja") or fields.get("institution_en")
    if has_one or not settings.institution:
        return fields
    return {**fields, side_of("institution", settings.institution): settings.institution}


def person_id(fields: Fields, known: KnownPeople) -> str:
    """Return the id of a person without one of their own: that of the one who is known by the name.

    Somebody of the name in another department may be a namesake, and is left to the decisions on who is who.
    """
    names = [str(fields.get(name) or "") for name in ("name_ja", "name_en")]
    found = known.named(*names)
    departments = [str(fields.get(name) or "") for name in ("department_ja", "department_en")]
    if len(found) == 1:
        (person,) = found
        if _may_be_of_one(person.departments, tuple(filter(None, departments))):
            return person.researcher_id
        return id_by_name(fields, *departments)
    institution = str(fields.get("institution_en") or fields.get("institution_ja") or "")
    return id_by_name(fields, institution, *(departments if found else ()))


def _may_be_of_one(known: Sequence[str], told: Sequence[str]) -> bool:
    if not known or not told:
        return True
    parts = [part for text in known for part in text.replace("/", " ").split()]
    return any(part in text or text in part for part in parts for text in told)
