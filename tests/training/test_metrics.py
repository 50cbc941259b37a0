"""Metrics against fractions worked out by hand."""

from math import log2

import pandas as pd
import pytest

from enmusubi.errors import InputError
from training.metrics import bootstrap_intervals, compare_runs, evaluate_run


def qrels_of(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["need_id", "researcher_id", "relevance"])


def run_of(**ranked: str) -> pd.DataFrame:
    rows = [
        (need_id, researcher_id, rank, 1.0)
        for need_id, listed in ranked.items()
        for rank, researcher_id in enumerate(listed.split(), start=1)
    ]
    return pd.DataFrame(rows, columns=["need_id", "researcher_id", "rank", "score"])


def test_the_metrics_of_one_need_worked_out_by_hand() -> None:
    qrels = qrels_of(("n1", "a", 1), ("n1", "b", 1), ("n1", "c", 0))
    values = evaluate_run(run_of(n1="c a x b"), qrels).loc["n1"]

    ideal = 1 + 1 / log2(3)
    assert values["ndcg@10"] == pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)
    assert values["recall@10"] == 1
    assert values["recall@100"] == 1
    assert values["mrr"] == 1 / 2


def test_gains_are_the_relevance_itself() -> None:
    qrels = qrels_of(("n1", "a", 3), ("n1", "b", 1), ("n1", "c", -2))
    values = evaluate_run(run_of(n1="c b a"), qrels, ("ndcg@10",)).loc["n1"]
    assert values["ndcg@10"] == pytest.approx((1 / log2(3) + 3 / 2) / (3 + 1 / log2(3)))


def test_what_stands_below_the_depth_does_not_count() -> None:
    listed = " ".join(f"x{i}" for i in range(10)) + " a " + " ".join(f"y{i}" for i in range(95))
    qrels = qrels_of(("n1", "a", 1), ("n1", "y0", 1), ("n1", "y94", 1), ("n1", "nobody", 1))
    values = evaluate_run(run_of(n1=listed), qrels).loc["n1"]
    assert values["ndcg@10"] == 0
    assert values["recall@10"] == 0
    assert values["recall@100"] == 2 / 4
    assert values["mrr"] == pytest.approx(1 / 11)


def test_a_need_that_the_run_lacks_has_zero_and_one_nobody_judged_is_left_out() -> None:
    qrels = qrels_of(("n1", "a", 1), ("n2", "a", 1), ("n3", "a", 0))
    values = evaluate_run(run_of(n1="a", n3="a", n4="a"), qrels)
    assert list(values.index) == ["n1", "n2"]
    assert values["mrr"].tolist() == [1, 0]
    assert values.loc["n2"].sum() == 0


def test_an_empty_run_has_zeros() -> None:
    values = evaluate_run(run_of(), qrels_of(("n1", "a", 1)))
    assert values.to_numpy().tolist() == [[0, 0, 0, 0]]


def test_the_rank_breaks_ties_and_not_the_metric() -> None:
    qrels = qrels_of(("n1", "a", 1))
    assert evaluate_run(run_of(n1="a z"), qrels, ("mrr",)).loc["n1", "mrr"] == 1
    assert evaluate_run(run_of(n1="z a"), qrels, ("mrr",)).loc["n1", "mrr"] == 1 / 2


def test_the_callers_frames_stay_as_they_are() -> None:
    run, qrels = run_of(n1="a b"), qrels_of(("n1", "a", -1), ("n1", "b", 1))
    before = run.copy(), qrels.copy()
    evaluate_run(run, qrels)
    pd.testing.assert_frame_equal(run, before[0])
    pd.testing.assert_frame_equal(qrels, before[1])


@pytest.mark.parametrize("metric", ["f1@10", "ndcg@", "ndcg@ten", "ndcg@0", ""])
def test_an_unknown_metric_is_an_error_that_lists_the_known_ones(metric: str) -> None:
    with pytest.raises(InputError, match="Expected one of ndcg"):
        evaluate_run(run_of(n1="a"), qrels_of(("n1", "a", 1)), (metric,))


def frame_of(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"mrr": values}, index=[f"n{i}" for i in range(len(values))])


def test_an_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    per_need = frame_of(*[0.0, 1.0] * 50)
    interval = bootstrap_intervals(per_need)["mrr"]
    assert interval.mean == 1 / 2
    # a mean of 100 fair coins has a standard deviation of 1/20, and 1.96 of them make 95 %
    assert interval.low == pytest.approx(0.5 - 1.96 / 20, abs=0.015)
    assert interval.high == pytest.approx(0.5 + 1.96 / 20, abs=0.015)
    assert bootstrap_intervals(per_need)["mrr"] == interval


def test_needs_that_agree_have_an_interval_of_no_width() -> None:
    interval = bootstrap_intervals(frame_of(0.25, 0.25))["mrr"]
    assert (interval.mean, interval.low, interval.high) == (0.25, 0.25, 0.25)


def test_no_needs_have_no_mean() -> None:
    with pytest.raises(InputError, match="no needs to average"):
        bootstrap_intervals(frame_of())


def test_a_run_does_not_differ_from_itself() -> None:
    same = compare_runs(frame_of(0.1, 0.5, 1), frame_of(0.1, 0.5, 1))["mrr"]
    assert (same.difference, same.p_value, same.needs) == (0, 1, 3)


def test_four_needs_that_all_gain_have_two_of_sixteen_flips_as_large() -> None:
    found = compare_runs(frame_of(0, 0, 0, 0), frame_of(1, 1, 1, 1), permutations=20_000)["mrr"]
    assert found.difference == 1
    assert found.p_value == pytest.approx(2 / 16, abs=0.01)


def test_many_needs_that_gain_are_no_accident() -> None:
    found = compare_runs(frame_of(*[0.2] * 40), frame_of(*[0.3] * 40))["mrr"]
    assert found.difference == pytest.approx(0.1)
    assert found.p_value == pytest.approx(1 / 10_001)


def test_needs_are_paired_by_id_and_not_by_place() -> None:
    a = frame_of(0.1, 0.9)
    assert compare_runs(a, a[::-1])["mrr"].p_value == 1


def test_runs_measured_on_different_needs_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="3 and 2 needs, of which 2 are shared"):
        compare_runs(frame_of(1, 1, 1), frame_of(1, 1))
