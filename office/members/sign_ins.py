"""Which sign-ins by OpenID Connect are of a company: by the domain of a verified address, or by a claim.

Bound by those who keep members. A binding lets people of the company in as its users, never as anybody of
the office, and only while the company is a member.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, insert, select

from catalogue.database.member_models import BINDINGS, CLAIM, DOMAIN, CompanySignIn
from catalogue.database.viewer import Viewer
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.language import clean_text
from enmusubi.settings import local_time
from office.access import audit
from office.access.rules import KEEP_MEMBERS, SEE_MEMBERS, require
from office.accounts.fingerprints import fingerprint
from office.companies.finding import home_ids, present_ids
from office.companies.visibility import find_seen_company
from office.members.kept import is_member

SIGN_INS = cast(Table, CompanySignIn.__table__)
SIGN_IN_KIND = "company sign-in"  # the kind of the audit trail's object
MAX_VALUE_CHARS = 200
SHARED_DOMAINS = frozenset(
    {
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "yahoo.co.jp",
        "icloud.com",
        "me.com",
        "live.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "docomo.ne.jp",
        "ezweb.ne.jp",
        "softbank.ne.jp",
    }
)  # fmt: skip - of nobody's company: everybody has an address there
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True)
class SignInBinding:
    """A domain or a claim's value, and the company whose people come with it."""

    kind: str
    value: str
    organisation_id: str
    bound_by: str
    bound_at: datetime


def bindings_of(
    connection: Connection, viewer: Viewer, organisation_id: str
) -> tuple[SignInBinding, ...]:
    """Return a company's bindings; raises ForbiddenError."""
    require(viewer, SEE_MEMBERS)
    homes = home_ids(connection, organisation_id)
    query = select(SIGN_INS).where(SIGN_INS.c.organisation_id.in_(homes))
    rows = connection.execute(query.order_by(SIGN_INS.c.kind, SIGN_INS.c.value)).mappings()
    return tuple(SignInBinding(**row) for row in rows)


def bind(
    connection: Connection, viewer: Viewer, company: str, kind: str, value: str
) -> SignInBinding:
    """Bind a mail domain or a claim's value to a company.

    Raises ForbiddenError, UnknownIdError, InputError, and ConflictError for one that is bound already.
    """
    require(viewer, KEEP_MEMBERS)
    organisation_id = find_seen_company(connection, viewer, company)
    if kind not in BINDINGS:
        raise InputError("expected %(choices)s.", of_field="kind", choices=", ".join(BINDINGS))
    said = clean_text(value).strip()
    said = said.casefold().removeprefix("@") if kind == DOMAIN else said
    if kind == DOMAIN and (not _DOMAIN.fullmatch(said) or said in SHARED_DOMAINS):
        raise InputError(
            "not a domain of one company, such as aonami.example.jp.", of_field="value"
        )
    if not said or len(said) > MAX_VALUE_CHARS:
        raise InputError("from 1 to %(most)s characters.", of_field="value", most=MAX_VALUE_CHARS)
    same = (SIGN_INS.c.kind == kind, SIGN_INS.c.value == said)
    if connection.execute(select(SIGN_INS.c.value).where(*same)).first() is not None:
        raise ConflictError("That is bound to a company already.")
    row: dict[str, Any] = {
        "kind": kind, "value": said, "organisation_id": organisation_id,
        "bound_by": viewer.viewer_id, "bound_at": datetime.now(UTC),
    }  # fmt: skip
    connection.execute(insert(SIGN_INS).values(**row))
    _note(connection, viewer, "bind sign-in", kind, said)
    return SignInBinding(**row)


def unbind(connection: Connection, viewer: Viewer, kind: str, value: str) -> None:
    """Take a binding away; who came by it stays an account, and comes in no more by it.

    Raises ForbiddenError and UnknownIdError.
    """
    require(viewer, KEEP_MEMBERS)
    same = (SIGN_INS.c.kind == kind, SIGN_INS.c.value == value)
    if not connection.execute(delete(SIGN_INS).where(*same)).rowcount:
        raise UnknownIdError("That is bound to no company.")
    _note(connection, viewer, "unbind sign-in", kind, value)


def company_of_sign_in(connection: Connection, verified_email: str, claim: str) -> str:
    """Return the company whose people come with a verified address or a claim; empty for none.

    `connection` is the service's own. Empty where the company is no member today.
    """
    domain = verified_email.rpartition("@")[2].casefold()
    for kind, value in ((CLAIM, claim), (DOMAIN, domain)):
        if not value:
            continue
        same = (SIGN_INS.c.kind == kind, SIGN_INS.c.value == value)
        found = connection.execute(select(SIGN_INS.c.organisation_id).where(*same)).scalar()
        if found:
            present = present_ids(connection, [found]).get(found, found)
            today = local_time(datetime.now(UTC), "ja").date()
            return present if is_member(connection, present, today) else ""
    return ""


def _note(connection: Connection, viewer: Viewer, action: str, kind: str, value: str) -> None:
    audit.record(connection, viewer, action, SIGN_IN_KIND, fingerprint(value)[:12], kind=kind)
