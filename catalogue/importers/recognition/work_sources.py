"""Seeds, patents and needs, a record a row, with the people of their rows by number or by name."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from catalogue.importers.general.columns import (
    PEOPLE,
    ParsedRecord,
    as_part_of_row,
    errors_in,
    name_reference,
    read_record,
)
from catalogue.importers.patents.records import Patent, patent_fields
from catalogue.importers.patents.source import split_names
from catalogue.importers.recognition import roles
from catalogue.importers.recognition.judgement_source import JudgementTableSource
from catalogue.importers.recognition.people_source import (
    PersonTableSource,
    person_id,
    with_institution,
)
from catalogue.importers.recognition.person_cells import Texts, on_line, people_in
from catalogue.importers.recognition.reading_rows import (
    default_kind,
    need_fields,
    opaque,
    person_fields,
    seed_fields,
)
from catalogue.importers.recognition.recognising import RecognisedTable
from catalogue.importers.recognition.table_source import TableSettings, TableSource
from catalogue.importers.rows import RowFile
from catalogue.importers.sources import ParsedRow, parsed_row
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, SEEDS, Merge, Rejection

_PLAIN = (
    *("application", "publication", "registration", "docket", "title"),
    *("filed_on", "published_on", "granted_on", "status", "ipc", "url"),
)
_OF_A_PERSON = ("institution", "department", "position")


class _RowByRow(TableSource):
    """A table whose rows are read each by itself."""

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows in order."""
        for row in self._records():
            if isinstance(row, ParsedRow):
                yield row
            else:
                records = [*self._read(self._texts(row)), errors_in(row.cells)]
                yield parsed_row(self.label, row.number, records, row.raw)

    @abstractmethod
    def _read(self, texts: Texts) -> list[ParsedRecord]:
        """Return the records of a row."""


class SeedTableSource(_RowByRow):
    """Seeds with the people of their rows, by number or by name; who is described in a row is made."""

    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def _read(self, texts: Texts) -> list[ParsedRecord]:
        fields = seed_fields(self._table, texts, default_kind=self._default_kind)
        people, described = self._people(texts)
        if people:
            fields[PEOPLE] = people
        return [*described, read_record(SEEDS, fields)]

    @cached_property
    def _default_kind(self) -> str:
        return default_kind(self._table, self.label)

    def _people(self, texts: Texts) -> tuple[list[str], list[ParsedRecord]]:
        if numbers := texts.get("person_number"):
            return people_in("; ".join(numbers).replace("、", ";")), []
        names = [name for cell in texts.get("people", ()) for name in people_in(cell)]
        is_described = bool(texts.get("department") or texts.get("position"))
        place = on_line(" ".join(texts.get("institution", ())[:1]))
        self.known.look_up(names)
        references, described = [], []
        for name in dict.fromkeys(names):
            found = self.known.named(name)
            person = next(iter(found)) if len(found) == 1 else None
            if person and not (place and person.has_employer):  # else the places are compared
                references.append(person.researcher_id)
            elif not found and is_described and len(names) == 1:
                record, own_id = self._described(texts, name)
                described.append(record)
                references.append(own_id)
            elif reference := name_reference(place, name):
                references.append(reference)
        return references, described

    def _described(self, texts: Texts, name: str) -> tuple[ParsedRecord, str]:
        told = {role: texts[role] for role in _OF_A_PERSON if role in texts}
        fields = with_institution(person_fields({**told, "name": [name]}), self._settings)
        own_id = person_id(fields, self.known)
        record = read_record(RESEARCHERS, {"researcher_id": own_id, **fields}, Merge.FILL)
        return as_part_of_row(record), own_id


class PatentTableSource(_RowByRow):
    """Patents; what says nothing of a publication counts as unpublished."""

    def _read(self, texts: Texts) -> list[ParsedRecord]:
        several = {role: "\n".join(cells) for role, cells in texts.items()}
        applicants = [split_names(cell) for cell in texts.get("applicants", ())]
        inventors = [name for cell in texts.get("inventors", ()) for name in people_in(cell)]
        numbers = people_in("; ".join(texts.get("person_number", ())))
        if not numbers:
            self.known.look_up(inventors)
        fields = patent_fields(
            Patent(
                **{role: on_line(texts[role][0]) for role in _PLAIN if role in texts},
                abstract=several.get("abstract", ""),
                claims=several.get("claims", ""),
                applicants=[name for names in applicants for name in names],
                inventors=inventors,
                inventor_ids=numbers or [self._known_id(name) for name in inventors],
            )
        )
        own = opaque("patent", several.get("title", ""), several.get("inventors", ""))
        return [read_record(SEEDS, {**fields, "seed_id": fields["seed_id"] or own})]

    def _known_id(self, name: str) -> str:
        found = self.known.named(name)
        return next(iter(found)).researcher_id if len(found) == 1 else ""


class NeedTableSource(_RowByRow):
    """Needs of companies; what is not said to be public stays confidential."""

    def _read(self, texts: Texts) -> list[ParsedRecord]:
        return [read_record(NEEDS, need_fields(self._table, texts))]


_CLASSES: Mapping[str, type[TableSource]] = {
    roles.PEOPLE: PersonTableSource,
    roles.SEEDS: SeedTableSource,
    roles.PATENTS: PatentTableSource,
    roles.NEEDS: NeedTableSource,
    roles.JUDGEMENTS: JudgementTableSource,
}


def source_of(
    rows: RowFile,
    table: RecognisedTable,
    source: str,
    settings: TableSettings,
    notes: Sequence[Rejection] = (),
) -> TableSource:
    """Return a recognised table of one of IMPORTED_KINDS as a source."""
    return _CLASSES[table.kind](rows, table, source, settings, notes)
