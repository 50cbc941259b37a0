"""Fits the classifier of a need's sentences to made-up mails and forms, and measures it on others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.centring import known_means
from matcher.encoder.encoder import Encoder
from matcher.need_roles.classifier import (
    ANSWERABLE,
    CLOSING,
    GREETING,
    ROLES,
    SENDER,
    WISH,
    NeedRoles,
    alone,
    sentence_features,
)

EXAMPLES = Path(__file__).with_name("need_sentences.json")
INVERSE_PENALTY = 1.0


@dataclass(frozen=True)
class RoleText:
    """A text with the role of each of its sentences, and their centred unit vectors.

    Nobody looked at those `held_out` while the classifier was made.
    """

    language: str
    roles: tuple[str, ...]
    vectors: NDArray[np.float32]
    held_out: bool


def read_texts(encoder: Encoder, path: Path = EXAMPLES) -> list[RoleText]:
    """Return the examples, their sentences encoded."""
    means = known_means(encoder)
    texts = []
    for text in json.loads(path.read_text("utf-8"))["texts"]:
        roles, sentences = zip(*text["sentences"], strict=True)
        vectors = alone(sentences, text["language"], encoder, means)
        texts.append(RoleText(text["language"], roles, vectors, text.get("held_out", False)))
    return texts


def fit_roles(texts: Sequence[RoleText]) -> NeedRoles:
    """Fit the weights to the texts."""
    from sklearn.linear_model import LogisticRegression

    features = np.vstack([sentence_features(text.vectors) for text in texts])
    labels = [ROLES.index(role) for text in texts for role in text.roles]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=3000).fit(features, labels)
    return NeedRoles(np.column_stack([model.coef_, model.intercept_]))


def role_figures(
    fitted: NeedRoles, texts: Sequence[RoleText], language: str = ""
) -> dict[str, float]:
    """Return accuracy and F1 of wishes, of what can be answered, and of what never is."""
    pairs = [
        (right, said)
        for text in texts
        if language in {"", text.language}
        for right, said in zip(text.roles, fitted.roles(text.vectors), strict=True)
    ]
    return {
        "sentences": len(pairs),
        "accuracy": sum(right == said for right, said in pairs) / len(pairs),
        "wish": _f1(pairs, (WISH,)),
        "answerable": _f1(pairs, ANSWERABLE),
        "never answered": _f1(pairs, (GREETING, SENDER, CLOSING)),
    }


def _f1(pairs: Sequence[tuple[str, str]], roles: Sequence[str]) -> float:
    both = sum(right in roles and said in roles for right, said in pairs)
    either = sum((right in roles) + (said in roles) for right, said in pairs)
    return 2 * both / max(1, either)
