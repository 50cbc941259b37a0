"""The recommender over real indexes and a made-up encoder: order, filters, evidence, limits."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from enmusubi.errors import EmptyNeedError, IndexMismatchError, InputError, UnknownIdError
from enmusubi.language import clean_text
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Evidence, Filters, Need
from matcher.tables import RUN_COLUMNS, Corpus
from matcher.version_files import read_snapshot

LONG_TEXT = " ".join(f"Filler number {i} tells of walls and floors." for i in range(120))
SEEDS: list[dict[str, Any]] = [
    {
        "seed_id": "s-grip",
        "title": "Soft gripper",
        "text": "Soft fingers pick ripe fruit. The force stays below 3.5 newton. It is cheap.",
        "people": ["r-mori"],
        "year": 2024,
        "url": "https://example.org/s-grip",
    },
    {"seed_id": "s-bake", "title": "Baking bread", "text": "Bread rises.", "people": ["r-abe"]},
    {
        "seed_id": "s-film",
        "title": "薄膜の検査",
        "text": "薄膜の欠陥を光で検査する方法を示す。速度は毎秒3.5メートルである。",
        "people": ["r-sato", "r-mori"],
        "kind": "patent",
        "year": 2019,
    },
    {"seed_id": "s-only-title", "title": "Corrosion of steel bridges", "people": ["r-tani"]},
    {
        "seed_id": "s-long",
        "title": "Annual report",
        "text": LONG_TEXT + " At last, zeppelins were measured.",
        "people": ["r-tani"],
    },
    {"seed_id": "s-nobody", "title": "Soft gripper for fruit", "text": "Picks fruit."},
    {"seed_id": "s-empty", "title": "", "text": "", "people": ["r-blank"]},
]
RESEARCHERS = [
    {"researcher_id": "r-mori", "name_ja": "森 絵里", "institution_ja": "星見野大学"},
    {"researcher_id": "r-sato", "name_en": "Ken Sato", "institution_en": "Hoshimino University"},
    {"researcher_id": "r-idle", "name_en": "No Seeds"},
]
FRUIT = Need("A gripper that picks ripe fruit", "n-fruit")
FILM = Need("薄膜の欠陥を検査したい。", "n-film")


@pytest.fixture(scope="module")
def corpus(corpus_of: Callable[..., Corpus]) -> Corpus:
    return corpus_of(SEEDS, RESEARCHERS)


@pytest.fixture
def recommender(corpus: Corpus, word_encoder: Encoder, tmp_path: Path) -> Recommender:
    version = build_index(corpus, [], word_encoder, None, tmp_path / "indexes", keep=1)
    return Recommender.from_parts(version, word_encoder)


def ids(run: pd.DataFrame) -> list[str]:
    return [str(researcher_id) for researcher_id in run["researcher_id"]]


def test_the_owner_of_the_nearest_seed_ranks_first(recommender: Recommender) -> None:
    run = recommender.recommend([FRUIT, FILM], top=3)

    assert tuple(run.columns) == RUN_COLUMNS
    assert run.groupby("need_id", sort=False)["researcher_id"].first().to_dict() == {
        "n-fruit": "r-mori",
        "n-film": "r-sato",
    }
    assert run["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert all(group["score"].is_monotonic_decreasing for _, group in run.groupby("need_id"))


def test_a_match_list_says_who_why_and_by_what(recommender: Recommender) -> None:
    matches = recommender.match(FRUIT, top=2)

    first = matches.matches[0]
    assert (matches.need_id, matches.language) == ("n-fruit", "en")
    assert (matches.index_version, matches.model) == ("v000001", "words@0123456789abcdef")
    assert matches.researchers_considered == 5  # all but the one without any seed
    assert (first.rank, first.researcher.name_ja) == (1, "森 絵里")
    assert (first.evidence[0].seed_id, first.evidence[0].year) == ("s-grip", 2024)
    assert first.evidence[0].sentence == "Soft fingers pick ripe fruit."
    assert -1 <= first.evidence[0].similarity <= 1
    json.dumps(asdict(matches))


def test_the_list_and_the_run_agree(recommender: Recommender) -> None:
    for need in (FRUIT, FILM):
        run = recommender.recommend([need], top=4)
        listed = recommender.match(need, top=4).matches

        assert [match.researcher.researcher_id for match in listed] == ids(run)
        assert [match.score for match in listed] == run["score"].tolist()


def source_of(evidence: Evidence) -> str:
    seed = next(seed for seed in SEEDS if seed["seed_id"] == evidence.seed_id)
    return str(seed.get(evidence.sentence_field, ""))


@pytest.mark.parametrize(
    "text", [FRUIT.text, FILM.text, "steel bridges", "zeppelins", "walls and floors", "bread"]
)
def test_evidence_is_a_verbatim_part_of_its_seed(recommender: Recommender, text: str) -> None:
    pieces = [e for match in recommender.match(Need(text), top=10).matches for e in match.evidence]

    assert pieces
    for evidence in pieces:
        start = evidence.sentence_start
        source = source_of(evidence)
        assert source[start : start + len(evidence.sentence)] == evidence.sentence
        assert evidence.sentence in evidence.passage


def test_the_last_sentence_of_a_long_text_is_found_and_named(recommender: Recommender) -> None:
    best = recommender.match(Need("Who measured zeppelins at last?")).matches[0].evidence[0]

    assert (best.seed_id, best.sentence) == ("s-long", "At last, zeppelins were measured.")


def test_a_seed_without_text_is_shown_by_its_title(recommender: Recommender) -> None:
    best = recommender.match(Need("corrosion of steel bridges")).matches[0].evidence[0]

    assert (best.seed_id, best.sentence_field) == ("s-only-title", "title")
    assert best.sentence == best.passage == "Corrosion of steel bridges"


def test_places_count_from_the_cleaned_text(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    raw = "\ufeff  Walls fall.\r\nRipe\x00 fruit is picked.\r\n"
    corpus = corpus_of([{"seed_id": "s", "title": " A\x00 ", "text": raw, "people": ["r"]}])
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    best = Recommender.from_parts(version, word_encoder).match(FRUIT).matches[0].evidence[0]

    assert best.sentence == "Ripe fruit is picked."
    assert clean_text(raw)[best.sentence_start :] == best.sentence


def test_researchers_without_seeds_are_known_but_never_matched(recommender: Recommender) -> None:
    assert recommender.researcher("r-idle").name_en == "No Seeds"
    assert not {"r-idle", "r-blank"} & set(ids(recommender.recommend([FRUIT, FILM], top=99)))


def test_more_asked_than_there_is_gives_everyone_once(recommender: Recommender) -> None:
    run = recommender.recommend([FRUIT], top=1000)

    assert sorted(ids(run)) == ["r-abe", "r-mori", "r-sato", "r-tani"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(institutions=["Hoshimino"]), ["r-sato"]),
        (Filters(institutions=["星見野"]), ["r-mori"]),
        (Filters(kinds=["patent"]), ["r-mori", "r-sato"]),
        (Filters(since=2020), ["r-mori"]),
        (Filters(departments=["nowhere"]), []),
    ],
)
def test_a_filter_leaves_all_whom_it_allows(
    recommender: Recommender, filters: Filters, expected: list[str]
) -> None:
    run = recommender.recommend([FRUIT], top=10, filters=filters)
    matches = recommender.match(FRUIT, filters=filters)

    assert sorted(ids(run)) == expected
    assert matches.researchers_considered == len(matches.matches) == len(expected)


def test_evidence_keeps_to_the_filter(recommender: Recommender) -> None:
    matches = recommender.match(FRUIT, filters=Filters(kinds=["patent"])).matches

    assert {e.kind for match in matches for e in match.evidence} == {"patent"}


def test_a_filter_that_leaves_three_of_many_returns_those_three(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    chosen = ["r-007", "r-150", "r-299"]
    texts = dict.fromkeys(chosen, "Bread rises slowly.")
    everyone = [f"r-{number:03d}" for number in range(300)]
    corpus = corpus_of(
        [{"seed_id": f"s-{p}", "text": texts.get(p, FRUIT.text), "people": [p]} for p in everyone],
        [
            {"researcher_id": p, "department_en": "Far Away" if p in chosen else "Here"}
            for p in everyone
        ],
    )
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    run = Recommender.from_parts(version, word_encoder).recommend(
        [FRUIT], top=10, filters=Filters(departments=["far away"])
    )

    assert ids(run) == chosen


def test_a_filter_does_not_change_the_scores_of_those_it_leaves(recommender: Recommender) -> None:
    everyone = recommender.recommend([FRUIT], top=10).set_index("researcher_id")["score"]
    some = recommender.recommend([FRUIT], top=10, filters=Filters(institutions=["Hoshimino"]))

    assert some.set_index("researcher_id")["score"]["r-sato"] == everyone["r-sato"]


@pytest.mark.parametrize("text", ["", "  \n", "？！", "薬", "\x00\x00", "\u200b", "①"])
def test_a_need_without_words_is_refused(recommender: Recommender, text: str) -> None:
    with pytest.raises(EmptyNeedError, match="letters; there is nothing to search with"):
        recommender.match(Need(text))


def test_a_need_of_200_000_characters_is_answered_or_refused_by_the_limit(
    recommender: Recommender, corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    need = Need("Ripe fruit is picked by soft fingers. " * 5300)
    version = build_index(corpus, [], word_encoder, None, tmp_path / "limited", keep=1)
    limited = Recommender(read_snapshot(version), word_encoder, max_need_chars=50_000)

    assert recommender.match(need).matches[0].researcher.researcher_id == "r-mori"
    with pytest.raises(InputError, match="201,400 characters, at most 50,000") as refusal:
        limited.match(need)
    assert "fruit" not in str(refusal.value)


def test_top_below_one_is_refused(recommender: Recommender) -> None:
    with pytest.raises(InputError, match="top is 0, expected 1 or more"):
        recommender.match(FRUIT, top=0)


def test_an_unknown_researcher_is_told_with_the_index_version(recommender: Recommender) -> None:
    with pytest.raises(UnknownIdError, match="No researcher has the id 'r-none' in index version"):
        recommender.researcher("r-none")


def test_another_model_is_refused_with_both_and_the_command_to_run(
    corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)
    word_encoder.name, word_encoder.checksum = "others", "fedcba"
    message = (
        r"v000001 was built with the model words \(0123456789abcdef, 64 dimensions\), but the "
        r"settings name others \(fedcba, 64\)\. Run `enmusubi index`, or set the model back"
    )

    with pytest.raises(IndexMismatchError, match=message):
        Recommender.from_parts(version, word_encoder)


def test_a_run_is_the_same_every_time_and_from_every_build(
    recommender: Recommender, corpus: Corpus, word_encoder: Encoder, tmp_path: Path
) -> None:
    again = build_index(corpus, [], word_encoder, None, tmp_path / "again", keep=1)

    runs = [
        built.recommend([FRUIT, FILM], top=10)
        for built in (recommender, recommender, Recommender.from_parts(again, word_encoder))
    ]

    pd.testing.assert_frame_equal(runs[0], runs[1], check_exact=True)
    pd.testing.assert_frame_equal(runs[0], runs[2], check_exact=True)


def test_several_threads_get_what_one_gets(recommender: Recommender) -> None:
    needs: Sequence[Need] = [FRUIT, FILM, Need("steel の橋の腐食 and 検査")] * 8
    alone = [recommender.match(need) for need in needs]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(recommender.match, needs))

    assert together == alone


def test_no_needs_give_a_run_without_rows(recommender: Recommender) -> None:
    run = recommender.recommend([], top=10)

    assert (len(run), tuple(run.columns)) == (0, RUN_COLUMNS)


def test_a_need_in_a_corpus_of_one_language_is_answered(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> None:
    corpus = corpus_of([{"seed_id": "s", "text": "Ripe fruit. 12345", "people": ["r"]}])
    version = build_index(corpus, [], word_encoder, None, tmp_path, keep=1)

    run = Recommender.from_parts(version, word_encoder).recommend([FRUIT, FILM], top=10)

    assert ids(run) == ["r", "r"]


def test_a_topic_finds_the_seeds_whose_titles_or_texts_have_all_its_words(recommender):
    assert recommender.seeds_about(["fruits", "force"]) == ["s-grip"]  # of two sentences, stemmed
    assert recommender.seeds_about(["欠陥"]) == ["s-film"]
    assert recommender.seeds_about(["zeppelin", "report"]) == [
        "s-long"
    ]  # of title and last passage
    assert recommender.seeds_about(["fruit", "bread"]) == []
    assert recommender.seeds_about(["fruit"], Filters(visibilities=("confidential",))) == []
    assert recommender.seeds_about(["、", "of"]) == recommender.seeds_about([]) == []
