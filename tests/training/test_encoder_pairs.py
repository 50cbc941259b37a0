"""Pairs to train an encoder on: where they come from, and who is not compared with whom."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from enmusubi.errors import InputError
from tests.support.training_pairs import drawn
from training.encoder.augmentation import Text
from training.encoder.batches import (
    PEOPLE,
    QUESTIONS,
    TRANSLATIONS,
    BatchStream,
    TrainingPair,
)
from training.encoder.batches import build_batch as batch_of
from training.encoder.pairs import NeedsAndSeeds, SamePerson, Seeds
from training.encoder.recipe import Recipe, shares
from training.encoder.sources import near_negatives


def group(*names: str) -> frozenset[str]:
    return frozenset(names)


def seeds_of(*rows: tuple[str, str, str, Sequence[str]]) -> Seeds:
    """Return seeds of (title, text, language, owners)."""
    return Seeds([Text(*row[:3]) for row in rows], [frozenset(row[3]) for row in rows])


TWO = seeds_of(
    ("Films", "Films for food.", "en", ["a"]),
    ("包装", "食品の包装。", "ja", ["a"]),
    ("Robots", "Soft robots.", "en", ["b"]),
    ("Hands", "Robot hands.", "en", ["b", "c"]),
    ("Alone", "One seed.", "en", ["d"]),
)


def test_pairs_of_a_person_are_two_of_their_seeds() -> None:
    source = SamePerson("made-up", TWO)

    assert len(source) == 2  # c and d have one seed each
    for pair in drawn(source, 1):
        assert "obot" in pair.anchor
        assert "obot" in pair.positive
        assert pair.anchor != pair.positive
        assert "b" in pair.anchor_groups & pair.positive_groups


def test_seeds_of_one_title_are_no_pair() -> None:
    course = seeds_of(("Optics", "In spring.", "en", ["a"]), ("Optics", "In autumn.", "en", ["a"]))

    assert len(SamePerson("made-up", course)) == 0


def test_whoever_writes_in_two_languages_mostly_gives_a_pair_across_them() -> None:
    seeds = seeds_of(
        *((f"Paper {n}", f"Text {n}.", "en", ["a"]) for n in range(9)),
        ("論文", "本文。", "ja", ["a"]),
    )

    pairs = drawn(SamePerson("made-up", seeds), 0, 400)
    crossing = sum(pair.anchor.isascii() != pair.positive.isascii() for pair in pairs)
    from_english = sum(pair.anchor.isascii() for pair in pairs)

    assert from_english > 300
    assert 240 < crossing < 360  # .7 of them, and whenever the anchor is the Japanese one


def test_needs_go_with_seeds_of_relevant_people() -> None:
    needs = {"n1": Text("", "Grippers wanted.", "en"), "n2": Text("", "", "en")}
    source = NeedsAndSeeds("made-up", needs, {"n1": group("b", "z"), "n2": group("b")}, TWO)

    assert len(source) == 1  # a need without text is none
    for pair in drawn(source, 0):
        assert pair.anchor == "Grippers wanted."
        assert "obot" in pair.positive
        assert pair.anchor_groups == {"b", "z"}


def test_hard_negatives_are_cut_from_the_mined_seeds() -> None:
    mined = Seeds(TWO.texts, TWO.owners, [(2, 3), (), (0,), (0,), ()])
    source = SamePerson("made-up", mined)

    negatives = {(bool(p.negative), p.negative_groups) for p in drawn(source, 0)}
    assert negatives == {(True, group("b")), (True, group("b", "c")), (False, group())}


def test_texts_of_one_person_are_not_compared_but_the_pair_is() -> None:
    pairs = [
        TrainingPair("a one", "a two", group("a"), group("a")),
        TrainingPair("a six", "ab tw", group("a"), group("a", "b")),
        TrainingPair("b one", "b two", group("b"), group("b"), "c neg", group("a", "c")),
    ]

    batch = batch_of("made-up", PEOPLE, pairs)

    assert batch.anchors == ("a one", "a six", "b one")  # equal lengths keep their order
    assert batch.negatives == ("c neg",)
    assert batch.mask.tolist() == [
        [False, True, False, True],
        [True, False, False, True],
        [False, True, False, False],
    ]


def test_the_same_text_twice_is_not_compared_with_itself() -> None:
    pairs = [
        TrainingPair("which?", "this one"),
        TrainingPair("which?", "that one"),
        TrainingPair("whose?", "this one"),
        TrainingPair("what??", "no other"),
    ]

    mask = batch_of("made-up", QUESTIONS, pairs).mask.astype(int)

    assert mask.tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_translations_are_compared_with_both_sides_but_never_with_themselves() -> None:
    batch = batch_of(
        "made-up", TRANSLATIONS, [TrainingPair("雨", "rain"), TrainingPair("膜", "film")]
    )

    own, pair = np.eye(4, dtype=bool), np.roll(np.eye(4, dtype=bool), 2, axis=1)
    assert batch.mask.shape == (4, 4)
    assert (batch.mask == own).all()
    assert not batch.mask[pair].any()


def test_long_pairs_come_first() -> None:
    pairs = [TrainingPair("x", "y" * n) for n in (3, 9, 1)]

    assert [len(text) for text in batch_of("made-up", PEOPLE, pairs).positives] == [9, 3, 1]


class Numbered:
    """A source whose rows are numbers."""

    kind = PEOPLE

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size

    def __len__(self) -> int:
        return self.size

    def pair(self, row: int, rng: Random) -> TrainingPair:
        return TrainingPair(f"{row}", f"{row} {rng.random()}")


def stream_of(weights: dict[str, float], **options: int) -> BatchStream:
    sources = [Numbered("big", 10), Numbered("small", 3)]
    return BatchStream(sources, weights, **{"batch": 4, "length": 50, "random_state": 0} | options)


def test_sources_get_their_shares_evenly() -> None:
    stream = stream_of({"big": 3, "small": 1})
    names = [stream[step].source for step in range(40)]

    assert Counter(names) == {"big": 30, "small": 10}
    assert all(names[n : n + 4].count("big") >= 3 for n in range(0, 40, 4))


def test_each_row_comes_once_before_any_comes_again() -> None:
    stream = stream_of({"big": 1, "small": 1e-9})
    rows = [row for step in range(5) for row in stream[step].anchors]

    assert Counter(Counter(rows).values()) == {2: 10}


def test_a_batch_is_never_larger_than_its_source() -> None:
    assert len(stream_of({"big": 1e-9, "small": 1})[0].anchors) == 3


def test_a_batch_depends_on_its_step_and_the_random_state_alone() -> None:
    weights = {"big": 1.0, "small": 1.0}
    whole = [stream_of(weights)[step] for step in range(20)]
    resumed = stream_of(weights)

    assert resumed[13].positives == whole[13].positives
    assert stream_of(weights, random_state=1)[13].positives != whole[13].positives


def test_weights_go_by_name_or_by_kind() -> None:
    sources = [Numbered("big", 10), Numbered("small", 3)]

    assert shares(sources, {"small": 0.5}) == {"big": 3.0, "small": 0.5}
    with pytest.raises(InputError, match=r"--weight names other\. The sources are: big, small"):
        shares(sources, {"other": 1})
    with pytest.raises(InputError, match="above 0"):
        shares(sources, {"big": 0})


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = Recipe(steps=10)
    factors = [recipe.rate_factor(share) for share in (0, 0.04, 0.08, 0.5, 1)]

    assert factors == pytest.approx([0.125, 0.48, 0.92, 0.5, 0.02])


@pytest.mark.parametrize(
    "options", [{}, {"steps": 1, "minutes": 1.0}, {"steps": 0}, {"minutes": -1}]
)
def test_a_recipe_says_how_long_once(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"how long to train|expected more than 0"):
        Recipe(**options)  # type: ignore[arg-type]


def test_near_seeds_of_others_are_negatives_unless_they_are_nearer_than_the_persons_own() -> None:
    angles = np.radians([0, 40, 20, 50, 80, 170])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    owners = [group("a"), group("a"), group("b"), group("c"), group("c", "d"), group("e")]

    negatives = near_negatives(vectors, owners, count=2)

    assert negatives[0] == (3, 4)  # b's is nearer than the person's own other seed
    assert negatives[4] == (1, 2)
    assert negatives[5] == ()  # e has no other seed, so nothing says what is too near
