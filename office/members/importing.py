"""Tables of members: CSV files and workbooks of an office, with headings in either language.

A row keeps a membership; the same company from the same day on is changed, and nothing else. A company
that the catalogue lacks is added by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from catalogue.database.member_models import OTHER_KIND, REGULAR
from catalogue.database.viewer import Viewer
from catalogue.importers.general.headed_tables import Synonyms
from catalogue.importers.general.source import row_files
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.rows import BadRow, RowFile, rows_at_once
from catalogue.importers.values import day, folded, name
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import (
    COLUMN,
    ORGANISATIONS,
    ROW,
    BadValueError,
    Draft,
    Rejection,
    organisation_id,
    shape_of,
)
from catalogue.records.writer import BatchWriter, DraftBatch
from enmusubi.errors import ConflictError, InputError, MappingError, UnknownIdError
from enmusubi.messages import Message
from office.access import audit
from office.access.rules import KEEP_MEMBERS, require
from office.companies.finding import find_company, present_ids
from office.companies.twins import (
    ORGANISATION,
    companies_of_name,
    hidden_among,
    tell_of_twin,
    under_new_id,
)
from office.companies.visibility import find_seen_company
from office.members.memberships import MEMBERSHIP_KIND, MembershipDraft, keep_membership
from office.members.words import ALIASES, MEMBERSHIP_WORDS
from office.needs.editing import RANK, SOURCE

LEFT_OUT = Message("nothing of ours is made of this column: it is left out")
MISSING = Message("missing")
SYNONYMS = Synonyms(
    {
        "company": ("member", "member company", "company name", "organization", "企業", "企業名", "会社名",
                    "会員企業", "会員企業名", "会員名", "法人名"),
        "kind": ("membership", "membership type", "type", "会員種別", "会員区分", "種別", "区分"),
        "since": ("from", "start", "joined", "begin", "入会日", "加入日", "開始日", "会員期間（開始）"),
        "until": ("to", "end", "expires", "valid until", "有効期限", "終了日", "満了日", "会員期間（終了）"),
        "contacts": ("contact", "contact person", "担当者", "窓口", "連絡先", "窓口担当者"),
        "terms": ("conditions", "note", "remark", "条件", "会員条件", "特約", "備考"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class MemberImport:
    """What became of a table's rows."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejections: tuple[Rejection, ...] = field(default=())

    @property
    def left_out(self) -> int:
        """How many rows were not taken."""
        return len({(one.file, one.row) for one in self.rejections if one.scope == ROW})

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {**vars(self), "rejections": [one.as_dict() for one in self.rejections]}


def import_members(catalogue: Catalogue, viewer: Viewer, path: Path) -> MemberImport:
    """Take the memberships of a file's tables, all in one transaction, and note it in the audit trail.

    Faulty rows are told and left out; the others go in. Raises ForbiddenError, UnreadableFileError for what
    cannot be read, and MappingError where no table has a company and the day on which it became a member.
    """
    require(viewer, KEEP_MEMBERS)
    file = InputFile(path)
    tables = [
        rows
        for rows in row_files(file)
        if not isinstance(rows, JsonFile) and {"company", "since"} <= SYNONYMS.known(rows.columns())
    ]
    if not tables:
        raise MappingError(
            "%(file)s has no table of members: expected headings such as company and since, in Japanese "
            "or English (docs/members.md).",
            file=file.name,
        )
    counts = dict.fromkeys(("read", "added", "changed", "unchanged"), 0)
    rejections: list[Rejection] = []
    with catalogue.writing() as connection:
        for rows in tables:
            rejections += _left_out(rows)
            for row in rows_at_once(rows):
                if isinstance(row, BadRow):
                    rejections.append(replace(row.rejection, file=rows.label, row=row.number))
                elif cells := SYNONYMS.rename(row.cells):
                    counts["read"] += 1
                    try:
                        source = f"{rows.label}:{row.number}"
                        counts[_keep(connection, viewer, cells, source)] += 1
                    except BadValueError as error:
                        fault = (error.field, error.message, shape_of(cells.get(error.field)))
                        rejections.append(Rejection(*fault, file=rows.label, row=row.number))
        audit.record(connection, viewer, "import", MEMBERSHIP_KIND, "", files=[file.name])
    return MemberImport(**counts, rejections=tuple(rejections))


def found_or_made(connection: Connection, viewer: Viewer, named: str) -> str:
    """Return the id of a company by id or name; one that the viewer knows nothing of is added by its name.

    It stays apart from hidden ones of that name. `connection` is the service's own.

    Raises InputError where several have the name.
    """
    try:
        return find_seen_company(connection, viewer, named)
    except UnknownIdError:
        said = name(named)
        if not said:
            raise
    own = organisation_id(str(said))
    drafts = [Draft(ORGANISATIONS, {"organisation_id": own, "name_ja": said, "kind": "company"})]
    found = companies_of_name(connection, named) | set(present_ids(connection, [own]).values())
    hidden = hidden_among(connection, viewer, found)
    if hidden or not found:
        drafts, own = under_new_id(drafts, apart=bool(hidden))
    if hidden:
        tell_of_twin(connection, viewer, ORGANISATION, own, hidden)
    BatchWriter(connection, DraftBatch(SOURCE, RANK), datetime.now(UTC)).write(drafts)
    return find_company(connection, own)


def _left_out(rows: RowFile) -> list[Rejection]:
    return [
        Rejection(label, LEFT_OUT, scope=COLUMN, file=rows.label)
        for label in rows.columns()
        if label and not SYNONYMS.known([label])
    ]


def _keep(connection: Connection, viewer: Viewer, cells: Mapping[str, str], source: str) -> str:
    """Keep a row and return what was done; raises BadValueError with the field that is at fault."""
    days = {}
    for field_name in ("since", "until"):
        try:
            days[field_name] = day(cells.get(field_name))
        except BadValueError as error:
            raise BadValueError.of(field_name, error.message) from None
    since = days["since"]
    if since is None:
        raise BadValueError.of("since", MISSING)
    if not cells.get("company"):
        raise BadValueError.of("company", MISSING)
    try:
        company = found_or_made(connection, viewer, cells["company"])
        draft = MembershipDraft(
            company, since, days["until"], _kind(cells.get("kind", "")), cells.get("contacts", ""),
            cells.get("terms", ""), source,
        )  # fmt: skip
        return keep_membership(connection, viewer, draft)[1]
    except (InputError, ConflictError) as error:
        at_fault = next(iter(getattr(error, "fields", ())), "company")
        raise BadValueError.of(at_fault, error.message) from None


def _kind(said: str) -> str:
    """Return the kind that a cell names in either language; another word is another kind."""
    word = folded(said).casefold().replace(" ", "")
    if not word:
        return REGULAR
    known = {
        text.casefold().replace(" ", ""): kind
        for of in MEMBERSHIP_WORDS.values()
        for kind, text in of.items()
    }
    return (known | dict(ALIASES) | {kind: kind for kind in known.values()}).get(word, OTHER_KIND)
