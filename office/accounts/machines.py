"""Machines that call the API, and their companies: made, listed, changed, disabled, in the audit trail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from catalogue.database.account_models import Client, ClientCompany
from catalogue.database.record_models import Record
from catalogue.database.viewer import MACHINE_ROLES, PORTAL, Viewer
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ORGANISATIONS
from catalogue.records.source_records import aware
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.messages import listed
from office.access import audit
from office.accounts.companies import company_ids, names_of
from office.accounts.fingerprints import fingerprint

MACHINE_KIND = "machine"  # kind of object in the audit trail
FINGERPRINT_CHARS = 12  # enough to tell a few hundred companies apart
_MACHINE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Machine:
    """A machine that may call the API; a portal sees the needs of its companies alone."""

    client_id: str
    name: str
    role: str
    companies: tuple[str, ...]  # their ids
    names: tuple[str, ...]  # of the companies, in the same order
    created_at: datetime
    disabled_at: datetime | None

    @property
    def named_companies(self) -> tuple[str, ...]:
        """The companies as people read them: the id and the name."""
        pairs = zip(self.companies, self.names, strict=True)
        return tuple(f"{company} {name}".rstrip() for company, name in pairs)


class Machines:
    """The machines in a catalogue; `by` is who makes a change."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def list(self) -> list[Machine]:
        """Return all machines by id."""
        with self._catalogue.reading() as connection:
            rows = connection.execute(select(Client.client_id).order_by(Client.client_id))
            return [required_machine(connection, client_id) for client_id in rows.scalars()]

    def get(self, client_id: str) -> Machine:
        """Return a machine; raises UnknownIdError."""
        with self._catalogue.reading() as connection:
            return required_machine(connection, client_id)

    def create(
        self,
        by: Viewer,
        client_id: str,
        *,
        role: str = PORTAL,
        name: str = "",
        companies: Sequence[str] = (),
    ) -> Machine:
        """Return a new machine; a portal needs at least one company, by its id or its name."""
        if not _MACHINE_ID.fullmatch(client_id):
            raise InputError(
                "A machine's id has 1 to 40 small letters a to z, digits and hyphens, such as "
                "portal-1."
            )
        if role not in MACHINE_ROLES:
            raise InputError(
                "%(role)r is no role of a machine: expected %(choices)s.",
                role=role,
                choices=listed(MACHINE_ROLES, " or "),
            )
        with self._catalogue.writing() as connection:
            known = select(Client.client_id).where(Client.client_id == client_id)
            if connection.execute(known).first() is not None:
                raise ConflictError("There is a machine %(id)r already.", id=client_id)
            row = {
                "client_id": client_id,
                "name": name.strip(),
                "role": role,
                "created_at": datetime.now(UTC),
            }
            connection.execute(insert(Client), row)
            _set_companies(connection, client_id, role, companies)
            made = required_machine(connection, client_id)
            audit.record(
                connection,
                by,
                "create machine",
                MACHINE_KIND,
                client_id,
                role=role,
                companies=_told(made.companies),
            )
            return made

    def change(
        self,
        by: Viewer,
        client_id: str,
        *,
        name: str | None = None,
        companies: Sequence[str] | None = None,
    ) -> Machine:
        """Change name or companies; what is None stays."""
        with self._catalogue.writing() as connection:
            machine = required_machine(connection, client_id)
            if name is not None:
                _set(connection, client_id, name=name.strip())
            if companies is not None:
                _set_companies(connection, client_id, machine.role, companies)
            changed = required_machine(connection, client_id)
            if changed != machine:
                audit.record(
                    connection,
                    by,
                    "change machine",
                    MACHINE_KIND,
                    client_id,
                    companies=_told(changed.companies),
                )
            return changed

    def disable(self, by: Viewer, client_id: str) -> Machine:
        """Let a machine in no longer, whatever key or token it has."""
        return self._switch(by, client_id, "disable machine", datetime.now(UTC))

    def enable(self, by: Viewer, client_id: str) -> Machine:
        """Let a disabled machine in again; its keys are as they were."""
        return self._switch(by, client_id, "enable machine", None)

    def _switch(self, by: Viewer, client_id: str, action: str, at: datetime | None) -> Machine:
        with self._catalogue.writing() as connection:
            machine = required_machine(connection, client_id)
            if (machine.disabled_at is None) != (at is None):
                _set(connection, client_id, disabled_at=at)
                audit.record(connection, by, action, MACHINE_KIND, client_id)
            return required_machine(connection, client_id)


def required_machine(connection: Connection, client_id: str) -> Machine:
    """Return a machine; raises UnknownIdError."""
    row = connection.execute(select(Client.__table__).where(Client.client_id == client_id)).first()
    if row is None:
        raise UnknownIdError(
            "There is no machine %(id)r. `enmusubi machine list` shows those there are.",
            id=client_id,
        )
    companies = companies_of(connection, client_id)
    names = names_of(connection, companies)
    return Machine(
        row.client_id,
        row.name,
        row.role,
        companies,
        tuple(names.get(company, "") for company in companies),
        aware(row.created_at),
        row.disabled_at and aware(row.disabled_at),
    )


def companies_of(connection: Connection, client_id: str) -> tuple[str, ...]:
    """Return the ids of a machine's companies, as they are now: two that became one have one."""
    now = func.coalesce(Record.row_id, ClientCompany.organisation_id)
    same = and_(Record.table_name == ORGANISATIONS, Record.home_id == ClientCompany.organisation_id)
    query = select(now).select_from(ClientCompany).outerjoin(Record, same).distinct()
    mine = query.where(ClientCompany.client_id == client_id)
    return tuple(connection.execute(mine.order_by(now)).scalars())


def _told(companies: Sequence[str]) -> list[str]:
    """Return what the audit trail is told of companies: ids that files gave may tell their names."""
    return sorted(fingerprint(company)[:FINGERPRINT_CHARS] for company in set(companies))


def _set(connection: Connection, client_id: str, **values: Any) -> None:
    connection.execute(update(Client).where(Client.client_id == client_id).values(**values))


def _set_companies(
    connection: Connection, client_id: str, role: str, companies: Sequence[str]
) -> None:
    if role == PORTAL and not companies:
        raise InputError("A portal needs at least one company: its id or its name.")
    if role != PORTAL and companies:
        raise InputError("Companies belong to portals only; an analyst sees all open needs.")
    wanted = company_ids(connection, companies)
    connection.execute(delete(ClientCompany).where(ClientCompany.client_id == client_id))
    rows = [{"client_id": client_id, "organisation_id": company} for company in wanted]
    if rows:
        connection.execute(insert(ClientCompany), rows)
