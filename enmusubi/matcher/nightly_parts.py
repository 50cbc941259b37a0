"""What the night works with: its interfaces, and the real catalogue, importers and recommender."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from enmusubi.matcher.inbox import ImportFiles, OnTotal
from enmusubi.matcher.records import Filters, MatchList, Need
from enmusubi.matcher.settings import Settings

if TYPE_CHECKING:
    from enmusubi.matcher.access.viewer import Viewer
    from enmusubi.matcher.catalogue.catalogue import Catalogue
    from enmusubi.matcher.encoder.encoder import Encoder
    from enmusubi.matcher.importers.importing import ImportChoices
    from enmusubi.matcher.importers.report import ImportReport


class NeedMatcher(Protocol):
    """What matches needs: the recommender, as far as the night uses it."""

    @property
    def index_version(self) -> str:
        """Name of the index version that answers."""

    @property
    def model(self) -> str:
        """Name and checksum of the encoder."""

    def match(self, need: Need, *, top: int, filters: Filters = ...) -> MatchList:
        """Return the match list of one need."""


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
    record_shown: Callable[[MatchList], object]
    """Notes a list that the report shows, so that judgements can be read with its ranks."""
    check_alerts: Callable[[NeedMatcher, int], int] = lambda matcher, top: 0
    """Runs the saved searches that somebody watches; returns how many have news."""


OpenParts = Callable[[Settings], AbstractContextManager[Parts]]


@contextmanager
def open_nightly_parts(
    settings: Settings,
    *,
    load_encoder: "Callable[[Settings], Encoder] | None" = None,
    by: "Viewer | None" = None,
) -> Iterator[Parts]:
    """Give the real parts of these settings; `load_encoder` may stand in for the settings' own.

    `by` is whose imports they are in the audit trail.
    """
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.catalogue.judgement_models import NIGHTLY
    from enmusubi.matcher.catalogue.shown_lists import record_shown
    from enmusubi.matcher.desk.alerts import check_alerts
    from enmusubi.matcher.importers.importing import ImportChoices
    from enmusubi.matcher.importers.registry import FORMATS

    choices = ImportChoices(rejects=settings.rejects_dir, by=by)
    with open_catalogue(settings.catalogue_url) as catalogue:
        yield Parts(
            catalogue=catalogue,
            import_formats=tuple(FORMATS),
            import_files=partial(_import_files, catalogue, choices),
            open_matcher=partial(_open_matcher, catalogue, settings, load_encoder or _encoder_of),
            record_shown=partial(record_shown, catalogue, source=NIGHTLY, top=settings.nightly.top),
            check_alerts=partial(check_alerts, catalogue),
        )


def _import_files(
    catalogue: "Catalogue",
    choices: "ImportChoices",
    format_name: str,
    paths: Sequence[Path],
    mapping: Path | None,
) -> "ImportReport":
    from enmusubi.matcher.importers.registry import import_files

    return import_files(catalogue, format_name, paths, mapping=mapping, choices=choices)


def _open_matcher(
    catalogue: "Catalogue",
    settings: Settings,
    load_encoder: "Callable[[Settings], Encoder]",
    on_progress: OnTotal,
) -> tuple[NeedMatcher, str]:
    from enmusubi.matcher.recommender import Recommender
    from enmusubi.matcher.updating import update_index

    encoder = load_encoder(settings)
    version, _ = update_index(catalogue, settings, encoder, on_progress=on_progress)
    built_at = str(version.manifest["built_at"])  # a version's name alone could be given twice
    recommender = Recommender.open(settings, encoder)
    return recommender, f"{version.name} {built_at} {recommender.reranker}"


def _encoder_of(settings: Settings) -> "Encoder":
    from enmusubi.matcher.encoder.configured import configured_encoder

    return configured_encoder(settings)
