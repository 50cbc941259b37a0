"""The formats that can be imported, and how far the catalogue trusts each of them."""

from collections.abc import Iterable
from pathlib import Path

from enmusubi.matcher.catalogue.catalogue import Catalogue
from enmusubi.matcher.errors import InputError
from enmusubi.matcher.importers.bibtex import BIBTEX
from enmusubi.matcher.importers.crossref import CROSSREF
from enmusubi.matcher.importers.files import list_files
from enmusubi.matcher.importers.general import GENERAL
from enmusubi.matcher.importers.importing import ImportChoices, ImportJob
from enmusubi.matcher.importers.kaken import KAKEN
from enmusubi.matcher.importers.mapping import read_mapping
from enmusubi.matcher.importers.openalex import OPENALEX
from enmusubi.matcher.importers.orcid import ORCID
from enmusubi.matcher.importers.parsed import Importer, ImportOptions
from enmusubi.matcher.importers.patents import PATENTS
from enmusubi.matcher.importers.report import ImportReport, OnProgress
from enmusubi.matcher.importers.researchmap import RESEARCHMAP
from enmusubi.matcher.importers.ris import RIS
from enmusubi.matcher.importers.ror import ROR

IMPORTERS = (
    GENERAL,
    RESEARCHMAP,
    KAKEN,
    PATENTS,
    ORCID,
    OPENALEX,
    CROSSREF,
    BIBTEX,
    RIS,
    ROR,
)
FORMATS: dict[str, Importer] = {importer.name: importer for importer in IMPORTERS}
RANKS = {  # whose values win, the lowest first: the office's own, the person's own, then the rest
    "general": 0,
    "ror": 10,
    "researchmap": 20,
    "kaken": 30,
    "patents": 30,
    "orcid": 40,
    "crossref": 50,
    "openalex": 60,
    "bibtex": 70,
    "ris": 70,
}


def import_files(
    catalogue: Catalogue,
    format_name: str,
    paths: Iterable[Path],
    *,
    mapping: Path | None = None,
    researcher: str = "",
    choices: ImportChoices | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import files, the files in folders and archives, or `-`; return what became of every row.

    Organisations and researchers come before the seeds and needs that refer to them, whatever the
    order of the files. `researcher` is whose works the files hold, where they don't say it by id.
    An import that was interrupted goes on where it stopped when the same files come again. Raises
    InputError for an unknown format, UnreadableFileError for a path that does not exist, and
    MappingError for a mapping that does not fit, before anything is written. A file that cannot be
    read is named in the report; if none can, that is raised.
    """
    if format_name not in FORMATS:
        known = ", ".join(f"{name} ({FORMATS[name].description})" for name in FORMATS)
        raise InputError(f"There is no import format {format_name!r}: expected {known}.")
    options = ImportOptions(researcher, read_mapping(mapping) if mapping else None)
    job = ImportJob(
        catalogue,
        FORMATS[format_name],
        options,
        rank=RANKS[format_name],
        choices=choices or ImportChoices(),
        on_progress=on_progress,
    )
    return job.run(list_files(paths))
