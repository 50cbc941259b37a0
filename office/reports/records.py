"""A night's report as records, and its comparison with the night before.

Nights are compared by the ids that `run.json` keeps; no text is kept there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from enmusubi.language import clean_text
from enmusubi.messages import Message
from matcher.explaining.explanation import grouped
from matcher.explaining.summary import best_evidence
from matcher.records import Match, Need, ResearcherCard
from matcher.reranking.calibration import WEAK
from office.cases.telling import ClocksChecked
from office.reports.findings import (
    KnownFindings,
    NightFindings,
    findings_as_dict,
    read_findings,
)

FIRST_RUN, NEW_NEED, COMPARED = "first run", "new need", "compared"
RUN_NAME = "run.json"
FORMAT = 1
TOLD_REASONS = 2  # of a person, for a line of the report

SeedsOf = Mapping[str, Sequence[str]]
"""Researcher ids in the order of their ranks, each with the ids of its evidence."""


@dataclass(frozen=True)
class ReportedMatch:
    """A match, and what of it the run before did not have."""

    match: Match
    is_new: bool = False  # the researcher was not in this need's list
    new_seeds: frozenset[str] = frozenset()  # of a researcher who was, evidence that was not


@dataclass(frozen=True)
class NeedReport:
    """One need with its match list, or with the reason why it has none."""

    need: Need
    matches: tuple[ReportedMatch, ...] = ()
    error: Message | None = None
    compared: str = COMPARED  # marks are set only where the run before had the need
    fits_nobody: bool = False  # no researcher fits well; the nearest are listed all the same
    is_evened: bool = False  # people of nearly equal chances stand in an order drawn by lot

    @property
    def likely(self) -> tuple[ReportedMatch, ...]:
        """Those of the list who could fit."""
        return tuple(one for one in self.matches if one.match.strength != WEAK)

    @property
    def unlikely(self) -> tuple[ReportedMatch, ...]:
        """Those who are less likely to fit: they stand folded or apart."""
        return tuple(one for one in self.matches if one.match.strength == WEAK)

    @property
    def is_nobody(self) -> bool:
        """Whether a list is there and nobody in it is said to fit."""
        return self.fits_nobody and bool(self.matches)

    @property
    def shown_title(self) -> str:
        """The need's title, or its id where nothing of the title can be seen."""
        return clean_text(self.need.title) or self.need.need_id

    @property
    def is_new(self) -> bool:
        """Whether the run before did not have the need, though there was a run before."""
        return self.compared == NEW_NEED

    @property
    def new_researchers(self) -> int:
        """How many researchers are new in the list."""
        return sum(reported.is_new for reported in self.matches)

    @property
    def new_seeds(self) -> int:
        """How many pieces of evidence are new for those who were in the list."""
        return sum(len(reported.new_seeds) for reported in self.matches)


@dataclass(frozen=True)
class DormantPerson:
    """Somebody whom new or changed seeds made likely for a dormant need."""

    researcher: ResearcherCard
    probability: float
    seed_ids: tuple[str, ...]
    titles: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class DormantReport:
    """A closed need that nobody was found to suit, and whom new seeds were found to suit."""

    need_id: str
    title: str = field(repr=False)
    company: str = field(repr=False)
    people: tuple[DormantPerson, ...]

    @property
    def shown_title(self) -> str:
        """The need's title, or its id where nothing of the title can be seen."""
        return clean_text(self.title) or self.need_id


@dataclass(frozen=True)
class NightReport:
    """All needs of one night, and what they were compared with."""

    name: str  # of the report's folder, such as 2031-04-01-2
    date: str
    index_version: str
    model: str
    top: int
    needs: tuple[NeedReport, ...]
    previous: str = ""  # name of the report before
    model_changed: bool = False
    imported: tuple[str, ...] = ()  # lines about the files that were imported
    problems: tuple[Message, ...] = ()  # lines about what could not be imported
    cases: ClocksChecked = field(default_factory=ClocksChecked)
    dormant: tuple[DormantReport, ...] = ()
    findings: NightFindings = field(default_factory=NightFindings)

    @property
    def without_anybody(self) -> tuple[NeedReport, ...]:
        """Needs that nobody fits."""
        return tuple(need for need in self.needs if need.is_nobody)

    @property
    def failed(self) -> tuple[NeedReport, ...]:
        """Needs that could not be matched."""
        return tuple(need for need in self.needs if need.error)


@dataclass(frozen=True)
class PreviousRun:
    """What an earlier night found: for each need, who and by which seeds; and what else it looked for."""

    name: str = ""
    model: str = ""
    needs: Mapping[str, SeedsOf] = field(default_factory=dict)
    findings: KnownFindings = field(default_factory=KnownFindings)


def mark_new(report: NeedReport, previous: PreviousRun) -> NeedReport:
    """Return the need's report with marks on what the earlier run did not have.

    A need counts as new in the first night that it is matched.
    """
    if report.error:
        return report
    if not previous.name:
        return _compared(report, FIRST_RUN, {})
    before = previous.needs.get(report.need.need_id)
    if before is None:
        return _compared(report, NEW_NEED, {})
    return _compared(report, COMPARED, before)


def _compared(report: NeedReport, compared: str, before: SeedsOf) -> NeedReport:
    matches = report.matches
    if compared == COMPARED:
        matches = tuple(_marked(reported.match, before) for reported in matches)
    return replace(report, matches=matches, compared=compared)


def _marked(match: Match, before: SeedsOf) -> ReportedMatch:
    known = before.get(match.researcher.researcher_id)
    if known is None:
        return ReportedMatch(match, is_new=True)
    seeds = {evidence.seed_id for evidence in match.evidence}
    return ReportedMatch(match, new_seeds=frozenset(seeds - set(known)))


def run_as_dict(report: NightReport, previous: PreviousRun) -> dict[str, Any]:
    """Return what the next night compares with, as plain values for `run.json`.

    A need that failed keeps the list of the run before, so that nothing old counts as new later.
    """
    return {
        "format": FORMAT,
        "name": report.name,
        "date": report.date,
        "previous": report.previous or None,
        "index_version": report.index_version,
        "model": report.model,
        "top": report.top,
        "cases": {
            "due_soon": list(report.cases.due_soon),
            "overdue": list(report.cases.overdue),
            "escalated": list(report.cases.escalated),
        },
        "needs": {need.need.need_id: _need_as_dict(need, previous) for need in report.needs},
        "dormant": {one.need_id: _dormant_as_dict(one) for one in report.dormant},
        **findings_as_dict(report.findings),
    }


def _dormant_as_dict(report: DormantReport) -> list[dict[str, Any]]:
    return [
        {
            "researcher_id": one.researcher.researcher_id,
            "seeds": list(one.seed_ids),
            "probability": round(one.probability, 4),
        }
        for one in report.people
    ]


def _need_as_dict(report: NeedReport, previous: PreviousRun) -> dict[str, Any]:
    known = previous.needs.get(report.need.need_id)
    people = [_person_as_dict(reported.match) for reported in report.matches]
    if report.error:
        people = [
            {"researcher_id": key, "seeds": list(seeds)} for key, seeds in (known or {}).items()
        ]
    return {
        "researchers": people,
        "error": str(report.error) if report.error else None,
        "matched": not report.error or known is not None,
        "fits_nobody": report.is_nobody,
    }


def _person_as_dict(match: Match) -> dict[str, Any]:
    """Return who a match is about, how strong it is, and why: ids and codes, no text."""
    key = best_evidence(match)
    raising = [group for group, share in grouped(match.contributions) if share > 0]
    known = None if match.probability is None else round(match.probability, 4)
    return {
        "researcher_id": match.researcher.researcher_id,
        "seeds": [evidence.seed_id for evidence in match.evidence],
        "strength": match.strength,
        "probability": known,
        "key_seed": key.seed_id if key else "",
        "reasons": raising[:TOLD_REASONS],
    }


def read_run(folder: Path) -> PreviousRun | None:
    """Return the run of a report's folder, or None when it has none that can be read."""
    try:
        stored = json.loads((folder / RUN_NAME).read_text("utf-8"))
        if stored["format"] != FORMAT:
            return None
        needs = {
            str(need_id): {str(r["researcher_id"]): list(r["seeds"]) for r in need["researchers"]}
            for need_id, need in stored["needs"].items()
            if need["matched"]
        }
        return PreviousRun(folder.name, str(stored["model"]), needs, read_findings(stored))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
