"""The pairs of needs in laymen's and in experts' words are well-formed and name people who exist."""

import csv
import json
from collections import Counter
from pathlib import Path

from catalogue.demonstration.loading import DATA
from enmusubi.language import detect_language
from training.wordings import Pair, read_pairs

FILE = Path(__file__).with_name("laymen_and_experts.jsonl")
COLLECTIONS = ("demonstration", "office-dev")
RUN = 12  # so many characters in a row may not be those of a need; set phrases are shorter
SENTENCES = 4


def pairs() -> list[Pair]:
    return [pair for name in COLLECTIONS for pair in read_pairs(FILE, name)]


def test_sixty_pairs_are_there_thirty_of_each_collection() -> None:
    assert Counter(pair.collection for pair in pairs()) == dict.fromkeys(COLLECTIONS, 30)
    assert (
        len(FILE.read_text("utf-8").splitlines()) == len({pair.pair_id for pair in pairs()}) == 60
    )


def test_both_languages_are_there_and_some_pairs_go_across() -> None:
    for name in COLLECTIONS:
        counts = Counter(pair.languages for pair in read_pairs(FILE, name))
        assert set(counts) == {"ja", "en", "ja/en", "en/ja"}
        assert min(counts["ja"], counts["en"]) >= 12


def test_every_version_is_in_its_language_and_short() -> None:
    for pair in pairs():
        for wording in (pair.layman, pair.specialist):
            assert detect_language(wording.text) == wording.language, pair.pair_id
            assert 30 <= len(wording.text) <= 400, pair.pair_id
            assert wording.text.count("。") <= SENTENCES, pair.pair_id


def test_one_to_three_experts_are_named_each_once() -> None:
    for pair in pairs():
        assert 1 <= len(pair.experts) <= 3, pair.pair_id
        assert len(set(pair.experts)) == len(pair.experts), pair.pair_id


def test_the_demonstrations_experts_are_people_of_the_made_up_university() -> None:
    with (DATA / "researchers.csv").open(encoding="utf-8-sig", newline="") as file:
        known = {row["researcher_id"] for row in csv.DictReader(file)}
    named = {person for pair in read_pairs(FILE, "demonstration") for person in pair.experts}
    assert named <= known
    assert len(named) >= 25  # not the same few again and again


def test_the_pairs_hold_nothing_but_what_their_form_says() -> None:
    for line in FILE.read_text("utf-8").splitlines():
        record = json.loads(line)
        assert list(record) == ["pair_id", "collection", "layman", "expert", "experts"]
        assert list(record["layman"]) == list(record["expert"]) == ["lang", "text"]


def test_no_japanese_version_repeats_a_need_of_the_demonstration() -> None:
    with (DATA / "needs.csv").open(encoding="utf-8-sig", newline="") as file:
        needs = list(csv.DictReader(file))
    known = {run for need in needs for run in runs_of(need["title"]) | runs_of(need["text"])}
    for pair in pairs():
        for wording in (pair.layman, pair.specialist):
            if wording.language == "ja":
                assert not runs_of(wording.text) & known, pair.pair_id


def runs_of(text: str) -> set[str]:
    return {text[i : i + RUN] for i in range(len(text) - RUN + 1)}
