"""The demonstration catalogue is rich enough, made up by hand, and imports without a fault."""

import csv
import json
from collections import Counter, defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path

import openpyxl
import pytest

from catalogue.demonstration.loading import (
    DATA,
    DEMONSTRATION_FILES,
    SCREENING_FILES,
    demonstration_needs_shown,
    demonstration_qrels,
    import_demonstration,
)
from catalogue.identity.decisions import list_pairs
from catalogue.records.catalogue import open_catalogue
from catalogue.records.choices import list_works
from catalogue.records.provenance import read_sourced
from matcher.records import COMPETITIVE, NON_COMPETITIVE, SEED_KINDS

Row = dict[str, str]


def read_csv(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def papers() -> list[Row]:
    people = {row["openalex_id"]: row["researcher_id"] for row in read_csv("researchers.csv")}
    with (DATA / "works.openalex.jsonl").open(encoding="utf-8") as file:
        works = [json.loads(line) for line in file]
    return [
        {
            "seed_id": work["id"],
            "kind": "paper",
            "lang": work["language"],
            "text": abstract_of(work["abstract_inverted_index"]),
            "researcher_ids": "; ".join(
                people[authorship["author"]["id"].rpartition("/")[2]]
                for authorship in work["authorships"]
            ),
        }
        for work in works
    ]


def abstract_of(index: dict[str, list[int]]) -> str:
    places = {place: word for word, found in index.items() for place in found}
    return " ".join(places[place] for place in sorted(places))


@cache
def seeds() -> list[Row]:
    workbook = openpyxl.load_workbook(DATA / "grants_courses_profiles.xlsx", read_only=True)
    rows = papers() + read_csv("patents.csv")
    for sheet in workbook.worksheets:
        header, *records = sheet.iter_rows(values_only=True)
        rows += [dict(zip(map(str, header), map(str, record), strict=True)) for record in records]
    workbook.close()
    return rows


@cache
def exported() -> list[str]:
    """Return the types of the lines of the researchmap export."""
    with (DATA / "researchmap.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line)["insert"]["type"] for line in file]


def own_works() -> int:
    """Return how many works stand in the researchmap export alone: its papers are copies."""
    people = ("researchers", "research_interests", "published_papers")
    return sum(kind not in people for kind in exported())


def seeds_of_people() -> dict[str, list[Row]]:
    owned: dict[str, list[Row]] = defaultdict(list)
    for seed in seeds():
        for person in seed["researcher_ids"].split("; "):
            owned[person].append(seed)
    return owned


def test_sixty_people_or_more_work_in_ten_departments() -> None:
    people = read_csv("researchers.csv")
    assert len(people) >= 60
    assert len({row["department_ja"] for row in people}) == 10
    assert len({row["department_en"] for row in people}) == 10


def test_two_pairs_of_people_have_the_same_name() -> None:
    people = read_csv("researchers.csv")
    for name in ("name_ja", "name_en"):
        assert sorted(Counter(row[name] for row in people).values())[-2:] == [2, 2]


def test_every_kind_of_seed_is_there_and_three_hundred_or_more_in_all() -> None:
    assert len(seeds()) >= 300
    kinds = {seed["kind"] for seed in seeds()}
    kinds |= {kind.removesuffix("s") for kind in exported()} & set(SEED_KINDS)
    assert kinds == set(SEED_KINDS) - {"note"}
    assert len({seed["seed_id"] for seed in seeds()}) == len(seeds())
    assert {seed["lang"] for seed in seeds()} == {"ja", "en"}


def test_everyone_has_a_seed_and_every_seed_a_known_person() -> None:
    assert set(seeds_of_people()) == {row["researcher_id"] for row in read_csv("researchers.csv")}


def test_some_people_have_no_papers_and_some_write_in_one_language_only() -> None:
    owned = seeds_of_people().values()
    languages = Counter("/".join(sorted({seed["lang"] for seed in theirs})) for theirs in owned)
    assert sum(all(seed["kind"] != "paper" for seed in theirs) for theirs in owned) >= 10
    assert sum(len(theirs) == 1 for theirs in owned) >= 5
    assert min(languages["en"], languages["ja"], languages["en/ja"]) >= 5


def test_unpublished_patents_are_confidential_and_the_others_public() -> None:
    found = Counter((row["patent_status"], row["visibility"]) for row in read_csv("patents.csv"))
    assert set(found) == {
        ("unpublished", "confidential"),
        ("published", "public"),
        ("granted", "public"),
    }


def test_fifteen_needs_are_in_both_languages_and_areas() -> None:
    needs = read_csv("needs.csv")
    assert len(needs) == 15
    assert Counter(need["lang"] for need in needs) == {"ja": 8, "en": 7}
    assert {need["area"] for need in needs} == {COMPETITIVE, NON_COMPETITIVE}
    assert Counter(need["status"] for need in needs) == {"open": 14, "closed": 1}


def test_the_needs_shown_are_open_and_one_in_each_language() -> None:
    needs = {need["need_id"]: need for need in read_csv("needs.csv")}
    shown = [needs[need_id] for need_id in demonstration_needs_shown]
    assert [(need["lang"], need["status"]) for need in shown] == [("ja", "open"), ("en", "open")]


def test_every_judgement_names_known_ids_a_grade_and_its_reason() -> None:
    people = {row["researcher_id"] for row in read_csv("researchers.csv")}
    needs = {need["need_id"] for need in read_csv("needs.csv")}
    judgements = read_csv("judgements.csv")
    pairs = [(row["need_id"], row["researcher_id"]) for row in judgements]
    assert len(set(pairs)) == len(pairs)
    assert {need for need, _ in pairs} == needs
    assert {person for _, person in pairs} <= people
    assert {row["relevance"] for row in judgements} == {"0", "1", "2", "3"}
    assert all(len(row["reason"]) >= 20 for row in judgements)


def test_each_need_has_two_near_misses_and_only_one_need_has_nobody_who_fits() -> None:
    grades: dict[str, list[int]] = defaultdict(list)
    for row in read_csv("judgements.csv"):
        grades[row["need_id"]].append(int(row["relevance"]))
    assert all(found.count(0) >= 2 for found in grades.values())
    assert [need for need, found in grades.items() if max(found) < 2] == ["N-13"]


def test_the_best_people_of_five_needs_or_more_write_only_in_the_other_language() -> None:
    owned = seeds_of_people()
    languages = {need["need_id"]: need["lang"] for need in read_csv("needs.csv")}
    crossing = {
        row["need_id"]
        for row in read_csv("judgements.csv")
        if row["relevance"] == "3"
        and {seed["lang"] for seed in owned[row["researcher_id"]]} != {"en", "ja"}
        and languages[row["need_id"]] not in {seed["lang"] for seed in owned[row["researcher_id"]]}
    }
    assert len(crossing) >= 5


def test_several_needs_ask_for_people_of_two_departments() -> None:
    departments: dict[str, set[str]] = defaultdict(set)
    for row in read_csv("judgements.csv"):
        if row["relevance"] == "3":
            departments[row["need_id"]].add(row["researcher_id"][:5])
    assert sum(len(found) > 1 for found in departments.values()) >= 3


def test_the_qrels_say_the_same_as_the_judgements() -> None:
    lines = demonstration_qrels().read_text(encoding="utf-8").splitlines()
    assert [tuple(line.split()) for line in lines] == [
        (row["need_id"], "0", row["researcher_id"], row["relevance"])
        for row in read_csv("judgements.csv")
    ]


def test_no_two_texts_share_more_than_a_fifth_of_their_ten_character_sequences() -> None:
    texts = [row["text"] for row in seeds() + read_csv("needs.csv")]
    grams = [{text[start : start + 10] for start in range(len(text) - 9)} for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(grams):
        for gram in found:
            holders[gram].append(place)
    shared = Counter(pair for places in holders.values() for pair in combinations(places, 2))
    too_near = [
        (texts[one][:30], texts[two][:30])
        for (one, two), count in shared.items()
        if count > min(len(grams[one]), len(grams[two])) / 5
    ]
    assert too_near == []


def test_the_readme_says_in_both_languages_that_it_is_made_up() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert "架空" in readme
    assert "made up" in readme


def test_ids_that_others_could_own_are_left_empty_or_reserved() -> None:
    assert {row["orcid"] for row in read_csv("researchers.csv")} == {""}
    with (DATA / "works.openalex.jsonl").open(encoding="utf-8") as file:
        works = [json.loads(line) for line in file]
    assert all(work["doi"].startswith("https://doi.org/10.5555/") for work in works)
    assert all(work["id"].startswith("https://openalex.org/W99") for work in works)


def test_every_data_file_is_imported_or_known_to_be_no_input() -> None:
    imported = {path for _, path in DEMONSTRATION_FILES}
    others = {
        DATA / name for name in ("README.md", "judgements.csv", "qrels.txt", "company_profiles.csv")
    }
    assert imported | others | {*SCREENING_FILES} == set(DATA.iterdir())


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'catalogue.sqlite'}"


def test_everything_is_imported_without_a_rejection_and_a_second_time_changes_nothing(
    url: str,
) -> None:
    with open_catalogue(url) as catalogue:
        first = import_demonstration(catalogue)
        counts = catalogue.counts()
        second = import_demonstration(catalogue)
        assert catalogue.counts() == counts
    assert (first.rejected, first.rejections, first.unreadable) == (0, (), ())
    assert (second.added, second.updated, second.rejections) == (0, 0, ())
    assert second.unchanged == first.added + first.merged + first.unchanged
    assert counts["researchers"] == len(read_csv("researchers.csv")) + 1  # the one in doubt
    assert counts["seeds"] == len(seeds()) + own_works()
    linked = sum(len(theirs) for theirs in seeds_of_people().values())
    assert counts["authorships"] == linked + own_works()
    assert counts["needs"] == 15


def test_the_importers_read_texts_and_languages_as_they_were_written(url: str) -> None:
    with open_catalogue(url) as catalogue:
        import_demonstration(catalogue)
        corpus = catalogue.read_corpus()
    elsewhere = corpus.seeds["seed_id"].str.startswith(("profile:", "researchmap:"))
    stored = corpus.seeds[~elsewhere]
    read = {("".join(seed["text"].split()), seed["lang"]) for _, seed in stored.iterrows()}
    written = [seed for seed in seeds() if seed.get("visibility") != "confidential"]
    assert read == {("".join(seed["text"].split()), seed["lang"]) for seed in written}


def test_copies_from_researchmap_are_united_and_somebody_is_in_doubt(url: str) -> None:
    with open_catalogue(url) as catalogue:
        report = import_demonstration(catalogue)
        with catalogue.reading() as connection:
            works = list_works(connection, "HU-0101")
            copies = read_sourced(connection, "W9900000007")
            (pair,) = list_pairs(connection)
    assert works["W9900000007"]["choice"] == "representative"
    assert [record.source for record in copies.records] == ["openalex", "researchmap"]
    assert report.queued == 1
    assert pair.link.ids == ("HU-0104", "researchmap:hoshimino-0104")
