"""Patents: J-PlatPat's CSV export, other tables of patents, and WIPO ST.36 and ST.96 XML."""

from catalogue.importers.parsed import Importer
from catalogue.importers.patents import documents as patent_documents
from catalogue.importers.patents import tables as patent_tables
from catalogue.importers.seed_formats import SeedFormat

_FORMAT = SeedFormat(
    name="patents",
    columns=patent_tables.COLUMNS,
    needed=(patent_tables.NUMBERS, frozenset({"title"})),
    example="文献番号 or application_number, and 発明の名称 or title",
    read_row=patent_tables.read_row,
    record_tags=frozenset(patent_documents.RECORD_TAGS),
    read_element=patent_documents.read_document,
    known_tables={"j-platpat": frozenset({"文献番号", "出願人/権利者"})},
)

PATENTS = Importer(
    "patents", "Patents of J-PlatPat (CSV), of other tables or as WIPO XML", _FORMAT.open_sources
)
