"""A need that was asked for before is answered as if nobody had: whoever asked, and with which filters."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from enmusubi.errors import UnknownIdError
from matcher.encoder.encoder import Encoder
from matcher.indexing import build_index
from matcher.recommender import Recommender
from matcher.records import Filters, Mark, Need, Refinement
from matcher.tables import Corpus

SEEDS = [
    {"seed_id": "s1", "text": "Soft gripper picks fruit.", "people": ["r1"], "year": 2024},
    {"seed_id": "s2", "text": "Soft gripper of silicone.", "people": ["r2"], "kind": "patent",
     "year": 2016},
    {"seed_id": "s3", "text": "柔らかい gripper で果物をつかむ。", "people": ["r2", "r3"],
     "year": 2021},
    {"seed_id": "s4", "text": "Secret soft gripper for ripe fruit.", "people": ["r1", "r4"],
     "year": 2026, "visibility": "internal"},
]  # fmt: skip
RESEARCHERS = [{"researcher_id": f"r{n}", "institution_en": f"Institute {n}"} for n in range(1, 5)]
NEED = Need("A soft gripper for ripe fruit.", "n1", title="Gripper")
PUBLIC = Filters()
STAFF = Filters(visibilities=("public", "internal"))
FILTERS = (
    PUBLIC, STAFF, Filters(kinds=("patent",)), Filters(since=2020), Filters(languages=("ja",)),
    Filters(institutions=("Institute 2",)),
    dataclasses.replace(STAFF, kinds=("paper",), since=2020, languages=("en",)),
)  # fmt: skip


@pytest.fixture
def opened(
    corpus_of: Callable[..., Corpus], word_encoder: Encoder, tmp_path: Path
) -> Callable[[], Recommender]:
    version = build_index(corpus_of(SEEDS, RESEARCHERS), [], word_encoder, None, tmp_path, keep=1)
    return lambda: Recommender.from_parts(version, word_encoder)


def test_filters_give_the_same_in_any_order_and_from_what_is_kept(
    opened: Callable[[], Recommender],
) -> None:
    alone = [opened().answer(NEED, filters=filters) for filters in FILTERS]
    one = opened()
    for order in (FILTERS, FILTERS[::-1], FILTERS):
        asked = {filters.key(): one.answer(NEED, filters=filters) for filters in order}
        assert [asked[filters.key()] for filters in FILTERS] == alone
    assert alone[0] != alone[1]


def test_another_title_area_or_word_is_another_need(opened: Callable[[], Recommender]) -> None:
    others = [
        dataclasses.replace(NEED, title="Fruit"),
        dataclasses.replace(NEED, area="competitive"),
        dataclasses.replace(NEED, refinement=Refinement(terms=("silicone",))),
        dataclasses.replace(NEED, refinement=Refinement(less_like=(Mark(researcher_id="r1"),))),
    ]
    one = opened()
    one.answer(NEED)
    for need in others:
        assert one.answer(need) == opened().answer(need)


def test_a_mark_of_a_hidden_seed_stays_unknown_to_others(opened: Callable[[], Recommender]) -> None:
    one = opened()
    marked = dataclasses.replace(NEED, refinement=Refinement(more_like=(Mark(seed_id="s4"),)))
    assert one.answer(marked, filters=STAFF).marked
    with pytest.raises(UnknownIdError):
        one.answer(marked)
    person = dataclasses.replace(NEED, refinement=Refinement(more_like=(Mark("r1"),)))
    one.answer(person, filters=STAFF)
    assert one.answer(person) == opened().answer(person)


def test_what_a_list_would_be_without_a_seed_is_not_answered_from_what_is_kept(
    opened: Callable[[], Recommender],
) -> None:
    one = opened()
    before = one.answer(NEED)
    reduced = one.without("r1", ["s1"])
    listed = [match.researcher.researcher_id for match in reduced.answer(NEED).matches.matches]
    assert "r1" not in listed
    assert reduced.answer(NEED) == opened().without("r1", ["s1"]).answer(NEED)
    assert one.answer(NEED) == before


def test_another_reranker_orders_what_is_kept(opened: Callable[[], Recommender]) -> None:
    one = opened()
    silent = one.ranks_with.silencing(one.ranks_with.features)
    usual = one.answer(NEED)
    quiet = one.with_reranker(silent).answer(NEED)
    assert quiet == opened().with_reranker(silent).answer(NEED) != usual
    assert one.answer(NEED) == usual
