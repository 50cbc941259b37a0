"""Fits the probabilities to the office's own judgements, be they few.

    logit p' = a logit p + b,   a ~ N(1, SLOPE_SPREAD^2),  b ~ N(0, SHIFT_SPREAD^2)

p is the probability that the re-ranker was shipped or trained with. Platt's scaling (1999) with a prior on
its two numbers: without judgements nothing changes, ten of them move it a little, hundreds decide. An
office that is stricter or more generous than the readers whom the re-ranker learned from moves b; one
whose texts the encoder tells apart better or worse moves a.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalogue.database.models import NEED_STATUSES
from catalogue.judgements.judgements import judgements
from catalogue.judgements.relevance import RELEVANCE, bounded_weights, with_relevance
from catalogue.records.catalogue import Catalogue
from enmusubi.atomic_files import storage_errors, write_atomically
from enmusubi.settings import Settings
from matcher.corpus_source import OnTotal
from matcher.queries import is_matchable
from matcher.records import Need
from matcher.reranking.calibration import Recalibration, logit, sigmoid
from matcher.reranking.reranker import Reranker
from matcher.sharding.sharded_recommender import AnyRecommender

SLOPE_SPREAD, SHIFT_SPREAD = 0.15, 0.5
MIN_SLOPE = 0.2
STEADY_SLOPE, STEADY_SHIFT = 0.1, 0.2  # smaller changes wait: see `steadied`
MOST_NEEDS = 300  # the latest judged; each takes a match
_STEPS = 50
_WEIGHT = "weight"
_FOR = "reranker"  # in the file: the checksum of the re-ranker that it belongs to
_log = logging.getLogger(__name__)
FloatArray = NDArray[np.float64]


def fit_recalibration(
    probabilities: FloatArray, suitable: FloatArray, weights: FloatArray | None = None
) -> tuple[float, float]:
    """Return slope and shift of largest posterior density; (1, 0) without pairs.

    `probabilities`, `suitable` (0 or 1) and `weights` (1 if None) have one number a judged pair, in the same
    order.
    """
    counted = np.ones(len(probabilities)) if weights is None else weights
    logits, w = logit(probabilities), np.array([1.0, 0.0])
    design = np.column_stack([logits, np.ones(len(logits))])
    precision = np.diag([SLOPE_SPREAD**-2, SHIFT_SPREAD**-2])
    for _ in range(_STEPS):  # Newton's method on a strictly convex loss
        fitted = sigmoid(design @ w)
        gradient = design.T @ (counted * (fitted - suitable)) + precision @ (w - (1.0, 0.0))
        hessian = (design.T * (counted * fitted * (1 - fitted))) @ design + precision
        step = np.linalg.solve(hessian, gradient)
        w = w - step * min(1.0, 1.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return max(MIN_SLOPE, float(w[0])), float(w[1])


def recalibrate(
    catalogue: Catalogue,
    recommender: AnyRecommender,
    *,
    max_chars: int,
    on_progress: OnTotal | None = None,
) -> Recalibration | None:
    """Return what the judgements that stand change, or None where there are none about the fit.

    People are scored as they are now, not as they were when they were shown: with another index or
    re-ranker the same judgements give another recalibration. `recommender` has none itself. Needs of more
    than `max_chars` characters are left out.
    """
    needs, judged = _judged(catalogue, max_chars)
    reranker, found = recommender.ranks_with, []
    for done, (need_id, features) in enumerate(recommender.describe(needs), start=1):
        if on_progress:
            on_progress("calibrate", done, len(needs))
        if not features.empty:
            p = reranker.probability(reranker.score(features))
            found.append(features[["researcher_id"]].assign(need_id=need_id, p=p))
    pairs = judged.merge(pd.concat(found)) if found else judged.head(0)
    if pairs.empty:
        return None
    suitable = (pairs[RELEVANCE] > 0).to_numpy().astype(np.float64)
    slope, shift = fit_recalibration(
        pairs["p"].to_numpy(np.float64), suitable, pairs[_WEIGHT].to_numpy(np.float64)
    )
    return Recalibration(
        slope=round(slope, 6),
        shift=round(shift, 6),
        judged=len(pairs),
        suitable=int(suitable.sum()),
        needs=int(pairs["need_id"].nunique()),
    )


def _judged(catalogue: Catalogue, max_chars: int) -> tuple[Sequence[Need], pd.DataFrame]:
    """Return the needs judged latest, by id, and their judgements that say something of the fit."""
    with catalogue.reading() as connection:
        standing = judgements(connection)
    kept = {need.need_id: need for status in NEED_STATUSES for need in catalogue.needs(status)}
    latest = standing.groupby("need_id")["judged_at"].max().sort_values(ascending=False).index
    chosen = sorted([need_id for need_id in latest if need_id in kept][:MOST_NEEDS])
    needs = [kept[i] for i in chosen if is_matchable(kept[i], max_chars=max_chars)]
    of_these = standing[standing["need_id"].isin(chosen)]
    return needs, with_relevance(of_these).assign(**{_WEIGHT: bounded_weights(of_these)})


def refresh_recalibration(
    catalogue: Catalogue,
    recommender: AnyRecommender,
    settings: Settings,
    on_progress: OnTotal | None = None,
) -> AnyRecommender:
    """Fit and publish what the judgements change; returns the recommender that has it.

    Raises StorageError when it cannot be written; what served before goes on then.
    """
    shipped = recommender.with_reranker(recommender.ranks_with.recalibrated(None))
    own = recalibrate(
        catalogue, shipped, max_chars=settings.need.max_chars, on_progress=on_progress
    )
    before = _read(settings, shipped.ranks_with)
    if own is not None and before is not None:
        own = steadied(own, before)
    path = settings.recalibration_path
    with storage_errors(path.parent):
        if own is None:
            path.unlink(missing_ok=True)
        elif own != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            document = {**asdict(own), _FOR: shipped.ranks_with.checksum}
            write_atomically(path, json.dumps(document, indent=1).encode())
    return shipped.with_reranker(shipped.ranks_with.recalibrated(own))


def steadied(now: Recalibration, before: Recalibration) -> Recalibration:
    """Return what serves: the numbers before, unless the new ones differ enough from them.

    Companies see probabilities of lists that are released to them. Were these to follow every judgement, two
    lists of one need would tell whether a pair was judged in between (docs/security.md); so they change when
    many were. An error of at most STEADY_SHIFT is five points at 50 %.
    """
    is_near = (
        abs(now.slope - before.slope) < STEADY_SLOPE
        and abs(now.shift - before.shift) < STEADY_SHIFT
    )
    return replace(now, slope=before.slope, shift=before.shift) if is_near else now


def recalibrated(reranker: Reranker, settings: Settings) -> Reranker:
    """Return the re-ranker with what the office's judgements were found to change, if it is its own."""
    return reranker.recalibrated(_read(settings, reranker))


def _read(settings: Settings, reranker: Reranker) -> Recalibration | None:
    """Return what was published for this re-ranker; a damaged file is logged and serves no one."""
    try:
        document = json.loads(settings.recalibration_path.read_bytes())
        belongs = document.pop(_FOR) == reranker.checksum
        return Recalibration(**document) if belongs else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("the recalibration cannot be read: %s", type(error).__name__)
        return None
