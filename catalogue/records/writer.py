"""Writes one batch of drafts: keeps what the source says as records, and lets rows follow.

All of a batch is one transaction of the caller; a draft that says nothing new changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from catalogue.database.models import MENTION, OWN
from catalogue.identity.identity import Proposal, RowMatch, find_row, same_rows
from catalogue.identity.links import connect
from catalogue.records.affiliations import newer_mention
from catalogue.records.batch_loading import BatchLoader, adds_nothing
from catalogue.records.drafts import (
    ADDED,
    MERGED,
    REFUSED,
    RESEARCHERS,
    SEEDS,
    TABLES,
    UNCHANGED,
    UPDATED,
    BadValueError,
    Draft,
    Merge,
    Outcome,
    Rejection,
)
from catalogue.records.lookups import NAME_REFERENCE, UNIQUE_IDS
from catalogue.records.places import Places
from catalogue.records.shared_names import candidates, namesake, questions
from catalogue.records.source_records import SourceRecord
from catalogue.records.suppression import Suppressed
from catalogue.records.survivorship import Derived, People
from catalogue.records.table_rules import PROTECTED, STORED, Row
from catalogue.records.unit_of_work import UnitOfWork
from enmusubi.messages import Message

REPRESENTATIVE_OF = "representative_of"
AUTHORS = "researcher_ids"  # the column that names the researchers of a seed
STRENGTH = (UNCHANGED, MERGED, UPDATED, ADDED)


@dataclass(frozen=True)
class DraftBatch:
    """Where drafts come from: their source, its rank, and the import with its row numbers.

    Run 0 is no import. `repeating` names the tables whose rows may come up several times in a file.
    """

    source: str
    rank: int = 0
    run_id: int = 0
    repeating: frozenset[str] = frozenset(TABLES)


class BatchWriter:
    """Takes drafts in one transaction; used once."""

    def __init__(self, connection: Connection, batch: DraftBatch, written_at: datetime) -> None:
        self._connection = connection
        self._batch = batch
        self._written_at = written_at
        self._unit_of_work = UnitOfWork(connection)
        self._proposals: dict[Proposal, None] = {}
        self._places = Places(self._unit_of_work.lookups)
        self._loader = BatchLoader(self._unit_of_work, batch.source, batch.run_id)
        self._suppressed = Suppressed(connection)

    def write(self, drafts: Sequence[Draft], rows: Sequence[int] = ()) -> list[Outcome]:
        """Take the drafts in their order, `rows` being their rows in the file; one outcome each."""
        # All that the batch can meet is read before its first draft is taken: a query for each table
        # and kind of id instead of several for each row. Drafts then see what drafts before them did in
        # memory, and the database hears of it once.
        self._loader.load(drafts)
        numbers = rows or [0] * len(drafts)
        outcomes = [self._apply(draft, row) for draft, row in zip(drafts, numbers, strict=True)]
        self._unit_of_work.flush()
        # Joining comes last: it moves stored records from row to row, so that undoing a join needs nothing
        # of the batch that led to it.
        connect(self._connection, list(self._proposals), self._written_at)
        return outcomes

    def _settled(self, draft: Draft) -> Draft:
        """Return a draft with its organisation, which a draft before it may have brought."""
        settled = self._places.settled(draft)
        self._loader.load_settled(settled)
        return settled

    def _apply(self, unsettled: Draft, run_row: int) -> Outcome:
        if repeated := self._repeated_as_it_is(unsettled):
            return repeated
        if self._suppressed:
            lookups = self._unit_of_work.lookups
            admitted = self._suppressed.admitted(unsettled, lookups.people_of_that_name)
            if admitted is None:  # told nowhere: a rejected row would be kept as it stood
                return Outcome(unsettled.table, "", REFUSED)
            unsettled = admitted
        draft = self._settled(unsettled)
        if draft.table == SEEDS and draft.people:
            draft = self._with_namesakes(draft, run_row)
        source, own = self._batch.source, str(draft.values[STORED[draft.table].key])
        known = self._unit_of_work.record(draft.table, source, own)
        # Thousands of works mention the same organisation; only what adds something is derived anew.
        if known and adds_nothing(draft, known, self._batch.run_id):
            return _unchanged(known)
        try:
            if known:
                found = RowMatch(
                    known.row_id, tuple(same_rows(draft, known.row_id, source, self._unit_of_work))
                )
            else:
                found = find_row(draft, source, self._unit_of_work)
            record = self._record(draft, found.row_id, known, run_row)
            # The row is made on trial, so that a refused draft leaves no trace in the unit of work.
            made = self._unit_of_work.trial(record)
            rejections = self._check(draft, made)
        except BadValueError as refusal:
            return Outcome(draft.table, own, REFUSED, (refusal.rejection,))
        self._proposals.update(dict.fromkeys(found.proposals))
        counted = known.change if known and self._in_this_run(known) else ""
        change = self._put(record, known, made)
        record.change = max(change, counted or UNCHANGED, key=STRENGTH.index)
        return Outcome(draft.table, found.row_id, change, rejections, (counted, record.change))

    def _with_namesakes(self, draft: Draft, run_row: int) -> Draft:
        """Return a seed's draft with a person of its own for each name of which it is not clear whose it is.

        Who of them it is, is queued for a user to decide: nobody is linked to a namesake's work.
        """
        lookups, people = self._unit_of_work.lookups, list[str]()
        is_known = any(lookups.person(reference) for reference in draft.people or ())
        for reference in draft.people or ():
            named = candidates(lookups, reference, others_known=is_known)
            if not named:  # one is linked, none is told by the check
                people.append(reference)
                continue
            person = namesake(str(draft.values[STORED[SEEDS].key]), reference)
            own_id = str(person.values[STORED[RESEARCHERS].key])
            self._unit_of_work.load_source(RESEARCHERS, self._batch.source, [own_id])
            self._apply(person, run_row)
            people.append(own_id)
            self._proposals.update(dict.fromkeys(questions(own_id, named)))
        return draft if tuple(people) == draft.people else replace(draft, people=tuple(people))

    def _put(
        self, record: SourceRecord, known: SourceRecord | None, made: tuple[Derived, People]
    ) -> str:
        unit_of_work, place = self._unit_of_work, (record.table, record.row_id)
        before = unit_of_work.rows.get(place)
        people = list(unit_of_work.people.get(record.row_id, {}).items())
        unit_of_work.put(record, made)
        if before is None or before.withdrawn_at:
            return ADDED
        if known is None and record.home_id != record.row_id:
            return MERGED
        same_people = record.table != SEEDS or people == list(
            unit_of_work.people[record.row_id].items()
        )
        return UNCHANGED if same_people and before.row == unit_of_work.row(place) else UPDATED

    def _repeated_as_it_is(self, draft: Draft) -> Outcome | None:
        """Return what becomes of a draft of which it was clear before the batch that it adds nothing."""
        _, known = self._loader.repeated.get(id(draft), (None, None))
        if not known or not self._unit_of_work.is_current(known):
            return None
        return _unchanged(known) if self._places.settled(draft) is draft else None

    def _in_this_run(self, known: SourceRecord) -> bool:
        return bool(self._batch.run_id) and known.run_id == self._batch.run_id

    def _record(
        self, draft: Draft, row_id: str, known: SourceRecord | None, run_row: int
    ) -> SourceRecord:
        """Return what the source says now, the draft put into what it said before."""
        own = str(draft.values[STORED[draft.table].key])
        given, said, as_of = self._given(draft, own), known.values if known else {}, draft.as_of
        if draft.table == RESEARCHERS and known and draft.merge is Merge.FILL:
            later = not self._in_this_run(known)
            given, said, as_of = newer_mention(given, known, as_of, is_later_import=later)
        authority = OWN if draft.merge is Merge.REPLACE else MENTION
        record = known or SourceRecord(
            draft.table, self._batch.source, own, own, row_id, authority, 0, self._written_at
        )
        new = replace(
            record,
            values=self._merged(draft, given, said, known, run_row) if known else given,
            authority=OWN if OWN in (authority, record.authority) else MENTION,
            rank=self._batch.rank,
            withdrawn_at=None,
            run_id=self._batch.run_id,
            run_row=run_row,
            is_changed=True,
            as_of=as_of,
        )
        if draft.people is not None:
            new.people = draft.people
        if draft.given is None or REPRESENTATIVE_OF in draft.given:
            new.chosen_by = draft.chosen_by
        if known and not new.says_the_same(known):
            new.changed_at = self._written_at
        return new

    def _given(self, draft: Draft, own: str) -> Row:
        key = STORED[draft.table].key
        given: Row = {n: v for n, v in draft.values.items() if v not in (None, "") and n != key}
        columns = STORED[draft.table].table.c
        given |= {name: None if columns[name].nullable else "" for name in draft.cleared}
        if draft.table == RESEARCHERS and draft.merge is Merge.REPLACE:
            other_ids = {str(given.get(name)) for name in UNIQUE_IDS[RESEARCHERS]}
            if own not in other_ids and ":" not in own:
                given.setdefault("local_id", own)
        return given

    def _merged(
        self, draft: Draft, given: Row, said: Row, known: SourceRecord, run_row: int
    ) -> Row:
        """Return what is given, put into what was said before, as far as that holds."""
        mentions = draft.merge is Merge.FILL
        filled, replaced = {**given, **said}, {**said, **given}
        # Two rows of one import say something of one thing: the first one counts, the second fills gaps,
        # unless the file has one row for each thing: then an id was given twice by mistake.
        if self._in_this_run(known) and run_row != known.run_row:
            doubled = replaced != known.values or draft.people not in (None, known.people)
            if doubled and not mentions and draft.table not in self._batch.repeating:
                key = STORED[draft.table].key
                reason = Message(
                    "%(id)r stands in row %(row)s already, with other content",
                    {"id": known.key, "row": known.run_row},
                )
                raise BadValueError.of(key, reason)
            return filled
        if mentions and (known.authority == OWN or not self._batch.run_id):
            return filled
        # A cell that the source emptied takes its value back; where it has no such column it says nothing.
        emptied = (draft.given or frozenset()) - given.keys() - PROTECTED
        return {name: value for name, value in replaced.items() if name not in emptied}

    def _check(self, draft: Draft, made: tuple[Derived, People]) -> tuple[Rejection, ...]:
        """Return what of the draft has no place; raises BadValueError if the row cannot be kept."""
        derived, people = made
        if lacking := STORED[draft.table].lacking(derived.row):
            raise BadValueError.of(lacking.field, lacking.message)
        if draft.table != SEEDS:
            return ()
        unknown = self._unknown_people(draft, people)
        if not people:
            nobody = Message("empty: a seed needs a researcher")
            raise BadValueError.of(AUTHORS, unknown[0] if unknown else nobody)
        return tuple(Rejection(AUTHORS, message) for message in unknown)

    def _unknown_people(self, draft: Draft, people: People) -> list[Message]:
        unknown = [r for r in draft.people or () if not self._unit_of_work.lookups.person(r)]
        by_id = [r for r in unknown if not r.startswith(NAME_REFERENCE)]
        if unknown and not people and not by_id:
            count = {"count": len(unknown)}
            return [Message("none of the %(count)s names is that of one known researcher", count)]
        return [
            Message("no researcher has the id %(id)r: import them first", {"id": r}) for r in by_id
        ]


def _unchanged(known: SourceRecord) -> Outcome:
    return Outcome(known.table, known.row_id, UNCHANGED, (), (known.change, known.change))
