"""Documents of a case: what there is and where it lies. The files stay where the office keeps them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, func, insert, select, update

from catalogue.database.case_models import DOCUMENT_KINDS, GATES, CaseDocument
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from office.cases.kept import MOST, KeptCase, case_of
from office.cases.steps import CaseStep, Plain, changeable, keep_change, line_in
from office.reports.cells import is_web_url

DOCUMENTS = cast(Table, CaseDocument.__table__)
MAX_DOCUMENTS = 200  # of a case
MAX_LINK_CHARS = 2_000


@dataclass(frozen=True)
class DocumentDraft:
    """A document: its kind, its name, the address where it lies or nothing, and the gate that it is for."""

    kind: str
    name: str = field(repr=False)
    link: str = field(default="", repr=False)
    gate: str = ""


@dataclass(frozen=True)
class KeptDocument:
    """A document of a case."""

    document_id: int
    kind: str
    gate: str
    name: str = field(repr=False)
    link: str = field(repr=False)
    added_by: str
    added_at: datetime


def documents_of(connection: Connection, case: KeptCase) -> list[KeptDocument]:
    """Return the documents of a case that were not taken out, the newest first."""
    columns = [DOCUMENTS.c[name] for name in KeptDocument.__dataclass_fields__]
    query = select(*columns).where(
        DOCUMENTS.c.case_id == case.case_id, DOCUMENTS.c.removed_at.is_(None)
    )
    rows = connection.execute(query.order_by(DOCUMENTS.c.document_id.desc())).mappings()
    return [KeptDocument(**row) for row in rows]


def add_document(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    draft: DocumentDraft,
    *,
    expected_version: int | None,
) -> KeptCase:
    """Put a document into a case; raises as `change_case` does, and ConflictError where it has too many."""
    case = changeable(connection, viewer, case_id, expected_version)
    if draft.kind not in DOCUMENT_KINDS:
        raise InputError("not a kind of document that there is.", of_field="kind")
    if draft.gate not in {"", *GATES}:
        raise InputError("not a gate that there is.", of_field="gate")
    link = line_in(draft.link, "link", most=MAX_LINK_CHARS)
    if link and not is_web_url(link):
        raise InputError("not an address that begins with http:// or https://.", of_field="link")
    there = (DOCUMENTS.c.case_id == case_id) & DOCUMENTS.c.removed_at.is_(None)
    of_case = select(func.count()).select_from(DOCUMENTS).where(there)
    if int(connection.execute(of_case).scalar_one()) >= MAX_DOCUMENTS:
        raise ConflictError(
            "The case has %(count)s documents, as many as it can.", count=MAX_DOCUMENTS
        )
    row = {
        "case_id": case_id, "kind": draft.kind, "gate": draft.gate, "link": link,
        "name": line_in(draft.name, "name", required=True), "added_by": viewer.viewer_id,
        "added_at": datetime.now(UTC), "removed_by": "", "removed_at": None,
    }  # fmt: skip
    key = connection.execute(insert(DOCUMENTS).values(**row)).inserted_primary_key
    told: dict[str, Plain] = {
        "document": int(key[0]) if key else 0,
        "kind": draft.kind,
        "gate": draft.gate,
    }
    keep_change(connection, viewer, case, {}, CaseStep("document", {"do": "add", **told}))
    return case_of(connection, viewer, case_id)


def remove_document(
    connection: Connection,
    viewer: Viewer,
    case_id: int,
    document_id: int,
    *,
    expected_version: int | None,
) -> KeptCase:
    """Take a document out of a case; the trail keeps that it was there. Raises UnknownIdError besides."""
    case = changeable(connection, viewer, case_id, expected_version)
    chosen = (DOCUMENTS.c.case_id == case_id) & DOCUMENTS.c.removed_at.is_(None)
    done = connection.execute(
        update(DOCUMENTS)
        .where(chosen, DOCUMENTS.c.document_id == min(document_id, MOST))
        .values(removed_by=viewer.viewer_id, removed_at=datetime.now(UTC))
    )
    if not done.rowcount:
        raise UnknownIdError("The case has no document of that number.")
    told: dict[str, Plain] = {"do": "remove", "document": document_id}
    keep_change(connection, viewer, case, {}, CaseStep("document", told))
    return case_of(connection, viewer, case_id)
