"""How likely a shown match was looked at, and weights that let judgements stand for all that was shown.

People look at the top of a list. So the judged are no fair sample of the shown: whoever stood far down is
among them seldom, and what stood at the top is better than the rest. Each judged pair is therefore weighted
by the inverse of the chance that it was examined (inverse propensity scoring: Joachims, Swaminathan and
Schnabel, WSDM 2017), with weights clipped and normalised (Swaminathan and Joachims, NeurIPS 2015).

A showing at rank k is examined with probability `k ** -eta`. Where the same pairs were shown at different
ranks by different versions often enough, eta is harvested from them (Agarwal et al., WSDM 2019, AllPairs):
whatever makes a pair worth judging is the same at both ranks, so the ratio of judgements is that of
examinations. Else DEFAULT_ETA is taken.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

DEFAULT_ETA = 1.0  # the usual assumption of the literature, on the careful side for short lists
ETAS = np.linspace(0.0, 3.0, 301)  # where the harvested one is looked for
MIN_HARVESTED = 100  # judgements of pairs that were shown at different ranks
MAX_WEIGHT = 10.0  # before normalisation: as if examined with a probability of 0.1
PAIR = ["need_id", "researcher_id"]


@dataclass(frozen=True)
class Propensities:
    """The chance that a showing is examined: `rank ** -eta`, 1 at the first rank."""

    eta: float = DEFAULT_ETA
    harvested: int = 0  # judgements that eta was estimated from; 0: it is the default

    def at(self, ranks: ArrayLike) -> NDArray[np.float64]:
        """Return the propensities of showings at these ranks, shape like the ranks'."""
        return np.asarray(np.asarray(ranks, dtype=np.float64) ** -self.eta)

    def describe(self) -> str:
        """Return where eta comes from, in a sentence."""
        if self.harvested:
            return (
                f"Examination falls with rank to the power of -{self.eta:.2f}, estimated from "
                f"{self.harvested} judgements of people who were shown at different ranks."
            )
        return (
            f"Examination is taken to fall with rank to the power of -{self.eta:.2f}: fewer than "
            f"{MIN_HARVESTED} judgements are of people who were shown at different ranks."
        )


def estimate_propensities(judgements: pd.DataFrame, shown: pd.DataFrame) -> Propensities:
    """Return the propensities that the judgements show, or the default where they are too few.

    `judgements` are those of the catalogue, best with their history: the first judgement of a pair
    tells which showing was examined. `shown` is what `shown_lists.shown` returns.
    """
    showings = _showings(judgements, shown)
    moved = showings[showings.groupby(PAIR)["rank"].transform("nunique") > 1]
    harvested = int(moved["is_judged"].sum())
    if harvested < MIN_HARVESTED:
        return Propensities()
    return Propensities(_likeliest_eta(_strata(moved)), harvested)


def _showings(judgements: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Return `shown` with `is_judged` (this showing led to the judgement) and `is_open` (it could)."""
    first = judgements.sort_values(["judged_at", "judgement_id"]).drop_duplicates(PAIR)
    found = first[[*PAIR, "judged_at", "list_id"]].rename(columns={"list_id": "judged_list"})
    showings = shown.merge(found, on=PAIR, how="left")
    showings["is_judged"] = showings["judged_list"].eq(showings["list_id"]).fillna(False)
    before = showings["judged_at"].isna() | (showings["shown_at"] <= showings["judged_at"])
    showings["is_open"] = before | showings["is_judged"]
    return showings


def _strata(showings: pd.DataFrame) -> pd.DataFrame:
    """Return for each two ranks the open showings and judgements of the pairs that were at both.

    Within a pair every rank weighs the same, however often it was shown there; a pair at many ranks
    is in many strata and weighs less in each.
    """
    grouped = showings.groupby([*PAIR, "rank"])[["is_open", "is_judged"]].mean().astype(float)
    rates = grouped.rename(columns={"is_open": "open", "is_judged": "judged"}).reset_index()
    rates["weight"] = 1.0 / (rates.groupby(PAIR)["rank"].transform("size") - 1)
    both = rates.merge(rates.drop(columns="weight"), on=PAIR, suffixes=("_a", "_b"))
    both = both[both["rank_a"] < both["rank_b"]]
    values = ["open_a", "judged_a", "open_b", "judged_b"]
    both[values] = both[values].mul(both["weight"], axis=0)
    return both.groupby(["rank_a", "rank_b"])[values].sum().reset_index()


def _likeliest_eta(strata: pd.DataFrame) -> float:
    """Return the eta of ETAS under which the judgements fall on the two ranks as they did.

    Given how many judgements a stratum has, those at the one rank are binomial with odds
    (open showings x propensity) against those of the other: the pairs' own worth cancels out.
    """
    rank_a, rank_b = (strata[name].to_numpy(np.float64)[:, None] for name in ("rank_a", "rank_b"))
    open_a, open_b = (strata[name].to_numpy(np.float64)[:, None] for name in ("open_a", "open_b"))
    judged_a, judged_b = strata["judged_a"].to_numpy(), strata["judged_b"].to_numpy()
    expected = open_a * rank_a**-ETAS + open_b * rank_b**-ETAS
    logs = judged_a @ np.log(rank_a) + judged_b @ np.log(rank_b)
    counted = (judged_a + judged_b) > 0
    totals = (judged_a + judged_b)[counted] @ np.log(expected[counted])
    return float(ETAS[np.argmax(-ETAS * logs - totals)])


def inverse_weights(
    pairs: pd.DataFrame, shown: pd.DataFrame, propensities: Propensities
) -> NDArray[np.float64]:
    """Return a weight for each row of `pairs`: the inverse of its chance to have been examined.

    That is the chance that at least one of the pair's showings was, with showings independent of each
    other. Clipped at MAX_WEIGHT, then scaled to a mean of 1. A pair that was never shown, judged all
    the same, weighs as one that was surely examined.
    """
    missed = pd.Series(1.0 - propensities.at(shown["rank"]), index=shown.index)
    unseen = missed.groupby([shown[name] for name in PAIR]).prod().rename("unseen").reset_index()
    chance = 1.0 - pairs[PAIR].merge(unseen, on=PAIR, how="left")["unseen"].fillna(0.0).to_numpy()
    weights = np.minimum(1.0 / np.maximum(chance, 1e-12), MAX_WEIGHT)
    return np.asarray(weights * len(weights) / weights.sum() if len(weights) else weights)
