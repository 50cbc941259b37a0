"""researchmap: the answers of its API (JSON-LD) and the JSON lines that it exports.

Every file is read twice, first for people and then for works, so that a work finds its owner
wherever their profile stands.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalogue.importers.general.columns import ParsedRecord
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import Json, JsonFile
from catalogue.importers.researchmap.entries import (
    AREAS,
    DELETED,
    INTERESTS,
    NOBODY,
    PROFILE,
    TITLES,
    Entry,
    entries,
)
from catalogue.importers.researchmap.records import (
    Subject,
    profile_records,
    subject_records,
    subjects_in,
    work_record,
)
from catalogue.importers.rows import BadRow, ReadOptions
from catalogue.importers.sources import (
    JSON_SUFFIXES,
    Importer,
    ImportOptions,
    ParsedRow,
    RecordSource,
    RowSource,
    check_file,
    parsed_row,
    rejected_row,
)
from catalogue.records.drafts import COLUMN, ORGANISATIONS, RESEARCHERS, SEEDS, Rejection, shape_of
from enmusubi.messages import N_, Message

NAME = "researchmap"
ARRAYS = ("items",)  # a profile's own array, `@graph`, stays with the profile
MAX_KEPT_SUBJECTS = 200_000
MAX_TYPES = 100

_DELETED = N_("%(count)s marked as deleted: left out")
_NOT_KEPT = N_("%(count)s of a type that is not kept")
EXPECTED = Message("profiles, works or lines of an export")
_UNKNOWN = N_(
    "neither a profile nor a work: expected an @type or insert.type such as published_papers, or "
    "an @id such as https://api.researchmap.jp/PERMALINK/published_papers/ID"
)


class PeopleSource(RowSource):
    """The people of one file: their profiles, and interests and areas that stand in other rows.

    Those are kept until the file ends and come as one record for each person, as long as they are
    not too many; then they come earlier, and what follows of the same person only fills.
    """

    table = RESEARCHERS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def __init__(self, file: InputFile) -> None:
        super().__init__(JsonFile(file, ReadOptions(), ARRAYS), NAME, _no_records, EXPECTED)
        self.label = f"{self.label} (people)"

    def notes(self) -> tuple[Rejection, ...]:
        """Return nothing: the source of the works says what the file lacks."""
        return ()

    def done_bytes(self) -> int:
        """Return half of what was read: the works are the other half."""
        return super().done_bytes() // 2

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each profile, then one for each person with subjects alone."""
        kept = _Kept()
        for row in self._rows.rows():
            if isinstance(row, BadRow):
                continue
            for owner, person in people_in(row.cells).items():
                if person.profile:
                    records = profile_records(person.profile, person.subjects)
                    kept.note_profile(person, row.number)
                    yield parsed_row(self.label, row.number, records, row.raw)
                elif owner and person.subjects:
                    kept.add(owner, person.subjects, row.number)
                elif not owner:
                    records = subject_records(owner, person.subjects)
                    yield parsed_row(self.label, row.number, records, row.raw)
            if kept.size > MAX_KEPT_SUBJECTS:
                yield from self._flushed(kept)
        yield from self._flushed(kept)

    def _flushed(self, kept: "_Kept") -> Iterator[ParsedRow]:
        for number, owner, subjects in kept.taken():
            yield parsed_row(self.label, number, subject_records(owner, subjects))


class WorksSource(RowSource):
    """The works of one file."""

    table = SEEDS
    repeating = frozenset({ORGANISATIONS, RESEARCHERS})

    def __init__(self, file: InputFile) -> None:
        rows = JsonFile(file, ReadOptions(), ARRAYS)
        super().__init__(rows, NAME, _no_records, EXPECTED)
        self._left_out: Counter[str] = Counter()

    def notes(self) -> tuple[Rejection, ...]:
        """Return what was left out: deleted entries, and types that hold no research."""
        return super().notes() + tuple(
            Rejection(
                name,
                Message(_DELETED if name == DELETED else _NOT_KEPT, {"count": f"{count:,}"}),
                scope=COLUMN,
                file=self.label,
            )
            for name, count in sorted(self._left_out.items())
        )

    def done_bytes(self) -> int:
        """Return the other half of what was read."""
        return (super().done_bytes() + 1) // 2

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield one row for each work; those of one object have its number."""
        self._is_empty = True
        self._left_out.clear()
        for row in self._rows.rows():
            self._is_empty = False
            if isinstance(row, BadRow):
                yield rejected_row(self.label, row)
                continue
            for entry in entries(row.cells):
                if records := self._read_entry(entry):
                    yield parsed_row(self.label, row.number, records, row.raw)

    def _read_entry(self, entry: Entry) -> list[ParsedRecord]:
        if entry.type in TITLES:
            return [work_record(entry)]
        if entry.type in (PROFILE, INTERESTS, AREAS):
            return []
        if not entry.type:
            unknown = Rejection("type", Message(_UNKNOWN), shape_of(entry.data))
            return [ParsedRecord(rejections=(unknown,))]
        if entry.type in self._left_out or len(self._left_out) < MAX_TYPES:
            self._left_out[entry.type] += 1
        return []


@dataclass
class _Person:
    """What one object says of a person."""

    profile: Entry | None = None
    subjects: list[Subject] = field(default_factory=list)


class _Kept:
    """Interests and areas by person, and the profiles that the file has had so far."""

    def __init__(self) -> None:
        self.size = 0
        self._subjects: dict[str, tuple[int, list[Subject]]] = {}
        self._profiles: dict[str, int] = {}  # permalink → row, where the profile had no subjects
        self._permalinks: dict[str, str] = {}  # by the id of the account

    def note_profile(self, person: _Person, number: int) -> None:
        """Note a profile."""
        profile = person.profile or NOBODY
        self._permalinks[profile.account] = profile.owner
        if not person.subjects:
            self._profiles[profile.owner] = number

    def add(self, owner: str, subjects: list[Subject], number: int) -> None:
        """Keep what stands in a row of its own."""
        self._subjects.setdefault(owner, (number, []))[1].extend(subjects)
        self.size += len(subjects)

    def taken(self) -> list[tuple[int, str, list[Subject]]]:
        """Return row, person and subjects, and keep none of them.

        The row is that of the profile: the catalogue then takes both as one statement.
        """
        united: dict[str, tuple[int, list[Subject]]] = {}
        for name, (number, subjects) in self._subjects.items():
            owner = self._permalinks.get(name, name)
            first = self._profiles.get(owner, number)
            united.setdefault(owner, (first, []))[1].extend(subjects)
        self._subjects, self.size = {}, 0
        return [(number, owner, subjects) for owner, (number, subjects) in united.items()]


def people_in(row: Json) -> dict[str, _Person]:
    """Return what an object says of people, by their permalinks."""
    people: dict[str, _Person] = {}
    for entry in entries(row):
        if entry.type == PROFILE:
            people.setdefault(entry.owner, _Person()).profile = entry
        elif entry.type in (INTERESTS, AREAS):
            people.setdefault(entry.owner, _Person()).subjects.extend(subjects_in(entry))
    return people


def _no_records(_: Json) -> list[ParsedRecord]:
    return []


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source of people and as one of works; raises where it cannot be one."""
    check_file(file, options, NAME, JSON_SUFFIXES)
    return [PeopleSource(file), WorksSource(file)]


RESEARCHMAP = Importer(
    NAME, "researchmap's profiles and works: its API's JSON-LD and its exported lines", open_sources
)
