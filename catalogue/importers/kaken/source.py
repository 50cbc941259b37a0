"""KAKEN, the database of Japan's Grants-in-Aid for Scientific Research: grants and researchers."""

from catalogue.importers.kaken import documents as kaken_documents
from catalogue.importers.kaken import tables as kaken_tables
from catalogue.importers.kaken.researchers import JSON, ResearcherSource
from catalogue.importers.parsed import Importer, ImportOptions, RecordSource
from catalogue.importers.reading.files import InputFile, file_type
from catalogue.importers.record_source import check_file
from catalogue.importers.seed_formats import SUFFIXES, SeedFormat

_GRANTS = SeedFormat(
    name="kaken",
    columns=kaken_tables.COLUMNS,
    needed=(frozenset({"number"}), frozenset({"title_ja", "title_en"})),
    example="研究課題/領域番号 and 研究課題名",
    read_row=kaken_tables.read_row,
    record_tags=frozenset({kaken_documents.RECORD_TAG}),
    read_element=kaken_documents.read_grant,
)


def open_sources(file: InputFile, options: ImportOptions) -> list[RecordSource]:
    """Return the file as a source, JSON as one of researchers; raises where it cannot be one."""
    check_file(file, options, _GRANTS.name, (*SUFFIXES, *JSON))
    if file_type(file) in JSON:
        return [ResearcherSource(file)]
    return _GRANTS.open_sources(file, options)


KAKEN = Importer("kaken", "KAKEN's grants (XML or CSV) and researchers (JSON)", open_sources)
