"""A discrete-time hazard model of stays: does a stay end in a period, and if so with a go or a stop.

Two logistic regressions, one of the end of a stay and one of a go among the ends: their likelihood is that of
the competing risks (Tutz and Schmid, Modeling Discrete Time-to-Event Data, 2016, chapter 8, as sequential
binary choices). Every coefficient has a normal prior around what the whole office does: stages around the
office's rate, periods around their stages, facts around none; how far facts may go is chosen by the evidence
of the data (MacKay, Bayesian Interpolation, 1992), so that few cases leave the stages' rates. Intervals
come from draws of the Laplace approximation of the posterior. Knows no database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from office.odds.stays import BIN_STARTS, LAST_STAGE, NONE, STOPPED, WENT, Pattern, bin_of

Floats = NDArray[np.float64]
Corrected = Callable[[Floats], Floats]
DRAWS = 400
RANDOM_STATE = 20_260_401
HORIZON = 52  # periods that are looked ahead: two years and a little
_SD_OFFICE, _SD_STAGE, _SD_PERIOD, _SD_BOTH = 3.0, 1.2, 0.6, 0.5
_SD_FACTS = (0.02, 0.15, 0.3, 0.6, 1.0)  # of which the evidence chooses one


@dataclass(frozen=True)
class _Columns:
    """Which column stands for what; the prior's standard deviations are put into the columns."""

    facts: Mapping[tuple[int, str], int]

    @property
    def count(self) -> int:
        return 1 + LAST_STAGE + len(BIN_STARTS) * (1 + LAST_STAGE) + len(self.facts)

    def row(self, pattern: Pattern, sd_facts: float) -> Floats:
        stage, place, facts = pattern
        row = np.zeros(self.count)
        row[0], row[1 + stage] = _SD_OFFICE, _SD_STAGE
        periods = 1 + LAST_STAGE
        row[periods + place] = _SD_PERIOD
        row[periods + len(BIN_STARTS) * (1 + stage) + place] = _SD_BOTH
        for known in enumerate(facts):
            if known in self.facts:
                row[self.facts[known]] = sd_facts
        return row


@dataclass(frozen=True)
class _Logistic:
    """A regression: the draws of its scaled coefficients, (DRAWS, n_columns), and the prior of its facts."""

    draws: Floats
    sd_facts: float


class HazardModel:
    """Fitted on counted stays; answers with draws, so that intervals are quantiles of them."""

    def fit(self, table: Mapping[Pattern, Sequence[float]]) -> "HazardModel":
        """Learn from the counts of each pattern: nothing, go, stop. Returns itself; needs one end."""
        patterns = sorted(table)
        counts = np.array([table[one] for one in patterns], float)
        self._columns = _Columns(_fact_columns(patterns))
        ended, went = counts[:, WENT] + counts[:, STOPPED], counts[:, WENT]
        self.end_ = _fit(self._columns, patterns, ended, counts[:, NONE])
        self.go_ = _fit(self._columns, patterns, went, counts[:, STOPPED])
        return self

    def mean_chances(self, patterns: Sequence[Pattern]) -> tuple[Floats, Floats]:
        """Return for each pattern the chance of an end in a period, and of a go where it ends."""
        end, go = (self._chances(one, patterns) for one in (self.end_, self.go_))
        return np.asarray(end.mean(axis=0)), np.asarray(go.mean(axis=0))

    def goes(
        self,
        stage: int,
        facts: tuple[str, ...],
        elapsed: int = 0,
        of_end: Corrected = np.asarray,
        of_go: Corrected = np.asarray,
    ) -> Floats:
        """Return the chance of a go in each coming period of a stay that has lasted `elapsed` of them.

        `of_end` and `of_go` correct the chances of an end in a period, and of a go where it ends. Shape
        (DRAWS, HORIZON).
        """
        bins = sorted({bin_of(period) for period in range(elapsed, elapsed + HORIZON)})
        place = {one: n for n, one in enumerate(bins)}
        rows = [(stage, one, facts) for one in bins]
        at = [place[bin_of(period)] for period in range(elapsed, elapsed + HORIZON)]
        end = of_end(self._chances(self.end_, rows))[:, at]
        go = of_go(self._chances(self.go_, rows))[:, at]
        before = np.cumprod(1.0 - end, axis=1)
        survived = np.hstack([np.ones((DRAWS, 1)), before[:, :-1]])
        return np.asarray(survived * end * go)

    def _chances(self, logistic: _Logistic, rows: Sequence[Pattern]) -> Floats:
        design = np.array([self._columns.row(one, logistic.sd_facts) for one in rows])
        return _expit(logistic.draws @ design.T)


def _expit(score: Floats) -> Floats:
    from scipy.special import expit  # takes a while to load

    return np.asarray(expit(score), float)


def _fact_columns(patterns: Iterable[Pattern]) -> dict[tuple[int, str], int]:
    known = sorted({(n, v) for _, _, facts in patterns for n, v in enumerate(facts) if v})
    first = 1 + LAST_STAGE + len(BIN_STARTS) * (1 + LAST_STAGE)
    return {one: first + n for n, one in enumerate(known)}


def _fit(columns: _Columns, patterns: Sequence[Pattern], yes: Floats, no: Floats) -> _Logistic:
    fits = {}
    for sd in _SD_FACTS:
        design = np.array([columns.row(one, sd) for one in patterns])
        fits[sd] = _laplace(design, yes, no)
    sd = max(fits, key=lambda one: fits[one][1])
    weights, _, precision = fits[sd]
    chance = np.random.default_rng(RANDOM_STATE)
    noise = chance.standard_normal((columns.count, DRAWS))
    spread = np.linalg.solve(np.linalg.cholesky(precision).T, noise)
    return _Logistic(weights + spread.T, sd)


def _laplace(design: Floats, yes: Floats, no: Floats) -> tuple[Floats, float, Floats]:
    """Return the mode, the logarithm of the evidence less a constant, and the posterior's precision."""
    from sklearn.linear_model import LogisticRegression  # takes a while to load

    weights = np.zeros(design.shape[1])
    if (
        yes.sum() and no.sum()
    ):  # with one class alone scikit-learn refuses, and the prior's mode stands
        rows, labels = np.vstack([design, design]), np.repeat([1, 0], len(design))
        model = LogisticRegression(C=1.0, fit_intercept=False, solver="newton-cholesky", tol=1e-6)
        model.fit(rows, labels, sample_weight=np.concatenate([yes, no]))
        weights = np.asarray(model.coef_[0], float)
    score = design @ weights
    likelihood = -(yes * np.logaddexp(0, -score) + no * np.logaddexp(0, score)).sum()
    chance = _expit(score)
    curvature = (yes + no) * chance * (1.0 - chance)
    precision = design.T @ (curvature[:, None] * design) + np.eye(design.shape[1])
    _, log_determinant = np.linalg.slogdet(precision)
    evidence = likelihood - 0.5 * weights @ weights - 0.5 * log_determinant
    return weights, float(evidence), precision
