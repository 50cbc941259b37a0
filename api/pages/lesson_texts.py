"""What a page of a case shows of odds, similar cases, income and templates, and the words of their codes."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from api.dependencies import Services
from api.pages.case_texts import MEANS_LABELS, STATE_LABELS
from api.pages.texts import REASON_LABELS, STAGE_LABELS
from catalogue.database.case_models import CASE_STAGES
from catalogue.database.viewer import Viewer
from enmusubi.messages import N_
from office.cases.kept import KeptCase
from office.cases.templates import KeptCaseTemplate, templates_of
from office.figures.recording import KeptEntry, entries_of, may_record
from office.needs.reading import SeenNeed, need_of
from office.odds.predicting import (
    FEW_AT_STAGE,
    FEW_CASES,
    TOO_WIDE,
    GateOdds,
)
from office.odds.similar import SimilarTo, Taught, case_text
from office.odds.track_record import FEWEST_AT_STAGE, FEWEST_ENDED, TrackRecord

ENTRY_LABELS = {
    "revenue": N_("Co-created revenue"),
    "contract": N_("Contract amount"),
    "indirect": N_("Indirect income"),
    "licence": N_("Licence income"),
    "investment": N_("Private investment"),
    "joint_patent": N_("Joint patents"),
}
OUTCOME_LABELS = {"success": N_("Success"), "failure": N_("Failure to learn from")}
SILENT_LABELS = {
    FEW_CASES: N_("Too few stays of cases have ended in the ledger yet (%(count)s of %(least)s)."),
    FEW_AT_STAGE: N_(
        "Too few cases went or failed at a stage on the way (%(count)s of %(least)s)."
    ),
    TOO_WIDE: N_("The cases so far allow too wide a range for a number to say anything."),
}
SHOWN_OF_LESSONS: dict[str, Any] = {
    "income_labels": ENTRY_LABELS,
    "outcome_labels": OUTCOME_LABELS,
    "silent_labels": SILENT_LABELS,
    "fewest": {FEW_CASES: FEWEST_ENDED, FEW_AT_STAGE: FEWEST_AT_STAGE, TOO_WIDE: 0},
    "taught_states": STATE_LABELS,
    "taught_stages": STAGE_LABELS,
    "taught_reasons": REASON_LABELS,
    "taught_means": MEANS_LABELS,
    "stage_names": CASE_STAGES,
}


@dataclass(frozen=True)
class Lessons:
    """What a case's page shows besides; `offered` are the templates for a new case."""

    odds: tuple[GateOdds, ...] = ()
    rests_on: tuple[int, int] = (0, 0)  # cases of which stays ended, and these stays
    record: TrackRecord = field(default_factory=TrackRecord)
    taught: Taught | None = None
    entries: tuple[KeptEntry, ...] = ()
    may_record: bool = False
    templates: tuple[KeptCaseTemplate, ...] = ()


def lessons_of(
    connection: Connection, viewer: Viewer, services: Services, case: KeptCase
) -> Lessons:
    """Return what the page of a case shows besides."""
    learned = services.odds.find(connection, viewer)
    odds = () if case.has_ended else learned.of_case(case.case_id)
    need = need_of(connection, viewer, case.need_id) if case.need_id else None
    text = case_text(case.title, *_said(need))
    asked = SimilarTo(text, frozenset(case.people_ids), case.means, case.case_id)
    return Lessons(
        tuple(odds),
        (learned.cases, learned.ended),
        learned.record,
        services.similar_cases.find(connection, viewer, asked),
        tuple(entries_of(connection, case)),
        may_record(viewer, case),
        tuple(templates_of(connection, viewer, case_id=case.case_id)),
    )


def lessons_for_new(
    connection: Connection,
    viewer: Viewer,
    services: Services,
    need: SeenNeed | None,
    people: tuple[str, ...],
) -> Lessons:
    """Return what is shown where a case is opened: what similar cases teach, and all templates."""
    taught = None
    if need is not None:
        asked = SimilarTo(case_text("", *_said(need)), frozenset(people))
        taught = services.similar_cases.find(connection, viewer, asked)
    return Lessons(taught=taught, templates=tuple(templates_of(connection, viewer)))


def _said(need: SeenNeed | None) -> tuple[str, str]:
    return (need.title, need.text) if need else ("", "")
