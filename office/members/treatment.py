"""Whether members are treated alike: what each got of the office, beside the median of all.

Counted over the needs that the viewer sees, so that a need that is hidden counts in no number; the chief
sees them all. The days to the first list are business days of the office from the day of posting.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median

from sqlalchemy import Connection, select

from catalogue.database.models import Organisation, StoredNeed
from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from enmusubi.case_settings import CaseSettings
from enmusubi.language import ENGLISH
from office.access.rules import SEE_MEMBERS, SEE_NEEDS, require, visible_needs
from office.business_days import BusinessDays
from office.companies.finding import present_ids
from office.members.kept import MEMBERSHIPS, holds_on
from office.needs.releases import RELEASED, people_of_document
from office.statistics.attention import PERIOD
from office.statistics.first_contacts import first_contacts

FEWEST_MEMBERS = 3  # with fewer there is nothing to compare
FEWEST_NEEDS = 3  # of a member, below which a difference is told as one of few
FAR = 2.0  # times the median, or its reciprocal


@dataclass(frozen=True)
class MemberTreatment:
    """What a member's needs got; None where there is nothing to say."""

    organisation_id: str
    kind: str
    name_ja: str = field(repr=False)
    name_en: str = field(repr=False)
    needs: int
    with_list: int
    people_a_list: float | None
    days_to_list: float | None
    contacted: int
    first_chance: float | None

    def name(self, language: str) -> str:
        """Return its name in ja or en, or the only one that is known."""
        first, other = self.name_ja, self.name_en
        return (other or first) if language == ENGLISH else (first or other)


@dataclass(frozen=True)
class Treatment:
    """The members, those with the most needs first, and the medians over those that have a number."""

    members: tuple[MemberTreatment, ...]
    days_to_list: float | None
    people_a_list: float | None
    first_chance: float | None

    def stands_out(self, member: MemberTreatment, name: str) -> str:
        """Return more, less, or nothing: how a member's number stands to the median, where that says much."""
        value, middle = getattr(member, name), getattr(self, name)
        if value is None or not middle or member.needs < FEWEST_NEEDS:
            return ""
        if len([one for one in self.members if getattr(one, name) is not None]) < FEWEST_MEMBERS:
            return ""
        ratio = value / middle
        return "more" if ratio >= FAR else "less" if ratio <= 1 / FAR else ""


def treatment(
    connection: Connection, viewer: Viewer, settings: CaseSettings, *, now: datetime | None = None
) -> Treatment:
    """Return how the members of today were treated in the last year; raises ForbiddenError."""
    require(viewer, SEE_MEMBERS)
    require(viewer, SEE_NEEDS)
    moment = now or datetime.now(UTC)
    days = BusinessDays(settings)
    since, kinds = moment - PERIOD, _members(connection, days.today(moment))
    needs = _needs(connection, viewer, kinds, since.date())
    lists = _first_lists(connection, [need_id for of in needs.values() for need_id in of])
    contacted = {one.need_id for one in first_contacts(connection, viewer, since)}
    chances = _first_chances(connection, [need_id for of in needs.values() for need_id in of])
    names = _names(connection, kinds)
    found = [
        _treated(company, kinds[company], names.get(company, ("", "")), needs.get(company, {}), lists,
                 contacted, chances, days)
        for company in kinds
    ]  # fmt: skip
    ordered = tuple(sorted(found, key=lambda one: (-one.needs, one.name_ja, one.organisation_id)))
    return Treatment(
        ordered,
        _median(one.days_to_list for one in ordered),
        _median(one.people_a_list for one in ordered),
        _median(one.first_chance for one in ordered),
    )


def _treated(  # noqa: PLR0917 - the parts of one row
    company: str,
    kind: str,
    names: tuple[str, str],
    needs: dict[str, date | None],
    lists: dict[str, tuple[date, int]],
    contacted: set[str],
    chances: dict[str, float],
    days: BusinessDays,
) -> MemberTreatment:
    given = {need_id: lists[need_id] for need_id in needs if need_id in lists}
    waited = [
        float(max(days.between(posted, given[need_id][0]), 0))
        for need_id, posted in needs.items()
        if posted and need_id in given
    ]
    return MemberTreatment(
        company, kind, *names,
        needs=len(needs),
        with_list=len(given),
        people_a_list=_mean([float(people) for _, people in given.values()]),
        days_to_list=_median(waited),
        contacted=len(contacted & needs.keys()),
        first_chance=_mean([chances[need_id] for need_id in needs if need_id in chances]),
    )  # fmt: skip


def _members(connection: Connection, today: date) -> dict[str, str]:
    query = select(MEMBERSHIPS.c.organisation_id, MEMBERSHIPS.c.kind).where(*holds_on(today))
    rows = connection.execute(query.order_by(MEMBERSHIPS.c.membership_id)).all()
    now = present_ids(connection, {row[0] for row in rows})
    return {now.get(company, company): kind for company, kind in rows}


def _needs(
    connection: Connection, viewer: Viewer, companies: Iterable[str], since: date
) -> dict[str, dict[str, date | None]]:
    columns = StoredNeed.organisation_id, StoredNeed.need_id, StoredNeed.posted_on
    query = select(*columns).where(
        StoredNeed.organisation_id.in_(sorted(companies)),
        StoredNeed.withdrawn_at.is_(None),
        (StoredNeed.posted_on.is_(None)) | (StoredNeed.posted_on >= since),
        visible_needs(viewer),
    )
    found: defaultdict[str, dict[str, date | None]] = defaultdict(dict)
    for company, need_id, posted in connection.execute(query):
        found[str(company)][str(need_id)] = posted
    return found


def _first_lists(connection: Connection, need_ids: Sequence[str]) -> dict[str, tuple[date, int]]:
    query = select(RELEASED.c.need_id, RELEASED.c.released_at, RELEASED.c.content)
    ordered = query.where(RELEASED.c.need_id.in_(need_ids)).order_by(RELEASED.c.released_at)
    found: dict[str, tuple[date, int]] = {}
    for need_id, at, content in connection.execute(ordered):
        found.setdefault(str(need_id), (at.date(), len(people_of_document(content))))
    return found


def _first_chances(connection: Connection, need_ids: Sequence[str]) -> dict[str, float]:
    """Return the chance of who came first in the newest list of each need."""
    query = (
        select(SHOWN_LIST.c.need_id, SHOWN_MATCH.c.probability)
        .join(SHOWN_MATCH, SHOWN_MATCH.c.list_id == SHOWN_LIST.c.list_id)
        .where(SHOWN_LIST.c.need_id.in_(need_ids), SHOWN_MATCH.c.rank == 1)
        .order_by(SHOWN_LIST.c.list_id)
    )
    return {
        str(need_id): float(chance)
        for need_id, chance in connection.execute(query)
        if chance is not None
    }


def _names(connection: Connection, companies: Iterable[str]) -> dict[str, tuple[str, str]]:
    columns = Organisation.organisation_id, Organisation.name_ja, Organisation.name_en
    query = select(*columns).where(Organisation.organisation_id.in_(sorted(companies)))
    return {key: (ja, en) for key, ja, en in connection.execute(query)}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
