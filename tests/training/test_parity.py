"""The overlap of two lists, and of a need's lists in two languages."""

from pathlib import Path

import pandas as pd
import pytest

from enmusubi.errors import CollectionError
from training.parity import language_parity, rank_biased_overlap, read_versions


def test_equal_lists_overlap_wholly_and_lists_without_common_members_not_at_all() -> None:
    assert rank_biased_overlap(list("abcde"), list("abcde")) == pytest.approx(1)
    assert rank_biased_overlap(list("abc"), list("xyz")) == 0
    assert rank_biased_overlap([], []) == 1
    assert rank_biased_overlap([], ["a"]) == 0


def test_the_overlap_is_that_of_a_sum_done_by_hand() -> None:
    # agreement 0, 1, 2/3 at depths 1, 2, 3; p = .5: 2/3 p^3 + (1 - p)/p (0 + p^2 + 2/3 p^3)
    by_hand = 2 / 3 * 0.125 + (0.25 + 2 / 3 * 0.125)

    assert rank_biased_overlap(list("abc"), list("bax"), 0.5) == pytest.approx(by_hand)


def test_a_difference_at_the_top_costs_more_than_one_below() -> None:
    above = rank_biased_overlap(list("abcdef"), list("xbcdef"))
    below = rank_biased_overlap(list("abcdef"), list("abcdex"))

    assert above < below < 1


def run_of(lists: dict[str, str]) -> pd.DataFrame:
    rows = [
        (need, person, rank)
        for need, people in lists.items()
        for rank, person in enumerate(people, 1)
    ]
    return pd.DataFrame(rows, columns=["need_id", "researcher_id", "rank"])


def test_parity_is_the_mean_over_the_pairs_that_were_ranked() -> None:
    run = run_of({"j1": "abc", "e1": "abc", "j2": "abc", "e2": "xyz", "j3": "abc"})

    parity = language_parity(run, [("j1", "e1"), ("j2", "e2"), ("j3", "e3")])

    assert parity.mean == pytest.approx(0.5)
    with pytest.raises(CollectionError, match="None of the 1 pairs"):
        language_parity(run, [("j3", "e3")])


def test_a_file_of_versions_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "versions.tsv"
    path.write_text("j1\te1\n\nj2 e2\n", "utf-8")
    assert read_versions(path) == [("j1", "e1"), ("j2", "e2")]

    path.write_text("j1\te1\nj2\n", "utf-8")
    with pytest.raises(CollectionError, match="line 2: found 1 fields"):
        read_versions(path)
    path.write_text("\n", "utf-8")
    with pytest.raises(CollectionError, match="no pairs"):
        read_versions(path)
