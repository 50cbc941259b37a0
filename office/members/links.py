"""Links by which a company's user signs in: each opens once, and until it expires, is used or revoked.

Whatever the reason, one that doesn't hold is found like one that never was. Nothing of a link is kept but
its SHA-256. Looking at the page of a link uses nothing up: programs that read mail open links, too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, and_, select, update
from sqlalchemy.sql.elements import ColumnElement

from catalogue.database.account_models import UserAccount
from catalogue.database.member_models import SignInLink
from catalogue.database.viewer import MEMBER
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import UnknownIdError
from office.access import audit
from office.accounts.fingerprints import fingerprint
from office.accounts.sessions import USER
from office.accounts.users import User, required_user

LINKS = cast(Table, SignInLink.__table__)
LINKS_PATH = "/member-links"  # where links lead, before their token
MAX_TOKEN_CHARS = 100


@dataclass(frozen=True)
class OpenLink:
    """A link that holds, and whose it is."""

    link_id: int
    purpose: str
    user: User
    expires_at: datetime


def open_link(catalogue: Catalogue, token: str) -> OpenLink:
    """Return what a link opens; raises UnknownIdError for every link that doesn't hold."""
    with catalogue.reading() as connection:
        return _required(_found(connection, token, datetime.now(UTC)))


def use_link(catalogue: Catalogue, token: str, *, address: str = "") -> User:
    """Use a link up and return the account that it opens; the trail says from where.

    Of two who use it at once one is let in. Raises UnknownIdError as `open_link` does.
    """
    now = datetime.now(UTC)
    with catalogue.writing() as connection:
        link = _required(_found(connection, token, now))
        chosen = and_(LINKS.c.link_id == link.link_id, _holds(now))
        if not connection.execute(update(LINKS).where(chosen).values(used_at=now)).rowcount:
            _required(None)
        mine = UserAccount.user_id == link.user.user_id
        connection.execute(update(UserAccount).where(mine).values(last_login_at=now))
        who = link.user
        audit.record(
            connection, who.viewer, "sign in", USER, who.user_id, address=address, by="link"
        )
        return required_user(connection, who.user_id)


def keep_token(connection: Connection, about: str, token: str) -> None:
    """Keep the SHA-256 of a link that is about to be sent; that of an earlier try opens nothing more."""
    chosen = LINKS.c.link_id == int(about)
    connection.execute(update(LINKS).where(chosen).values(token_hash=fingerprint(token)))


def still_holds(connection: Connection, about: str) -> bool:
    """Return whether a link that a mail is about may still be used."""
    if not about.isdecimal():
        return False
    chosen = and_(LINKS.c.link_id == int(about), _holds(datetime.now(UTC)))
    return connection.execute(select(LINKS.c.link_id).where(chosen)).first() is not None


def expiry_of(connection: Connection, about: str) -> datetime:
    """Return when a link ends."""
    query = select(LINKS.c.expires_at).where(LINKS.c.link_id == int(about))
    return cast(datetime, connection.execute(query).scalar_one())


def revoke_links(connection: Connection, user_id: str, now: datetime) -> None:
    """Let no link of a user open anything any more."""
    chosen = and_(LINKS.c.user_id == user_id, _holds(now))
    connection.execute(update(LINKS).where(chosen).values(revoked_at=now))


def _found(connection: Connection, token: str, now: datetime) -> OpenLink | None:
    if not token or len(token) > MAX_TOKEN_CHARS:
        return None
    query = (
        select(LINKS)
        .join(UserAccount, UserAccount.user_id == LINKS.c.user_id)
        .where(
            LINKS.c.token_hash == fingerprint(token),
            _holds(now),
            UserAccount.role == MEMBER,
            UserAccount.disabled_at.is_(None),
        )
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    user = required_user(connection, row["user_id"])
    return OpenLink(row["link_id"], row["purpose"], user, row["expires_at"])


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(LINKS.c.used_at.is_(None), LINKS.c.revoked_at.is_(None), LINKS.c.expires_at > now)


def _required(link: OpenLink | None) -> OpenLink:
    if link is None:
        raise UnknownIdError("This link doesn't hold, or doesn't hold any more.")
    return link
