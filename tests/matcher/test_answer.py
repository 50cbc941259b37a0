"""Facets over real indexes: counted over what the filters leave, and as if not chosen themselves."""

import dataclasses

import numpy as np
import pytest

from enmusubi.errors import InputError
from matcher.aggregation import OwnedSeeds
from matcher.answer import DOMAIN, FACETS, FoundPeople, choices_of, chosen_facets, tally
from matcher.domains.taxonomy import load_taxonomy
from matcher.features.records import PeopleRecords
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Need
from tests.conftest import WordEncoder

SEEDS = [
    {"seed_id": "s1", "text": "Soft gripper picks fruit.", "people": ["r1"], "year": 2024},
    {"seed_id": "s2", "text": "Soft gripper of silicone.", "people": ["r2"], "kind": "patent",
     "year": 2016},
    {"seed_id": "s3", "text": "柔らかい gripper で果物をつかむ。", "people": ["r2", "r3"],
     "year": 2021},
    {"seed_id": "s4", "text": "Secret gripper for fruit.", "people": ["r4"], "year": 2026,
     "visibility": "internal"},
]  # fmt: skip
RESEARCHERS = [
    {"researcher_id": "r1", "institution_ja": "星見野大学", "institution_en": "Hoshimino University"},
    {"researcher_id": "r2", "institution_ja": "星見野大学", "institution_en": "Hoshimino University",
     "department_ja": "工学部"},
    {"researcher_id": "r3", "institution_en": "Aonami Institute"},
    {"researcher_id": "r4", "institution_en": "Hidden Institute"},
]  # fmt: skip
NO_SEEDS = OwnedSeeds(*[np.zeros(0, dtype=np.int64)] * 6)
NEED = Need("A soft gripper for fruit, patented together with companies.")


@pytest.fixture(scope="module")
def recommender(tmp_path_factory, corpus_of):
    encoder = WordEncoder()
    corpus = corpus_of(SEEDS, RESEARCHERS)
    version = build_index(corpus, [], encoder, None, tmp_path_factory.mktemp("index"), keep=1)
    opened = Recommender.from_parts(version, encoder)
    return opened.with_reranker(calling_likely_from(opened.ranks_with, 0.0))


def calling_likely_from(reranker, possible):
    """Return the re-ranker with another cut between possible and weak."""
    cuts = {"strong": 1.0, "good": 1.0, "possible": possible}
    calibration = dataclasses.replace(reranker.calibration, **cuts)
    return dataclasses.replace(reranker, calibration=calibration)


def counts(recommender, filters=None):
    found = recommender.answer(NEED, filters=filters or Filters()).facets
    return {facet: {c.value: c.count for c in choices} for facet, choices in found.items()}


def test_people_are_counted_once_for_each_value_that_they_have(recommender):
    found = counts(recommender)
    assert set(found) == set(FACETS)
    assert found["institution"] == {"星見野大学": 2, "Aonami Institute": 1}
    assert found["department"] == {"工学部": 1}
    assert found["kind"] == {"paper": 3, "patent": 1}
    assert found["language"] == {"en": 2, "ja": 2}
    assert found["since"] == {"2022": 1, "2020": 3, "2015": 3}


def test_those_unlikely_to_fit_are_not_counted(recommender):
    found = recommender.match(NEED).matches
    second = sorted((match.probability for match in found), reverse=True)[1]
    strict = recommender.with_reranker(calling_likely_from(recommender.ranks_with, second))
    assert [match.strength == "weak" for match in strict.match(NEED).matches] == [
        False,
        False,
        True,
    ]
    left = counts(strict)
    likely = [match.researcher.institution_ja or match.researcher.institution_en for match in found]
    assert left["institution"] == {name: likely[:2].count(name) for name in set(likely[:2])}
    nobody = recommender.with_reranker(calling_likely_from(recommender.ranks_with, 1.0))
    assert {facet: len(choices) for facet, choices in counts(nobody).items() if choices} == {}


def test_what_may_not_be_seen_is_not_counted(recommender):
    seen = Filters(visibilities=("public", "internal"))
    assert counts(recommender, seen)["institution"]["Hidden Institute"] == 1
    assert "Hidden Institute" not in counts(recommender)["institution"]


def test_a_chosen_facet_keeps_its_other_values_and_narrows_the_rest(recommender):
    found = counts(recommender, Filters(kinds=("patent",)))
    assert found["kind"] == {"paper": 3, "patent": 1}
    assert found["institution"] == {"星見野大学": 1}


def test_each_filter_belongs_to_its_facet():
    chosen = Filters(
        institutions=("a",), departments=("b",), kinds=("paper",), since=2020, languages=("ja",),
        domains=("food",),
    )  # fmt: skip
    assert set(chosen_facets(chosen)) == set(FACETS)
    assert chosen_facets(Filters(positions=("professor",))) == []


def test_the_answer_says_what_was_understood(recommender):
    understood = recommender.answer(NEED).understood
    assert (understood.language, understood.area.area) == ("en", "competitive")
    declared = dataclasses.replace(NEED, area="non-competitive")
    assert recommender.answer(declared).understood.area.area == "non-competitive"
    assert understood.fields == ()  # nothing was fitted for the made-up encoder


def test_an_unknown_field_is_refused_by_name(recommender):
    with pytest.raises(InputError, match="Unknown field: alchemy"):
        recommender.answer(NEED, filters=Filters(domains=("alchemy",)))


def test_people_are_known_for_the_fields_of_a_fifth_of_their_work(recommender):
    fields = np.zeros((3, len(load_taxonomy().ids)))
    crops, food = (load_taxonomy().ids.index(name) for name in ("crops", "food-science"))
    fields[0, [crops, food]] = 0.75, 0.25
    fields[1, [crops, food]] = 0.9, 0.1
    records = PeopleRecords(fields, np.zeros(3))
    assert records.known_for_any(("food-science",)).tolist() == [True, False, False]
    assert records.known_for_any(("food-science", "crops")).tolist() == [True, True, False]
    assert records.known_for_any(()) is None
    found = FoundPeople(np.arange(3), NO_SEEDS)
    choices = choices_of(DOMAIN, tally(DOMAIN, found, recommender._snapshot, records.known_for))
    assert [(c.value, c.count) for c in choices] == [("crops", 2), ("food-science", 1)]
    assert choices[1].label("en") == "Food and nutrition"


def test_a_field_filter_leaves_those_who_are_known_for_it(recommender):
    assert recommender.match(NEED, filters=Filters(domains=("robotics-control",))).matches == ()
