"""Holm's correction, as in his paper's definition."""

import pytest

from training.comparison import holm


def test_the_smallest_is_multiplied_by_their_number_and_none_falls_below_the_one_before() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_one_comparison_stays_as_it_is_and_none_goes_beyond_one() -> None:
    assert holm([0.04]) == [0.04]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
