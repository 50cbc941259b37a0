"""Screening of a list's people as a page, an answer or a file shows it beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from catalogue.database.viewer import Viewer
from catalogue.judgements.shown_lists import SHOWN_LIST, SHOWN_MATCH
from catalogue.records.catalogue import Catalogue
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.translation import say
from office.access.rules import SEE_SCREENING, may
from office.access.scoped import reading_as
from office.needs.reading import SeenNeed, needs_by_ids
from office.screening.findings import Finding, Findings, neutral
from office.screening.rule_book import rule_book, rule_name
from office.screening.screening import OF_NEED, screen, stopping


@dataclass(frozen=True)
class ListScreening:
    """The findings of a list's people and of its need; none where the viewer may not see them."""

    findings: Findings = field(default_factory=dict)
    flags_capacity: bool = True

    def of(self, researcher_id: str) -> tuple[Finding, ...]:
        """Return the findings of a person."""
        return self.findings.get(researcher_id, ())

    @property
    def of_need(self) -> tuple[Finding, ...]:
        """The findings of the need alone."""
        return self.of(OF_NEED)

    def at_a_glance(self, researcher_id: str) -> list[Finding]:
        """Return the findings that stand on a person's row: what stops, and their capacity."""
        return [
            one
            for one in self.of(researcher_id)
            if one.stops or (one.is_capacity and self.flags_capacity)
        ]

    def is_busy(self, researcher_id: str) -> bool:
        """Return whether a person's time is bounded."""
        return any(one.is_capacity for one in self.of(researcher_id))

    @property
    def stops(self) -> int:
        """How many findings would stop a release."""
        return len(stopping(self.findings))

    def all(self) -> list[Finding]:
        """Return all findings, the need's first."""
        return [one for findings in self.findings.values() for one in findings]


NOTHING_FOUND = ListScreening()


def screen_needs(
    connection: Connection,
    viewer: Viewer,
    people_of: Mapping[str, Sequence[str]],
    settings: ScreeningSettings,
) -> dict[str, ListScreening]:
    """Return the screening of several needs, by their ids; NOTHING_FOUND where the viewer may not see it.

    `connection` is of `reading_as(viewer)`.
    """
    found = dict.fromkeys(people_of, NOTHING_FOUND)
    if may(viewer, SEE_SCREENING):
        book, flags = rule_book(settings), settings.capacity_order != "off"
        for need in needs_by_ids(connection, viewer, people_of):
            findings = screen(connection, viewer, need, people_of[need.need_id], book)
            found[need.need_id] = ListScreening(findings, flags)
    return found


def remarks_of(screening: ListScreening, language: str) -> dict[str, str]:
    """Return what was found of each person in words, a line a finding, as files say it beside them.

    Files leave the service: whatever their reader may see here, they say of interests that there are some.
    """
    return {
        person: "\n".join(
            f"{rule_name(one.rule_id, language)}: {say(one.reason, language)}"
            for one in neutral(findings)
        )
        for person, findings in screening.findings.items()
    }


def newest_people(catalogue: Catalogue, need_id: str, count: int) -> list[str]:
    """Return the first of the newest list of a need that was recorded, by rank; nobody without one."""
    newest = select(SHOWN_LIST.c.list_id).where(SHOWN_LIST.c.need_id == need_id)
    newest = newest.order_by(SHOWN_LIST.c.shown_at.desc(), SHOWN_LIST.c.list_id.desc()).limit(1)
    query = select(SHOWN_MATCH.c.researcher_id).order_by(SHOWN_MATCH.c.rank).limit(count)
    with catalogue.reading() as connection:
        of_newest = query.where(SHOWN_MATCH.c.list_id == newest.scalar_subquery())
        return list(connection.execute(of_newest).scalars())


def screen_list(
    catalogue: Catalogue,
    viewer: Viewer,
    need: SeenNeed | None,
    people: Sequence[str],
    settings: ScreeningSettings,
) -> ListScreening:
    """Return the screening of people for a need, or for capacity alone without one."""
    if not may(viewer, SEE_SCREENING):
        return NOTHING_FOUND
    book = rule_book(settings)
    with reading_as(catalogue, viewer) as connection:
        found = screen(connection, viewer, need, people, book)
    return ListScreening(found, settings.capacity_order != "off")
