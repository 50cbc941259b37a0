"""Evaluation collections: what is read, what is forgiven, and what is said about it."""

from pathlib import Path

import pytest

from enmusubi.errors import CollectionError
from tests.support.small_collection import (
    NEEDS,
    QRELS,
    SEEDS,
    lines_of,
    with_needs,
    with_seeds,
    write_collection,
)
from training.collections import read_collection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_collection(tmp_path)


def test_a_clean_folder_is_read_whole_and_without_notes(folder: Path) -> None:
    collection = read_collection(folder)

    assert collection.name == folder.name
    assert [need.need_id for need in collection.needs] == ["n1", "n2"]
    assert collection.needs[0].posted_on == "2024"
    assert collection.languages == {"n1": "ja", "n2": "en"}
    assert list(collection.corpus.seeds["seed_id"]) == ["s1", "s2"]
    assert list(collection.corpus.seeds["year"]) == [2020, 2019]
    assert list(collection.corpus.researchers["institution_ja"]) == ["縁坂大学", ""]
    assert list(collection.corpus.researchers["institution_en"]) == ["", "University of Enzaka"]
    assert len(collection.corpus.authorships) == 3
    assert list(collection.qrels["relevance"]) == [1, 2]
    assert collection.notes == []


def test_the_hashes_of_the_files_are_kept_and_no_text(folder: Path) -> None:
    files = read_collection(folder).files
    assert set(files) == {"needs.jsonl", "seeds.jsonl.gz", "qrels.txt", "researchers.jsonl"}
    assert all(len(value) == 64 for value in files.values())


def test_the_state_follows_the_content_and_not_the_order_of_lines(folder: Path) -> None:
    state = with_seeds(folder, SEEDS).corpus.state
    assert with_seeds(folder, SEEDS[::-1]).corpus.state == state
    assert with_seeds(folder, [SEEDS[0], {**SEEDS[1], "text": "x"}]).corpus.state != state


def test_without_a_researchers_file_the_seeds_say_who_there_is(folder: Path) -> None:
    (folder / "researchers.jsonl").unlink()
    collection = read_collection(folder)
    assert list(collection.corpus.researchers["researcher_id"]) == ["r1", "r2"]
    assert collection.notes == []


def test_seeds_of_unknown_researchers_are_kept(folder: Path) -> None:
    collection = with_seeds(folder, [*SEEDS, {**SEEDS[0], "seed_id": "s3", "researcher_ids": "r9"}])
    assert "r9" in set(collection.corpus.researchers["researcher_id"])
    assert "1 researcher has seeds, but is not in the researchers file: kept" in collection.notes


@pytest.mark.parametrize(
    ("year", "read"),
    [("2019", 2019), (2019.0, 2019), ("2019-04-01", 2019), (2019.5, 2019), (None, None),
     ("", None), ("unknown", None), (True, None), (float("nan"), None), ({}, None), (-5, None)],
)  # fmt: skip
def test_years_come_in_many_forms(folder: Path, year: object, read: int | None) -> None:
    seeds = with_seeds(folder, [{**SEEDS[0], "year": year}, SEEDS[1]]).corpus.seeds
    found = seeds.loc[seeds["seed_id"] == "s1", "year"].item()
    assert (None if found is None or str(found) == "<NA>" else int(found)) == read


def test_numbers_serve_as_ids_everywhere(folder: Path) -> None:
    (folder / "needs.jsonl").write_text(lines_of([{"need_id": 7, "text": "gripper"}]))
    (folder / "qrels.txt").write_text("7 0 12 1\n")
    (folder / "researchers.jsonl").write_text(lines_of([{"researcher_id": 12.0}]))
    collection = with_seeds(folder, [{"seed_id": 1, "text": "gripper", "researcher_ids": 12}])

    assert collection.needs[0].need_id == "7"
    assert list(collection.corpus.authorships.itertuples(index=False, name=None)) == [
        ("1", "12", "")
    ]
    assert list(collection.corpus.researchers["researcher_id"]) == ["12"]
    assert collection.notes == []


def test_missing_optional_fields_and_nulls_become_empty(folder: Path) -> None:
    nulls = {"seed_id": "s3", "title": None, "text": "Fruit.", "kind": None, "researcher_ids": "r2"}
    bare = {"seed_id": "s4", "text": "果物の収穫", "researcher_ids": ["r2", "r2"]}
    seeds = with_seeds(folder, [*SEEDS, nulls, bare]).corpus.seeds
    third, fourth = seeds.iloc[2], seeds.iloc[3]
    assert (third["title"], third["kind"], third["lang"]) == ("", "", "en")
    assert fourth["lang"] == "ja"


def test_a_language_is_read_from_its_field_and_else_from_the_script(folder: Path) -> None:
    needs = [
        {"need_id": "n1", "text": "薄い膜", "lang": None},
        {"need_id": "n2", "text": "ABC", "lang": "ja-JP"},
        {"need_id": "n3", "text": "gripper", "lang": "EN"},
        {"need_id": "n4", "text": "膜", "lang": "klingon"},
    ]
    assert with_needs(folder, lines_of(needs)).languages == {
        "n1": "ja",
        "n2": "ja",
        "n3": "en",
        "n4": "ja",
    }


def test_broken_lines_are_counted_by_file_and_line_and_never_quoted(folder: Path) -> None:
    lines = ['{"need_id": "n3", "text": "secret', "[1]", '"secret"', '{"text": "secret plan"}', ""]
    collection = with_needs(folder, "\n".join(lines) + "\n" + lines_of(NEEDS))

    assert [need.need_id for need in collection.needs] == ["n1", "n2"]
    assert collection.notes == [
        "needs.jsonl: 1 line not JSON, left out (line 1)",
        "needs.jsonl: 2 lines not a JSON object, left out (line 2, 3)",
        "needs.jsonl: 1 line without a usable need_id, left out (line 4)",
    ]
    assert "secret" not in " ".join(collection.notes)


def test_only_the_first_three_lines_are_named(folder: Path) -> None:
    notes = with_needs(folder, lines_of(NEEDS) + "{\n" * 5).notes
    assert notes == ["needs.jsonl: 5 lines not JSON, left out (line 3, 4, 5, …)"]


@pytest.mark.parametrize("text", ["", "  \n", None, "\x00\u200b"])
def test_a_need_without_text_stays_and_counts(folder: Path, text: str | None) -> None:
    collection = with_needs(folder, lines_of([{"need_id": "n1", "text": text}, NEEDS[1]]))
    assert collection.needs[0].text == ""
    assert set(collection.qrels["need_id"]) == {"n1", "n2"}
    assert (
        "1 judged need is empty or far too long: it ranks nobody and counts as 0"
        in collection.notes
    )


def test_repeated_lines_change_nothing(folder: Path) -> None:
    first = read_collection(folder)
    again = with_needs(folder, lines_of(NEEDS + NEEDS))
    assert again.needs == first.needs
    assert again.notes == []
    assert with_seeds(folder, SEEDS + SEEDS).corpus.state == first.corpus.state


def test_of_two_needs_with_one_id_the_first_counts(folder: Path) -> None:
    collection = with_needs(folder, lines_of([*NEEDS, {"need_id": "n1", "text": "other"}]))
    assert collection.needs[0].text == NEEDS[0]["text"]
    assert collection.notes == [
        "needs.jsonl: 1 line with the need_id of an earlier need, left out (line 3)"
    ]


def test_seeds_with_one_id_join_their_researchers(folder: Path) -> None:
    collection = with_seeds(folder, [*SEEDS, {**SEEDS[0], "text": "else", "researcher_ids": "r2"}])
    owners = collection.corpus.authorships
    assert list(owners.loc[owners["seed_id"] == "s1", "researcher_id"]) == ["r1", "r2"]
    assert "with the seed_id of an earlier seed" in collection.notes[0]


def test_seeds_without_words_or_id_are_left_out_and_without_researcher_kept(folder: Path) -> None:
    collection = with_seeds(
        folder,
        [*SEEDS, {"seed_id": "s5", "title": " ", "researcher_ids": ["r1"]}, {"text": "x"},
         {"seed_id": "s6", "text": "fruit", "researcher_ids": []}],
    )  # fmt: skip
    assert list(collection.corpus.seeds["seed_id"]) == ["s1", "s2", "s6"]
    assert collection.notes == [
        "seeds.jsonl.gz: 1 line with neither title nor text, left out (line 3)",
        "seeds.jsonl.gz: 1 line without a usable seed_id, left out (line 4)",
        "seeds.jsonl.gz: 1 line without usable researcher_ids, kept without a researcher (line 5)",
    ]


def test_an_id_with_a_blank_cannot_stand_in_a_run_and_is_left_out(folder: Path) -> None:
    notes = with_needs(folder, lines_of([*NEEDS, {"need_id": "n 3", "text": "x"}])).notes
    assert notes == ["needs.jsonl: 1 line without a usable need_id, left out (line 3)"]


def test_judgements_may_be_tabs_grades_zeros_and_negatives(folder: Path) -> None:
    (folder / "qrels.txt").write_text(
        "n1\t0\tr1\t3\nn1 0 r2 0\nn2 Q0 r2 1.0\nn2 0 r1 -1\nn2 0 r2 2\n"
    )
    collection = read_collection(folder)
    judged = collection.qrels.itertuples(index=False, name=None)
    assert list(judged) == [("n1", "r1", 3), ("n1", "r2", 0), ("n2", "r2", 2), ("n2", "r1", -1)]
    assert collection.notes == [
        "qrels.txt: 1 line judging a pair again, the higher relevance counts (line 5)"
    ]


def test_judgements_of_another_form_are_counted(folder: Path) -> None:
    (folder / "qrels.txt").write_text(QRELS + "n1 r1 1\nn1 0 r1 high\nn1 0 r1 0.5\nn1 0 r1 inf\n")
    assert read_collection(folder).notes == [
        "qrels.txt: 4 lines not `need_id 0 researcher_id relevance` (line 3, 4, 5, …)"
    ]


def test_what_does_not_fit_together_is_said_and_not_measured(folder: Path) -> None:
    (folder / "qrels.txt").write_text("n1 0 r1 1\nn1 0 r8 1\nn2 0 r1 0\nn7 0 r1 1\nn8 0 r1 1\n")
    extra = {"need_id": "n5", "text": "a need that nobody judged"}
    collection = with_needs(folder, lines_of([*NEEDS, extra]))

    assert set(collection.qrels["need_id"]) == {"n1"}
    assert collection.notes == [
        "1 need has no judgements: it is ranked, not measured",
        "2 judged needs are not in the needs file: they are not measured",
        "1 need has no relevant researcher: it is ranked, not measured",
        "1 of 2 relevant researchers has no seed: counted as missed",
    ]


def test_needs_and_judgements_of_different_collections_are_an_error(folder: Path) -> None:
    (folder / "qrels.txt").write_text("x 0 r1 1\n")
    with pytest.raises(CollectionError, match="None of the 2 needs"):
        read_collection(folder)
