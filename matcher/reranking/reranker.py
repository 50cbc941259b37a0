"""The re-ranker: one JSON document that scores features, linear or of boosted trees.

Serving reads documents and never fits; `training.reranker` writes them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import RerankerUnusableError
from enmusubi.messages import UnfitError
from matcher.features.definitions import NAMES
from matcher.reranking.calibration import (
    GOOD,
    PROBABILITY,
    STRONG,
    WEAK,
    Calibration,
    Recalibration,
)

FORMAT = 1
LINEAR, TREES = "linear", "lambdamart"
BASE = "base"
SHIPPED = Path(__file__).parent / "default.json"
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Reranker:
    """A document that was checked: `features` by name, in the model's order, and the calibration.

    `own` is what the judgements of the office that is served change in the probabilities; features that
    are `silent` add nothing to a score.
    """

    document: Mapping[str, Any]
    features: tuple[str, ...]
    calibration: Calibration
    own: Recalibration | None = None
    silent: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """`linear` or `lambdamart`."""
        return str(self.document["kind"])

    @property
    def encoder_checksum(self) -> str:
        """Checksum of the encoder whose features it was fitted on; empty where that is not known."""
        return str(self.document.get("encoder_checksum", ""))

    @cached_property
    def checksum(self) -> str:
        """First 16 hexadecimal digits of the sha256 of the document, and of what the office changed."""
        content = json.dumps(self.document, sort_keys=True).encode()
        if self.own or self.silent:
            own = vars(self.own) if self.own else None
            content += json.dumps([own, sorted(self.silent)], sort_keys=True).encode()
        return hashlib.sha256(content).hexdigest()[:16]

    def recalibrated(self, own: Recalibration | None) -> "Reranker":
        """Return the same re-ranker with what the office's judgements change, or without (None)."""
        return replace(self, own=own)

    def silencing(self, features: Iterable[str]) -> "Reranker":
        """Return the same re-ranker to which these features say nothing, as if all had the usual value."""
        return replace(self, silent=self.silent.union(features))

    def score(self, features: pd.DataFrame) -> FloatArray:
        """Return one score a row, comparable between needs; more is better."""
        return np.asarray(self.contributions(features).to_numpy(np.float64).sum(axis=1))

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to each row's score, as `parts` does: columns features and `base`."""
        parts = self._parts(features[list(self.features)].to_numpy(np.float64))
        return pd.DataFrame(parts, index=features.index, columns=[*self.features, BASE])

    def parts(self, values: FloatArray) -> FloatArray:
        """Return what each of `features`, and last the base, adds to each row's score.

        `values` has a column for each of `definitions.NAMES`. Linear: weight x (value - mean) / scale. Trees:
        exact TreeSHAP (Lundberg et al. 2020). What is silent adds 0. The rows sum to the scores.
        """
        return self._parts(values[:, [NAMES.index(name) for name in self.features]])

    def _parts(self, values: FloatArray) -> FloatArray:
        if self.kind == TREES:
            parts = np.asarray(self._booster.predict(values, pred_contrib=True), dtype=np.float64)
        else:
            weighted = self._weights * (values - self._means) / self._scales
            base = np.full((len(values), 1), float(self.document["intercept"]))
            parts = np.hstack([weighted, base])
        parts[:, [name in self.silent for name in (*self.features, BASE)]] = 0.0
        return parts

    def probability(self, scores: FloatArray, among: FloatArray | None = None) -> FloatArray:
        """Return the calibrated probability of each of one need's candidates, shape (n,).

        `among` are the scores of all candidates, where a filter left only some of them.
        """
        shipped = self.calibration.probability(scores, among)
        return self.own.probability(shipped) if self.own else shipped

    def word(self, probability: float) -> str:
        """Return strong, good, possible or weak."""
        return self.calibration.word(probability)

    def fits_nobody(self, best: Mapping[str, float], probability: float) -> bool:
        """Say whether no candidate of a list fits well, by the features and probability of its best one.

        A candidate called strong or good fits, whatever the features are; where even the best is
        called weak, nobody does.
        """
        measured = {**best, PROBABILITY: probability}
        is_far = measured[self.calibration.abstain_feature] < self.calibration.abstain_below
        word = self.word(probability)
        return word == WEAK or (is_far and word not in (STRONG, GOOD))

    @cached_property
    def _weights(self) -> FloatArray:
        return np.asarray(self.document["weights"], dtype=np.float64)

    @cached_property
    def _means(self) -> FloatArray:
        return np.asarray(self.document["means"], dtype=np.float64)

    @cached_property
    def _scales(self) -> FloatArray:
        return np.asarray(self.document["scales"], dtype=np.float64)

    @cached_property
    def _booster(self) -> Any:
        try:
            from lightgbm import Booster
        except ImportError as error:
            raise RerankerUnusableError(
                "This re-ranker is made of boosted trees and needs LightGBM. Install it with "
                "`pip install 'enmusubi[training]'`, or set ENMUSUBI_RERANKER__MODEL=default."
            ) from error
        return Booster(model_str=self.document["booster"])


def load_reranker(path: Path | None = None) -> Reranker:
    """Read a re-ranker's file, or the one that ships with the project.

    Raises RerankerUnusableError that says what is wrong with the file.
    """
    source = path or SHIPPED
    try:
        document = json.loads(source.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RerankerUnusableError(
            "The re-ranker %(source)s cannot be read (%(reason)s).", source=source, reason=error
        ) from error
    return reranker_of(document, str(source))


def reranker_of(document: Mapping[str, Any], source: str = "given") -> Reranker:
    """Return the re-ranker of a document; raises RerankerUnusableError when it is none."""
    try:
        _check(document)
        return Reranker(
            document=document,
            features=tuple(document["features"]),
            calibration=Calibration.of(document["calibration"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RerankerUnusableError(
            "The re-ranker %(source)s cannot be used (%(reason)s). Train one with "
            "`enmusubi train reranker`, or set ENMUSUBI_RERANKER__MODEL=default.",
            source=source,
            reason=error,
        ) from error


def _check(document: Mapping[str, Any]) -> None:
    if document["format"] != FORMAT:
        raise UnfitError(
            "its format is %(found)s, this program reads %(expected)s",
            found=document["format"],
            expected=FORMAT,
        )
    unknown = sorted(set(document["features"]) - set(NAMES))
    if unknown:
        raise UnfitError(
            "it asks for features that this program lacks: %(features)s",
            features=", ".join(unknown),
        )
    if document["kind"] == LINEAR:
        parts = [document[name] for name in ("weights", "means", "scales")]
        numbers = np.asarray(parts, dtype=np.float64)
        if numbers.shape != (3, len(document["features"])) or not np.isfinite(numbers).all():
            raise UnfitError("its weights, means and scales are not one number a feature each")
        if (numbers[2] <= 0).any():
            raise UnfitError("its scales are not above 0")
        if not np.isfinite(float(document["intercept"])):
            raise UnfitError("its intercept is not a finite number")
    elif document["kind"] != TREES or not isinstance(document.get("booster"), str):
        raise UnfitError(
            "its kind %(kind)r is neither %(linear)s nor %(trees)s",
            kind=document["kind"],
            linear=LINEAR,
            trees=TREES,
        )
