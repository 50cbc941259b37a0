"""Gathers the names of persons that must not be trained on: the catalogue's, and a user's list."""

from pathlib import Path

from sqlalchemy import make_url, select

from catalogue.database.models import Researcher
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from training.text_lines import read_lines


def catalogue_names(settings: Settings) -> list[str]:
    """Return the names of all researchers in the catalogue; none when there is no catalogue yet.

    Raises CatalogueUnusableError when it is there and cannot be read.
    """
    url = make_url(settings.catalogue_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return []
    columns = (Researcher.name_ja, Researcher.name_en, Researcher.name_kana, Researcher.aliases)
    with open_catalogue(settings.catalogue_url) as catalogue, catalogue.reading() as connection:
        rows = connection.execute(select(*columns)).all()
    return [
        name.strip()
        for row in rows
        for field in row
        for name in (field or "").replace("；", ";").split(";")
        if name.strip()
    ]


def listed_names(path: Path) -> list[str]:
    """Return the names of a text file, one a line; raises UnreadableFileError."""
    return [line.strip() for _, line in read_lines(path) if line]
