"""The index follows the catalogue: built when something changed, and only what is new is encoded."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.records.catalogue import Catalogue, open_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, Draft
from enmusubi.errors import AlreadyRunningError, IndexMismatchError
from enmusubi.locks import exclusive_lock
from enmusubi.settings import IndexSettings, Settings
from indexes.versions import open_current
from matcher.encoder.vector_cache import VectorCache
from office.configured import open_recommender
from office.index_versions import open_vector_cache, update_index


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", cache_dir=tmp_path / "cache", index=IndexSettings(keep=2)
    )


@pytest.fixture
def catalogue(settings: Settings) -> Iterator[Catalogue]:
    settings.data_dir.mkdir()
    with open_catalogue(settings.catalogue_url) as catalogue:
        catalogue.write(
            [
                Draft(RESEARCHERS, {"researcher_id": "r1", "name_en": "Aki Mori"}),
                Draft(
                    SEEDS,
                    {"seed_id": "s1", "kind": "paper", "text": "Films keep air out."},
                    people=("r1",),
                ),
                Draft(NEEDS, {"need_id": "n1", "text": "A film against air"}),
            ],
            source="test",
        )
        yield catalogue


def test_an_unchanged_catalogue_is_not_indexed_again(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    first, built = update_index(catalogue, settings, word_encoder)
    again, built_again = update_index(catalogue, settings, word_encoder)

    assert (built, built_again) == (True, False)
    assert first.name == again.name == "v000001"
    assert open_recommender(settings, word_encoder).index_version == "v000001"


def test_a_new_seed_gives_a_new_version_and_only_it_is_encoded(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    update_index(catalogue, settings, word_encoder)
    word_encoder.encoded = 0
    new = Draft(SEEDS, {"seed_id": "s2", "kind": "paper", "text": "Bread rises."}, people=("r1",))
    catalogue.write([new], source="test")

    version, built = update_index(catalogue, settings, word_encoder)

    assert (version.name, built, word_encoder.encoded) == ("v000002", True, 1)


def test_rebuilding_encodes_nothing_and_keeps_as_many_versions_as_the_settings_say(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    update_index(catalogue, settings, word_encoder)
    word_encoder.encoded = 0
    for _ in range(3):
        update_index(catalogue, settings, word_encoder, rebuild=True)

    assert word_encoder.encoded == 0
    assert sorted(path.name for path in settings.index_dir.glob("v*")) == ["v000003", "v000004"]


def test_a_damaged_index_is_built_anew_without_being_asked(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    version, _ = update_index(catalogue, settings, word_encoder)
    (version.folder / "manifest.json").unlink()

    rebuilt, built = update_index(catalogue, settings, word_encoder)

    assert built
    assert open_current(settings.index_dir).name == rebuilt.name


def test_two_cannot_index_at_once(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    with (
        exclusive_lock(settings.data_dir / "index.lock", activity="index"),
        pytest.raises(AlreadyRunningError, match=str(os.getpid())),
    ):
        update_index(catalogue, settings, word_encoder)


def test_the_cache_of_vectors_lies_in_the_cache_folder(settings: Settings) -> None:
    cache = open_vector_cache(settings)
    cache.close()

    assert isinstance(cache, VectorCache)
    assert (settings.cache_dir / "vectors.sqlite").is_file()


def test_the_version_says_how_much_was_encoded_and_what_is_new_since_the_one_before(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    first, _ = update_index(catalogue, settings, word_encoder)
    new = Draft(SEEDS, {"seed_id": "s2", "kind": "paper", "text": "Bread rises."}, people=("r1",))
    catalogue.write([new], source="test")

    second, _ = update_index(catalogue, settings, word_encoder)

    assert first.manifest["encodings"] == {"encoded": 1, "from_cache": 0}
    assert first.manifest["changes"]["compared_with"] == ""
    assert second.manifest["encodings"] == {"encoded": 1, "from_cache": 1}
    assert second.manifest["changes"] == {
        "compared_with": "v000001",
        "seeds": {"added": 1, "changed": 0, "removed": 0},
        "researchers": {"added": 0, "changed": 0, "removed": 0},
    }


def test_an_index_of_an_older_format_is_refused_and_built_anew_from_the_cache(
    catalogue: Catalogue, settings: Settings, word_encoder: Any
) -> None:
    version, _ = update_index(catalogue, settings, word_encoder)
    path = version.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 1}))
    word_encoder.encoded = 0

    with pytest.raises(IndexMismatchError, match=r"has format 1, this program reads 5\. Run `enm"):
        open_recommender(settings, word_encoder)
    rebuilt, built = update_index(catalogue, settings, word_encoder)

    assert (rebuilt.name, built, word_encoder.encoded) == ("v000002", True, 0)
    assert open_recommender(settings, word_encoder).index_version == "v000002"
