"""The rules on export control: what a need touches, and which work of a list's people touches the same.

Words and patent classes alone are looked at here: a release is screened without an encoder. A reason names
items of the lists and never a text; the sentences stand on the page of the pre-screen.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Connection, select

from catalogue.database.models import Authorship, Seed
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_, Listing, Message, words
from matcher.records import PUBLIC
from office.access.rules import visible_seeds
from office.needs.reading import SeenNeed
from office.screening.export_control import (
    NOTE,
    ExportControlFinding,
    ScreenedText,
    export_control_findings,
)
from office.screening.export_control_topics import (
    CATCH_ALL,
    ExportControlTopics,
    load_topics,
)
from office.screening.findings import Finding
from office.screening.rule_book import RuleBook
from office.screening.screened_facts import ScreenedFacts

LISTED, END_USE, CIRCUMSTANCES = "export_listed", "export_end_use", "export_circumstances"
WORK, UNPUBLISHED = "export_work", "export_unpublished"
ITEM_WORDS, CIRCUMSTANCE_WORDS = "item of the lists", "circumstance"  # contexts of what follows
ITEMS = {
    "1": "1 Arms",
    "2": "2 Nuclear",
    "3": "3 Chemical weapons",
    "3-2": "3-2 Biological weapons",
    "4": "4 Missiles",
    "5": "5 Advanced materials",
    "6": "6 Material processing",
    "7": "7 Electronics",
    "8": "8 Computers",
    "9": "9 Telecommunications",
    "10": "10 Sensors and lasers",
    "11": "11 Navigation",
    "12": "12 Marine",
    "13": "13 Propulsion",
    "14": "14 Other",
    "15": "15 Sensitive items",
    "16": "16 Catch-all control",
}
CIRCUMSTANCES_SAID = {
    "abroad": "partners or places abroad",
    "people": "foreign or non-resident people",
    "unpublished": "unpublished or confidential information",
}
TOUCHES = N_("The need may touch the export control lists: %(items)s.")
MILITARY = N_("The need names a military or similar end use or end user: %(items)s.")
BESIDE = N_("The need also names %(circumstances)s.")
SAME_WORK = N_("Work of this person may touch the same: %(items)s.")
HIDDEN_WORK = N_("Work that isn't public may touch the same: %(items)s.")
REMEMBERED = 4_096  # texts of seeds whose findings are kept
Touching = Mapping[
    str, Sequence[tuple[str, ExportControlFinding]]
]  # visibility and finding by person


def need_findings(need: SeenNeed, known: ExportControlTopics) -> tuple[ExportControlFinding, ...]:
    """Return what a need's title, text and constraints touch; sentences are those of the joined text."""
    return export_control_findings([ScreenedText(pre_screened_text(need))], topics=known)


def pre_screened_text(need: SeenNeed) -> str:
    """Return what of a need is looked at, a line each."""
    return "\n".join(part for part in (need.title, need.text, need.constraints) if part)


@lru_cache(REMEMBERED)
def _seed_findings(
    text: str, codes: str, known: ExportControlTopics
) -> tuple[ExportControlFinding, ...]:
    given = ScreenedText(text, codes=tuple(codes.split("; ")) if codes else ())
    return tuple(one for one in export_control_findings([given], topics=known) if one.level != NOTE)


def work_touching(
    connection: Connection,
    viewer: Viewer,
    need: SeenNeed,
    people: Sequence[str],
    known: ExportControlTopics,
) -> Touching:
    """Return which visible work of people touches a topic that the need touches; nothing without one."""
    topics = {one.topic_id for one in need_findings(need, known) if one.level != NOTE}
    found: defaultdict[str, list[tuple[str, ExportControlFinding]]] = defaultdict(list)
    if not topics:
        return found
    query = (
        select(
            Authorship.researcher_id,
            Seed.seed_id,
            Seed.title,
            Seed.text,
            Seed.field_codes,
            Seed.visibility,
        )
        .join(Seed, Seed.seed_id == Authorship.seed_id)
        .where(
            Authorship.researcher_id.in_(sorted(people)),
            Seed.withdrawn_at.is_(None),
            visible_seeds(viewer),
        )
    )
    for person, seed_id, title, text, codes, visibility in connection.execute(query):
        for one in _seed_findings(f"{title}\n{text}", codes, known):
            if one.topic_id in topics:
                found[person].append((visibility, replace(one, source_id=seed_id)))
    return found


def export_of_need(facts: ScreenedFacts, book: RuleBook) -> Iterator[Finding]:
    """Yield what the need touches, what it is for, and what weighs beside that."""
    known = load_topics(book.settings.export_control_topics)
    found = need_findings(facts.need, known) if facts.need else ()
    asked = [one for one in found if one.level != NOTE]
    listed = [one for one in asked if CATCH_ALL not in one.items]
    ends = [one for one in asked if CATCH_ALL in one.items]
    said = [one.topic_id for one in found if one.level == NOTE] if asked else []
    yield from _finding(facts, book, LISTED, "", Message(TOUCHES, _items(listed)), listed)
    yield from _finding(facts, book, END_USE, "", Message(MILITARY, _items(ends)), ends)
    beside = words(CIRCUMSTANCE_WORDS, [CIRCUMSTANCES_SAID[one] for one in said])
    weighing = [one for one in found if one.topic_id in said]
    reason = Message(BESIDE, {"circumstances": beside})
    yield from _finding(facts, book, CIRCUMSTANCES, "", reason, weighing)


def export_of_person(facts: ScreenedFacts, book: RuleBook, person: str) -> Iterator[Finding]:
    """Yield which work of a person touches what the need touches; what isn't public apart."""
    work = facts.touching.get(person, ())
    public = [one for visibility, one in work if visibility == PUBLIC]
    hidden = [one for visibility, one in work if visibility != PUBLIC]
    yield from _finding(facts, book, WORK, person, Message(SAME_WORK, _items(public)), public)
    reason = Message(HIDDEN_WORK, _items(hidden))
    yield from _finding(facts, book, UNPUBLISHED, person, reason, hidden)


def _items(found: Iterable[ExportControlFinding]) -> dict[str, Listing]:
    """Return the items that topics point to first, in the order of the lists."""
    nearest = {one.items[0] for one in found if one.items}
    said = [name for item, name in ITEMS.items() if item in nearest]
    return {"items": words(ITEM_WORDS, said)}


def _finding(  # noqa: PLR0917 - one row of a finding's columns
    facts: ScreenedFacts,
    book: RuleBook,
    rule_id: str,
    person: str,
    reason: Message,
    found: Sequence[ExportControlFinding],
) -> Iterator[Finding]:
    rule = book.rules.get(rule_id)
    if rule and found and facts.need:
        evidence = {_evidence(one) for one in found}
        yield Finding(
            rule_id,
            facts.need.need_id,
            person,
            reason,
            rule.verdict,
            rule.role,
            tuple(sorted(evidence)),
        )


def _evidence(one: ExportControlFinding) -> str:
    return f"seed:{one.source_id}" if one.source_id else f"topic:{one.topic_id}"
