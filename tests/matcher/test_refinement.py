"""Refining a need: vectors and words move by what was marked, and a list follows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from enmusubi.errors import UnknownIdError
from indexes.lexical import LinkedTerm
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.queries import need_text, written_text
from matcher.recommender import Recommender
from matcher.records import CONFIDENTIAL, PUBLIC, Filters, Mark, Need, Refinement
from matcher.refinement import (
    LESS,
    LESS_WORDS,
    MORE,
    MORE_WORDS,
    NEW_WORDS,
    move_vector,
    weigh_words,
)
from matcher.tables import Corpus

SEEDS = [
    {"seed_id": "s-robot", "title": "Robot grippers", "text": "Robot grippers pick ripe fruit.",
     "people": ["r-abe"]},
    {"seed_id": "s-camera", "title": "Camera for fruit",
     "text": "A camera sees ripe fruit. Infrared spectroscopy tells sugar.", "people": ["r-ito"]},
    {"seed_id": "s-sugar", "title": "Sugar in fruit",
     "text": "Infrared spectroscopy tells sugar of ripe fruit.", "people": ["r-ueda"]},
    {"seed_id": "s-arm", "title": "Robot arms", "text": "Robot grippers and robot arms for fruit.",
     "people": ["r-endo"]},
    {"seed_id": "s-secret", "title": "Secret fruit", "text": "A secret way to pick ripe fruit.",
     "people": ["r-abe"], "visibility": CONFIDENTIAL},
    {"seed_id": "s-hidden", "title": "Hidden fruit", "text": "Only hidden work on fruit.",
     "people": ["r-kage"], "visibility": CONFIDENTIAL},
]  # fmt: skip
FRUIT = Need("Who can pick ripe fruit?")


@pytest.fixture
def recommender(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> Recommender:
    version = build_index(corpus_of(SEEDS), [], word_encoder, None, tmp_path, keep=1)
    return Recommender.from_parts(version, word_encoder)


def listed(recommender: Recommender, **refined: object) -> list[str]:
    need = replace(FRUIT, refinement=Refinement(**refined))  # type: ignore[arg-type]
    return [m.researcher.researcher_id for m in recommender.match(need).matches]


def test_a_vector_moves_by_rocchios_weights() -> None:
    need, near, far = (np.eye(3, dtype=np.float32)[row] for row in range(3))

    moved = move_vector(need, [near], [far])

    expected = np.array([1, MORE, -LESS]) / np.sqrt(1 + MORE**2 + LESS**2)
    assert moved == pytest.approx(expected, abs=1e-6)
    assert move_vector(need, [], []) == pytest.approx(need)


def test_words_gain_and_lose_and_new_ones_come_in() -> None:
    words = [LinkedTerm(2, (("膜", 1.0),)), LinkedTerm(1, (("film", 0.75), ("foil", 0.25)))]
    rarities = {"barrier": 3.0, "layer": 1.0, "common": 0.0}

    found = weigh_words(
        words,
        {"膜": 0.5, "foil": 1.0, "barrier": 1.0, "layer": 0.5, "common": 1.0},
        {"film": 1.0, "layer": 1.0},
        lambda word: rarities.get(word, 0.0),
    )

    counts = {term.translations[0][0]: term.count for term in found}
    assert counts == pytest.approx(
        {
            "膜": 2 * (1 + 0.5 * MORE_WORDS),
            "film": 1 + 0.25 * MORE_WORDS - 0.75 * LESS_WORDS,
            "barrier": MORE_WORDS,  # "layer" is as much of what is not wanted: it counts nothing
        }
    )


def test_of_new_words_the_weightiest_come_in() -> None:
    many = {f"w{number:02}": 1.0 for number in range(NEW_WORDS + 5)}

    found = weigh_words([], many, {}, lambda word: 1.0 + int(word[1:]))

    assert len(found) == NEW_WORDS
    assert ("w00", 1.0) not in {term.translations[0] for term in found}


def test_more_like_a_person_raises_whoever_does_the_same(recommender: Recommender) -> None:
    plain = listed(recommender, more_like=(Mark(researcher_id="r-endo"),))
    refined = listed(recommender, more_like=(Mark(researcher_id="r-ito"),))

    assert plain.index("r-ueda") > plain.index("r-endo")
    assert refined.index("r-ueda") < refined.index("r-endo")


def test_whoever_is_not_wanted_leaves_and_can_come_back(recommender: Recommender) -> None:
    refined = listed(recommender, less_like=(Mark(researcher_id="r-abe"),))

    assert set(refined) == set(listed(recommender)) - {"r-abe"}


def test_a_sentence_moves_the_list_and_is_shown_as_it_stands(recommender: Recommender) -> None:
    sentence = "Infrared spectroscopy tells sugar."
    start = SEEDS[1]["text"].index(sentence)
    mark = Mark(seed_id="s-camera", sentence_start=start)
    need = replace(FRUIT, refinement=Refinement(more_like=(mark,)))

    answer = recommender.answer(need)

    ranked = [m.researcher.researcher_id for m in answer.matches.matches]
    assert ranked.index("r-ueda") < ranked.index("r-endo")
    assert [(one.mark, one.wanted, one.text) for one in answer.marked] == [(mark, True, sentence)]


@pytest.mark.parametrize(
    "mark",
    [
        Mark(researcher_id="r-nobody"),
        Mark(seed_id="s-nothing"),
        Mark(seed_id="s-camera", sentence_start=3),
        Mark(seed_id="s-secret"),
        Mark(researcher_id="r-kage"),
    ],
)
def test_what_is_not_there_or_may_not_be_seen_is_unknown(
    recommender: Recommender, mark: Mark
) -> None:
    with pytest.raises(UnknownIdError, match="has the id"):
        listed(recommender, more_like=(mark,))


def test_a_hidden_seed_can_be_marked_by_who_sees_it(recommender: Recommender) -> None:
    need = replace(FRUIT, refinement=Refinement(more_like=(Mark(seed_id="s-secret"),)))
    filters = Filters(visibilities=(PUBLIC, CONFIDENTIAL))

    assert recommender.match(need, filters=filters).matches


def test_added_words_are_matched_behind_the_need(recommender: Recommender) -> None:
    need = replace(FRUIT, refinement=Refinement(terms=("spectroscopy", "分光")))

    assert need_text(need) == f"{FRUIT.text}\nspectroscopy、分光"
    assert written_text(need) == FRUIT.text
    answer = recommender.answer(need)
    assert answer.matches.language == "en"
    ranked = [m.researcher.researcher_id for m in answer.matches.matches]
    assert ranked.index("r-ueda") < listed(recommender).index("r-ueda")


def test_a_refinement_and_its_words_stay_out_of_repr() -> None:
    need = replace(FRUIT, refinement=Refinement(terms=("unobtainium",)))

    assert "unobtainium" not in repr(need)
