"""NDAs with companies: recorded, changed, withdrawn, and which one holds for a need on a day.

One for a company holds for all its needs, one for a need for that alone. Chief and legal managers record
them, a need's manager those for the need; the office reads them, those for a need as it sees the need.
Nothing is deleted; every step goes into the audit trail, without the company's name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from catalogue.database.models import StoredNeed
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, ForbiddenError, InputError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.messages import N_
from office.access import audit
from office.access.keyset_pages import Page, rows_by_id
from office.access.rules import RECORD_NDAS, SEE_COMPANIES, may, require
from office.access.scoped import without_row_security
from office.companies.finding import find_company, home_ids, present_ids
from office.companies.holding import NDAS, holds_on
from office.companies.visibility import find_seen_company, seen_ndas
from office.needs.reading import SeenNeed, need_of

NDA_KIND = "nda"  # the kind of the audit trail's object
UNKNOWN_NDA = N_("No NDA has that number, or none that you may see.")
MAX_REMARK_CHARS = 2_000
ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
HOLDS, ENDED, LATER, WITHDRAWN = "holds", "ended", "later", "withdrawn"
_MOST = 2**63 - 1
_KEY = ("organisation_id", "need_id", "signed_on")  # a row of the same is the same agreement


@dataclass(frozen=True)
class NdaDraft:
    """An NDA to be recorded; `company` is an id or a name, `need_id` empty for all its needs."""

    company: str = field(repr=False)
    signed_on: date
    valid_until: date | None = None
    need_id: str = ""
    remark: str = field(default="", repr=False)
    source: str = ""


@dataclass(frozen=True)
class KeptNda:
    """An NDA as it is kept; `organisation_id` is the company's id of now."""

    nda_id: int
    organisation_id: str
    need_id: str
    signed_on: date
    valid_until: date | None
    remark: str = field(repr=False)
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None

    def state(self, today: date) -> str:
        """Return what it is on a day: holds, ended, later (not signed yet) or withdrawn."""
        if self.withdrawn_at:
            return WITHDRAWN
        if self.signed_on > today:
            return LATER
        return ENDED if self.valid_until and self.valid_until < today else HOLDS


def record_nda(connection: Connection, viewer: Viewer, draft: NdaDraft) -> tuple[KeptNda, str]:
    """Keep an NDA, or a new end and remark of the one that was signed on that day; returns what was done.

    Raises ForbiddenError, UnknownIdError and InputError.
    """
    require(viewer, SEE_COMPANIES)
    need = need_of(connection, viewer, draft.need_id) if draft.need_id else None
    _check_may_record(viewer, need)
    also = (need.organisation_id,) if need else ()
    company = find_seen_company(connection, viewer, draft.company, also=also)
    return keep_nda(connection, viewer, replace(draft, company=company))


def keep_nda(connection: Connection, viewer: Viewer, draft: NdaDraft) -> tuple[KeptNda, str]:
    """Keep an NDA as `record_nda` does, of whom the caller let in: imports and commands."""
    values = _checked(connection, draft)
    same = [NDAS.c[column] == values[column] for column in _KEY[1:]]
    same += [
        NDAS.c.organisation_id.in_(home_ids(connection, values["organisation_id"])),
        NDAS.c.withdrawn_at.is_(None),
    ]
    there = connection.execute(select(NDAS).where(*same)).mappings().first()
    now = {"recorded_by": viewer.viewer_id, "recorded_at": datetime.now(UTC)}
    if there is None:
        new = {**values, **now, "withdrawn_by": ""}
        key = connection.execute(insert(NDAS).values(**new)).inserted_primary_key
        nda_id, done = (int(key[0]) if key else 0), ADDED
    else:
        nda_id = there["nda_id"]
        named = ("valid_until", "remark")
        done = UNCHANGED if all(there[n] == values[n] for n in named) else CHANGED
        if done == CHANGED:
            changes = {n: values[n] for n in (*named, "source")} | now
            connection.execute(update(NDAS).where(NDAS.c.nda_id == nda_id).values(**changes))
    if done != UNCHANGED:
        _note(connection, viewer, "record nda", nda_id, values["need_id"])
    row = connection.execute(select(NDAS).where(NDAS.c.nda_id == nda_id)).mappings().one()
    return _as_kept(row, {row["organisation_id"]: values["organisation_id"]}), done


def withdraw_nda(connection: Connection, viewer: Viewer, nda_id: int) -> KeptNda:
    """Take an NDA back that was recorded in error, or terminated: it holds no more from now on.

    Raises ForbiddenError, UnknownIdError, and ConflictError for one that was withdrawn already.
    """
    kept = nda_of(connection, viewer, nda_id)
    _check_may_record(viewer, need_of(connection, viewer, kept.need_id) if kept.need_id else None)
    drop_nda(connection, viewer, kept)
    return nda_of(connection, viewer, nda_id)


def drop_nda(connection: Connection, viewer: Viewer, kept: KeptNda) -> None:
    """Withdraw an NDA of whom the caller let in; raises ConflictError for one that is withdrawn."""
    if kept.withdrawn_at:
        raise ConflictError("That NDA was withdrawn already.")
    chosen = NDAS.c.nda_id == kept.nda_id
    values = {"withdrawn_by": viewer.viewer_id, "withdrawn_at": datetime.now(UTC)}
    connection.execute(update(NDAS).where(chosen).values(**values))
    _note(connection, viewer, "withdraw nda", kept.nda_id, kept.need_id)


def may_record(viewer: Viewer, need: SeenNeed | None = None) -> bool:
    """Return whether a viewer may record an NDA: with a company, or for one of its needs."""
    if may(viewer, RECORD_NDAS):
        return True
    return need is not None and need.may_change and may(viewer, SEE_COMPANIES)


def nda_of(connection: Connection, viewer: Viewer, nda_id: int) -> KeptNda:
    """Return one; raises ForbiddenError, and UnknownIdError for one that isn't there or may not be seen."""
    require(viewer, SEE_COMPANIES)
    chosen = NDAS.c.nda_id == min(nda_id, _MOST)
    row = connection.execute(seen_ndas(viewer).where(chosen)).mappings().first()
    if row is None:
        raise UnknownIdError(UNKNOWN_NDA)
    return _all_kept(connection, [row])[0]


def ndas_page(
    connection: Connection,
    viewer: Viewer,
    *,
    organisation_id: str = "",
    after: str = "",
    limit: int = 50,
) -> Page[KeptNda]:
    """Return the NDAs that a viewer sees, of a company or of all, the newest first.

    Raises ForbiddenError and InputError.
    """
    require(viewer, SEE_COMPANIES)
    query = seen_ndas(viewer)
    if organisation_id:
        query = query.where(NDAS.c.organisation_id.in_(home_ids(connection, organisation_id)))
    rows, cursor = rows_by_id(
        connection, query, NDAS.c.nda_id, after=after, limit=limit, newest_first=True
    )
    return Page(tuple(_all_kept(connection, rows)), cursor)


def companies_with_ndas(connection: Connection, viewer: Viewer) -> dict[str, list[KeptNda]]:
    """Return the NDAs that a viewer sees and that were not withdrawn, by the company's present id."""
    require(viewer, SEE_COMPANIES)
    query = seen_ndas(viewer).where(NDAS.c.withdrawn_at.is_(None)).order_by(NDAS.c.nda_id)
    found: dict[str, list[KeptNda]] = {}
    for kept in _all_kept(connection, connection.execute(query).mappings().all()):
        found.setdefault(kept.organisation_id, []).append(kept)
    return found


def nda_holding(connection: Connection, need: SeenNeed, today: date) -> KeptNda | None:
    """Return the NDA under which a need may be discussed on a day; None without one.

    Whether there is one is no secret from anybody who sees the need: it is read whoever asks, on
    PostgreSQL, too. Of several it is the one for the need itself, else the one that holds longest.
    """
    if not need.organisation_id:
        return None
    query = select(NDAS).where(
        NDAS.c.organisation_id.in_(home_ids(connection, need.organisation_id)),
        NDAS.c.need_id.in_(("", need.need_id)),
        *holds_on(today),
    )
    with without_row_security(connection):
        rows = connection.execute(query).mappings().all()
    found = [_as_kept(row, {row["organisation_id"]: need.organisation_id}) for row in rows]
    return max(found, key=_lasts, default=None)


def _lasts(kept: KeptNda) -> tuple[bool, date, int]:
    return bool(kept.need_id), kept.valid_until or date.max, kept.nda_id


def _checked(connection: Connection, draft: NdaDraft) -> dict[str, Any]:
    """Return the columns of an NDA; raises InputError, and UnknownIdError for its company."""
    if draft.valid_until and draft.valid_until < draft.signed_on:
        raise InputError("ends before it was signed.", of_field="valid_until")
    remark = clean_text(draft.remark).strip()
    if len(remark) > MAX_REMARK_CHARS:
        raise InputError(
            "at most %(most)s characters are kept.", of_field="remark", most=MAX_REMARK_CHARS
        )
    company = find_company(connection, draft.company)
    if draft.need_id:
        owner = select(StoredNeed.organisation_id).where(StoredNeed.need_id == draft.need_id)
        with without_row_security(connection):
            owned_by = connection.execute(owner).scalar()
        if owned_by != company:
            raise InputError("not a need of this company.", of_field="need_id")
    return {
        "organisation_id": company, "need_id": draft.need_id, "signed_on": draft.signed_on,
        "valid_until": draft.valid_until, "remark": remark, "source": draft.source,
    }  # fmt: skip


def _check_may_record(viewer: Viewer, need: SeenNeed | None) -> None:
    if not may_record(viewer, need):
        raise ForbiddenError(
            "NDAs are recorded by the chief and legal managers, those for one need also by its manager."
        )


def _all_kept(connection: Connection, rows: Iterable[Any]) -> list[KeptNda]:
    found = list(rows)
    now = present_ids(connection, {row["organisation_id"] for row in found})
    return [_as_kept(row, now) for row in found]


def _as_kept(row: Any, present: Mapping[str, str]) -> KeptNda:
    values = {name: row[name] for name in KeptNda.__dataclass_fields__}
    company = row["organisation_id"]
    return KeptNda(**{**values, "organisation_id": present.get(company, company)})


def _note(connection: Connection, viewer: Viewer, action: str, nda_id: int, need_id: str) -> None:
    audit.record(connection, viewer, action, NDA_KIND, str(nda_id), need_id=need_id)
