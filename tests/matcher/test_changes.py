"""What is new in a version: rows added, changed and removed, told by their content."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.tables import Corpus

SEEDS: list[dict[str, Any]] = [
    {"seed_id": "s1", "title": "Films", "text": "Films keep air out.", "people": ["r1"]},
    {"seed_id": "s2", "title": "Bread", "text": "Bread rises.", "people": ["r1", "r2"]},
    {"seed_id": "s3", "title": "Steel", "text": "Steel rusts.", "people": ["r2"]},
]
NONE = {"added": 0, "changed": 0, "removed": 0}


def changes(
    corpus_of: Callable[..., Corpus], encoder: Encoder, root: Path, seeds: Any, people: Any = ()
) -> Any:
    build_index(corpus_of(SEEDS), [], encoder, None, root, keep=3)
    return counted_of(corpus_of(seeds, people), encoder, root)


def counted_of(corpus: Corpus, encoder: Encoder, root: Path) -> Any:
    return build_index(corpus, [], encoder, None, root, keep=3).manifest["changes"]


def test_the_first_version_has_everything_added(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    counted = counted_of(corpus_of(SEEDS), word_encoder, tmp_path)

    assert counted == {
        "compared_with": "",
        "seeds": NONE | {"added": 3},
        "researchers": NONE | {"added": 2},
    }


def test_the_same_rows_are_no_change(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    counted = changes(corpus_of, word_encoder, tmp_path, SEEDS)

    assert counted == {"compared_with": "v000001", "seeds": NONE, "researchers": NONE}


@pytest.mark.parametrize(
    "edit", [{"text": "Bread falls."}, {"year": 2020}, {"people": ["r2"]}, {"chosen_by": ["r1"]}]
)
def test_a_seed_is_changed_by_its_text_its_fields_and_its_people(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path, edit: dict[str, Any]
) -> None:
    seeds = [SEEDS[0], SEEDS[1] | edit, SEEDS[2]]

    counted = changes(corpus_of, word_encoder, tmp_path, seeds)

    assert counted["seeds"] == NONE | {"changed": 1}
    assert counted["researchers"] == NONE


def test_added_and_removed_rows_are_told_apart(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    seeds = [SEEDS[0], {"seed_id": "s9", "text": "New.", "people": ["r9"]}]

    counted = changes(
        corpus_of, word_encoder, tmp_path, seeds, [{"researcher_id": "r1", "name_en": "A. Mori"}]
    )

    assert counted["seeds"] == {"added": 1, "changed": 0, "removed": 2}
    assert counted["researchers"] == {"added": 1, "changed": 1, "removed": 1}


def test_a_version_that_cannot_be_read_is_compared_with_nothing(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    version = build_index(corpus_of(SEEDS), [], word_encoder, None, tmp_path, keep=3)
    path = version.folder / "seeds" / "columns.json"
    path.write_bytes(b"\x07" * path.stat().st_size)

    assert counted_of(corpus_of(SEEDS), word_encoder, tmp_path)["compared_with"] == ""
