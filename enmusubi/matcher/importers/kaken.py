"""KAKEN, the database of Japan's Grants-in-Aid for Scientific Research: its XML and CSV export."""

from enmusubi.matcher.importers import kaken_documents, kaken_tables
from enmusubi.matcher.importers.parsed import Importer
from enmusubi.matcher.importers.seed_formats import SeedFormat

_FORMAT = SeedFormat(
    name="kaken",
    columns=kaken_tables.COLUMNS,
    needed=(frozenset({"number"}), frozenset({"title_ja", "title_en"})),
    example="研究課題/領域番号 and 研究課題名",
    read_row=kaken_tables.read_row,
    record_tags=frozenset({kaken_documents.RECORD_TAG}),
    read_element=kaken_documents.read_grant,
)

KAKEN = Importer("kaken", "Grants of KAKEN, as its XML or CSV export", _FORMAT.open_sources)
