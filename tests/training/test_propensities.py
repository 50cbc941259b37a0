"""Position bias: the examination curve is found, and weights make the judged stand for the shown.

The office of these tests is made up: people are shown by four versions of a ranking that is partly wrong,
and judged as far as they were looked at, by a curve that the estimate must find.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from training.office_examples import weighted_judgements
from training.propensities import (
    DEFAULT_ETA,
    MAX_WEIGHT,
    MIN_HARVESTED,
    PAIR,
    Propensities,
    estimate_propensities,
    inverse_weights,
)

START = pd.Timestamp("2031-04-01", tz="UTC")
NEEDS, PEOPLE, TOP, KINDS = 150, 60, 20, 6
Curve = Callable[[int], float]
CURVES: dict[str, Curve] = {
    "power .6": lambda rank: rank**-0.6,
    "power 1": lambda rank: 1 / rank,
    "power 1.5": lambda rank: rank**-1.5,
    "geometric": lambda rank: 0.85 ** (rank - 1),
    "first five": lambda rank: 1.0 if rank <= 5 else 0.2,
}


class Office:
    """What an office was shown and judged, with the truth: `pairs` has is_suitable and best rank."""

    def __init__(
        self,
        random_state: int,
        curve: Curve,
        *,
        versions: int = 4,
        share: float = 0.35,
        choosy: bool = False,
    ) -> None:
        self._random = np.random.default_rng(random_state)
        kinds = self._random.integers(0, KINDS, (NEEDS, PEOPLE))
        worth = np.linspace(-2.5, 0.5, KINDS)[kinds] + self._random.normal(0, 1.2, kinds.shape)
        chance = 1 / (1 + np.exp(-worth))
        self._is_suitable = self._random.random(kinds.shape) < chance
        liked = self._random.normal(0, 1, KINDS)[kinds]  # what the ranking is wrong about
        judged = 0.2 + 0.6 * chance if choosy else np.full(kinds.shape, share)
        self._rows: list[tuple[Any, ...]] = []
        self._judged: dict[tuple[int, int], dict[str, Any]] = {}
        for version in range(versions):
            scores = worth + liked + self._random.normal(0, 1.5, worth.shape)
            for need in range(NEEDS):
                self._show(need, np.argsort(-scores[need])[:TOP], version, curve, judged[need])
        columns = ["list_id", *PAIR, "rank", "shown_at"]
        self.shown = pd.DataFrame(self._rows, columns=columns)
        frame = pd.DataFrame(list(self._judged.values()))
        self.judgements = frame.astype({"list_id": "Int64"})
        best = self.shown.groupby(PAIR)["rank"].min().rename("best").reset_index()
        places = (best[name].str[1:].astype(int).to_numpy() for name in PAIR)
        self.pairs = best.assign(is_suitable=self._is_suitable[tuple(places)])

    def _show(
        self, need: int, people: np.ndarray, version: int, curve: Curve, judged: np.ndarray
    ) -> None:
        list_id, at = version * NEEDS + need + 1, START + pd.Timedelta(days=version)
        for rank, person in enumerate(map(int, people), start=1):
            self._rows.append((list_id, f"n{need}", f"p{person}", rank, at))
            looked_at = self._random.random() < curve(rank) * judged[person]
            if looked_at and (need, person) not in self._judged:
                suits = bool(self._is_suitable[need, person])
                self._judged[need, person] = {
                    "judgement_id": len(self._judged) + 1,
                    "need_id": f"n{need}",
                    "researcher_id": f"p{person}",
                    "verdict": "suitable" if suits else "not_suitable",
                    "reason": "" if suits else "wrong_field",
                    "reached": "",
                    "judged_at": at + pd.Timedelta(hours=3),
                    "list_id": list_id,
                }

    def rankings(self) -> list[pd.DataFrame]:
        """Return the five best of each need by rankings that are ever more by chance."""
        merit = -np.log(self.pairs["best"])
        chance = self._random.normal(0, 1, (6, len(merit)))
        scores = [
            merit + share * chance[n] for n, share in enumerate((0.0, 0.5, 1.0, 2.0, 4.0, 8.0))
        ]
        return [
            self.pairs.assign(score=score).sort_values("score").groupby("need_id").tail(5)
            for score in scores
        ]


def values(office: Office, weighted: pd.DataFrame) -> np.ndarray:
    """Return for each ranking its true share of suitable people, the naive and the weighted one."""
    found = []
    for ranking in office.rankings():
        judged = ranking.merge(weighted, on=PAIR)
        naive = judged["relevance"].mean()
        ips = np.average(judged["relevance"], weights=judged["weight"])
        found.append((ranking["is_suitable"].mean(), naive, ips))
    return np.array(found)


@pytest.mark.parametrize(("name", "eta"), [("power .6", 0.6), ("power 1", 1.0), ("power 1.5", 1.5)])
@pytest.mark.parametrize("choosy", [False, True])
def test_the_curve_is_harvested_from_people_shown_at_different_ranks(
    name: str, eta: float, *, choosy: bool
) -> None:
    """Also where people are judged the rather, the better they are, and so the higher they stand."""
    found = [
        estimate_propensities(office.judgements, office.shown)
        for office in (Office(state, CURVES[name], choosy=choosy) for state in range(3))
    ]

    assert all(propensities.harvested >= MIN_HARVESTED for propensities in found)
    assert np.mean([propensities.eta for propensities in found]) == pytest.approx(eta, abs=0.12)
    assert "estimated from" in found[0].describe()


def test_with_one_version_the_default_is_taken_and_says_so() -> None:
    office = Office(0, CURVES["power 1"], versions=1)

    found = estimate_propensities(office.judgements, office.shown)

    assert found == Propensities(DEFAULT_ETA, 0)
    assert "taken to fall with rank to the power of -1.00" in found.describe()


def errors_of(office: Office) -> list[float]:
    """Return how far the naive and the weighted average, and values of rankings, are off; then taus."""
    weighted = weighted_judgements(office.judgements, office.shown)
    true = office.pairs["is_suitable"].mean()
    naive = weighted["relevance"].mean()
    ips = np.average(weighted["relevance"], weights=weighted["weight"])
    found = values(office, weighted)
    off = np.abs(found[:, 1:] - found[:, :1]).mean(axis=0)
    tau = [kendalltau(found[:, 0], found[:, column]).statistic for column in (1, 2)]
    return [abs(naive - true), abs(ips - true), *off, *tau]


@pytest.mark.parametrize(("versions", "share"), [(4, 0.35), (1, 0.9)], ids=["harvested", "default"])
def test_weights_bring_the_average_and_the_order_of_rankings_nearer_to_the_truth(
    versions: int, share: float
) -> None:
    """docs/judgements.md has the figures of five random states."""
    curves = [CURVES[name] for name in ("power 1", "geometric", "first five")]
    states = [(state, curve) for curve in curves for state in range(3)]
    offices = [Office(*known, versions=versions, share=share) for known in states]

    found = np.mean([errors_of(office) for office in offices], axis=0)

    naive, weighted, naive_ranking, weighted_ranking, naive_tau, weighted_tau = found
    assert weighted < 0.6 * naive
    assert weighted_ranking < 0.8 * naive_ranking
    assert weighted_tau > naive_tau


def shown_at(*ranks: int, person: str = "p1") -> pd.DataFrame:
    rows = [(n, "n1", person, rank, START) for n, rank in enumerate(ranks, start=1)]
    return pd.DataFrame(rows, columns=["list_id", *PAIR, "rank", "shown_at"])


def pairs_of(*people: str) -> pd.DataFrame:
    return pd.DataFrame([("n1", person) for person in people], columns=PAIR)


def test_a_weight_is_the_inverse_of_the_chance_that_one_showing_was_examined() -> None:
    shown = pd.concat([shown_at(1), shown_at(4, person="p2"), shown_at(2, 2, person="p3")])

    weights = inverse_weights(pairs_of("p1", "p2", "p3"), shown, Propensities(1.0))

    expected = np.array([1.0, 4.0, 1 / 0.75])
    assert weights == pytest.approx(expected / expected.mean())


def test_weights_are_clipped_and_who_was_never_shown_weighs_as_surely_examined() -> None:
    weights = inverse_weights(pairs_of("p1", "p2"), shown_at(1000), Propensities(2.0))

    assert weights[0] / weights[1] == pytest.approx(MAX_WEIGHT)
    assert weights.mean() == pytest.approx(1.0)


def test_without_judgements_there_are_no_weights() -> None:
    assert len(inverse_weights(pairs_of(), shown_at(1), Propensities())) == 0


def test_who_was_shown_and_not_judged_is_missing_not_negative() -> None:
    office = Office(1, CURVES["power 1"])

    weighted = weighted_judgements(office.judgements, office.shown)

    assert len(weighted) == len(office.judgements) < len(office.pairs)
    assert list(weighted.columns) == [*PAIR, "relevance", "weight"]
