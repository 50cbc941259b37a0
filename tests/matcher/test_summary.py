"""A match in a line: five steps, the work that says why, how many of a list will suit."""

from dataclasses import replace

import pytest

from matcher.explaining import words
from matcher.explaining.summary import (
    best_evidence,
    expected_suitable,
    key_phrase,
    shared_objections,
    steps,
)
from matcher.records import Evidence, Match, NeedPart, Objection, ResearcherCard

PART = NeedPart("A film that keeps oxygen out.", 0, 29)


def evidence(seed_id, *, year=None, answers=None, title="A  title\nin two lines"):
    return Evidence(
        seed_id, "paper", "en", title, year, "", "A sentence.", "text", 0, "", 0.5, answers=answers
    )


def match(*found, strength="good", probability=0.6):
    return Match(1, ResearcherCard("r"), 0.0, found, probability, strength)


@pytest.mark.parametrize(
    ("strength", "probability", "expected"),
    [
        ("strong", 0.9, 5),
        ("good", 0.6, 4),
        ("possible", 0.3, 3),
        ("weak", 0.1, 2),
        ("weak", 0.09, 1),
        ("weak", None, 1),
    ],
)
def test_the_words_are_five_steps(strength, probability, expected):
    assert steps(match(strength=strength, probability=probability)) == expected


def test_dated_work_that_answers_says_why_before_all_else():
    near, profile = evidence("near", year=2024), evidence("profile", answers=PART)
    paper = evidence("paper", year=2012, answers=PART)
    assert best_evidence(match(near, profile, paper)) is paper
    assert best_evidence(match(near, profile)) is profile
    assert best_evidence(match(near)) is near
    assert best_evidence(match()) is None


def test_a_key_phrase_is_the_title_in_one_line_or_the_sentence():
    assert key_phrase(evidence("s")) == "A title in two lines"
    assert key_phrase(evidence("s", title="")) == "A sentence."


def test_as_many_are_expected_to_suit_as_the_probabilities_add_up_to():
    shown = [match(probability=p) for p in (0.9, 0.6, None, 0.25)]
    assert expected_suitable(shown) == pytest.approx(1.75)
    assert expected_suitable([]) == 0


def test_what_speaks_against_all_alike_is_told_once():
    industry, english = Objection("no_industry"), Objection("other_language", language="en")
    part = Objection("part_unmet", 0.2, PART)
    old = Objection("old", 2012.0)
    found = [
        replace(match(), against=(old, industry, english, part)),
        replace(match(), against=(old, english, industry, part)),
        replace(match(), against=(old, industry, replace(english, language="ja"), part)),
    ]
    assert shared_objections(found) == (industry,)
    assert shared_objections([*found, match()]) == ()
    assert shared_objections(found[:2]) == ()
    assert shared_objections([]) == ()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_objection_has_a_flag_that_is_shorter(language):
    assert set(words.FLAGS[language]) == set(words.OBJECTIONS[language])
    for reason in words.FLAGS[language]:
        objection = Objection(reason, 2012.0, PART, "ja")
        flag = words.flag_text(objection, language)
        assert len(flag) < len(words.objection_text(objection, language))
        assert len(flag) <= {"ja": 12, "en": 25}[language]
