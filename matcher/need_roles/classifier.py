"""The classifier of a need's sentences.

A multinomial logistic regression on a sentence's centred vector and on its place in the text. The sentence
is encoded alone: within its text a vector tells the topic, alone it tells a request from an apology
(docs/quality.md). Weights hold for one encoder, named by its checksum; for another one nothing is said, and
every sentence may be answered. `tools/fit_need_roles.py` fits them to made-up mails and forms
(`training/need_sentences.json`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import StorageError
from matcher.centring import Means, centre
from matcher.encoder.encoder import QUERY, Encoder, EncodingCache

GREETING, SENDER, BACKGROUND, PROBLEM = "greeting", "sender", "background", "problem"
WISH, CONSTRAINT, TERMS, CLOSING = "wish", "constraint", "terms", "closing"
ROLES = (GREETING, SENDER, BACKGROUND, PROBLEM, WISH, CONSTRAINT, TERMS, CLOSING)
ANSWERABLE = (BACKGROUND, PROBLEM, WISH, CONSTRAINT)  # what evidence can answer

DEFAULT_FILE = Path(__file__).with_name("classifier.npz")
VECTOR_WEIGHT = 3.0  # of a unit vector beside PLACE_WEIGHT x five numbers from 0 to 1
PLACE_WEIGHT = 0.5
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class NeedRoles:
    """The fitted weights, shape (roles, features + 1), the intercepts last."""

    weights: FloatArray

    def roles(self, vectors: NDArray[np.floating]) -> tuple[str, ...]:
        """Return the role of each sentence of a text from their centred unit vectors, in order."""
        if not len(vectors):
            return ()
        scores = sentence_features(vectors) @ self.weights[:, :-1].T + self.weights[:, -1]
        return tuple(ROLES[role] for role in scores.argmax(axis=1))


def sentence_features(vectors: NDArray[np.floating]) -> FloatArray:
    """Return what the sentences of one text are told apart by, shape (n_sentences, dimension + 5)."""
    count = len(vectors)
    place = np.arange(count)
    where = [
        place / max(1, count - 1),
        place == 0,
        place == count - 1,
        1 / (1 + place),
        1 / (count - place),
    ]
    return np.hstack([VECTOR_WEIGHT * vectors, PLACE_WEIGHT * np.column_stack(where)])


def alone(
    sentences: Sequence[str],
    language: str,
    encoder: Encoder,
    means: Means,
    cache: EncodingCache | None = None,
) -> NDArray[np.float32]:
    """Return the centred unit vectors of sentences, each encoded by itself, shape (n, dimension)."""
    parts = [encoder.split("", sentence)[0] for sentence in sentences]
    encoded = encoder.encode(parts, role=QUERY, cache=cache)
    vectors = np.array([one.vector for one in encoded], dtype=np.float32)
    return centre(vectors, [language] * len(vectors), QUERY, means)


@cache
def load_roles(model_checksum: str, path: Path = DEFAULT_FILE) -> NeedRoles | None:
    """Read the weights for an encoder, None where they are another's; raises StorageError."""
    try:
        with np.load(path) as stored:
            if str(stored["model_checksum"]) != model_checksum:
                return None
            return NeedRoles(stored["weights"].astype(np.float64))
    except (OSError, ValueError, KeyError) as error:
        raise StorageError(
            "The classifier of a need's sentences %(path)s cannot be read (%(kind)s). Install the "
            "package again, or fit it with tools/fit_need_roles.py.",
            path=path,
            kind=type(error).__name__,
        ) from error


def save_roles(path: Path, fitted: NeedRoles, model_checksum: str) -> None:
    """Write the weights, in half precision, with the encoder that they hold for."""
    np.savez_compressed(
        path,
        weights=fitted.weights.astype(np.float16),
        model_checksum=np.array(model_checksum),
    )
