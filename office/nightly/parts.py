"""What the night works with: its interfaces, and the real catalogue, importers and recommender."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from enmusubi.settings import Settings
from matcher.records import MatchList, Need
from office.cases.telling import ClocksChecked
from office.live_recommender import NeedMatcher
from office.nightly.inbox import ImportFiles, OnTotal
from office.reports.findings import KnownFindings, NightFindings

if TYPE_CHECKING:
    from catalogue.database.viewer import Viewer
    from catalogue.importers.importing import ImportChoices
    from catalogue.importers.report import ImportReport
    from catalogue.records.catalogue import Catalogue
    from matcher.encoder.encoder import Encoder
    from office.matching import ViewerMatching
    from office.outbound.dormant import DormantNews


class NightCatalogue(Protocol):
    """The catalogue, as far as the night uses it."""

    def needs(self) -> list[Need]:
        """Return the open needs, by id."""

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""


@dataclass(frozen=True)
class Parts:
    """What the night works with."""

    catalogue: NightCatalogue
    import_formats: Sequence[str]
    import_files: ImportFiles
    open_matcher: Callable[[OnTotal], tuple[NeedMatcher, str]]
    """Brings the index up to date; returns what matches, and what tells this index from others."""
    match: Callable[[NeedMatcher, Need], MatchList]
    """Returns the list of one need, of public seeds."""
    note_shown: Callable[[Sequence[MatchList]], object]
    """Notes in the audit trail what lists that are about to appear show that few may see."""
    record_shown: Callable[[MatchList], object]
    """Records a list that the report shows, so that judgements can be read with its ranks."""
    look_ahead: Callable[[NeedMatcher, Sequence[Need]], None] = lambda matcher, needs: None
    """Does for needs whose lists are asked for next what can be done for all of them at once."""
    look_for_dormant: Callable[[NeedMatcher, datetime], Sequence["DormantNews"]] = (
        lambda matcher, as_of: ()
    )
    """Lets seeds that are new as of a moment before the index look for dormant needs; returns untold news."""
    note_told: Callable[[Sequence["DormantNews"]], None] = lambda news: None
    """Notes that a report tells of it."""
    find_more: Callable[[NeedMatcher, KnownFindings, str], NightFindings] = (
        lambda matcher, known, night: NightFindings()
    )
    """Looks for what the night finds besides lists, given what the one before found and the report's name."""
    check_alerts: Callable[[NeedMatcher, int], int] = lambda matcher, top: 0
    """Runs the saved searches that have an alert; returns how many have news."""
    tell_managers: Callable[[str, Sequence[str]], int] = lambda report, need_ids: 0
    """Writes mails about new candidates of needs in a report that is about to appear."""
    check_cases: Callable[[], ClocksChecked] = ClocksChecked
    """Looks at the clocks of cases, and writes the mails about them."""
    check_projects: Callable[[], int] = lambda: 0
    """Writes the mails about milestones and actions of projects that are overdue; returns how many."""
    tell_of_memberships: Callable[[], int] = lambda: 0
    """Tells portals of memberships that began or ended by their days; returns of how many."""
    keep_no_longer: Callable[[], object] = lambda: None
    """Deletes what is older than the settings of the retention allow."""
    remind: Callable[[], int] = lambda: 0
    """Writes the reminders of inquiries that are due; returns how many."""


OpenParts = Callable[[Settings], AbstractContextManager[Parts]]


@contextmanager
def open_nightly_parts(
    settings: Settings,
    *,
    load_encoder: "Callable[[Settings], Encoder] | None" = None,
    by: "Viewer | None" = None,
) -> Iterator[Parts]:
    """Give the real parts of these settings; `load_encoder` may stand in for the settings' own.

    `by` is whose imports and lists they are in the audit trail.
    """
    from catalogue.database.viewer import LOCAL_VIEWER
    from catalogue.importers.importing import ImportChoices
    from catalogue.importers.registry import FORMATS
    from catalogue.records.catalogue import open_catalogue
    from office.alerts import check_alerts
    from office.cases.telling import check_clocks
    from office.imports import noted_as
    from office.inquiries.reminding import remind
    from office.matching import Question, ViewerMatching
    from office.members.telling import tell_of_memberships
    from office.nightly.findings import find_more
    from office.nightly.telling import tell_managers
    from office.outbound.dormant import note_told
    from office.privacy.retention import keep_no_longer
    from office.privacy.rights import finish_forgetting
    from office.projects.telling import check_projects
    from office.ways_in import NIGHT

    choices = ImportChoices(
        rejects=settings.rejects_dir, on_begin=noted_as(by) if by is not None else None
    )
    viewer, top = by or LOCAL_VIEWER, settings.nightly.top
    with open_catalogue(settings.catalogue_url) as catalogue:
        finish_forgetting(catalogue, settings)  # a kill may have come between rows and files
        matching = ViewerMatching(catalogue, settings)
        yield Parts(
            catalogue=catalogue,
            import_formats=tuple(FORMATS),
            import_files=partial(_import_files, catalogue, choices),
            open_matcher=partial(_open_matcher, catalogue, settings, load_encoder or _encoder_of),
            match=lambda recommender, need: matching.match_unshown(
                recommender, viewer, Question(need, top), NIGHT
            ),
            look_ahead=lambda recommender, needs: matching.look_ahead(
                recommender, viewer, needs, NIGHT
            ),
            note_shown=lambda lists: matching.note(viewer, lists, NIGHT),
            record_shown=lambda matches: matching.record(matches, top, NIGHT),
            look_for_dormant=partial(_look_for_dormant, matching),
            note_told=partial(note_told, catalogue),
            find_more=partial(find_more, matching, settings.nightly),
            check_alerts=partial(check_alerts, matching),
            tell_managers=partial(tell_managers, catalogue, settings.mail),
            check_cases=partial(check_clocks, catalogue, settings),
            check_projects=partial(check_projects, catalogue, settings),
            tell_of_memberships=partial(tell_of_memberships, catalogue),
            keep_no_longer=partial(keep_no_longer, catalogue, settings),
            remind=partial(remind, catalogue, settings.mail),
        )


def _look_for_dormant(
    matching: "ViewerMatching", recommender: NeedMatcher, as_of: datetime
) -> "Sequence[DormantNews]":
    from office.outbound.dormant import look_for_dormant, untold_news

    look_for_dormant(matching, lambda: recommender, as_of)
    return untold_news(matching.catalogue)


def _import_files(
    catalogue: "Catalogue",
    choices: "ImportChoices",
    format_name: str,
    paths: Sequence[Path],
    mapping: Path | None,
) -> "ImportReport":
    from catalogue.importers.registry import import_files

    return import_files(catalogue, format_name, paths, mapping=mapping, choices=choices)


def _open_matcher(
    catalogue: "Catalogue",
    settings: Settings,
    load_encoder: "Callable[[Settings], Encoder]",
    on_progress: OnTotal,
) -> tuple[NeedMatcher, str]:
    from office.configured import open_recommender
    from office.index_versions import update_index
    from office.recalibration import refresh_recalibration

    encoder = load_encoder(settings)
    version, _ = update_index(catalogue, settings, encoder, on_progress=on_progress)
    built_at = str(version.manifest["built_at"])  # a version's name alone could be given twice
    recommender = refresh_recalibration(
        catalogue, open_recommender(settings, encoder), settings, on_progress
    )
    return recommender, f"{version.name} {built_at} {recommender.reranker}"


def _encoder_of(settings: Settings) -> "Encoder":
    from office.configured import configured_encoder

    return configured_encoder(settings, is_alone=True)
