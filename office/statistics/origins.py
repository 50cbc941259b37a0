"""Where managers come from, and whose needs lead to first contacts: neutrality towards former industries.

A need, or a case without one, counts for the industries in which its manager worked before, in equal parts.
An industry's share of first contacts over its share of needs is 1 where managers of that origin get as many
as others do. Beside it stands how many of their needs, and of the contacts, are of a company that the manager
came from, or of its group.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection, select

from catalogue.database.models import StoredNeed
from catalogue.database.record_models import OrganisationKey
from catalogue.records.source_records import chunks
from office.screening.company_ties import group_keys, name_key
from office.screening.screened_facts import EMPLOYERS
from office.statistics.first_contacts import FirstContact
from office.statistics.shares import (
    FEWEST_NEEDS,
    FloatArray,
    Interval,
    column_share,
    ratio_intervals,
    share_intervals,
)

UNTOLD, NO_EMPLOYER = (
    "",
    "none",
)  # the industry of a former employer isn't entered; there is no such employer


@dataclass(frozen=True)
class OriginShare:
    """What the needs of managers from an industry led to, in shares of 1.

    `interval` is that of the share of first contacts, `ratio_interval` that of first contacts per need; None
    for few needs. `own_needs` and `own_contacts` are of a former employer or its group.
    """

    industry: str  # a code, UNTOLD or NO_EMPLOYER
    managers: int
    needs: int
    need_share: float
    contacts: int
    contact_share: float | None  # None while there are no contacts
    interval: Interval | None
    ratio: float | None
    ratio_interval: Interval | None
    own_needs: int
    own_contacts: int

    @property
    def is_known(self) -> bool:
        """Whether managers are meant of whom a former employer is kept."""
        return self.industry != NO_EMPLOYER

    @property
    def is_uneven(self) -> bool:
        """Whether the interval of first contacts per need does not hold 1."""
        known = self.ratio_interval
        return known is not None and not known[0] <= 1 <= known[1]


@dataclass(frozen=True)
class _Subject:
    """A need or a case: who manages it, of which company, how many first contacts it had."""

    manager: str
    organisation_id: str
    company: str = ""
    contacts: int = 0


@dataclass(frozen=True)
class _Past:
    """A manager's past: industries, and the keys of former employers with their groups."""

    industries: tuple[str, ...] = (NO_EMPLOYER,)
    keys: frozenset[str] = field(default=frozenset())


def origin_shares(
    connection: Connection, need_ids: Collection[str], contacts: Sequence[FirstContact]
) -> tuple[OriginShare, ...]:
    """Return the industries that managers of needs and contacts come from, most first contacts first.

    Nothing where no former employer of anybody is kept. What nobody manages is left out.
    """
    pasts = _pasts(connection)
    if not pasts:
        return ()
    subjects = [one for one in _subjects(connection, need_ids, contacts) if one.manager]
    keys = _company_keys(connection, {one.organisation_id for one in subjects} - {""})
    of = [pasts.get(one.manager, _Past()) for one in subjects]
    own = [
        bool(past.keys & (keys[one.organisation_id] | {name_key(one.company)} - {""}))
        for one, past in zip(subjects, of, strict=True)
    ]
    industries = {
        name: n for n, name in enumerate(dict.fromkeys(i for p in of for i in p.industries))
    }
    parts = np.zeros((len(subjects), len(industries)))
    for row, past in enumerate(of):
        for name in past.industries:
            parts[row, industries[name]] = 1 / len(past.industries)
    contacted = parts * np.array([one.contacts for one in subjects])[:, None]
    tables = _Tables(subjects, own, parts, contacted)
    found = [tables.told(name, place) for name, place in industries.items()]
    return tuple(sorted(found, key=lambda one: (-one.contacts, -one.needs, one.industry)))


class _Tables:
    """Subjects (rows) by industry (columns): their parts, and their first contacts in these parts."""

    def __init__(
        self,
        subjects: Sequence[_Subject],
        own: Sequence[bool],
        parts: FloatArray,
        contacted: FloatArray,
    ) -> None:
        self._subjects, self._own = subjects, own
        self._parts, self._contacted = parts, contacted
        self._intervals = share_intervals(contacted)
        is_enough = int((contacted.sum(axis=1) > 0).sum()) >= FEWEST_NEEDS
        self._ratio_intervals = ratio_intervals(contacted, parts) if is_enough else None

    def told(self, industry: str, place: int) -> OriginShare:
        """Return what is told of a column."""
        rows = np.flatnonzero(self._parts[:, place]).tolist()
        of = [self._subjects[row] for row in rows]
        needs, contacts = column_share(self._parts, place), column_share(self._contacted, place)
        has_contacts = bool(self._contacted.sum())
        return OriginShare(
            industry,
            managers=len({one.manager for one in of}),
            needs=len(rows),
            need_share=needs,
            contacts=sum(one.contacts for one in of),
            contact_share=contacts if has_contacts else None,
            interval=self._intervals[place],
            ratio=contacts / needs if has_contacts else None,
            ratio_interval=self._ratio_intervals[place] if self._ratio_intervals else None,
            own_needs=sum(self._own[row] for row in rows),
            own_contacts=sum(self._subjects[row].contacts for row in rows if self._own[row]),
        )


def _pasts(connection: Connection) -> dict[str, _Past]:
    """Return the past of each user of whom a former employer is kept."""
    columns = EMPLOYERS.c.user_id, EMPLOYERS.c.organisation_key, EMPLOYERS.c.industry
    industries: defaultdict[str, set[str]] = defaultdict(set)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for user_id, key, industry in connection.execute(select(*columns)):
        industries[user_id].add(industry)
        named[user_id].add(key)
    return {
        user_id: _Past(tuple(sorted(industries[user_id])), group_keys(connection, names))
        for user_id, names in named.items()
    }


def _subjects(
    connection: Connection, need_ids: Collection[str], contacts: Iterable[FirstContact]
) -> list[_Subject]:
    """Return the needs and what else led to contacts, in the order of their ids."""
    found: dict[str, _Subject] = {}
    for one in contacts:
        before = found.get(one.subject)
        count = 1 + (before.contacts if before else 0)
        found[one.subject] = _Subject(one.manager, one.organisation_id, one.company, count)
    columns = StoredNeed.need_id, StoredNeed.manager, StoredNeed.organisation_id
    for chunk in chunks(sorted(set(need_ids) - set(found))):
        query = select(*columns).where(StoredNeed.need_id.in_(chunk))
        for need_id, manager, organisation_id in connection.execute(query):
            found[need_id] = _Subject(manager, organisation_id or "")
    return [found[key] for key in sorted(found)]


def _company_keys(connection: Connection, companies: Iterable[str]) -> Mapping[str, set[str]]:
    """Return the keys of companies' names, by their ids."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(companies)):
        query = select(OrganisationKey.organisation_id, OrganisationKey.key)
        for organisation_id, key in connection.execute(
            query.where(OrganisationKey.organisation_id.in_(chunk))
        ):
            found[organisation_id].add(key)
    return found
