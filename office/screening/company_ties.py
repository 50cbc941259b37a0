"""Which companies belong to the company of a need, and which compete with it, by the keys of their names.

Groups are followed upwards and downwards over MAX_LEVELS, a query a level; competitors are those of the
company itself and of its group. Nothing here is of people.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, or_, select
from sqlalchemy.orm import aliased

from catalogue.database.models import Organisation
from catalogue.database.record_models import OrganisationKey
from catalogue.database.screening_models import CompanyGroup, CompetitorPair
from catalogue.identity.organisation_names import organisation_keys

GROUP = cast(Table, CompanyGroup.__table__)
PAIR = cast(Table, CompetitorPair.__table__)
OWN, PARENT, SUBSIDIARY, SISTER, COMPETITOR = "own", "parent", "subsidiary", "sister", "competitor"
GROUP_TIES = frozenset({OWN, PARENT, SUBSIDIARY, SISTER})
MAX_LEVELS = 4


@dataclass(frozen=True)
class CompanyTie:
    """A company and what it is to that of the need; `field_id` is where a competitor competes."""

    name: str
    relation: str
    field_id: str = ""


Ties = Mapping[str, CompanyTie]  # by the key of a name


def name_key(name: str) -> str:
    """Return the key by which a company's name is kept; empty for what is no name."""
    return min(organisation_keys(name, ""), default="")


def company_ties(connection: Connection, organisation_id: str) -> Ties:
    """Return the company of an id with its group and competitors; nothing without an id."""
    row = connection.execute(
        select(Organisation.name_ja, Organisation.name_en, Organisation.aliases).where(
            Organisation.organisation_id == organisation_id
        )
    ).first()
    if row is None:
        return {}
    name = row.name_ja or row.name_en
    own = organisation_keys(row.name_ja, row.name_en, row.aliases)
    found = {key: CompanyTie(name, OWN) for key in own}
    above = _follow(connection, own, _parents, PARENT, found)
    _follow(connection, own, _children, SUBSIDIARY, found)
    if above:
        _follow(connection, above, _children, SISTER, found)
    _add_competitors(connection, found)
    return found


def group_keys(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Return the keys of companies by the keys of their names, and those of their groups."""
    own = set(names)
    found = {key: CompanyTie(key, OWN) for key in own}
    for key, also in _with_other_names(connection, own):
        found.setdefault(also, CompanyTie(key, OWN))
    above = _follow(connection, set(found), _parents, PARENT, found)
    _follow(connection, own, _children, SUBSIDIARY, found)
    if above:
        _follow(connection, above, _children, SISTER, found)
    return frozenset(found)


def _follow(
    connection: Connection,
    start: Iterable[str],
    step: Callable[[Connection, Iterable[str]], list[tuple[str, str]]],
    relation: str,
    found: dict[str, CompanyTie],
) -> set[str]:
    """Add the companies behind `start`; returns their keys."""
    frontier, reached = set(start), set[str]()
    for _ in range(MAX_LEVELS):
        named = {key: name for key, name in step(connection, frontier) if key not in found}
        if not named:
            break
        for key, also in _with_other_names(connection, named):
            found.setdefault(also, CompanyTie(named[key], relation))
            reached.add(also)
        frontier = {key for key in reached if key not in frontier}
    return reached


def _parents(connection: Connection, keys: Iterable[str]) -> list[tuple[str, str]]:
    columns = select(GROUP.c.parent_key, GROUP.c.parent)
    return _pairs(connection, columns.where(GROUP.c.child_key.in_(sorted(keys))))


def _children(connection: Connection, keys: Iterable[str]) -> list[tuple[str, str]]:
    columns = select(GROUP.c.child_key, GROUP.c.child)
    return _pairs(connection, columns.where(GROUP.c.parent_key.in_(sorted(keys))))


def _pairs(connection: Connection, query: Any) -> list[tuple[str, str]]:
    return [(key, name) for key, name in connection.execute(query)]


def _with_other_names(connection: Connection, keys: Iterable[str]) -> set[tuple[str, str]]:
    """Return each key with itself and with the keys of the other names of the company, as (key, also)."""
    asked, also = aliased(OrganisationKey), aliased(OrganisationKey)
    wanted = sorted(keys)
    query = (
        select(asked.key, also.key)
        .join(also, also.organisation_id == asked.organisation_id)
        .where(asked.key.in_(wanted), also.key.not_like("~%"))
    )
    return {(key, key) for key in wanted} | set(_pairs(connection, query))


def _add_competitors(connection: Connection, found: dict[str, CompanyTie]) -> None:
    keys = sorted(found)
    condition: ColumnElement[bool] = or_(PAIR.c.first_key.in_(keys), PAIR.c.second_key.in_(keys))
    rows = connection.execute(select(PAIR).where(condition)).mappings().all()
    others: dict[str, CompanyTie] = {}
    for row in rows:
        side = "second" if row["first_key"] in found else "first"
        others[row[f"{side}_key"]] = CompanyTie(row[side], COMPETITOR, row["field_id"])
    if others:
        for key, also in _with_other_names(connection, others):
            found.setdefault(also, others[key])


def organisations_of(connection: Connection, ties: Ties) -> dict[str, CompanyTie]:
    """Return the companies of the catalogue that are among the ties, by their ids."""
    if not ties:
        return {}
    query = select(OrganisationKey.organisation_id, OrganisationKey.key)
    rows = connection.execute(query.where(OrganisationKey.key.in_(sorted(ties))))
    return {organisation_id: ties[key] for organisation_id, key in rows}
