"""Second factors of accounts: codes of an app (TOTP, RFC 6238), passkeys (WebAuthn), recovery codes.

Recovery codes are shown once and kept as hashes; each counts once. A code of an app counts once, too: the
time step that was taken last is kept. The libraries are loaded when a factor is used.
"""

import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from catalogue.database.sign_in_models import PASSKEY, TOTP, RecoveryCode, SecondFactor
from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import (
    ConflictError,
    InputError,
    SealError,
    UnknownIdError,
    WrongPasswordError,
)
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import N_
from enmusubi.sealing import SealingKeys
from office.access import audit
from office.accounts.chiefs import FACTOR_RESET, tell_chiefs
from office.accounts.fingerprints import fingerprint
from office.accounts.sessions import USER, end_sessions
from office.accounts.user_rows import required_user
from office.mail.queue import NO_MAIL

NEEDED_BY = (CHIEF, ADMINISTRATOR)  # where the settings ask for a second factor
STEP_S, STEPS_AROUND = 30, 1  # a clock may be half a minute off
RECOVERY_CODES, MOST_FACTORS, MAX_NAME_CHARS = 10, 10, 60
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
WRONG_CODE = N_("That code is not right, or was used already. Wait for the next one and try again.")


@dataclass(frozen=True)
class Factor:
    """A confirmed second factor; `kind` is totp or passkey."""

    factor_id: str
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactors:
    """The second factors in a catalogue."""

    def __init__(
        self, catalogue: Catalogue, sealing: SealingKeys, mail: MailSettings = NO_MAIL
    ) -> None:
        self._catalogue, self._sealing, self._mail = catalogue, sealing, mail

    def of(self, user_id: str) -> list[Factor]:
        """Return the confirmed factors of an account, the oldest first."""
        with self._catalogue.reading() as connection:
            return [
                Factor(row.factor_id, row.kind, row.name, row.created_at, row.last_used_at)
                for row in _confirmed(connection, user_id)
            ]

    def recovery_codes_left(self, user_id: str) -> int:
        """Return how many recovery codes an account has left."""
        query = select(func.count()).where(RecoveryCode.user_id == user_id)
        with self._catalogue.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def begin_app(self, user_id: str) -> str:
        """Return the secret (base32) of an authenticator app that is being set up: it proves nothing yet."""
        import pyotp

        secret = pyotp.random_base32()
        with self._catalogue.writing() as connection:
            connection.execute(
                delete(SecondFactor).where(
                    SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None)
                )
            )
            _check_room(connection, user_id)
            row = _row(user_id, TOTP, "")
            row["secret"] = self._sealing.seal(secret, about_app(row["factor_id"]))
            connection.execute(insert(SecondFactor), row)
        return secret

    def pending_app(self, user_id: str) -> str:
        """Return the secret of the app that is being set up, empty for none."""
        query = select(SecondFactor.__table__).where(
            SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None)
        )
        with self._catalogue.reading() as connection:
            row = connection.execute(query).first()
        return self._secret(row) if row else ""

    def confirm_app(
        self, by: Viewer, code: str, name: str, now: datetime | None = None
    ) -> list[str]:
        """Make the app count whose code was typed; returns recovery codes where it is the first factor.

        Raises WrongPasswordError for a wrong code.
        """
        now = now or datetime.now(UTC)
        pending = select(SecondFactor.__table__).where(
            SecondFactor.user_id == by.viewer_id, SecondFactor.confirmed_at.is_(None)
        )
        with self._catalogue.writing() as connection:
            row = connection.execute(pending).first()
            step = _step_of(self._secret(row), code, now, after=0) if row else 0
            if not step or row is None:
                raise WrongPasswordError(WRONG_CODE)
            values = {"confirmed_at": now, "name": _named(name), "counter": step}
            mine = SecondFactor.factor_id == row.factor_id
            connection.execute(update(SecondFactor).where(mine).values(**values))
            return self._added(connection, by, TOTP)

    def add_passkey(
        self, by: Viewer, credential_id: str, public_key: str, sign_count: int, name: str
    ) -> list[str]:
        """Keep a passkey that was checked; returns recovery codes where it is the first factor."""
        with self._catalogue.writing() as connection:
            _check_room(connection, by.viewer_id)
            known = select(SecondFactor.factor_id).where(
                SecondFactor.credential_id == credential_id
            )
            if connection.execute(known).first():
                raise ConflictError("This passkey is there already.")
            row = _row(by.viewer_id, PASSKEY, _named(name), credential_id=credential_id,
                       public_key=public_key, counter=sign_count)  # fmt: skip
            connection.execute(insert(SecondFactor), {**row, "confirmed_at": row["created_at"]})
            return self._added(connection, by, PASSKEY)

    def passkeys(self, user_id: str) -> list[Row[Any]]:
        """Return the rows of an account's passkeys."""
        with self._catalogue.reading() as connection:
            return [row for row in _confirmed(connection, user_id) if row.kind == PASSKEY]

    def used_passkey(self, factor_id: str, sign_count: int) -> None:
        """Keep how many signatures a passkey told, and that it was used."""
        values = {"counter": sign_count, "last_used_at": datetime.now(UTC)}
        mine = SecondFactor.factor_id == factor_id
        with self._catalogue.writing() as connection:
            connection.execute(update(SecondFactor).where(mine).values(**values))

    def prove(self, user_id: str, code: str, now: datetime | None = None) -> str:
        """Return what a code was that proves the second factor: totp or recovery.

        Neither counts again. Raises WrongPasswordError for any other code, SealError where that of an app
        cannot be told: a recovery code counts there, too.
        """
        now, typed = now or datetime.now(UTC), "".join(code.split()).lower()
        lost: SealError | None = None
        with self._catalogue.writing() as connection:
            for row in _confirmed(connection, user_id):
                step = 0
                try:
                    if row.kind == TOTP:
                        step = _step_of(self._secret(row), typed, now, after=row.counter)
                except SealError as error:
                    lost = error
                if step:
                    values = {"counter": step, "last_used_at": now}
                    mine = SecondFactor.factor_id == row.factor_id
                    connection.execute(update(SecondFactor).where(mine).values(**values))
                    return TOTP
            spent = delete(RecoveryCode).where(
                RecoveryCode.user_id == user_id,
                RecoveryCode.code_hash == _code_hash(user_id, typed),
            )
            if connection.execute(spent).rowcount:
                return "recovery"
        raise lost or WrongPasswordError(WRONG_CODE)

    def new_recovery_codes(self, by: Viewer) -> list[str]:
        """Return new recovery codes of one's own; those of before are good no more."""
        with self._catalogue.writing() as connection:
            audit.record(connection, by, "make recovery codes", USER, by.viewer_id)
            return _new_codes(connection, by.viewer_id)

    def remove(self, by: Viewer, factor_id: str) -> None:
        """Remove one's own factor; raises UnknownIdError. With the last the recovery codes go."""
        mine = (SecondFactor.factor_id == factor_id) & (SecondFactor.user_id == by.viewer_id)
        with self._catalogue.writing() as connection:
            if not connection.execute(delete(SecondFactor).where(mine)).rowcount:
                raise UnknownIdError("You have no second factor of that id.")
            if not _confirmed(connection, by.viewer_id):
                _drop_codes(connection, by.viewer_id)
            audit.record(connection, by, "remove second factor", USER, by.viewer_id)

    def reset(self, by: Viewer, login: str) -> int:
        """Take all factors of an account away, as its user lost them; returns how many those were.

        The user is signed out everywhere; of a chief's all chiefs are told.
        """
        with self._catalogue.writing() as connection:
            user = required_user(connection, login)
            theirs = delete(SecondFactor).where(SecondFactor.user_id == user.user_id)
            count = connection.execute(theirs).rowcount
            _drop_codes(connection, user.user_id)
            ended = end_sessions(connection, user.user_id)
            said = {"factors": count, "sessions_ended": ended}
            audit.record(connection, by, "reset second factor", USER, user.user_id, **said)
            if user.role == CHIEF:
                tell_chiefs(connection, self._mail, by, user.user_id, FACTOR_RESET)
            return count

    def _secret(self, row: Row[Any]) -> str:
        return self._sealing.open(row.secret, about_app(row.factor_id))

    def _added(self, connection: Connection, by: Viewer, kind: str) -> list[str]:
        audit.record(connection, by, "add second factor", USER, by.viewer_id, kind=kind)
        is_first = len(_confirmed(connection, by.viewer_id)) == 1
        return _new_codes(connection, by.viewer_id) if is_first else []


def about_app(factor_id: str) -> str:
    """Return what the secret of an app is sealed for."""
    return f"{SecondFactor.__tablename__}.secret:{factor_id}"


def app_address(secret: str, login: str) -> str:
    """Return the `otpauth://` address of an app's secret, which its QR code holds."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Enmusubi")


def has_factor(connection: Connection, user_id: str) -> bool:
    """Return whether an account has a confirmed second factor."""
    return bool(_confirmed(connection, user_id))


def _confirmed(connection: Connection, user_id: str) -> list[Row[Any]]:
    query = (
        select(SecondFactor.__table__)
        .where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
        .order_by(SecondFactor.created_at, SecondFactor.factor_id)
    )
    return list(connection.execute(query))


def _row(user_id: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    empty = {"secret": "", "credential_id": None, "public_key": "", "counter": 0}
    now = {"created_at": datetime.now(UTC), "confirmed_at": None, "last_used_at": None}
    of = {"factor_id": secrets.token_hex(8), "user_id": user_id, "kind": kind, "name": name}
    return {**of, **empty, **now, **more}


def _check_room(connection: Connection, user_id: str) -> None:
    if len(_confirmed(connection, user_id)) >= MOST_FACTORS:
        raise InputError("You have %(most)s second factors. Remove one first.", most=MOST_FACTORS)


def _named(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME_CHARS]


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int:
    """Return the time step of a right code that is newer than `after`, 0 for none (RFC 6238, 5.2)."""
    import pyotp

    typed = "".join(code.split())
    if len(typed) != 6 or not set(typed) <= set(string.digits):
        return 0
    app, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    steps = range(max(present - STEPS_AROUND, after + 1), present + STEPS_AROUND + 1)
    return next((s for s in steps if secrets.compare_digest(app.at(s * STEP_S), typed)), 0)


def _new_codes(connection: Connection, user_id: str) -> list[str]:
    _drop_codes(connection, user_id)
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
             for _ in range(RECOVERY_CODES)]  # fmt: skip
    now = datetime.now(UTC)
    rows = [
        {"code_hash": _code_hash(user_id, code), "user_id": user_id, "created_at": now}
        for code in codes
    ]
    connection.execute(insert(RecoveryCode), rows)
    return codes


def _drop_codes(connection: Connection, user_id: str) -> None:
    connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _code_hash(user_id: str, code: str) -> str:
    return fingerprint(f"{user_id}:{code.replace('-', '')}")


def needs_factor(role: str, setting: str) -> bool:
    """Return whether the settings ask a user of this role for a second factor."""
    return setting == "required" and role in NEEDED_BY
