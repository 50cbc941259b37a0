"""Whether a need is competitive, and who fits that; all needs here are made up."""

import json
from pathlib import Path

import numpy as np
import pytest

from matcher.area_cues import CUES
from matcher.areas import UNKNOWN, competitive_fit, infer_area

SAMPLES = json.loads((Path(__file__).parents[1] / "samples" / "areas.json").read_text("utf-8"))
AREAS = ("competitive", "non-competitive", UNKNOWN)


UNCLEAR = [(text, language) for language, texts in SAMPLES[UNKNOWN].items() for text in texts]


def test_there_are_twenty_made_up_needs_of_each_area_in_each_language():
    for area in AREAS[:2]:
        for language in ("ja", "en"):
            assert len(set(SAMPLES[area][language])) >= 20


@pytest.mark.parametrize(
    ("area", "language"), [(a, lang) for a in AREAS[:2] for lang in ("ja", "en")]
)
def test_nine_of_ten_made_up_needs_get_their_area_and_none_the_other(area, language):
    guesses = [infer_area(text, language) for text in SAMPLES[area][language]]
    other = AREAS[1 - AREAS.index(area)]
    assert sum(guess.area == area for guess in guesses) >= 0.9 * len(guesses)
    assert other not in {guess.area for guess in guesses}


@pytest.mark.parametrize(("text", "language"), UNCLEAR)
def test_without_cues_nothing_is_known(text, language):
    guess = infer_area(text, language)
    assert (guess.area, guess.probability, guess.cues) == (UNKNOWN, 0.5, ())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We want to commercialise it and publish the results together.", "en"),
        ("製品化を目指しますが、成果は論文として公表したいと考えています。", "ja"),
    ],
)
def test_cues_for_both_areas_leave_it_open_and_are_both_named(text, language):
    guess = infer_area(text, language)
    assert guess.area == UNKNOWN
    assert set(guess.cues) == {"launch", "publication"}
    assert 0.35 < guess.probability < 0.65


def test_what_a_need_declares_holds_against_its_text():
    text = "Exclusive rights are a must."
    assert infer_area(text, "en").area == "competitive"
    declared = infer_area(text, "en", "non-competitive")
    assert (declared.area, declared.probability, declared.cues) == (
        "non-competitive",
        0.0,
        ("declared",),
    )
    assert infer_area("", "ja", "competitive").probability == 1.0
    assert infer_area(text, "en", UNKNOWN).area == "competitive"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We do not need exclusive rights to the results.", "en"),
        ("This is a non-exclusive agreement.", "en"),
        ("特許の取得は不要です。", "ja"),
        ("独占は求めません。", "ja"),
    ],
)
def test_a_cue_that_is_denied_does_not_count(text, language):
    assert infer_area(text, language).cues == ()


def test_the_area_names_itself_in_either_language():
    for text, language in (("非競争領域での連携です。", "ja"), ("A non-competitive area.", "en")):
        assert infer_area(text, language).cues == ("names-non-competitive",)
    for text, language in (("競争領域での連携です。", "ja"), ("A competitive area.", "en")):
        assert infer_area(text, language).cues == ("names-competitive",)


def test_width_case_and_line_ends_make_no_difference():
    assert infer_area("ＮＤＡを結んで\nから", "ja") == infer_area("ndaを結んで から", "ja")
    assert infer_area("TRADE\nSECRET", "en").cues == ("secrecy",)


def test_a_cue_counts_once():
    once = infer_area("We will launch a product.", "en")
    assert infer_area("We will launch a product. " * 50, "en") == once


def test_cues_have_names_of_their_own_and_speak_for_one_side():
    assert len({cue.name for cue in CUES}) == len(CUES)
    assert all(cue.weight for cue in CUES)


def test_a_record_with_patents_and_companies_fits_more():
    nobody, patents, both = competitive_fit(
        [0, 4, 4], [0, 0, 6], [0, 0, 1], [0, 0, 0], [30, 30, 30]
    )
    assert nobody == 0
    assert 0 < patents < both < 1


def test_the_fit_grows_with_each_count_and_stays_between_0_and_1():
    steps = np.arange(0, 200)
    full = np.full(200, 200)
    none = np.zeros(200)
    for place in range(2):
        counts = [none, none]
        counts[place] = steps
        assert (np.diff(competitive_fit(counts[0], counts[1], none, none, full)) > 0).all()
    most = competitive_fit(full * 1000, full * 1000, none + 1, full * 1000, full)
    assert ((most > 0.99) & (most <= 1)).all()


def test_many_papers_do_not_hide_nor_make_a_record_with_companies():
    few, many = competitive_fit([5, 5], [5, 5], [1, 1], [0, 0], [20, 2000])
    assert many < few < 2 * many
    assert competitive_fit([0], [0], [0], [0], [100_000]) == 0
    assert competitive_fit([0], [0], [0], [0], [0]) == 0
