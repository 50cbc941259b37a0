"""The small made-up collections that the notebooks are tried with."""

from pathlib import Path

from catalogue.demonstration.collections import NEEDS, PEOPLE, write_collections
from training.collections import read_collection


def test_they_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = (write_collections(tmp_path / name) for name in ("a", "b"))

    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 3 * len(first)
    assert [path.name for path in first] == [path.name for path in second]
    assert all(
        (tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files
    )


def test_every_need_is_judged_and_both_languages_and_three_kinds_are_there(tmp_path: Path) -> None:
    for folder in write_collections(tmp_path):
        collection = read_collection(folder)
        assert len(collection.needs) == collection.qrels["need_id"].nunique() == NEEDS
        assert len(collection.corpus.researchers) == PEOPLE
        assert sorted(set(collection.languages.values())) == ["en", "ja"]
        assert set(collection.corpus.seeds["lang"]) == {"en", "ja"}
        assert set(collection.corpus.seeds["kind"]) == {"paper", "patent", "grant"}
        assert collection.corpus.seeds["seed_id"].is_unique


def test_one_relevant_person_of_each_has_no_seed(tmp_path: Path) -> None:
    for folder in write_collections(tmp_path):
        collection = read_collection(folder)
        strangers = set(collection.qrels["researcher_id"]) - set(
            collection.corpus.researchers["researcher_id"]
        )
        assert len(strangers) == 1


def test_no_place_for_a_word_is_left_open_and_no_text_comes_twice_in_the_needs(
    tmp_path: Path,
) -> None:
    for folder in write_collections(tmp_path):
        collection = read_collection(folder)
        seeds = collection.corpus.seeds
        written = [need.text for need in collection.needs] + [*seeds["title"], *seeds["text"]]
        assert not any("{" in text or "}" in text for text in written)
        assert len({need.text for need in collection.needs}) == NEEDS
