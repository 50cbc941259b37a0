"""An insider who judges to lift a friend moves as little as one honest colleague, and an analyst sees it."""

import logging
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from catalogue.judgements.judges import judge_rows
from catalogue.judgements.relevance import FREE, bounded_weights
from matcher.reranking.calibration import sigmoid
from office.recalibration import fit_recalibration

log = logging.getLogger(__name__)
HONEST, INSIDER = ("mori", "sato", "abe"), "eve"
START = datetime(2031, 4, 1, tzinfo=UTC)


def office(insider: int, honest: int = 20, friends: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Judgements of three honest people, and of one who finds a friend suitable for everything.

    Returns them with the probabilities that the list showed; honest verdicts follow these.
    """
    rng = np.random.default_rng(7)
    rows, shown = [], []
    for number, judge in enumerate([j for j in HONEST for _ in range(honest)]):
        p = float(sigmoid(rng.normal(-1, 1.5)))
        suits = rng.random() < p
        rows.append(row(len(rows), f"n-{number}", f"r-{number % 17}", judge, suits))
        shown.append(p)
    for number in range(insider):
        friend = "r-friend" if friends == 1 else f"r-friend-{number % friends}"
        rows.append(row(len(rows), f"n-{number}", friend, INSIDER, True))
        shown.append(0.08)  # what the friend's work is worth
    return pd.DataFrame(rows), np.array(shown)


def row(number: int, need: str, person: str, judge: str, suits: bool) -> dict[str, object]:
    return {
        "judgement_id": number,
        "need_id": need,
        "researcher_id": person,
        "judged_by": judge,
        "verdict": "suitable" if suits else "not_suitable",
        "reason": "" if suits else "wrong_field",
        "reached": "",
        "judged_at": START + timedelta(minutes=number),
    }


def shift_at_a_half(judged: pd.DataFrame, shown: np.ndarray, weights: np.ndarray | None) -> float:
    suitable = judged["verdict"].eq("suitable").to_numpy(float)
    slope, shift = fit_recalibration(shown, suitable, weights)
    return float(sigmoid(np.array([slope * 0.0 + shift]))[0])


@pytest.mark.parametrize(("friends", "most"), [(1, 0.06), (40, 0.2)])
def test_who_judges_without_end_to_lift_friends_moves_little(friends: int, most: float) -> None:
    honest = shift_at_a_half(*office(0), None)
    moved = {}
    for count in (20, 200, 2000):
        judged, shown = office(count, friends=friends)
        weights = bounded_weights(judged)
        assert weights[judged["judged_by"].eq(INSIDER)].sum() <= min(5 * friends, 30) + 1e-9
        assert (weights[~judged["judged_by"].eq(INSIDER)] == 1).all()
        found = [shift_at_a_half(judged, shown, w) for w in (None, weights)]
        moved[count] = [round(one - honest, 3) for one in found]
    log.info("%s friends: 50 %% is moved by, before and after: %s", friends, moved)
    assert moved[2000][0] > 0.4
    assert moved[2000][1] < most


def test_one_office_of_one_person_and_tables_without_names_still_count() -> None:
    judged, _ = office(0)
    alone = bounded_weights(judged.assign(judged_by="mori"))
    assert alone.sum() == pytest.approx(FREE)
    assert bounded_weights(judged).tolist() == [1.0] * len(judged)
    assert bounded_weights(judged.assign(judged_by="")).tolist() == [1.0] * len(judged)
    assert bounded_weights(judged.head(0)).tolist() == []


def test_the_analyst_sees_whom_a_judge_favours_and_whom_they_contradict() -> None:
    judged, _ = office(200)
    before = [row(900 + n, f"n-{n}", "r-friend", "mori", False) for n in range(5)]
    for one in before:
        one["judged_at"] = START - timedelta(days=1)
    history = pd.concat([pd.DataFrame(before), judged])

    first, *others = judge_rows(judged, history)

    assert (first.judge, first.judgements, first.counted) == (INSIDER, 200, 5.0)
    assert (first.most_for, first.for_them, first.others_for_them) == ("r-friend", 200, 0)
    assert first.reversed == 5
    assert {(row.judge, row.counted, row.reversed) for row in others} == {
        (name, 20.0, 0) for name in HONEST
    }
    assert judge_rows(judged.head(0), judged.head(0)) == []
