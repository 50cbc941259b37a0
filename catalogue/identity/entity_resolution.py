"""Entity resolution: after an import, joins people who are one by name, or queues the pair for a person.

Only pairs that share an organisation or a public seed are looked at; the rule itself is
`catalogue.identity.person_matching.decide`. Killed half-way, the next run of the import goes on, and comes
to the same pairs: a pair that was decided or asked about is not looked at again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from catalogue.database.models import JOINED, OWN, QUEUED, UNPUBLISHED, Authorship, Researcher, Seed
from catalogue.database.record_models import ResearcherKey
from catalogue.identity.identity import Proposal
from catalogue.identity.links import connect, rows_of
from catalogue.identity.person_matching import PersonForm, compare_people, decide
from catalogue.records.drafts import RESEARCHERS, SEEDS, UNCHANGED
from catalogue.records.import_runs import Run
from catalogue.records.lookups import UNIQUE_IDS
from catalogue.records.source_records import RECORD, chunks
from catalogue.records.unit_of_work import INITIALS
from matcher.records import PUBLIC

CHUNK = 200
MAX_SAME_NAMES = 50  # of one person in one organisation: beyond it the name proves nothing
Transaction = Callable[[], AbstractContextManager[Connection]]
Ids = tuple[str, str]


def resolve_people(transaction: Transaction, run: Run) -> tuple[int, int]:
    """Look at everybody whom the run brought or changed; returns pairs joined and pairs queued."""
    with transaction() as connection:
        people = _changed_people(connection, run)
    return resolve_these(transaction, people)


def resolve_these(transaction: Transaction, people: Sequence[str]) -> tuple[int, int]:
    """Look at some researchers, by their ids in order; returns pairs joined and pairs queued."""
    joined, queued = 0, set[Ids]()
    for chunk in chunks(people, CHUNK):
        with transaction() as connection:
            pending: Sequence[str] = chunk
            while pending:  # who became one has names and places of both, and is looked at again
                proposals = _proposals(connection, pending)
                united = connect(connection, proposals, datetime.now(UTC))
                joined += united
                queued.update((p.first, p.second) for p in proposals if p.state == QUEUED)
                homes = {p.first for p in proposals if p.state == JOINED}
                rows = set(rows_of(connection, homes).values())
                _unite_copies(connection, rows)
                pending = sorted(rows) if united else ()
    return joined, len(queued)


def _changed_people(connection: Connection, run: Run) -> list[str]:
    query = select(RECORD.c.row_id).where(
        RECORD.c.run_id == run.run_id,
        RECORD.c.table_name == RESEARCHERS,
        RECORD.c.change != UNCHANGED,
    )
    return sorted(set(connection.execute(query).scalars()))


def _proposals(connection: Connection, people: Sequence[str]) -> list[Proposal]:
    shared = _pairs_of_one_seed(connection, people)
    pairs = sorted(shared | _pairs_of_one_organisation(connection, people))
    rows = _rows(connection, {person for pair in pairs for person in pair})
    described = _describing_sources(connection, rows)
    proposals = []
    for pair in pairs:
        first, second = (rows.get(person) for person in pair)
        if not first or not second:
            continue
        conflicting = _conflict(first, second) or bool(described[pair[0]] & described[pair[1]])
        same_department = _same_department(first, second)
        if conflicting and not same_department and pair not in shared:
            continue  # no name could outweigh that, and comparing names takes long
        decision = decide(
            compare_people(_form(first), _form(second)),
            same_organisation=_same(first["organisation_id"], second["organisation_id"]),
            same_department=same_department,
            shared_seed=pair in shared,
            conflicting_ids=conflicting,
        )
        if decision.state in (JOINED, QUEUED):
            state, reasons = decision.state, decision.reasons
            proposals.append(Proposal(RESEARCHERS, *pair, state, reasons, decision.certainty))
    return proposals


def _pairs(query: Any, connection: Connection) -> set[Ids]:
    return {(min(pair), max(pair)) for pair in connection.execute(query)}


def _pairs_of_one_organisation(connection: Connection, people: Sequence[str]) -> set[Ids]:
    key, other_key = aliased(ResearcherKey), aliased(ResearcherKey)
    person, other = aliased(Researcher), aliased(Researcher)
    joined = (
        select(person.researcher_id, other.researcher_id)
        .join(key, key.researcher_id == person.researcher_id)
        .join(other_key, other_key.key == key.key)
        .join(other, other.researcher_id == other_key.researcher_id)
        .where(
            person.researcher_id.in_(people),
            other.researcher_id != person.researcher_id,
            other.withdrawn_at.is_(None),
        )
    )
    # Few have a full name in common, many an organisation: so the first is begun with the names, its
    # organisation being an expression that no index serves. Initials count within a department.
    place = person.organisation_id
    by_name = joined.where(
        key.key.not_like(f"{INITIALS}%"), other.organisation_id.concat("") == place
    )
    by_initials = joined.where(
        key.key.like(f"{INITIALS}%"),
        other.organisation_id == place,
        _of_one_department(person, other),
    ).distinct()
    same_names: dict[str, set[str]] = defaultdict(set)
    for query in (by_name, by_initials):
        for one, another in connection.execute(query):
            same_names[one].add(another)
    return {
        (min(one, another), max(one, another))
        for one, others in same_names.items()
        if len(others) <= MAX_SAME_NAMES
        for another in others
    }


def _of_one_department(person: Any, other: Any) -> Any:
    sides = (person.department_ja, other.department_ja), (person.department_en, other.department_en)
    return or_(*(and_(mine == theirs, mine != "") for mine, theirs in sides))


def _pairs_of_one_seed(connection: Connection, people: Sequence[str]) -> set[Ids]:
    """Return same_names who made one seed that everybody sees: who is who depends on no hidden one."""
    part, other_part = aliased(Authorship), aliased(Authorship)
    key, other_key = aliased(ResearcherKey), aliased(ResearcherKey)
    query = (
        select(part.researcher_id, other_part.researcher_id)
        .join(other_part, other_part.seed_id == part.seed_id)
        .join(key, key.researcher_id == part.researcher_id)
        .join(other_key, other_key.researcher_id == other_part.researcher_id)
        .join(Seed, Seed.seed_id == part.seed_id.concat(func.substr(other_key.key, 1, 0)))
        .where(
            part.researcher_id.in_(people),
            other_part.researcher_id != part.researcher_id,
            # As expressions, so that no database begins with all public seeds, or with everybody of one
            # key: either is a large share of the catalogue, and the seeds of these people are few. An empty
            # piece of another column says when one is looked up: keys when both people are known, seeds
            # when the people share a key, which few do.
            other_key.key == key.key.concat(func.substr(other_part.researcher_id, 1, 0)),
            Seed.visibility.concat("") == PUBLIC,
            Seed.patent_status != UNPUBLISHED,
        )
    )
    return _pairs(query, connection)


def _rows(connection: Connection, people: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for chunk in chunks(sorted(people)):
        query = select(Researcher.__table__).where(Researcher.researcher_id.in_(chunk))
        found |= {row["researcher_id"]: row for row in connection.execute(query).mappings()}
    return found


def _describing_sources(connection: Connection, people: Iterable[str]) -> dict[str, set[str]]:
    """Return the sources that describe each person: one source has one record for one person."""
    found: dict[str, set[str]] = {person: set() for person in people}
    for chunk in chunks(sorted(found)):
        query = select(RECORD.c.row_id, RECORD.c.source).where(
            RECORD.c.table_name == RESEARCHERS,
            RECORD.c.row_id.in_(chunk),
            RECORD.c.authority == OWN,
        )
        for person, source in connection.execute(query):
            found[person].add(source)
    return found


def _conflict(first: Any, second: Any) -> bool:
    return any(_same(first[name], second[name]) is False for name in UNIQUE_IDS[RESEARCHERS])


def _same(first: object, second: object) -> bool | None:
    """Whether two values are equal; None where one of them is not known."""
    return first == second if first and second else None


def _same_department(first: Any, second: Any) -> bool | None:
    found = [_same(first[name], second[name]) for name in ("department_ja", "department_en")]
    return True if True in found else False if False in found else None


def _form(row: Any) -> PersonForm:
    return PersonForm(row["name_ja"], row["name_kana"], row["name_en"], row["aliases"])


def _unite_copies(connection: Connection, people: Iterable[str]) -> None:
    """Make one of a joined person's seeds with one title, year and kind."""
    for person in sorted(people):
        query = (
            select(Seed.seed_id, Seed.copy_key, Seed.kind, Seed.doi, Seed.family_id)
            .join(Authorship, Authorship.seed_id == Seed.seed_id)
            .where(Authorship.researcher_id == person, Seed.copy_key != "")
        )
        first: dict[tuple[object, ...], Any] = {}
        proposals = []
        for seed in connection.execute(query.order_by(Seed.seed_id)).mappings():
            copy = first.setdefault((seed["copy_key"], seed["kind"]), seed)
            differing = any(_same(copy[n], seed[n]) is False for n in ("doi", "family_id"))
            if copy is not seed and not differing:
                reasons = ("same_title_and_year",)
                proposals.append(Proposal(SEEDS, copy["seed_id"], seed["seed_id"], JOINED, reasons))
        connect(connection, proposals, datetime.now(UTC))
