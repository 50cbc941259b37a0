"""One person, or one organisation, by an id of a system that knows them: what a file has on them alone.

Nothing is fetched: the id is looked for in an export that somebody has.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from catalogue.database.models import Organisation, Researcher
from catalogue.importers import values
from catalogue.importers.general.columns import erad_number
from catalogue.importers.rejects import RejectsForm
from catalogue.importers.sources import ParsedRow, RecordSource
from catalogue.records.drafts import (
    ORGANISATIONS,
    RESEARCHERS,
    SEEDS,
    BadValueError,
    Draft,
    Rejection,
)
from enmusubi.errors import InputError

RESEARCHMAP, ORCID, KAKEN, ROR = "researchmap", "orcid", "kaken", "ror"
MAX_CHARS = 300
MAX_REMEMBERED = 1_000_000  # ids of people who have several

_RESEARCHMAP = re.compile(
    r"(?:https?://)?(?:www\.|api\.)?researchmap\.jp/(?:researchers/)?([\w.-]+)(?:[/?#].*)?",
    re.IGNORECASE,
)
_NRID = re.compile(
    r"(?:https?://)?nrid\.nii\.ac\.jp/(?:\w\w/)?(?:nrid|search)/(?:1000)?0?(\d{8,9})/?.*",
    re.IGNORECASE,
)
_PERMALINK = re.compile(r"[A-Za-z][\w.-]{1,60}")
_ID_COLUMNS = ("researcher_id", "orcid", "researchmap_id", "kaken_id", "erad_id", "openalex_id")


@dataclass(frozen=True)
class Identifier:
    """An id and the system that gave it; of KAKEN, the researcher's number of eight digits."""

    system: str
    value: str

    def __str__(self) -> str:
        return f"{self.system}:{self.value}"

    @property
    def table(self) -> str:
        """What it is the id of."""
        return ORGANISATIONS if self.system == ROR else RESEARCHERS

    def names(self, draft: Draft) -> bool:
        """Whether a draft is of the person or organisation."""
        told = draft.values
        if self.system == ROR:
            return draft.table == ORGANISATIONS and told.get("ror_id") == self.value
        if draft.table != RESEARCHERS:
            return False
        if self.system == KAKEN:
            kaken = str(told.get("kaken_id") or "")
            return told.get("erad_id") == self.value or kaken.endswith(self.value)
        column = "orcid" if self.system == ORCID else "researchmap_id"
        return str(told.get(column) or "").casefold() == self.value.casefold()


def read_identifier(text: str) -> Identifier:
    """Return the id in what somebody typed: an address or a bare id; raises InputError for none.

    Bare digits are a researcher's number, as KAKEN and e-Rad give it.
    """
    typed = unicodedata.normalize("NFKC", text).strip()[:MAX_CHARS]
    for system, parse in ((ORCID, values.orcid), (ROR, values.ror)):
        try:
            if value := parse(typed):
                return Identifier(system, str(value))
        except BadValueError:
            continue
    if found := _NRID.fullmatch(typed):
        return Identifier(KAKEN, found[1][-8:])
    if len(typed) > 5 and (number := erad_number(typed)):
        return Identifier(KAKEN, number)
    if found := _RESEARCHMAP.fullmatch(typed):
        return Identifier(RESEARCHMAP, found[1])
    if _PERMALINK.fullmatch(typed):
        return Identifier(RESEARCHMAP, typed)
    raise InputError(
        "This is no id that is known here: expected an address or id of researchmap, an ORCID iD (check "
        "digit included), a researcher's number of KAKEN, or a ROR id.",
        of_field="identifier",
    )


def written_identifier(text: str) -> Identifier:
    """Return the identifier that `str()` of one wrote."""
    system, _, value = text.partition(":")
    return Identifier(system, value)


def known_as(connection: Connection, identifier: Identifier) -> list[str]:
    """Return the ids under which the catalogue has the person or organisation."""
    value = identifier.value
    if identifier.system == ROR:
        query = select(Organisation.organisation_id).where(Organisation.ror_id == value)
    else:
        columns = {
            ORCID: (Researcher.orcid == value,),
            RESEARCHMAP: (Researcher.researchmap_id == value,),
            KAKEN: (Researcher.erad_id == value, Researcher.kaken_id.endswith(value)),
        }[identifier.system]
        living = Researcher.withdrawn_at.is_(None)
        query = select(Researcher.researcher_id).where(or_(*columns), living)
    return sorted(connection.execute(query).scalars())


def only_of(identifier: Identifier, sources: Sequence[RecordSource]) -> list[RecordSource]:
    """Return the sources with the rows of one person or organisation alone.

    Raises InputError where no row is theirs.
    """
    ids = _ids_of(identifier, sources)
    if not ids:
        raise InputError(
            "The file has nothing on %(system)s %(id)s. Check the id, or whether it is another's export.",
            system=identifier.system,
            id=identifier.value,
            of_field="file",
        )
    return [_OnlyTheirs(source, identifier, frozenset(ids)) for source in sources]


def _ids_of(identifier: Identifier, sources: Sequence[RecordSource]) -> set[str]:
    """Return all ids that the sources have of the person or organisation.

    A file may name a person by another id before it says that both are one. So it is remembered which ids
    are one, of those alone who have several; of too many nothing is, and the files are read once more.
    """
    ids, one = set[str](), _OnePerson()
    for own, is_named in _ids_told(identifier, sources):
        if is_named:
            ids |= own or {identifier.value}
        elif len(own) > 1:
            one.unite(own)
    if one.is_too_large:
        for own, _ in _ids_told(identifier, sources):
            ids |= own if own & ids else set()
        return ids
    return one.all_of(ids)


def _ids_told(
    identifier: Identifier, sources: Sequence[RecordSource]
) -> Iterator[tuple[set[str], bool]]:
    """Yield the ids of each thing in the sources that may be it, and whether the identifier names it."""
    for source in sources:
        for row in source.parsed_rows():
            for draft in row.drafts:
                is_named = identifier.names(draft)
                if is_named or draft.table == RESEARCHERS:
                    yield {str(v) for n in _ID_COLUMNS if (v := draft.values.get(n))}, is_named


class _OnePerson:
    """Which ids are one person's: each points to another one, the last of them to itself."""

    def __init__(self) -> None:
        self.is_too_large = False
        self._next: dict[str, str] = {}

    def unite(self, ids: set[str]) -> None:
        """Note that these are one person's."""
        if self.is_too_large:
            return
        first, *others = sorted(ids)
        for other in others:
            self._next[self._last(other)] = self._last(first)
        if len(self._next) > MAX_REMEMBERED:
            self.is_too_large, self._next = True, {}

    def all_of(self, ids: set[str]) -> set[str]:
        """Return the ids with all others of the same people."""
        people = {self._last(one) for one in ids}
        return ids | {one for one in list(self._next) if self._last(one) in people}

    def _last(self, one: str) -> str:
        found = self._next.setdefault(one, one)
        while found != self._next[found]:  # each step on the way is made shorter
            self._next[one] = self._next[found]
            one, found = found, self._next[found]
        return found


class _OnlyTheirs:
    """A source without the rows of others."""

    def __init__(self, source: RecordSource, identifier: Identifier, ids: frozenset[str]) -> None:
        self._source, self._identifier, self._ids = source, identifier, ids
        self.file, self.path, self.label = source.file, source.path, source.label
        self.table, self.repeating, self.source = source.table, source.repeating, source.source

    def notes(self) -> tuple[Rejection, ...]:
        """Return what is left out of the file as a whole."""
        return self._source.notes()

    def done_bytes(self) -> int:
        """Return how many of the file's bytes were read."""
        return self._source.done_bytes()

    def rejects_form(self) -> RejectsForm:
        """Return how rejected rows are written."""
        return self._source.rejects_form()

    def parsed_rows(self) -> Iterator[ParsedRow]:
        """Yield the rows that are theirs."""
        return (row for row in self._source.parsed_rows() if self._is_theirs(row))

    def _is_theirs(self, row: ParsedRow) -> bool:
        return any(self._names(draft) for draft in row.drafts)

    def _names(self, draft: Draft) -> bool:
        if draft.table == SEEDS:
            return not self._ids.isdisjoint(draft.people or ())
        theirs = draft.table == RESEARCHERS and str(draft.values.get("researcher_id")) in self._ids
        return theirs or self._identifier.names(draft)
