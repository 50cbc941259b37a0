"""Screening as the tests ask for it."""

from collections.abc import Sequence

from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import Catalogue
from enmusubi.screening_settings import ScreeningSettings
from office.access.scoped import reading_as
from office.needs.reading import need_of
from office.screening.findings import Finding, Findings
from office.screening.rule_book import rule_book
from office.screening.screening import screen
from tests.support.worlds.screened import HEAD, NEED, TODAY

PEOPLE = tuple(f"R-{n}" for n in range(1, 11))
USUAL = ScreeningSettings()


def screened(
    office: Catalogue,
    viewer: Viewer = HEAD,
    need_id: str = NEED,
    people: Sequence[str] = PEOPLE,
    settings: ScreeningSettings = USUAL,
) -> Findings:
    """Return the findings on the world's day."""
    with reading_as(office, viewer) as connection:
        need = need_of(connection, viewer, need_id) if need_id else None
        book = rule_book(settings)
        return screen(connection, viewer, need, people, book, today=TODAY)


def rules_of(findings: Sequence[Finding]) -> dict[str, str]:
    """Return the verdicts by rule, without what is told of every person."""
    return {one.rule_id: one.verdict for one in findings if one.rule_id != "before_nda"}


def of_rule(findings: Sequence[Finding], rule_id: str) -> Finding:
    """Return the one finding of a rule."""
    [found] = [one for one in findings if one.rule_id == rule_id]
    return found
