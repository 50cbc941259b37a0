"""Parts of a need, objections and contributions: rules that can be checked by hand."""

from typing import Any

import numpy as np
import pytest

from matcher.explaining import words
from matcher.explaining.evidence import carries
from matcher.explaining.explanation import GROUPS, NEED, grouped
from matcher.explaining.need_parts import NeedParts, is_short, part_shares, parts_of
from matcher.explaining.objections import REASONS, Case, object_to
from matcher.features.definitions import NAMES
from matcher.need_roles.classifier import CLOSING, GREETING, PROBLEM, SENDER, WISH
from matcher.queries import encode_needs
from matcher.records import (
    COMPETITIVE,
    Contribution,
    Evidence,
    Match,
    Need,
    NeedPart,
    Objection,
    ResearcherCard,
)
from matcher.reranking.calibration import GOOD, POSSIBLE, STRONG, WEAK
from matcher.reranking.reranker import BASE
from matcher.retrieval import NeedQuery

PART = NeedPart("A film that keeps oxygen out.", 0, 29)
OTHER = NeedPart("It must be easy to recycle.", 30, 57)


def query_of(encoder: Any, need: Need) -> NeedQuery:
    (e,) = encode_needs([need], encoder, None)
    return NeedQuery(e.need_id, e.text, e.language, e.vector, e.sentences, e.places)


def test_the_parts_of_a_need_are_its_sentences_with_their_places(word_encoder: Any) -> None:
    need = Need(
        "We look for a thin film. It must be easy to recycle.", title="Films for fresh fish"
    )

    found = parts_of(query_of(word_encoder, need))

    text = f"{need.title}\n{need.text}"
    assert [part.text for part in found.parts] == [
        "Films for fresh fish",
        "We look for a thin film.",
        "It must be easy to recycle.",
    ]
    assert all(text[part.start : part.end] == part.text for part in found.parts)
    assert found.vectors.shape == (3, word_encoder.dimension)


def test_headings_and_greetings_are_no_parts_where_there_are_sentences(word_encoder: Any) -> None:
    text = "概要\n鋳物の排出量を品番ごとに計算する方法を探しています。\nよろしく。"

    (part,) = parts_of(query_of(word_encoder, Need(text))).parts
    (only,) = parts_of(query_of(word_encoder, Need("薄い膜"))).parts

    assert part.text == "鋳物の排出量を品番ごとに計算する方法を探しています。"
    assert only.text == "薄い膜"


def test_a_sentence_that_two_overlapping_passages_share_is_one_part(word_encoder: Any) -> None:
    sentences = [f"Sentence number {n} asks for a thing of its own kind." for n in range(60)]
    query = query_of(word_encoder, Need(" ".join(sentences)))

    assert len(query.places) > len(sentences)
    assert [part.text for part in parts_of(query).parts] == sentences


def test_roles_that_leave_nothing_leave_what_is_not_polite(word_encoder: Any) -> None:
    sentences = [
        "Hello to everybody over there today.",
        "We are makers of fine bells.",
        "Good bye to you all now.",
    ]
    query = query_of(word_encoder, Need(" ".join(sentences)))

    def parts(*roles: str) -> list[str]:
        return [part.text for part in parts_of(query, classify=lambda _: roles).parts]

    assert parts(GREETING, SENDER, CLOSING) == sentences[1:2]
    assert parts(GREETING, GREETING, CLOSING) == sentences
    assert parts(GREETING, PROBLEM, CLOSING) == sentences[1:2]


def test_a_title_and_a_wish_say_what_is_wanted(word_encoder: Any) -> None:
    need = Need(
        "Our films let in the air of the hall. We look for a thin film.",
        title="Films for fresh fish",
    )
    query = query_of(word_encoder, need)

    told = parts_of(query, classify=lambda _: (PROBLEM, WISH), title_chars=len(need.title))

    assert told.wanted.tolist() == [True, False, True]
    assert parts_of(query).wanted.all()


def test_a_query_without_sentences_is_one_part(word_encoder: Any) -> None:
    query = NeedQuery("n", "A film", "en", np.ones(4, dtype=np.float32))

    found = parts_of(query)

    assert found.parts == (NeedPart("A film", 0, 6),)
    assert found.vectors.tolist() == [query.vector.tolist()]


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("水蒸気にも強い。", True),
        ("酸素を通しにくい薄い膜を作った。", False),
        ("Thin films, oxygen", True),
        ("Thin films keep oxygen out.", False),
        ("。、", True),
    ],
)
def test_very_short_sentences_are_known_in_both_languages(sentence: str, *, short: bool) -> None:
    assert is_short(sentence) == short


def evidence(kind: str = "paper", language: str = "en") -> Evidence:
    return Evidence("s", kind, language, "T", 2020, "", "X.", "text", 0, "X.", 0.5)


def case(**changed: Any) -> Case:
    usual: dict[str, Any] = {
        "strength": "good",
        "probability": 0.4,
        "evidence": (evidence(), evidence("patent")),
        "carrying_seeds": 2,
        "parts": (PART, OTHER),
        "shares": np.array([0.95, 0.9]),
        "newest_year": 2023.0,
        "this_year": 2025.0,
        "industry_seeds": 0,
        "area": "",
        "need_language": "en",
    }
    return Case(**{**usual, **changed})


def test_shares_compare_the_candidates_at_each_part_by_their_nearest_sentence() -> None:
    # of three people: to the need as a whole, to a sentence that is no part, and to the two parts
    nearness = np.array([[9, 9, 9], [0.1, 0.2, 0.3], [1, 0.8, 0.5], [1, 0, 0.5]])
    needed = NeedParts((PART, OTHER), np.eye(2, dtype=np.float32), sought=np.array([2, 3]))

    shares = part_shares(nearness, needed)

    assert shares == pytest.approx(np.array([[3, 3], [2, 1], [1, 2]]) / 3)


NO_YEAR = float("nan")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ()),
        ({"strength": "weak", "probability": 0.02}, (Objection("weak", 0.02),)),
        ({"strength": "weak", "probability": None}, (Objection("weak"),)),
        ({"shares": np.array([0.95, 0.3])}, (Objection("part_unmet", 0.3, OTHER),)),
        ({"shares": np.array([0.6, 0.3])}, ()),  # nobody who is near to anything
        ({"shares": np.array([0.3]), "parts": (PART,)}, ()),
        ({"shares": np.zeros(0)}, ()),
        ({"carrying_seeds": 1}, (Objection("one_seed"),)),
        ({"evidence": (evidence("profile"), evidence("course"))}, (Objection("thin_evidence"),)),
        ({"newest_year": 2016.0}, (Objection("old", 2016.0),)),
        ({"newest_year": 2017.0}, ()),
        ({"newest_year": NO_YEAR}, ()),
        ({"newest_year": NO_YEAR, "this_year": NO_YEAR}, ()),
        ({"area": COMPETITIVE}, (Objection("no_industry"),)),
        ({"area": COMPETITIVE, "industry_seeds": 1}, ()),
        ({"need_language": "ja"}, (Objection("other_language", language="en"),)),
        ({"need_language": "ja", "evidence": (evidence(), evidence("paper", "ja"))}, ()),
    ],
)
def test_each_reason_against_a_match_has_its_case(
    changed: dict[str, Any], expected: tuple[Objection, ...]
) -> None:
    assert object_to(case(**changed)) == expected


def test_several_reasons_come_the_weightiest_first() -> None:
    found = object_to(case(strength="weak", newest_year=2001.0, carrying_seeds=1))

    assert [objection.reason for objection in found] == ["weak", "one_seed", "old"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.5], [True]),
        ([0.5, 0.3, 0.13], [True, True, False]),
        ([2.0, 1.1, 0.9], [True, True, False]),
        ([-0.1, -0.4, -0.5], [True, True, False]),
    ],
)
def test_seeds_far_behind_the_best_and_less_than_half_as_good_carry_nothing(
    scores: list[float], expected: list[bool]
) -> None:
    assert carries(np.array(scores)).tolist() == expected


def test_every_feature_has_one_group_and_every_group_a_label() -> None:
    listed = [feature for features in GROUPS.values() for feature in features]

    assert sorted(listed) == sorted([*NAMES, BASE])
    for labels in words.GROUP_LABELS.values():
        assert set(labels) == set(GROUPS) - {NEED}


def test_groups_have_the_sums_of_their_features_without_what_all_share() -> None:
    contributions = [
        Contribution("dense_best", 0.5, 1.0),
        Contribution("dense_top3", 0.4, 0.25),
        Contribution("age_of_last", 9.0, -2.0),
        Contribution("need_is_ja", 1.0, 4.0),
        Contribution(BASE, None, 8.0),
    ]

    assert grouped(contributions) == [("record", -2.0), ("meaning", 1.25)]


def test_all_reasons_and_strengths_have_words_in_both_languages() -> None:
    for language in ("ja", "en"):
        # the last is of released lists alone
        assert set(words.OBJECTIONS[language]) == {*REASONS, "no_public_evidence"}
        assert set(words.STRENGTHS[language]) == {STRONG, GOOD, POSSIBLE, WEAK}


@pytest.mark.parametrize(
    ("probability", "ja", "en"),
    [
        (0.624, "62%", "62%"),
        (0.003, "1%未満", "under 1%"),
        (0.999, "99%", "99%"),
        (0.0, "1%未満", "under 1%"),
    ],
)
def test_percentages_are_whole_and_never_certain(probability: float, ja: str, en: str) -> None:
    assert (words.percentage(probability, "ja"), words.percentage(probability, "en")) == (ja, en)


def test_a_strength_is_a_word_with_its_percentage_if_there_is_one() -> None:
    card = ResearcherCard("r")

    assert words.strength_text(Match(1, card, 0.5, (), 0.62, "strong"), "ja") == "有力 62%"
    assert words.strength_text(Match(1, card, 0.5, (), 0.62, "strong"), "en") == "Strong 62%"
    assert words.strength_text(Match(300, card, -9, (), None, "weak"), "en") == "Weak"


def test_objections_name_the_year_or_the_part_in_one_line() -> None:
    assert words.objection_text(Objection("old", 2009.0), "ja").endswith("2009年です")
    long = NeedPart("a thin\nfilm " * 30, 0, 360)
    text = words.objection_text(Objection("part_unmet", 0.2, long), "en")
    assert "\n" not in text
    assert text.endswith("…”")
    assert len(text) < 200


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("part", "quoted", "quoted_language"),
    [
        ("匂いを抑えたい。", "匂いを抑えたい。", "ja"),
        ("No smell.", "No smell.", "en"),
        ("biscuits " * 30, "biscuits " * 12 + "biscuits…", "en"),
        ("粉" * 100, "粉" * 59 + "…", "ja"),
    ],
)
def test_a_quoted_part_stands_apart_with_its_own_language_and_no_word_is_cut(
    language: str, part: str, quoted: str, quoted_language: str
) -> None:
    objection = Objection("part_unmet", 0.2, NeedPart(part, 0, len(part)))
    said = words.objection_phrase(objection, language)

    assert (said.quoted, said.quoted_language) == (quoted, quoted_language)
    assert f"{said.before}{quoted}{said.after}" == words.objection_text(objection, language)
    assert said.before and said.after


def test_an_objection_without_a_part_quotes_nothing() -> None:
    said = words.objection_phrase(Objection("old", 2009.0), "ja")

    assert (said.quoted, said.quoted_language, said.after) == ("", "", "")


def test_a_part_of_a_need_never_shows_in_a_repr() -> None:
    shown = repr((PART, Objection("part_unmet", 0.1, PART), evidence()))

    assert "oxygen" not in shown
