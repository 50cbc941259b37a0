"""An office on the evening before a night: imported and indexed, with files that it has not imported yet.

The folder is not its data folder alone: it has `data`, `cache` and `inbox` beside each other, and with
`news` and `more` what two departments send.
"""

from pathlib import Path

from catalogue.importers.importing import ImportChoices
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from office.index_versions import update_index
from tests.conftest import WordEncoder
from tests.support import office_files as files


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Import what the office has had for long and index it; write what comes in."""
    files.write_base(folder / "base")
    files.write_news(folder / "news")
    files.write_news(folder / "inbox" / "general")
    files.write_more(folder / "more")
    settings = Settings(data_dir=folder / "data", cache_dir=folder / "cache")
    choices = ImportChoices(rejects=settings.rejects_dir)
    import_files(catalogue, "general", [folder / "base"], choices=choices)
    update_index(catalogue, settings, WordEncoder())
