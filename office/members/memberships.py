"""Memberships of companies: recorded, changed, withdrawn.

Chief, project and legal managers keep them. Nothing is deleted; every step goes
into the audit trail, without the company's name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from catalogue.database.member_models import MEMBERSHIP_KINDS, REGULAR
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError, StaleVersionError
from enmusubi.language import clean_text
from office.access import audit
from office.access.rules import KEEP_MEMBERS, require
from office.companies.finding import find_company, home_ids
from office.members.kept import MEMBERSHIPS, KeptMembership, membership_of
from office.members.telling import tell_of_membership

MEMBERSHIP_KIND = "membership"  # the kind of the audit trail's object
MAX_TEXT_CHARS = 4_000
ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
_SAID = ("kind", "until", "contacts", "terms")


@dataclass(frozen=True)
class MembershipDraft:
    """A membership to be kept; `company` is an id or a name, `contacts` has a person a line."""

    company: str = field(repr=False)
    since: date
    until: date | None = None
    kind: str = REGULAR
    contacts: str = field(default="", repr=False)
    terms: str = field(default="", repr=False)
    source: str = ""


def keep_membership(
    connection: Connection, viewer: Viewer, draft: MembershipDraft
) -> tuple[KeptMembership, str]:
    """Keep a membership, or what else is said of the one that began on that day; returns what was done.

    Raises ForbiddenError, UnknownIdError and InputError, and ConflictError where another of the company
    holds at the same time.
    """
    require(viewer, KEEP_MEMBERS)
    values = checked(connection, draft)
    homes = home_ids(connection, values["organisation_id"])
    standing = select(MEMBERSHIPS).where(
        MEMBERSHIPS.c.organisation_id.in_(homes), MEMBERSHIPS.c.withdrawn_at.is_(None)
    )
    rows = connection.execute(standing).mappings().all()
    there = next((row for row in rows if row["since"] == values["since"]), None)
    _check_apart(values, [row for row in rows if row is not there])
    if there is None:
        new = {**values, **_now(viewer), "withdrawn_by": "", "version": 1, "told": ""}
        key = connection.execute(insert(MEMBERSHIPS).values(**new)).inserted_primary_key
        membership_id, done = (int(key[0]) if key else 0), ADDED
    else:
        membership_id = there["membership_id"]
        done = UNCHANGED if all(there[name] == values[name] for name in _SAID) else CHANGED
        if done == CHANGED:
            _write(connection, viewer, there, {n: values[n] for n in (*_SAID, "source")})
    if done != UNCHANGED:
        _note(connection, viewer, "keep membership", membership_id, kind=values["kind"])
    return membership_of(connection, viewer, membership_id), done


def change_membership(
    connection: Connection,
    viewer: Viewer,
    membership_id: int,
    draft: MembershipDraft,
    *,
    expected_version: int | None = None,
) -> KeptMembership:
    """Change what is said of a membership, its period included.

    Raises ForbiddenError, UnknownIdError, InputError, StaleVersionError, and ConflictError for one that
    was withdrawn or would hold together with another.
    """
    require(viewer, KEEP_MEMBERS)
    kept = membership_of(connection, viewer, membership_id)
    _check_version(kept, expected_version)
    values = checked(connection, draft)
    if values["organisation_id"] != kept.organisation_id:
        raise InputError("a membership stays with its company.", of_field="company")
    homes = home_ids(connection, kept.organisation_id)
    others = select(MEMBERSHIPS).where(
        MEMBERSHIPS.c.organisation_id.in_(homes),
        MEMBERSHIPS.c.withdrawn_at.is_(None),
        MEMBERSHIPS.c.membership_id != membership_id,
    )
    _check_apart(values, connection.execute(others).mappings().all())
    named = (*_SAID, "since")
    changed = {name: values[name] for name in named if values[name] != getattr(kept, name)}
    if changed:
        _write(connection, viewer, vars(kept), changed)
        _note(connection, viewer, "change membership", membership_id, fields=sorted(changed))
    return membership_of(connection, viewer, membership_id)


def withdraw_membership(
    connection: Connection,
    viewer: Viewer,
    membership_id: int,
    *,
    expected_version: int | None = None,
) -> KeptMembership:
    """Take a membership back: the company's users see nothing from now on, unless another holds.

    Raises ForbiddenError, UnknownIdError, StaleVersionError, and ConflictError for one that was withdrawn.
    """
    require(viewer, KEEP_MEMBERS)
    kept = membership_of(connection, viewer, membership_id)
    _check_version(kept, expected_version)
    values = {"withdrawn_by": viewer.viewer_id, "withdrawn_at": datetime.now(UTC)}
    _write(connection, viewer, vars(kept), values)
    _note(connection, viewer, "withdraw membership", membership_id)
    return membership_of(connection, viewer, membership_id)


def checked(connection: Connection, draft: MembershipDraft) -> dict[str, Any]:
    """Return the columns of a membership; raises InputError, and UnknownIdError for its company."""
    if draft.until and draft.until < draft.since:
        raise InputError("ends before it begins.", of_field="until")
    if draft.kind not in MEMBERSHIP_KINDS:
        raise InputError(
            "expected %(choices)s.", of_field="kind", choices=", ".join(MEMBERSHIP_KINDS)
        )
    return {
        "organisation_id": find_company(connection, draft.company), "kind": draft.kind,
        "since": draft.since, "until": draft.until, "contacts": _text(draft.contacts, "contacts"),
        "terms": _text(draft.terms, "terms"), "source": draft.source,
    }  # fmt: skip


def _text(text: str, field_name: str) -> str:
    cleaned = clean_text(text.replace("\r\n", "\n")).strip()
    if len(cleaned) > MAX_TEXT_CHARS:
        raise InputError(
            "at most %(most)s characters are kept.", of_field=field_name, most=MAX_TEXT_CHARS
        )
    return cleaned


def _check_apart(values: dict[str, Any], others: Iterable[Any]) -> None:
    for row in others:
        begins_after = values["until"] is not None and row["since"] > values["until"]
        ends_before = row["until"] is not None and row["until"] < values["since"]
        if not (begins_after or ends_before):
            raise ConflictError(
                "The company has a membership from %(since)s that holds at the same time. End it first.",
                since=row["since"].isoformat(),
            )


def _check_version(kept: KeptMembership, expected_version: int | None) -> None:
    if kept.withdrawn_at:
        raise ConflictError("That membership was withdrawn already.")
    if expected_version not in (None, kept.version):
        raise StaleVersionError(
            "Another user changed the membership meanwhile. Read it again, and repeat your change."
        )


def _write(connection: Connection, viewer: Viewer, before: Any, values: dict[str, Any]) -> None:
    chosen = (
        MEMBERSHIPS.c.membership_id == before["membership_id"],
        MEMBERSHIPS.c.version == before["version"],
    )
    changed = {**_now(viewer), **values, "version": before["version"] + 1}
    if not connection.execute(update(MEMBERSHIPS).where(*chosen).values(**changed)).rowcount:
        raise StaleVersionError(
            "Another user changed the membership meanwhile. Read it again, and repeat your change."
        )


def _now(viewer: Viewer) -> dict[str, Any]:
    return {"recorded_by": viewer.viewer_id, "recorded_at": datetime.now(UTC)}


def _note(
    connection: Connection,
    viewer: Viewer,
    action: str,
    membership_id: int,
    **detail: str | list[str],
) -> None:
    audit.record(connection, viewer, action, MEMBERSHIP_KIND, str(membership_id), **detail)
    tell_of_membership(connection, membership_id)
