"""Says how well the classifier of fields does on texts that it hasn't learnt from; figures only."""

import numpy as np
import pandas as pd

from enmusubi.language import ENGLISH, JAPANESE
from matcher.domains.classifier import Domains
from matcher.domains.taxonomy import load_taxonomy
from training.domains import Examples, held_out_logits, predictions_of

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
