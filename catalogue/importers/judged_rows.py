"""Records judgements whose need and researcher a row of an office's table tells by number or by name.

Nothing of what stands in a row is quoted: a need's title may be a trade secret.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, select

from catalogue.database.judgement_models import FILE
from catalogue.database.models import Researcher, StoredNeed
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.drafts import (
    JUDGEMENTS,
    ORGANISATIONS,
    REFUSED,
    BadValueError,
    Outcome,
)
from catalogue.records.lookups import NAME_KEY, NAME_REFERENCE, Lookups
from catalogue.records.source_records import chunks
from enmusubi.messages import Message

NEED = cast(Table, StoredNeed.__table__)
PERSON = cast(Table, Researcher.__table__)
MAX_NAMED = 5  # candidates that a message names


@dataclass(frozen=True)
class JudgedRow:
    """What a row says: of which need and whom, and the codes of the judgement.

    `need` are ids or titles, `people` ids or references by name, the surest first. A company and a
    department tell those apart that have one title or name.
    """

    need: tuple[str, ...] = field(default=(), repr=False)
    company: str = field(default="", repr=False)
    people: tuple[str, ...] = ()
    department: str = ""
    verdict: str = ""
    reason: str = ""
    stage: str = ""
    judged_by: str = ""
    judged_at: tuple[datetime, datetime] | None = (
        None  # the first and the last moment that may be meant
    )


def record_judged(connection: Connection, rows: Sequence[JudgedRow]) -> list[Outcome]:
    """Record the judgements in their order; one outcome each, a refused one changes nothing."""
    # pandas comes with it: an import without judgements does not wait for that
    from catalogue.judgements.judgements import Judgement, find_fault, record_judgement

    finder, outcomes = PairFinder(connection, rows), []
    for row in rows:
        try:
            at, until = row.judged_at or (None, None)
            judgement = Judgement(
                finder.need(row),
                finder.person(row),
                row.verdict,
                row.reason,
                row.stage,
                row.judged_by,
                judged_at=at,
                shown_until=until,
                origin=FILE,
            )
            if fault := find_fault(judgement):
                raise BadValueError.of(fault.field, fault.message)
            done = record_judgement(connection, judgement)
            outcomes.append(
                Outcome(JUDGEMENTS, done.researcher_id, done.change, counted=("", done.change))
            )
        except BadValueError as refusal:
            outcomes.append(Outcome(JUDGEMENTS, "", REFUSED, (refusal.rejection,)))
    return outcomes


class PairFinder:
    """Finds the needs and the researchers of some rows, which it looks up at once."""

    def __init__(self, connection: Connection, rows: Sequence[JudgedRow]) -> None:
        self._lookups = Lookups()
        self._lookups.load_references(connection, {r for row in rows for r in row.people})
        keys = {key for row in rows if row.company for key in organisation_keys(row.company, "")}
        self._lookups.load_keys(connection, ORGANISATIONS, keys)
        companies = set().union(*(self._companies(row.company) for row in rows))
        self._of: dict[str, set[str]] = defaultdict(set)  # id, title or company → needs
        self._ids: set[str] = set()
        self._load_needs(connection, {said for row in rows for said in row.need}, companies)
        several = (people for people in map(self._people, rows) if len(people) > 1)
        self._departments = _departments_of(connection, set().union(*several))

    def need(self, row: JudgedRow) -> str:
        """Return the id of the need that a row means; raises BadValueError for none or several."""
        for said in row.need:
            if said in self._ids:
                return said
        of_company = set().union(*(self._of[_company(c)] for c in self._companies(row.company)))
        titled = next((self._of[said] for said in row.need if self._of[said]), set())
        found = titled & of_company or titled or (of_company if not row.need else set())
        if not found:
            raise BadValueError.of(
                "need_id", Message("no need has this number or title: import the needs first")
            )
        if len(found) > 1:
            count = {"count": len(found)}
            raise BadValueError.of(
                "need_id", Message("%(count)s needs may be meant: give the need's number", count)
            )
        return next(iter(found))

    def person(self, row: JudgedRow) -> str:
        """Return the id of the researcher whom a row means; raises BadValueError for none or several."""
        found = self._people(row)
        if len(found) > 1 and row.department:
            there = {p for p in found if _is_at(row.department, self._departments.get(p, ()))}
            found = there or found
        if not found:
            raise BadValueError.of(
                "researcher_id",
                Message("no researcher has this number or name: import the researchers first"),
            )
        if len(found) > 1:
            ids = ", ".join(sorted(found)[:MAX_NAMED])
            several = {"count": len(found), "ids": ids}
            message = Message(
                "%(count)s researchers may be meant (%(ids)s): give a number", several
            )
            raise BadValueError.of("researcher_id", message)
        return next(iter(found))

    def _people(self, row: JudgedRow) -> set[str]:
        for reference in row.people:
            if reference.startswith(NAME_REFERENCE):
                if found := self._lookups.people_named(reference):
                    return found
            elif person := self._lookups.person(reference):
                return {person}
        return set()

    def _companies(self, name: str) -> set[str]:
        keys = organisation_keys(name, "") if name else ()
        return set().union(
            *(self._lookups.all_owners(ORGANISATIONS, NAME_KEY, key) for key in keys)
        )

    def _load_needs(self, connection: Connection, said: set[str], companies: set[str]) -> None:
        is_living = NEED.c.withdrawn_at.is_(None)
        for chunk in chunks(sorted(said)):
            for column in (NEED.c.title, NEED.c.text):  # a need without a text has its title there
                columns = select(NEED.c.need_id, NEED.c.organisation_id, column)
                titled = columns.where(is_living, column.in_(chunk))
                for need_id, company, title in connection.execute(titled):
                    self._note(need_id, (title, _company(company)))
            of_ids = select(NEED.c.need_id).where(NEED.c.need_id.in_(chunk))
            self._ids |= set(connection.execute(of_ids).scalars())
        for chunk in chunks(sorted(companies)):
            columns = select(NEED.c.need_id, NEED.c.organisation_id)
            of_companies = columns.where(is_living, NEED.c.organisation_id.in_(chunk))
            for need_id, company in connection.execute(of_companies):
                self._note(need_id, (_company(company),))

    def _note(self, need_id: str, names: Iterable[str]) -> None:
        for name in filter(None, names):
            self._of[name].add(need_id)


def _company(organisation_id: str | None) -> str:
    return f"\0{organisation_id}" if organisation_id else ""


def _departments_of(connection: Connection, people: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for chunk in chunks(sorted(people)):
        columns = PERSON.c.researcher_id, PERSON.c.department_ja, PERSON.c.department_en
        for person, *names in connection.execute(
            select(*columns).where(PERSON.c.researcher_id.in_(chunk))
        ):
            found[person] = tuple(filter(None, names))
    return found


def _is_at(department: str, known: Sequence[str]) -> bool:
    return any(department in name or name in department for name in known)
