"""Fits the classifier of kinds of needs to made-up needs of both kinds, and measures it on others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.centring import centre, known_means
from matcher.encoder.encoder import QUERY, Encoder
from matcher.need_kinds.classifier import DISRUPTIVE, SUSTAINING, NeedKinds
from matcher.queries import encode_needs
from matcher.records import Need

EXAMPLES = Path(__file__).with_name("need_kinds.json")
INVERSE_PENALTY = 1.0
HELD_OUT = "fresh"


@dataclass(frozen=True)
class KindExample:
    """A made-up need: its kind, language and centred unit vector.

    Those `held_out` were written when the fit was settled, and are in no fit.
    """

    kind: str
    language: str
    vector: NDArray[np.float32]
    held_out: bool


def read_examples(encoder: Encoder, path: Path = EXAMPLES) -> list[KindExample]:
    """Return the examples, encoded as needs are."""
    rows = json.loads(path.read_text("utf-8"))
    encoded = encode_needs([Need(row["text"]) for row in rows], encoder, None)
    languages = [row["language"] for row in rows]
    vectors = centre(
        np.stack([one.vector for one in encoded]), languages, QUERY, known_means(encoder)
    )
    return [
        KindExample(row["kind"], row["language"], vector, row["part"] == HELD_OUT)
        for row, vector in zip(rows, vectors, strict=True)
    ]


def fit_kinds(examples: Sequence[KindExample]) -> NeedKinds:
    """Fit the weights to the examples."""
    from sklearn.linear_model import LogisticRegression

    features = np.stack([one.vector for one in examples])
    labels = [one.kind == DISRUPTIVE for one in examples]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=3000).fit(features, labels)
    return NeedKinds(np.r_[model.coef_[0], model.intercept_])


def kind_figures(fitted: NeedKinds, examples: Sequence[KindExample]) -> dict[str, float]:
    """Return the number of the examples, and F1 of each kind."""
    pairs = [(one.kind, fitted.guess(one.vector).kind) for one in examples]
    return {"needs": len(pairs), **{kind: _f1(pairs, kind) for kind in (DISRUPTIVE, SUSTAINING)}}


def _f1(pairs: Sequence[tuple[str, str]], kind: str) -> float:
    both = sum(right == said == kind for right, said in pairs)
    either = sum((right == kind) + (said == kind) for right, said in pairs)
    return 2 * both / either if either else 0.0
