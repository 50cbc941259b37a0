"""Says which field of research a text belongs to, from its vector; says nothing when it is unsure.

A multinomial logistic regression on centred unit vectors: p = softmax((v W' + b) / T). Weights W, b
come from `tools/fit_domains.py`; the temperature T and the threshold of being sure were chosen on
texts that were held out. Weights hold for one encoder only, which is named by its checksum.

Vectors are to be centred with the means that ship with the encoder, not with a catalogue's: the mean
of a catalogue of one field holds what the field is known by (see `centred_as_shipped`).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enmusubi.errors import StorageError
from matcher.domains.taxonomy import load_taxonomy

DEFAULT_FILE = Path(__file__).with_name("classifier.npz")
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Domains:
    """The fields and, where there is one for the encoder in use, the classifier.

    `weights` has shape (n_fields, dimension + 1), the intercepts last; None when nothing was fitted
    for this encoder: then every text is unsure and all fields are equally probable.
    """

    ids: tuple[str, ...]
    weights: FloatArray | None = None
    temperature: float = 1.0
    threshold: float = 1.0

    @classmethod
    def load(cls, model_checksum: str, path: Path = DEFAULT_FILE) -> "Domains":
        """Read the classifier in `path` if it was fitted for this encoder and these fields.

        Raises StorageError when the file cannot be read.
        """
        ids = load_taxonomy().ids
        try:
            with np.load(path) as stored:
                about = json.loads(str(stored["about"]))
                weights = stored["weights"].astype(np.float64)
            if about["model_checksum"] != model_checksum or tuple(about["ids"]) != ids:
                return cls(ids)
            return cls(ids, weights, float(about["temperature"]), float(about["threshold"]))
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(
                "The classifier of fields %(path)s cannot be read (%(kind)s). Install the "
                "package again, or fit it with tools/fit_domains.py.",
                path=path,
                kind=type(error).__name__,
            ) from error

    def save(self, path: Path, model_checksum: str) -> None:
        """Write the classifier, its weights in half precision; raises ValueError without weights."""
        if self.weights is None:
            raise ValueError("a classifier without weights cannot be saved")
        about = {
            "model_checksum": model_checksum,
            "ids": self.ids,
            "temperature": self.temperature,
            "threshold": self.threshold,
        }
        np.savez_compressed(
            path, weights=self.weights.astype(np.float16), about=np.array(json.dumps(about))
        )

    @property
    def usable(self) -> bool:
        """Whether there is a classifier for this encoder."""
        return self.weights is not None

    def name(self, field_id: str, language: str) -> str:
        """Return a field's name in `language` (ja or en); raises KeyError for an unknown id."""
        return load_taxonomy().by_id[field_id].name(language)

    def probabilities(self, vectors: NDArray[np.floating]) -> FloatArray:
        """Return each field's probability for centred unit vectors (n, dimension): (n, n_fields).

        A vector of zeros, from a text without content, makes all fields equally probable.
        """
        even = np.full((len(vectors), len(self.ids)), 1 / len(self.ids))
        if self.weights is None or not len(vectors):
            return even
        logits = (vectors @ self.weights[:, :-1].T + self.weights[:, -1]) / self.temperature
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        known = np.any(vectors != 0, axis=1)[:, None]
        return np.where(known, odds / odds.sum(axis=1, keepdims=True), even)

    def decide(self, vectors: NDArray[np.floating]) -> list[str | None]:
        """Return the most probable field of each vector, None where it is below the threshold."""
        if self.weights is None:
            return [None] * len(vectors)
        return self.choose(self.probabilities(vectors))

    def choose(self, probabilities: FloatArray) -> list[str | None]:
        """Return the field of each row of `probabilities` that reaches the threshold, else None."""
        best = probabilities.argmax(axis=1)
        sure = probabilities.max(axis=1) >= self.threshold
        return [self.ids[i] if is_sure else None for i, is_sure in zip(best, sure, strict=True)]
