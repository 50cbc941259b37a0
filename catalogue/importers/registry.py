"""The formats that can be imported, and how far the catalogue trusts each of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from catalogue.importers.bibtex.source import BIBTEX
from catalogue.importers.crossref import CROSSREF
from catalogue.importers.general.mapping import read_mapping
from catalogue.importers.general.source import GENERAL
from catalogue.importers.importing import ImportChoices, ImportJob
from catalogue.importers.kaken.source import KAKEN
from catalogue.importers.openalex import OPENALEX
from catalogue.importers.orcid.source import ORCID
from catalogue.importers.patents.source import PATENTS
from catalogue.importers.reading.files import InputFile, list_files
from catalogue.importers.report import ImportReport, OnProgress
from catalogue.importers.researchmap.source import RESEARCHMAP
from catalogue.importers.ris import RIS
from catalogue.importers.ror import ROR
from catalogue.importers.sources import Importer, ImportOptions
from catalogue.records.catalogue import Catalogue
from catalogue.records.table_readings import load_readings
from enmusubi.errors import InputError

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
    only: str = "",
    choices: ImportChoices | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import files, the files in folders and archives, or `-`; return what became of every row.

    Organisations and researchers come before the seeds and needs that refer to them, whatever the
    order of the files. `researcher` is whose works the files hold, where they don't say it by id; `only`
    whose rows alone are taken, as `one_person` writes an identifier.
    An import that was interrupted goes on where it stopped when the same files come again. Raises
    InputError for an unknown format, UnreadableFileError for a path that does not exist, and
    MappingError for a mapping that does not fit, before anything is written. A file that cannot be
    read is named in the report; if none can, that is raised.
    """
    if format_name not in FORMATS:
        known = ", ".join(f"{name} ({FORMATS[name].description})" for name in FORMATS)
        raise InputError(
            "There is no import format %(format)r: expected %(known)s.",
            format=format_name,
            known=known,
        )
    with catalogue.reading() as connection:
        kept = load_readings(connection)
    options = ImportOptions(researcher, read_mapping(mapping) if mapping else None, kept, only)
    return import_listed(
        catalogue,
        format_name,
        list_files(paths),
        options=options,
        choices=choices or ImportChoices(),
        on_progress=on_progress,
    )


def import_listed(
    catalogue: Catalogue,
    format_name: str,
    files: Sequence[InputFile],
    *,
    options: ImportOptions,
    choices: ImportChoices,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import files that were listed before, as `import_files` does."""
    job = ImportJob(
        catalogue,
        FORMATS[format_name],
        options,
        rank=RANKS[format_name],
        choices=choices,
        on_progress=on_progress,
    )
    return job.run(files)
