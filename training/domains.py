"""Fits the classifier of fields of research on an encoder's vectors, and measures it on held-out codes.

Regularisation, temperature and threshold are chosen on predictions for texts whose code (of KAKEN,
IPC or F-term) was held out; the weights that are saved then learn from everything. What is said of the
classifier afterwards is figures only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.language import ENGLISH, JAPANESE
from matcher.centring import centre, known_means
from matcher.domains.classifier import Domains
from matcher.domains.taxonomy import load_taxonomy
from matcher.encoder.encoder import PASSAGE, QUERY, Encoder, OnProgress
from matcher.encoder.vector_cache import VectorCache
from training.domain_examples import COLUMNS

FOLDS = 5
PENALTIES = (1.0, 3.0, 10.0, 30.0)  # scikit-learn's C: inverse strength of the L2 penalty
TARGET_PRECISION = 0.8  # of the fields that are said, on held-out codes
TEMPERATURES = np.geomspace(0.2, 5, 81)
MAX_ITERATIONS = 2000
RANDOM_STATE = 0
CALIBRATED = ("kaken", "ipc", "fterm", "made-up")  # not our own names, which are too easy
QUERIED = ("kaken", "own", "made-up")  # sources that are encoded as needs too
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Examples:
    """Texts with their centred vectors; `table` has COLUMNS and `role`, one row a vector."""

    table: pd.DataFrame
    vectors: FloatArray

    def where(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Return the chosen rows."""
        return Examples(self.table[chosen].reset_index(drop=True), self.vectors[chosen])


def encode_examples(
    table: pd.DataFrame,
    encoder: Encoder,
    cache: VectorCache | None,
    on_progress: OnProgress | None = None,
) -> Examples:
    """Return all texts encoded as passages, and those of QUERIED sources as needs too.

    They are centred with the encoder's shipped means, as a small catalogue's texts would be.
    """
    means = known_means(encoder)
    tables, vectors = [], []
    for role in (PASSAGE, QUERY):
        rows = table if role == PASSAGE else table[table["source"].isin(QUERIED)]
        if rows.empty:
            continue
        parts = [encoder.split("", text)[0] for text in rows["text"]]
        encoded = encoder.encode(parts, role=role, cache=cache, on_progress=on_progress)
        raw = np.array([item.vector for item in encoded], dtype=np.float32)
        vectors.append(centre(raw, rows["language"].tolist(), role, means))
        tables.append(rows[list(COLUMNS)].assign(role=role))
    return Examples(pd.concat(tables, ignore_index=True), np.vstack(vectors).astype(np.float64))


def fit_domains(examples: Examples) -> tuple[Domains, pd.DataFrame]:
    """Return the classifier, and the predictions for held-out codes (see `predictions_of`)."""
    ids = load_taxonomy().ids
    held_out = {penalty: held_out_logits(examples, penalty) for penalty in PENALTIES}
    truth = _positions(examples.table["field"], ids)
    weights = _row_weights(examples.table) * examples.table["source"].isin(CALIBRATED).to_numpy()
    losses = {
        penalty: min(_loss(logits / t, truth, weights) for t in TEMPERATURES)
        for penalty, logits in held_out.items()
    }
    penalty = min(losses, key=lambda value: losses[value])
    logits = held_out[penalty]
    temperature = min(TEMPERATURES, key=lambda t: _loss(logits / t, truth, weights))
    predictions = predictions_of(examples, logits / temperature)
    threshold = choose_threshold(predictions["probability"], predictions["correct"], weights)
    fitted = fit_weights(examples, penalty)
    return Domains(ids, fitted, float(temperature), threshold), predictions


def fit_weights(examples: Examples, penalty: float) -> FloatArray:
    """Return weights of shape (n_fields, dimension + 1); fields and languages count alike."""
    from sklearn.linear_model import LogisticRegression

    ids = load_taxonomy().ids
    truth = _positions(examples.table["field"], ids)
    model = LogisticRegression(C=penalty, max_iter=MAX_ITERATIONS, random_state=RANDOM_STATE)
    model.fit(examples.vectors, truth, sample_weight=_row_weights(examples.table))
    weights = np.zeros((len(ids), examples.vectors.shape[1] + 1))
    weights[:, -1] = -20.0  # a field without examples is never said
    weights[model.classes_] = np.column_stack([model.coef_, model.intercept_])
    return weights


def predictions_of(examples: Examples, logits: FloatArray) -> pd.DataFrame:
    """Return the examples' columns with `best` (field), `probability` and `correct`."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    best = np.array(load_taxonomy().ids)[logits.argmax(axis=1)]
    return examples.table.assign(
        best=best,
        probability=odds.max(axis=1) / odds.sum(axis=1),
        correct=best == examples.table["field"].to_numpy(dtype=str),
    )


def choose_threshold(probability: pd.Series, correct: pd.Series, weights: FloatArray) -> float:
    """Return the least probability from which TARGET_PRECISION of what is said is right, else 1."""
    counted = np.flatnonzero(weights > 0)
    order = counted[np.argsort(-probability.to_numpy()[counted], kind="stable")]
    weight = weights[order]
    precision = np.cumsum(weight * correct.to_numpy(np.float64)[order]) / np.cumsum(weight)
    reached = np.flatnonzero(precision >= TARGET_PRECISION)
    return float(probability.to_numpy()[order[reached[-1]]]) if len(reached) else 1.0


def held_out_logits(examples: Examples, penalty: float, language: str = "") -> FloatArray:
    """Return logits for every row by a model without its code, learnt from one language if named."""
    learnt = examples.table["language"].isin([language] if language else [ENGLISH, JAPANESE])
    logits = np.zeros((len(examples.table), len(load_taxonomy().ids)))
    for train, test in _folds(examples.table):
        fitted = fit_weights(examples.where(train & learnt.to_numpy(bool)), penalty)
        logits[test] = examples.vectors[test] @ fitted[:, :-1].T + fitted[:, -1]
    return logits


def _folds(table: pd.DataFrame) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(FOLDS, shuffle=True, random_state=RANDOM_STATE)
    for _, rows in folds.split(table, groups=table["code"]):
        test = np.zeros(len(table), dtype=bool)
        test[rows] = True
        yield ~test, test


def _row_weights(table: pd.DataFrame) -> FloatArray:
    """Every field counts alike, and in it both languages; the mean weight is 1."""
    sizes = table.groupby(["field", "language"])["text"].transform("size").to_numpy(np.float64)
    return np.asarray((1 / sizes) / (1 / sizes).mean(), dtype=np.float64)


def _loss(logits: FloatArray, truth: NDArray[np.int64], weights: FloatArray) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_odds = shifted[np.arange(len(truth)), truth] - np.log(np.exp(shifted).sum(axis=1))
    return float(-np.average(log_odds, weights=weights))


def _positions(fields: pd.Series, ids: tuple[str, ...]) -> NDArray[np.int64]:
    place = {name: i for i, name in enumerate(ids)}
    return np.array([place[name] for name in fields], dtype=np.int64)


TRANSFER_PENALTY = 3.0
FIGURES = ("texts", "accuracy", "group_accuracy", "decided", "accuracy_decided")


def predict(domains: Domains, examples: Examples) -> pd.DataFrame:
    """Return what the classifier says of examples (see `predictions_of`)."""
    return predictions_of(examples, np.log(domains.probabilities(examples.vectors)))


def report(predictions: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return FIGURES by source, language and role.

    `decided` is the share above the threshold, `accuracy_decided` how many of those are right.
    """
    groups = {field.id: field.group for field in load_taxonomy().fields}
    rows = predictions.assign(
        group_right=predictions["best"].map(groups) == predictions["field"].map(groups),
        decided=predictions["probability"] >= threshold,
    )
    rows["right_decided"] = rows["correct"].where(rows["decided"]).astype(float)
    return rows.groupby(["source", "language", "role"]).agg(
        texts=("text", "size"),
        accuracy=("correct", "mean"),
        group_accuracy=("group_right", "mean"),
        decided=("decided", "mean"),
        accuracy_decided=("right_decided", "mean"),
    )[list(FIGURES)]


def language_agreement(predictions: pd.DataFrame) -> float:
    """Return how often one category's Japanese and English names get the same field, held out."""
    names = predictions[predictions["source"] == "kaken"]
    best = names.pivot_table(
        index=["item", "role"], columns="language", values="best", aggfunc="first"
    )
    both = best.dropna()
    return float((both[ENGLISH] == both[JAPANESE]).mean())


def transfer_table(examples: Examples) -> pd.DataFrame:
    """Return the accuracy on held-out codes, one row a language learnt from, one column a source's."""
    rows = {}
    for language in (ENGLISH, JAPANESE):
        logits = held_out_logits(examples, TRANSFER_PENALTY, language)
        predictions = predictions_of(examples, logits)
        rows[language] = predictions.groupby(["source", "language"])["correct"].mean()
    return pd.DataFrame(rows).T
