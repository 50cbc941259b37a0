"""Machines that call the API, and their companies: made, listed, changed, disabled, in the audit trail.

Companies are named by id or by name; the audit trail has neither, but the first digits of a hash.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Subquery, and_, delete, func, insert, or_, select, update

from catalogue.database.account_models import Client, ClientCompany
from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.record_models import OrganisationKey, Record
from catalogue.database.viewer import MACHINE_ROLES, PORTAL, Viewer
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import ORGANISATIONS, organisation_id
from enmusubi.errors import ConflictError, InputError, UnknownIdError
from enmusubi.messages import listed
from office.access import audit
from office.accounts.fingerprints import fingerprint

MACHINE_KIND = "machine"  # kind of object in the audit trail
FINGERPRINT_CHARS = 12  # enough to tell a few hundred companies apart
_MACHINE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Company:
    """An organisation that a portal may be bound to."""

    organisation_id: str
    name_ja: str
    name_en: str


def known_companies(connection: Connection, text: str = "") -> list[Company]:
    """Return companies and others that have needs, by name; with a text, those with it in a name."""
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    with_needs = select(StoredNeed.organisation_id).where(StoredNeed.organisation_id.is_not(None))
    asking = or_(Organisation.kind == "company", Organisation.organisation_id.in_(with_needs))
    query = select(*columns).where(Organisation.withdrawn_at.is_(None), asking)
    found = [Company(*row) for row in connection.execute(query)]
    wanted = text.casefold()
    named = [c for c in found if wanted in c.name_ja.casefold() or wanted in c.name_en.casefold()]
    return sorted(named, key=lambda c: (c.name_ja or c.name_en, c.organisation_id))


def names_of(connection: Connection, companies: Collection[str]) -> dict[str, str]:
    """Return the names of organisations by id; empty for those that the catalogue lacks."""
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    query = select(*columns).where(Organisation.organisation_id.in_(companies))
    return {row_id: name_ja or name_en for row_id, name_ja, name_en in connection.execute(query)}


def company_ids(connection: Connection, companies: Sequence[str]) -> list[str]:
    """Return the ids of companies that are named by id or by name, each once, in order.

    Raises UnknownIdError and InputError, which say which of them it is and never its name.
    """
    found = {
        _id_of(connection, company.strip(), number)
        for number, company in enumerate(companies, start=1)
    }
    return sorted(found)


def _id_of(connection: Connection, company: str, number: int) -> str:
    company = company.replace("\0", "")  # which no database takes
    own = select(Organisation.organisation_id).where(Organisation.organisation_id == company)
    if connection.execute(own).first():
        return company
    query = select(OrganisationKey.organisation_id).where(
        OrganisationKey.key.in_(organisation_keys(company, ""))
    )
    named = sorted(connection.execute(query.distinct()).scalars())
    if len(named) > 1:
        raise InputError(
            "Company %(number)s of those given: %(count)s organisations have that name. "
            "Name it by its id; `enmusubi machine companies` lists the ids.",
            number=number,
            count=len(named),
        )
    homes = select(Record.row_id).where(
        Record.table_name == ORGANISATIONS,
        Record.home_id.in_((company, organisation_id(company))),
    )
    found = named or sorted(connection.execute(homes.distinct()).scalars())
    if len(found) != 1:
        raise UnknownIdError(
            "Company %(number)s of those given: no organisation has that id or name. "
            "Import it with `enmusubi import general FILE`; `enmusubi machine companies` "
            "lists the ids.",
            number=number,
        )
    return found[0]


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


def _check(client_id: str, role: str) -> None:
    """Raise InputError for what is no machine's id or role."""
    if not _MACHINE_ID.fullmatch(client_id):
        raise InputError(
            "A machine's id has 1 to 40 small letters a to z, digits and hyphens, such as portal-1."
        )
    if role not in MACHINE_ROLES:
        raise InputError(
            "%(role)r is no role of a machine: expected %(choices)s.",
            role=role,
            choices=listed(MACHINE_ROLES, " or "),
        )


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
        _check(client_id, role)
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
        row.created_at,
        row.disabled_at,
    )


def companies_of(connection: Connection, client_id: str) -> tuple[str, ...]:
    """Return the ids of a machine's companies, as they are now: two that became one have one."""
    bound = _bound()
    mine = select(bound.c.company).where(bound.c.client_id == client_id).distinct()
    return tuple(connection.execute(mine.order_by(bound.c.company)).scalars())


def _bound() -> Subquery:
    """Return the companies that machines are bound to, by the ids of now: client_id, company."""
    now = func.coalesce(Record.row_id, ClientCompany.organisation_id).label("company")
    same = and_(Record.table_name == ORGANISATIONS, Record.home_id == ClientCompany.organisation_id)
    query = select(ClientCompany.client_id, now).select_from(ClientCompany)
    return query.outerjoin(Record, same).subquery()


def has_portal(connection: Connection, organisation_id: str) -> bool:
    """Say whether a portal that is let in is bound to an organisation."""
    bound = _bound()
    portals = (
        select(Client.client_id)
        .join(bound, bound.c.client_id == Client.client_id)
        .where(Client.role == PORTAL, Client.disabled_at.is_(None))
        .where(bound.c.company == organisation_id)
    )
    return connection.execute(portals.limit(1)).first() is not None


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
