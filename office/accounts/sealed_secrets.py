"""Every secret that the catalogue holds sealed: what of them is, sealing what is not, and with a new key.

A backup holds them as they lie in the catalogue, sealed, and never the keys: see docs/backup.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, Table, select, update

from catalogue.database.sign_in_models import SecondFactor
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.errors import InputError, SealError
from enmusubi.locks import exclusive_lock
from enmusubi.sealing import SealingKeys, is_sealed
from office.access import audit
from office.accounts.second_factors import about_app
from office.webhooks.webhooks import WEBHOOK, about_webhook

FACTOR: Table = SecondFactor.__table__  # type: ignore[assignment]
KEY_KIND = "sealing_key"  # of objects in the audit trail
_SEALED = (
    (FACTOR, FACTOR.c.factor_id, about_app),
    (WEBHOOK, WEBHOOK.c.webhook_id, about_webhook),
)


@dataclass(frozen=True)
class SealedSecrets:
    """How many secrets there are, how many lie open, and how many cannot be opened any more."""

    count: int
    plain: int
    lost: int


@dataclass(frozen=True)
class _Secret:
    table: Table
    key: "Column[str]"
    row_id: str
    kept: str
    about: str


def look_at_secrets(catalogue: Catalogue, sealing: SealingKeys) -> SealedSecrets:
    """Return how the secrets of a catalogue are."""
    with catalogue.reading() as connection:
        found = list(_secrets(connection))
    plain = sum(not is_sealed(one.kept) for one in found)
    return SealedSecrets(len(found), plain, sum(_opened(one, sealing) is None for one in found))


def seal_secrets(catalogue: Catalogue, sealing: SealingKeys) -> int:
    """Seal what lies open or is sealed with an older key; returns how many those were.

    What lay open is then in no page of SQLite and not in its log. One that cannot be opened stays.
    """
    with catalogue.reading() as connection:
        if all(sealing.is_newest(one.kept) for one in _secrets(connection)):
            return 0
    count = plain = 0
    with catalogue.writing() as connection:
        for one in _secrets(connection):
            secret = None if sealing.is_newest(one.kept) else _opened(one, sealing)
            if secret is None:
                continue
            sealed = sealing.seal(secret, one.about)
            column = one.table.c
            here = update(one.table).where(one.key == one.row_id, column.secret == one.kept)
            count += connection.execute(here.values(secret=sealed)).rowcount
            plain += not is_sealed(one.kept)
    if plain:
        catalogue.vacuum()
    return count


def change_key(catalogue: Catalogue, sealing: SealingKeys, by: Viewer, data_dir: Path) -> int:
    """Make a new key in the data folder and seal everything with it; returns how many secrets those were.

    Keys of the settings are the administrator's to change: with them what is sealed with another than the
    first is sealed anew. Raises InputError, and changes nothing, while a secret cannot be opened.
    """
    with exclusive_lock(data_dir / "secrets.lock", activity="account new-key"):
        if look_at_secrets(catalogue, sealing).lost:
            raise InputError(
                "Secrets in the catalogue cannot be opened with the present keys: a new one would not "
                "help. `enmusubi doctor` says what to do."
            )
        if sealing.is_file:
            sealing.add()
        count = seal_secrets(catalogue, sealing)
        if sealing.is_file:
            sealing.drop_old()
        with catalogue.writing() as connection:
            audit.record(connection, by, "seal anew", KEY_KIND, "", secrets=count)
    return count


def _secrets(connection: Connection) -> Iterator[_Secret]:
    for table, key, about in _SEALED:
        query = select(key, table.c.secret).where(table.c.secret != "").order_by(key)
        for row_id, kept in connection.execute(query).all():
            yield _Secret(table, key, row_id, kept, about(row_id))


def _opened(one: _Secret, sealing: SealingKeys) -> str | None:
    try:
        return sealing.open(one.kept, one.about)
    except SealError:
        return None
