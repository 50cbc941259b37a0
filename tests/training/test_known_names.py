"""Names that must not be trained on come from the catalogue and from a list."""

from pathlib import Path

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import RESEARCHERS, Draft
from enmusubi.settings import Settings
from training.encoder.privacy import catalogue_names, listed_names


def test_all_names_of_the_catalogues_researchers_are_known(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    person = {"researcher_id": "r1", "name_ja": "森 絵里", "name_en": "Eri Mori"}
    with open_catalogue(settings.catalogue_url) as catalogue:
        catalogue.write([Draft(RESEARCHERS, person)], source="test")

    assert catalogue_names(settings) == ["森 絵里", "Eri Mori"]


def test_without_a_catalogue_there_are_none_and_none_is_created(tmp_path: Path) -> None:
    assert catalogue_names(Settings(data_dir=tmp_path / "data")) == []
    assert not (tmp_path / "data").exists()


def test_a_list_has_a_name_a_line(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Eri Mori\n\n 森 絵里 \n", "utf-8")

    assert listed_names(tmp_path / "names.txt") == ["Eri Mori", "森 絵里"]
