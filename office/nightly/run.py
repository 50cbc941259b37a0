"""The night's run: import, index, match every open need, publish the report, look for news.

One run at a time. A run that was killed leaves nothing half-done in the reports, and the next one
goes on where it stopped: vectors, imported files and finished match lists are kept as they come. A
finished list is held by the index version and the model that made it; no need's text is kept: the
parts of it that a list quotes are taken from the need when the list is read.
"""

import datetime
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from enmusubi.atomic_files import storage_errors
from enmusubi.errors import EnmusubiError, InputError
from enmusubi.locks import exclusive_lock
from enmusubi.messages import Message
from enmusubi.settings import Settings
from matcher.need_analysis import KEPT_NEEDS
from matcher.records import MatchList, Need
from office.live_recommender import NeedMatcher
from office.nightly.checkpoints import Checkpoints
from office.nightly.inbox import ImportedFiles, InboxResult, OnTotal, import_inbox
from office.nightly.parts import OpenParts, Parts, open_nightly_parts
from office.nightly.telling import told_dormant, with_candidates
from office.reports.publication import free_name, previous_run, write_report
from office.reports.records import (
    COMPARED,
    DormantReport,
    NeedReport,
    NightReport,
    ReportedMatch,
    mark_new,
)

LOCK_NAME = "nightly.lock"
WORK_NAME = "nightly"
LEDGER_NAME = "imported.json"
TOGETHER = KEPT_NEEDS  # needs that are looked for together, as many as a recommender keeps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NightlyResult:
    """What a night did; holds ids and counts, never a need's text."""

    report_folder: Path
    index_version: str
    model: str
    needs: int
    matched: int
    failed: dict[str, str]  # need ids, each with the reason
    resumed: int  # needs whose lists a killed run had left
    new_needs: int
    new_researchers: int
    new_evidence: int
    compared_with: str  # name of the report before; empty for the first
    inbox: InboxResult
    searches_with_news: int = 0  # saved searches with an alert
    fits_nobody: tuple[str, ...] = ()  # ids of needs whom nobody fits
    cases_due: int = 0  # due soon
    cases_overdue: int = 0
    dormant: tuple[str, ...] = ()  # ids of dormant needs that new seeds may suit
    themes: int = 0  # that open needs of several companies share
    new_themes: int = 0  # of these, new or larger than the night before
    unused: tuple[str, ...] = ()  # ids of unused patents that found other companies

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values for JSON."""
        problems = [str(problem) for problem in self.inbox.problems]
        inbox = {**asdict(self.inbox), "problems": problems}
        return {**asdict(self), "report_folder": str(self.report_folder), "inbox": inbox}


def run_nightly(
    settings: Settings,
    *,
    open_parts: OpenParts = open_nightly_parts,
    today: datetime.date | None = None,
    on_progress: OnTotal | None = None,
) -> NightlyResult:
    """Run the night and return what it did.

    `open_parts` is called once the lock is held. A need or an inbox file that cannot be used is
    told in the report and in the result; it does not stop the others. Raises AlreadyRunningError
    while another night runs, StorageError when the disk is full or read-only, IndexUnusableError,
    ModelUnavailableError, CatalogueUnusableError, and InputError when there are no seeds at all.
    """
    report_progress = on_progress or (lambda what, done, total: None)
    date = (today or datetime.date.today()).isoformat()
    with exclusive_lock(settings.data_dir / LOCK_NAME, activity="nightly"):
        with open_parts(settings) as parts:
            inbox = _import(settings, parts, report_progress)
            before_index = datetime.datetime.now(datetime.UTC)
            matcher, index_key = parts.open_matcher(report_progress)
            key = f"{index_key}\n{matcher.index_version}\n{matcher.model}\n{settings.nightly.top}"
            checkpoints = Checkpoints(settings.data_dir / WORK_NAME / "work", key=key)
            night = _Night(
                partial(parts.look_ahead, matcher), partial(parts.match, matcher), checkpoints
            )
            needs = night.match_all(parts.catalogue.needs(), report_progress)
            parts.note_shown(night.lists)
            dormant = parts.look_for_dormant(matcher, before_index)
            found = _Found(tuple(needs), tuple(map(told_dormant, dormant)), inbox)
            report = _publish(settings, date, found, matcher, parts)
            parts.note_told(dormant)
            for shown in night.lists:
                parts.record_shown(shown)
            alerts = parts.check_alerts(matcher, settings.nightly.top)
            parts.remind()
            parts.keep_no_longer()
        checkpoints.clear()
    return replace(_result(settings, report, inbox, night.resumed), searches_with_news=alerts)


def _import(settings: Settings, parts: Parts, on_progress: OnTotal) -> InboxResult:
    inbox = settings.nightly.inbox
    if inbox is None:
        return InboxResult()
    url = hashlib.sha256(settings.catalogue_url.encode()).hexdigest()[:16]
    imported_files = ImportedFiles(settings.data_dir / WORK_NAME / LEDGER_NAME, catalogue=url)
    if not any(parts.catalogue.counts().values()):
        imported_files.entries.clear()  # an emptied catalogue needs its files again
    return import_inbox(
        inbox,
        parts.import_files,
        imported_files,
        formats=parts.import_formats,
        on_progress=on_progress,
    )


class _Night:
    """Matches needs one by one, each kept as soon as it is done."""

    def __init__(
        self,
        look_ahead: Callable[[Sequence[Need]], None],
        match: Callable[[Need], MatchList],
        checkpoints: Checkpoints,
    ) -> None:
        self._look_ahead = look_ahead
        self._match_anew = match
        self._checkpoints = checkpoints
        self.resumed = 0
        self.lists: list[MatchList] = []

    def match_all(self, needs: Sequence[Need], on_progress: OnTotal) -> list[NeedReport]:
        """Return a report for each need, in order."""
        reports = []
        on_progress("match", 0, len(needs))
        for done, need in enumerate(needs, start=1):
            if done % TOGETHER == 1:
                self._prepare(needs[done - 1 : done - 1 + TOGETHER])
            reports.append(self._report(need))
            on_progress("match", done, len(needs))
        return reports

    def _prepare(self, needs: Sequence[Need]) -> None:
        new = [need for need in needs if self._checkpoints.read(need) is None]
        if not new:
            return
        try:
            self._look_ahead(new)
        except (
            Exception
        ) as error:  # which need it is, and whether others fare better, tells each alone
            log.warning("Needs could not be looked for together: %s", type(error).__name__)

    def _report(self, need: Need) -> NeedReport:
        try:
            found = self._match(need)
            self.lists.append(found)
            matches = tuple(ReportedMatch(match) for match in found.matches)
            return NeedReport(need, matches, None, COMPARED, found.fits_nobody, found.is_evened)
        except InputError as error:
            return NeedReport(need, error=error.message)
        except (EnmusubiError, OSError):
            raise  # the disk, the index or the model: no other need would fare better
        except Exception as error:  # its message could quote the need, so only its kind is told
            log.warning("Need %r could not be matched: %s", need.need_id, type(error).__name__)
            failure = Message(
                "Unexpected %(kind)s. Try it alone with `enmusubi match --need ID --debug`.",
                {"kind": type(error).__name__},
            )
            return NeedReport(need, error=failure)

    def _match(self, need: Need) -> MatchList:
        if stored := self._checkpoints.read(need):
            self.resumed += 1
            return stored
        matches = self._match_anew(need)
        self._checkpoints.write(need, matches)
        return matches


@dataclass(frozen=True)
class _Found:
    """What a night's report is made of."""

    needs: tuple[NeedReport, ...]
    dormant: tuple[DormantReport, ...]
    inbox: InboxResult


def _publish(
    settings: Settings,
    date: str,
    found: _Found,
    matcher: NeedMatcher,
    parts: Parts,
) -> NightReport:
    """Write the report and return it; mails of it wait before, lest a kill between loses them."""
    with storage_errors(root := settings.reports_dir):
        root.mkdir(parents=True, exist_ok=True)
        name = free_name(root, date)
        previous = previous_run(root, name)
        report = NightReport(
            name=name,
            date=date,
            index_version=matcher.index_version,
            model=matcher.model,
            top=settings.nightly.top,
            needs=tuple(mark_new(need, previous) for need in found.needs),
            dormant=found.dormant,
            findings=parts.find_more(matcher, previous.findings, name),
            previous=previous.name,
            model_changed=bool(previous.name) and previous.model != matcher.model,
            imported=found.inbox.lines,
            problems=found.inbox.problems,
            cases=parts.check_cases(),
        )
        parts.check_projects()
        parts.tell_of_memberships()
        news = [*(one.need_id for one in report.dormant), *report.findings.told_need_ids]
        parts.tell_managers(name, [*with_candidates(report.needs), *news])
        write_report(report, previous, root)
    return report


def _result(
    settings: Settings, report: NightReport, inbox: InboxResult, resumed: int
) -> NightlyResult:
    failed = {need.need.need_id: str(need.error) for need in report.failed}
    return NightlyResult(
        report_folder=settings.reports_dir / report.name,
        index_version=report.index_version,
        model=report.model,
        needs=len(report.needs),
        matched=len(report.needs) - len(failed),
        failed=failed,
        resumed=resumed,
        new_needs=sum(need.is_new for need in report.needs),
        new_researchers=sum(need.new_researchers for need in report.needs),
        new_evidence=sum(need.new_seeds for need in report.needs),
        compared_with=report.previous,
        inbox=inbox,
        fits_nobody=tuple(need.need.need_id for need in report.without_anybody),
        cases_due=len(report.cases.due_soon),
        cases_overdue=len(report.cases.overdue),
        dormant=tuple(one.need_id for one in report.dormant),
        themes=len(report.findings.themes or ()),
        new_themes=len(report.findings.new_themes),
        unused=tuple(one.seed_id for one in report.findings.unused),
    )
