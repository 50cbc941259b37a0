"""Fits the linear re-ranker to how suitable people are, on graded and on other judgements together.

    P(suitable) = sigmoid(X w + c)

Graded tables say of every pair whether it suits: they give the log loss of P. In the others only some of
the suitable people are known (the teacher of one course, the winner of one award), how many differs from
need to need, and whoever was not named is no evidence against a probability; they give the listwise loss
of `ranking_loss`, which teaches who stands above whom and nothing of P. Every group counts as MASS suitable
pairs or needs, a graded one GRADED_WEIGHT times; known directions bound the weights. Weights of features that
no graded judgements tell of are SET_WEIGHTS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import InputError
from matcher.features.definitions import FEATURES, LANGUAGE_PAIRS, OF_SCALE
from matcher.reranking.calibration import sigmoid
from training.feature_tables import FeatureTable
from training.ranking_loss import Block, LinearWeights, block_of, bound, listwise, standard

FloatArray = NDArray[np.float64]
SUITABILITY_FEATURES = (
    "dense_soft",
    "profile",
    "sentence_best",
    "lexical_coverage",
    "words_best",
    "domain",
    *OF_SCALE,
)
PENALTY = 0.1
GRADED_WEIGHT = 2.0
SCALE_PENALTY = 0.1  # of PENALTY, for the indicators of a pair of languages
MASS = 100.0
# Log-odds a unit. `area_fit`: at most so much, for a competitive need and a record full of patents and of
# work with companies: on the judgements that have both it neither helps nor harms, and managers ask for
# it. `long_words`: needs of more than a hundred words have no grades; docs/quality.md has what it was
# chosen by.
SET_WEIGHTS: Mapping[str, float] = MappingProxyType({"area_fit": 0.25, "long_words": 0.45})


@dataclass(frozen=True)
class SuitabilityWeights(LinearWeights):
    """Linear weights and an intercept: the score is the log-odds of being suitable."""

    intercept: float

    def score(self, table: FeatureTable) -> FloatArray:
        """Return the log-odds of each row."""
        return super().score(table) + self.intercept


@dataclass(frozen=True)
class _Graded:
    values: FloatArray
    wanted: FloatArray
    weights: FloatArray


def fit_suitability(
    tables: Sequence[FeatureTable],
    features: Sequence[str],
    *,
    penalty: float = PENALTY,
    besides: Mapping[str, float] = MappingProxyType({}),
) -> SuitabilityWeights:
    """Return the weights; raises InputError without a graded table that has a suitable pair.

    `besides` are features whose weights a unit are given, not fitted; the others are fitted as if these
    were 0.
    """
    from scipy.optimize import minimize

    means, scales = standard(tables, features)
    indicators = np.array([name in LANGUAGE_PAIRS for name in features])
    means, scales = np.where(indicators, 0.0, means), np.where(indicators, 1.0, scales)
    graded = [
        _graded(table, tables, features, means, scales)
        for table in tables
        if table.graded and table.suitability().any()
    ]
    if not graded:
        raise InputError("None of the collections has grades from 0 to 3 and somebody suitable.")
    ranked = [
        block
        for table in tables
        if not table.graded and (block := block_of(table, features, tables, means, scales))
    ]
    penalties = penalty * np.where(indicators, SCALE_PENALTY, 1.0)
    directions = {feature.name: feature.direction for feature in FEATURES}
    fitted = minimize(
        lambda w: _loss(w, graded, ranked, penalties),
        np.r_[np.zeros(len(features)), -3.0],
        jac=True,
        method="L-BFGS-B",
        bounds=[*(bound(directions[name]) for name in features), (None, None)],
    ).x
    return SuitabilityWeights(
        (*features, *besides),
        np.r_[fitted[:-1], list(besides.values())],
        np.r_[means, np.zeros(len(besides))],
        np.r_[scales, np.ones(len(besides))],
        intercept=float(fitted[-1]),
    )


def fit_served(tables: Sequence[FeatureTable]) -> SuitabilityWeights:
    """Return the weights of the kind that serves: SUITABILITY_FEATURES fitted, SET_WEIGHTS beside them."""
    return fit_suitability(tables, SUITABILITY_FEATURES, besides=SET_WEIGHTS)


def _graded(
    table: FeatureTable,
    tables: Sequence[FeatureTable],
    features: Sequence[str],
    means: FloatArray,
    scales: FloatArray,
) -> _Graded:
    wanted, pair_weight = table.suitability(), table.weights()
    shared = sum(other.group == table.group for other in tables)
    return _Graded(
        values=(table.rows[list(features)].to_numpy(np.float64) - means) / scales,
        wanted=wanted,
        weights=pair_weight
        * (table.share * GRADED_WEIGHT * MASS / shared / float(pair_weight @ wanted)),
    )


def _loss(
    w: FloatArray, graded: Sequence[_Graded], ranked: Sequence[Block], penalties: FloatArray
) -> tuple[float, FloatArray]:
    """Return the loss and its gradient by the weights and, at the end, the intercept."""
    weights, intercept = w[:-1], w[-1]
    total = 0.5 * float(penalties @ weights**2)
    gradient = np.append(penalties * weights, 0.0)
    for part in graded:
        logits = part.values @ weights + intercept
        total += float(part.weights @ (np.logaddexp(0, logits) - part.wanted * logits))
        left = part.weights * (sigmoid(logits) - part.wanted)
        gradient += np.append(part.values.T @ left, left.sum())
    for block in ranked:
        value, slope = listwise(weights, block)
        total += MASS * value
        gradient[:-1] += MASS * slope
    return total, gradient
