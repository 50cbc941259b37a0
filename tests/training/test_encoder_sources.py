"""Sources of pairs: what a file's rows are, and what a collection's folder gives."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from enmusubi.errors import CollectionError, InputError
from tests.support.training_pairs import drawn
from training.encoder.batches import (
    NEEDS,
    PEOPLE,
    QUESTIONS,
    SIMILAR,
    TRANSLATIONS,
)
from training.encoder.sources import read_sources


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as stream:
        stream.write(text)
    return path


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([{"ja": "雨だ。", "en": "It rains."}], TRANSLATIONS),
        ([{"question": "Where?", "paragraph": "Here it is."}], QUESTIONS),
        ([{"query": "Where?", "passage": "Here it is."}], QUESTIONS),
        ([{"a": "One.", "b": "Another."}], SIMILAR),
    ],
)
def test_the_fields_of_a_row_say_what_it_is(
    tmp_path: Path, rows: list[dict[str, object]], kind: str
) -> None:
    (source,), notes = read_sources([str(write(tmp_path / "pairs.jsonl.gz", rows))])

    assert (source.name, source.kind, len(source), notes) == ("pairs", kind, 1, [])
    pair = source.pair(0, Random(0))
    if kind != TRANSLATIONS:
        assert {pair.anchor, pair.positive} == set(rows[0].values())


def test_either_language_may_come_first(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", [{"ja": "雨だ。", "en": "It rains."}])
    (source,), _ = read_sources([str(path)])

    assert {pair.anchor.isascii() for pair in drawn(source, 0, 20)} == {True, False}


def test_rows_held_out_for_measuring_are_not_trained_on(tmp_path: Path) -> None:
    rows = [{"a": f"{s}!", "b": "b", "split": s} for s in ("train", "dev", "test", "Validation")]
    (source,), notes = read_sources([str(write(tmp_path / "p.jsonl", rows))])

    assert len(source) == 1
    assert notes == ["p.jsonl: 3 lines held out for measuring, left out (line 2, 3, 4)"]


def test_of_scored_pairs_those_that_say_the_same_are_kept(tmp_path: Path) -> None:
    rows = [{"a": f"a{score}", "b": "b", "score": score} for score in (0, 3.9, 4.0, 5)]
    (source,), notes = read_sources([str(write(tmp_path / "p.jsonl", rows))])

    assert len(source) == 2
    assert notes == ["2 pairs of p are not alike enough, left out"]


def test_questions_on_one_title_are_not_compared(tmp_path: Path) -> None:
    rows = [{"question": f"q{n}", "paragraph": f"p{n}", "title": "t"} for n in range(2)]
    (source,), _ = read_sources([str(write(tmp_path / "p.jsonl", rows))])

    first, second = (source.pair(row, Random(0)) for row in range(2))
    assert first.anchor_groups & second.positive_groups == {"title:t"}


def test_a_row_may_name_what_only_looks_like_its_passage(tmp_path: Path) -> None:
    rows = [
        {
            "query": "stale oil",
            "passage": "lipids",
            "negative": "olive trees a@b.example",
            "negative_title": "orchards",
        },
        {"query": "rust", "passage": "corrosion"},
    ]
    (source,), _ = read_sources([str(write(tmp_path / "p.jsonl", rows))])

    with_negative, without = (source.pair(row, Random(0)) for row in range(2))
    assert with_negative.negative.startswith("olive trees")
    assert "@" not in with_negative.negative
    assert with_negative.negative_groups == {"title:orchards"}
    assert without.negative == ""


def test_rows_of_other_forms_are_noted_and_a_file_of_none_is_refused(tmp_path: Path) -> None:
    mixed = write(
        tmp_path / "m.jsonl", [{"a": "x", "b": "y"}, {"ja": "雨", "en": "rain"}, {"c": 1}]
    )
    (source,), notes = read_sources([str(mixed)])

    assert len(source) == 1
    assert notes == ["m.jsonl: 2 lines of an unknown or another form, left out (line 2, 3)"]
    with pytest.raises(InputError, match="holds no pairs to train on"):
        read_sources([str(write(tmp_path / "n.jsonl", [{"c": 1}]))])
    with pytest.raises(InputError, match="nothing to train on at"):
        read_sources([str(tmp_path / "missing.jsonl")])


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A collection of made-up people with a file of seeds for each language."""
    folder = tmp_path / "office"
    folder.mkdir()
    people = [{"researcher_id": "a", "name_en": "Hanako Yamada", "name_ja": "山田 花子"}]
    write(folder / "researchers.jsonl", [*people, {"researcher_id": "b"}])
    write(
        folder / "seeds_en.jsonl.gz",
        [
            {
                "seed_id": "1",
                "title": "Films",
                "text": "By Hanako Yamada.",
                "researcher_ids": ["a"],
            },
            {
                "seed_id": "2",
                "title": "Robots",
                "text": "Mail x@example.jp.",
                "researcher_ids": ["b"],
            },
            {"seed_id": "3", "text": "Hanako Yamada", "researcher_ids": ["b"]},
        ],
    )
    write(
        folder / "seeds_ja.jsonl",
        [{"seed_id": "4", "title": "包装", "text": "山田花子の包装。", "researcher_ids": ["a"]}],
    )
    write(folder / "needs.jsonl", [{"need_id": "n", "text": "Packages, says Hanako Yamada."}])
    (folder / "qrels.txt").write_text("n 0 a 1\nn 0 b 0\n")
    return folder


def test_a_folder_gives_pairs_of_all_its_files_without_names(office: Path) -> None:
    (source,), _ = read_sources([str(office)])

    assert (source.name, source.kind, len(source)) == ("office", PEOPLE, 1)  # b has one text left
    texts = {text for p in drawn(source, 0) for text in (p.anchor, p.positive)}
    assert {"By .", "の包装。", "包装\nの包装。"} <= texts
    assert not any("Yamada" in text or "花子" in text for text in texts)


def test_needs_are_learned_from_only_when_asked(office: Path) -> None:
    people, needs = read_sources([str(office)], with_needs=True)[0]

    assert (people.kind, needs.kind, needs.name) == (PEOPLE, NEEDS, "office-needs")
    assert {pair.anchor for pair in drawn(needs, 0)} == {"Packages, says ."}
    assert {pair.anchor_groups for pair in drawn(needs, 0)} == {frozenset({"a"})}


def test_a_folder_named_twice_gives_its_people_once(office: Path) -> None:
    again = f"{office}::needs=needs.jsonl,qrels=qrels.txt"
    sources, _ = read_sources([str(office), again], with_needs=True)

    assert [source.name for source in sources] == ["office", "office-needs", "office-2-needs"]


def test_files_of_a_folder_can_be_chosen(office: Path) -> None:
    (source,), _ = read_sources([f"{office}::seeds=seeds_ja.jsonl+seeds_en.jsonl.gz"])

    assert len(source) == 1
    with pytest.raises(InputError, match="gives no pairs"):
        read_sources([f"{office}::seeds=seeds_ja.jsonl"])


def test_a_folder_without_seeds_or_judgements_is_refused(office: Path, tmp_path: Path) -> None:
    (office / "qrels.txt").unlink()
    with pytest.raises(CollectionError, match=r"There is no file .*qrels.txt"):
        read_sources([str(office)], with_needs=True)
    with pytest.raises(CollectionError, match="holds no seeds"):
        (tmp_path / "empty").mkdir()
        read_sources([str(tmp_path / "empty")])


def test_names_that_a_user_lists_are_removed_too(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [{"a": "Jane Doe sings.", "b": "x@example.com writes."}])
    (source,), _ = read_sources([str(path)], names=["Jane Doe"])

    pair = source.pair(0, Random(0))
    assert {pair.anchor, pair.positive} == {"sings.", "writes."}


def test_half_of_the_similar_texts_are_cut_to_a_few_sentences(tmp_path: Path) -> None:
    sentences = [f"Sentence number {n} is here." for n in range(12)]
    both = {"a": " ".join(sentences), "b": " ".join(sentences[::-1])}
    (source,), _ = read_sources([str(write(tmp_path / "p.jsonl", [both]))])
    pairs = drawn(source, 0, 400)

    cut = [pair for pair in pairs if len(pair.anchor) < len(both["a"])]
    assert 150 < len(cut) < 250
    assert all(pair.anchor in both["a"] or pair.anchor in both["b"] for pair in cut)
    assert {len(pair.positive) for pair in pairs} == {len(both["a"])}
