"""Sessions of signed-in people: kept on the server, found by a random token, short-lived, rotating.

A session's token changes from time to time. The one before stays good for a minute, for requests
that were under way with it, and is never rotated or extended itself.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from catalogue.database.account_models import UserAccount, UserSession
from catalogue.database.viewer import MEMBER, OFFICE_ROLES, PERSON, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import local_time
from office.access import audit
from office.accounts.fingerprints import fingerprint, new_secret, same
from office.accounts.passwords import mark_of, same_mark
from office.companies.finding import present_ids
from office.delegations.standing_in import stood_in_for
from office.members.kept import is_member

USER = "user"  # kind of object in the audit trail
GRACE = timedelta(minutes=1)
MOST_AHEAD = timedelta(minutes=5)  # of a session's beginning, as clocks are set right
SEEN_EVERY = timedelta(minutes=1)  # a session's last use is written no more often


@dataclass(frozen=True)
class Lifetimes:
    """How long a session lasts unused and in all, and how old its token gets."""

    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    rotation: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Session:
    """A session that holds; `new_token` is its next token where it was rotated just now.

    One that a one-time password opened is good for setting another, and for nothing else; one that
    `awaits_factor` for proving a second factor, or setting one up. `challenge` is what a passkey signs.
    """

    viewer: Viewer
    csrf_token: str
    new_token: str = ""
    must_change_password: bool = False
    awaits_factor: bool = False
    challenge: str = field(default="", repr=False)


@dataclass(frozen=True)
class OpenSession:
    """A session of a user's, as their account page lists it."""

    created_at: datetime
    seen_at: datetime
    is_this: bool


class Sessions:
    """The sessions in a catalogue."""

    def __init__(self, catalogue: Catalogue, lifetimes: Lifetimes | None = None) -> None:
        self._catalogue = catalogue
        self._lifetimes = lifetimes or Lifetimes()

    def start(
        self,
        user_id: str,
        *,
        must_change_password: bool = False,
        awaits_factor: bool = False,
        provider_token: str = "",
        password_mark: str | None = None,
        now: datetime | None = None,
    ) -> str:
        """Return the token of a new session; sessions that are over are cleared away.

        `password_mark` is of the password that was checked: raises WrongPasswordError where the
        account has another by now, which ended the sessions of this one.
        """
        now = now or datetime.now(UTC)
        token = new_secret()
        with self._catalogue.writing() as connection:
            mine = select(UserAccount.password_hash).where(UserAccount.user_id == user_id)
            same_mark(mark_of(connection.execute(mine).scalar() or ""), password_mark)
            connection.execute(delete(UserSession).where(UserSession.expires_at <= now))
            row = {
                "token_hash": fingerprint(token),
                "user_id": user_id,
                "csrf_token": new_secret(),
                "must_change_password": must_change_password,
                "awaits_factor": awaits_factor,
                "provider_token": provider_token,
                "created_at": now,
                "rotated_at": now,
                "seen_at": now,
                "expires_at": self._expiry(now, created_at=now),
            }
            connection.execute(insert(UserSession), row)
        return token

    def find(
        self, token: str, *, may_rotate: bool = False, now: datetime | None = None
    ) -> Session | None:
        """Return the session of a token, None if it is over, unknown, or of a disabled account."""
        now = now or datetime.now(UTC)
        with self._catalogue.reading() as connection:
            row = _find(connection, fingerprint(token), now)
            if row is None:
                return None
            viewer = _viewer_of(connection, row, now)
        new_token = ""
        if may_rotate and now - row.rotated_at >= self._lifetimes.rotation:
            new_token = self._rotate(token, now)
        elif now - row.seen_at >= SEEN_EVERY:
            self._touch(row, now)
        return Session(
            viewer,
            row.csrf_token,
            new_token,
            row.must_change_password,
            row.awaits_factor,
            row.challenge,
        )

    def proved(self, token: str, *, way: str, now: datetime | None = None) -> str:
        """Return the next token of a session whose second factor was proved; the one before ends at once."""
        now, new_token = now or datetime.now(UTC), new_secret()
        with self._catalogue.writing() as connection:
            row = _find(connection, fingerprint(token), now)
            if row is None:
                return ""
            mine = UserSession.token_hash == row.token_hash
            values = {
                "token_hash": fingerprint(new_token),
                "csrf_token": new_secret(),
                "awaits_factor": False,
                "proved_at": now,
                "challenge": "",
            }
            connection.execute(update(UserSession).where(mine).values(**values))
            viewer = Viewer(row.user_id, row.role, PERSON, row.name)
            audit.record(connection, viewer, "prove second factor", USER, row.user_id, way=way)
        return new_token

    def challenge(self, token: str, challenge: str) -> None:
        """Keep what the session's passkey must sign next; empty once it was used."""
        mine = UserSession.token_hash == fingerprint(token)
        with self._catalogue.writing() as connection:
            connection.execute(update(UserSession).where(mine).values(challenge=challenge))

    def open_of(self, user_id: str, token: str, now: datetime | None = None) -> list[OpenSession]:
        """Return a user's sessions that hold, the newest first; a rotated one counts once."""
        query = select(UserSession.__table__).where(
            UserSession.user_id == user_id, UserSession.expires_at > (now or datetime.now(UTC))
        )
        with self._catalogue.reading() as connection:
            rows = connection.execute(query.order_by(UserSession.seen_at)).all()
        own = next((r.csrf_token for r in rows if same(r.token_hash, fingerprint(token))), "")
        found = {
            row.csrf_token: OpenSession(row.created_at, row.seen_at, same(row.csrf_token, own))
            for row in rows
        }
        return sorted(found.values(), key=lambda one: one.created_at, reverse=True)

    def end_others(self, by: Viewer, token: str) -> int:
        """End a user's sessions but this one; returns how many that were."""
        with self._catalogue.writing() as connection:
            row = _find(connection, fingerprint(token), datetime.now(UTC))
            if row is None or row.user_id != by.viewer_id:
                return 0
            others = delete(UserSession).where(
                UserSession.user_id == row.user_id, UserSession.csrf_token != row.csrf_token
            )
            ended = connection.execute(others).rowcount
            audit.record(
                connection, by, "end other sessions", USER, row.user_id, sessions_ended=ended
            )
            return ended

    def end(self, token: str, *, by: Viewer | None = None) -> str:
        """End one session; `by` is who signed out, which the trail notes.

        Returns the provider's token that its sign-in came with, empty without one.
        """
        with self._catalogue.writing() as connection:
            row = _find(connection, fingerprint(token), datetime.now(UTC))
            if row is not None:  # tokens in their last minute belong to the same session
                connection.execute(
                    delete(UserSession).where(
                        UserSession.user_id == row.user_id,
                        UserSession.csrf_token == row.csrf_token,
                    )
                )
                if by is not None:
                    audit.record(connection, by, "sign out", USER, row.user_id)
                return str(row.provider_token)
        return ""

    def _expiry(self, now: datetime, *, created_at: datetime) -> datetime:
        return min(now + self._lifetimes.idle, created_at + self._lifetimes.absolute)

    def _touch(self, row: Row[Any], now: datetime) -> None:
        values = {"seen_at": now, "expires_at": self._expiry(now, created_at=row.created_at)}
        with self._catalogue.writing() as connection:
            connection.execute(
                update(UserSession)
                .where(
                    UserSession.token_hash == row.token_hash,
                    UserSession.rotated_at == row.rotated_at,  # not rotated meanwhile
                )
                .values(**values)
            )

    def _rotate(self, token: str, now: datetime) -> str:
        """Return the session's next token; empty if another request rotated it first."""
        with self._catalogue.writing() as connection:
            row = _find(connection, fingerprint(token), now)
            if row is None or now - row.rotated_at < self._lifetimes.rotation:
                return ""
            new_token = new_secret()
            successor = {
                "token_hash": fingerprint(new_token),
                "user_id": row.user_id,
                "csrf_token": row.csrf_token,  # forms that are open in other tabs stay good
                "must_change_password": row.must_change_password,
                "awaits_factor": row.awaits_factor,
                "proved_at": row.proved_at,
                "provider_token": row.provider_token,
                "created_at": row.created_at,
                "rotated_at": now,
                "seen_at": now,
                "expires_at": self._expiry(now, created_at=row.created_at),
            }
            connection.execute(insert(UserSession), successor)
            last = {
                "rotated_at": now,
                "seen_at": now,
                "expires_at": min(now + GRACE, row.expires_at),
            }
            connection.execute(
                update(UserSession).where(UserSession.token_hash == row.token_hash).values(**last)
            )
        return new_token


def end_sessions(connection: Connection, user_id: str) -> int:
    """Sign a user out everywhere; returns how many sessions that ended."""
    return connection.execute(delete(UserSession).where(UserSession.user_id == user_id)).rowcount


def _viewer_of(connection: Connection, row: Row[Any], now: datetime) -> Viewer:
    """Return who a session is of: with the company while it is a member, and for whom they stand in."""
    today = local_time(now, "ja").date()
    company = ""
    if row.role == MEMBER:
        homes = present_ids(connection, [row.organisation_id])
        present = homes.get(row.organisation_id, row.organisation_id)
        company = present if is_member(connection, present, today) else ""
    away = stood_in_for(connection, row.user_id, today) if row.role in OFFICE_ROLES else ()
    return Viewer(
        row.user_id,
        row.role,
        PERSON,
        row.name,
        companies=frozenset({company} - {""}),
        researcher_id=row.researcher_id or "",
        stands_in=away,
    )


def _find(connection: Connection, token_hash: str, now: datetime) -> Row[Any] | None:
    query = (
        select(
            UserSession.__table__,
            UserAccount.role,
            UserAccount.name,
            UserAccount.researcher_id,
            UserAccount.organisation_id,
        )
        .join(UserAccount, UserAccount.user_id == UserSession.user_id)
        .where(
            UserSession.token_hash == token_hash,
            UserSession.expires_at > now,
            # one of the future was made by a clock which has gone back since, and would last too long
            UserSession.created_at <= now + MOST_AHEAD,
            UserAccount.disabled_at.is_(None),
            UserAccount.held_at.is_(None),
        )
    )
    return connection.execute(query).first()
