"""Needs that ask for the same thing are found among others, by the real encoder, on made-up needs."""

import json
from collections import Counter
from itertools import combinations
from math import comb

import numpy as np
import pytest

from matcher.alike_needs import MOST_NEEDS, NeedVector, group_alike
from matcher.centring import shipped_means
from matcher.queries import encode_needs
from matcher.records import Need
from tests.support.sources import ROOT

NEEDS = json.loads((ROOT / "tests/samples/alike_needs.json").read_text("utf-8"))["needs"]


@pytest.fixture(scope="module")
def vectors(real_encoder):
    """The vectors of the made-up needs, in their order."""
    encoded = encode_needs([Need(one["text"]) for one in NEEDS], real_encoder, None)
    return [NeedVector(one.language, one.vector) for one in encoded]


def means(real_encoder):
    return real_encoder.language_means or shipped_means(real_encoder.checksum)


def adjusted_rand(told, known):
    """Return the adjusted Rand index of two labellings (Hubert and Arabie 1985)."""

    def pairs(labels):
        return sum(comb(count, 2) for count in Counter(labels).values())

    both, first, second = pairs(zip(told, known, strict=True)), pairs(told), pairs(known)
    expected = first * second / comb(len(told), 2)
    return (both - expected) / ((first + second) / 2 - expected)


def labels_of(groups, count):
    labels = [f"alone {place}" for place in range(count)]
    for name, group in enumerate(groups):
        for place in group.places:
            labels[place] = f"group {name}"
    return labels


@pytest.mark.parametrize(("half", "least"), [("held_out", 0.7), ("development", 0.7), ("", 0.65)])
def test_made_up_needs_are_grouped_as_they_were_written(real_encoder, vectors, half, least):
    chosen = [n for n, one in enumerate(NEEDS) if half in {"", one["half"]}]
    groups = group_alike([vectors[n] for n in chosen], means(real_encoder))
    known = [NEEDS[n]["group"] for n in chosen]
    assert adjusted_rand(labels_of(groups, len(chosen)), known) >= least
    mixed = [g for g in groups if {vectors[chosen[p]].language for p in g.places} == {"ja", "en"}]
    assert len(mixed) >= len(groups) / 3  # both languages of one wish come together


def test_groups_don_t_depend_on_the_order_of_the_needs(real_encoder, vectors):
    some = vectors[:40]
    there = group_alike(some, means(real_encoder))
    back = group_alike(some[::-1], means(real_encoder))
    turned = {tuple(sorted(39 - place for place in group.places)) for group in back}
    assert turned == {group.places for group in there}


def test_a_need_is_in_one_group_at_most_and_never_alone(real_encoder, vectors):
    groups = group_alike(vectors, means(real_encoder))
    assert all(len(group.places) > 1 for group in groups)
    assert all(not set(a.places) & set(b.places) for a, b in combinations(groups, 2))
    assert [g.likeness for g in groups] == sorted((g.likeness for g in groups), reverse=True)


def test_few_needs_have_no_groups_and_too_many_are_refused(vectors):
    assert group_alike([], {}) == group_alike(vectors[:1], {}) == ()
    with pytest.raises(ValueError, match="expected at most"):
        group_alike([NeedVector("ja", np.ones(2, np.float32))] * (MOST_NEEDS + 1), {})
