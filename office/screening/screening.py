"""Screening: which rules hold of a need and people, with what was decided of them; the one entry.

It reads and changes nothing. Of export control it looks at words and classes, see `export_control_rules`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from catalogue.database.viewer import Viewer
from catalogue.identity.links import rows_of
from office.access.rules import READ_INTERESTS, SEE_SCREENING, may, require
from office.needs.reading import SeenNeed
from office.screening.capacity import before_nda, capacity
from office.screening.conflicts import interests, joint_work, managers_past
from office.screening.export_control_rules import (
    export_of_need,
    export_of_person,
    work_touching,
)
from office.screening.export_control_topics import load_topics
from office.screening.findings import Finding, Findings, neutral
from office.screening.kept_clearances import Decided, decisions_on
from office.screening.rule_book import SCREENING_VERDICTS, RuleBook
from office.screening.screened_facts import ScreenedFacts, read_facts

OF_NEED = ""  # the key of findings that are of the need, whoever is asked
RULES_OF_PEOPLE = (interests, joint_work, export_of_person, before_nda, capacity)
RULES_OF_NEEDS = (managers_past, export_of_need)


def screen(
    connection: Connection,
    viewer: Viewer,
    need: SeenNeed | None,
    people: Sequence[str],
    book: RuleBook,
    *,
    today: date | None = None,
) -> Findings:
    """Return the findings of a need and people by the ids that were asked for, what stops first.

    Those of the need alone stand under OF_NEED; None screens people without a need, for capacity alone.
    `connection` is of `reading_as(viewer)`. Raises ForbiddenError.
    """
    require(viewer, SEE_SCREENING)
    day = today or date.today()
    present = {one: one for one in people} | rows_of(connection, people)
    ids = list(dict.fromkeys(present.values()))
    facts = read_facts(
        connection, viewer, need, ids, today=day, recent_years=book.settings.recent_years
    )
    if need:
        known = load_topics(book.settings.export_control_topics)
        facts = replace(facts, touching=work_touching(connection, viewer, need, ids, known))
    decided = decisions_on(connection, need.need_id, day) if need else Decided()
    reads_all = may(viewer, READ_INTERESTS)
    found = {OF_NEED: _of_need(facts, book)}
    found |= {asked: _of_person(facts, book, now) for asked, now in present.items()}
    told = {whose: decided.of(findings) for whose, findings in found.items()}
    return {
        whose: tuple(sorted(findings if reads_all else neutral(findings), key=_strictness))
        for whose, findings in told.items()
    }


def stopping(findings: Findings) -> list[Finding]:
    """Return those that stop a release as they are."""
    return [one for of_person in findings.values() for one in of_person if one.stops]


def _of_need(facts: ScreenedFacts, book: RuleBook) -> list[Finding]:
    return [one for rule in RULES_OF_NEEDS for one in rule(facts, book)]


def _of_person(facts: ScreenedFacts, book: RuleBook, person: str) -> list[Finding]:
    return [one for rule in RULES_OF_PEOPLE for one in rule(facts, book, person)]


def _strictness(finding: Finding) -> tuple[bool, int, bool]:
    verdict = SCREENING_VERDICTS.index(finding.verdict)
    return not finding.stops, -verdict, finding.is_capacity
