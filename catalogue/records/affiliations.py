"""Where a person works now: the newest affiliation that is dated, as one whole.

Institution, department and position belong together: a row never has the institution of one source
and the department that another names for a former one.
"""

from collections.abc import Callable, Sequence

from catalogue.database.models import MENTION
from catalogue.records.source_records import SourceRecord
from catalogue.records.table_rules import Row

HOME = "organisation_id"
PARTS = ("department_ja", "department_en", "position_ja", "position_en")
FIELDS = (HOME, *PARTS)
Rows = Callable[[str], str]  # the row that an organisation's id is part of


def affiliation_of(records: Sequence[SourceRecord], row_of: Rows) -> Row:
    """Return the fields of the affiliation that counts; `records` come the strongest first.

    It is the strongest record's, unless another of the same authority names a later date than that
    one has: its own, or else the day on which it last changed. Gaps are filled by records that name
    the same organisation, or none.
    """
    placed = [record for record in records if record.values.get(HOME)]
    best = placed[0] if placed else None
    for other in placed[1:]:
        if best and _is_newer(other, best):
            best = other
    home = str(best.values[HOME]) if best else ""
    agreeing = [r for r in records if r is best or not home or _agrees(r, home, row_of)]
    agreeing.sort(key=lambda record: record is not best)
    found: Row = {HOME: home or None}
    for name in PARTS:
        found[name] = next((r.values[name] for r in agreeing if r.values.get(name)), "")
    return found


def _is_newer(record: SourceRecord, other: SourceRecord) -> bool:
    same = (record.authority == MENTION) == (other.authority == MENTION)
    return same and bool(record.as_of) and record.as_of > _date(other)


def _date(record: SourceRecord) -> str:
    return record.as_of or record.changed_at.date().isoformat()


def _agrees(record: SourceRecord, home: str, row_of: Rows) -> bool:
    own = record.values.get(HOME)
    return not own or row_of(str(own)) == row_of(home)


def newer_mention(
    given: Row, known: SourceRecord, as_of: str, *, is_later_import: bool
) -> tuple[Row, Row, str]:
    """Return what a mention and its record say when both are united, and the date that holds.

    Of two affiliations of one source the later one counts, as a whole; of one date the first one of an
    import, and what a later import says.
    """
    values = dict(known.values)
    if not given.get(HOME) or not values.get(HOME):
        return given, values, as_of if given.get(HOME) else known.as_of
    if as_of > known.as_of or (as_of == known.as_of and is_later_import):
        kept = {name: value for name, value in values.items() if name not in FIELDS}
        return given, kept, as_of
    if given[HOME] != values[HOME]:
        given = {name: value for name, value in given.items() if name not in FIELDS}
    return given, values, known.as_of
