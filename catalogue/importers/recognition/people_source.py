"""People, a person a row: whoever stands in several rows is one, and who has no id is found by name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from catalogue.importers.rows import BadRow, RawRow
from catalogue.importers.sources import ParsedRow, parsed_row, rejected_row
from catalogue.records.drafts import NOTE, RESEARCHERS, Rejection
from enmusubi.messages import Message

MAX_UNITED_ROWS = 200_000  # of larger files each row is taken by itself


class PersonTableSource(TableSource):
    """People, a person a row; whoever stands in several rows is one person with all their departments."""

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order; of a person's rows, the last one has the person."""
        counts = Counter(islice(self._keys(), MAX_UNITED_ROWS))
        waiting: dict[str, list[tuple[int, Fields]]] = {}
        for row in self._records():
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
                continue
            if told := self._told(row):
                yield ParsedRow(row.number, rejections=(told,))
                continue
            fields = self._fields(row)
            key = str(fields.get("researcher_id") or "")
            if not key or counts[key] <= 1:
                yield self._row(row, [fields])
                continue
            together = waiting.setdefault(key, [])
            together.append((row.number, fields))
            if len(together) < counts[key]:
                yield ParsedRow(row.number)
            else:
                found = self._row(row, [one for _, one in together])
                noted = tuple(
                    map(
                        self._one_with,
                        [number for number, _ in together[:-1]],
                        [row.number] * len(together),
                    )
                )
                yield replace(found, rejections=(*found.rejections, *noted))

    def _keys(self) -> Iterator[str]:
        for row in self._records():
            if not isinstance(row, BadRow) and not self._told(row):
                yield str(self._fields(row).get("researcher_id") or "")

    def _row(self, row: RawRow, together: Sequence[Fields]) -> ParsedRow:
        record = read_record(RESEARCHERS, united(together), given=None)
        return parsed_row(self.label, row.number, [record, errors_in(row.cells)], row.raw)

    def _one_with(self, number: int, last: int) -> Rejection:
        message = Message(
            "the same person as in row %(row)s: both rows are one person", {"row": last}
        )
        return Rejection("researcher_id", message, scope=NOTE, file=self.label, row=number)

    def _fields(self, row: RawRow) -> Fields:
        texts = self._texts(row)
        if heading := str(row.cells.get(HEADING) or ""):
            texts["department"] = list(dict.fromkeys([heading, *texts.get("department", ())]))
        fields = with_institution(person_fields(texts), self._settings)
        return {"researcher_id": given_id(fields) or person_id(fields, self.known), **fields}


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
