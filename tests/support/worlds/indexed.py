"""Two researchers with a seed each, a need, and an index of them; the cache is in the folder, too."""

from pathlib import Path

from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, Draft
from enmusubi.settings import Settings
from office.index_versions import update_index
from tests.conftest import WordEncoder

CACHE = "cache"


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write the researchers, their seeds and the need, and publish an index."""
    people = [
        Draft(
            RESEARCHERS, {"researcher_id": "r-mori", "name_ja": "森 絵里", "name_en": "Eri Mori"}
        ),
        Draft(RESEARCHERS, {"researcher_id": "r-sato", "name_en": "Ken Sato"}),
    ]
    texts = {"r-mori": "Soft fingers pick ripe fruit.", "r-sato": "薄膜の欠陥を光で検査する。"}
    seeds = [
        Draft(SEEDS, {"seed_id": f"s-{person}", "kind": "paper", "text": text}, people=(person,))
        for person, text in texts.items()
    ]
    need = Draft(NEEDS, {"need_id": "n-1", "text": "A hand for ripe fruit"})
    catalogue.write([*people, *seeds, need], source="test")
    settings = Settings(data_dir=folder, cache_dir=folder / CACHE)
    update_index(catalogue, settings, WordEncoder())
