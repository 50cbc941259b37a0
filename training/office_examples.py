"""What the office's judgements teach: weights against position bias, and whether they suffice."""

from dataclasses import dataclass

import pandas as pd

from catalogue.database.models import NEED_STATUSES
from catalogue.judgements.judgements import judgements as read_judgements
from catalogue.judgements.relevance import bounded_weights, with_relevance
from catalogue.judgements.shown_lists import shown as read_shown
from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from matcher.corpus_source import OnTotal
from matcher.encoder.encoder import Encoder
from matcher.records import Need
from matcher.tables import NEED_ID, RESEARCHER_ID
from office.configured import open_recommender
from training.feature_tables import WEIGHT, FeatureTable
from training.propensities import Propensities, estimate_propensities, inverse_weights
from training.trec import RELEVANCE

JUDGEMENT_WEIGHT = "weight"  # of a judgement; the tables that fits read name theirs WEIGHT
MIN_NEEDS = 30  # with a suitable and an unsuitable researcher, which alone teach an order
MIN_JUDGEMENTS = 150  # of these needs


@dataclass(frozen=True)
class Verdict:
    """Whether there are judgements enough to learn from, and why, with the numbers."""

    enough: bool
    why: str


@dataclass(frozen=True)
class OfficeExamples:
    """What can be learnt from: needs with their texts, judged pairs, and how far to trust them.

    `pairs` has need_id, researcher_id, relevance (0 not suitable, 1 suitable, 2 committed) and
    weight (mean 1), of these needs only.
    """

    needs: list[Need]
    pairs: pd.DataFrame
    verdict: Verdict
    propensities: Propensities


def weighted_judgements(
    judgements: pd.DataFrame, shown: pd.DataFrame, propensities: Propensities | None = None
) -> pd.DataFrame:
    """Return need_id, researcher_id, relevance and weight of the judgements, in their order.

    `judgements` and `shown` are what the catalogue's functions of these names return, the judgements
    without their history. Propensities are estimated from them unless they are given.
    """
    judged = with_relevance(judgements)
    known = propensities or estimate_propensities(judgements, shown)
    weights = inverse_weights(judged, shown, known) * bounded_weights(judgements)
    scale = weights.mean() if len(weights) else 1.0
    return judged.assign(**{JUDGEMENT_WEIGHT: weights / scale})


def enough(judgements: pd.DataFrame) -> Verdict:
    """Say whether the judgements that stand suffice to train a re-ranker."""
    judged = with_relevance(judgements)
    by_need = judged[RELEVANCE].groupby(judged["need_id"]).agg(["min", "max", "size"])
    telling = by_need[(by_need["min"] == 0) & (by_need["max"] > 0)]
    needs, count = len(telling), int(telling["size"].sum())
    is_enough = needs >= MIN_NEEDS and count >= MIN_JUDGEMENTS
    found = (
        f"{needs} needs have a researcher judged suitable and one judged not suitable "
        f"({count} judgements)"
    )
    wanted = f"at least {MIN_NEEDS} needs with {MIN_JUDGEMENTS} judgements are wanted"
    left_out = len(judgements) - len(judged)
    others = f" {left_out} judgements were left out: their reason is not about the fit."
    middle = ", which suffices:" if is_enough else ", which is too few:"
    return Verdict(is_enough, f"{found}{middle} {wanted}.{others if left_out else ''}")


def office_examples(catalogue: Catalogue) -> OfficeExamples:
    """Return what the catalogue's judgements teach, of open and closed needs; withdrawn ones don't."""
    with catalogue.reading() as connection:
        history = read_judgements(connection, history=True)
        standing = read_judgements(connection)
        shown = read_shown(connection)
    kept = {need.need_id: need for status in NEED_STATUSES for need in catalogue.needs(status)}
    standing = standing[standing["need_id"].isin(list(kept))]
    propensities = estimate_propensities(history, shown)
    pairs = weighted_judgements(standing, shown, propensities)
    needs = [kept[need_id] for need_id in sorted(set(pairs["need_id"]))]
    return OfficeExamples(needs, pairs, enough(standing), propensities)


GROUP = "office"


def office_table(
    catalogue: Catalogue, settings: Settings, encoder: Encoder, on_progress: OnTotal | None = None
) -> tuple[FeatureTable | None, str]:
    """Return the table, or None where judgements are too few, and the verdict in a sentence.

    Features are those of the index version that serves; raises IndexUnusableError without one.
    """
    examples = office_examples(catalogue)
    if not examples.verdict.enough:
        return None, examples.verdict.why
    recommender = open_recommender(settings, encoder)
    frames = []
    for done, (need_id, features) in enumerate(recommender.describe(examples.needs), start=1):
        features.insert(0, NEED_ID, need_id)
        frames.append(features)
        if on_progress:
            on_progress("judgements", done, len(examples.needs))
    rows = pd.concat(frames).merge(examples.pairs, on=[NEED_ID, RESEARCHER_ID], how="inner")
    rows = rows.rename(columns={JUDGEMENT_WEIGHT: WEIGHT})
    relevant = examples.pairs[examples.pairs[RELEVANCE] > 0]
    qrels = relevant[[NEED_ID, RESEARCHER_ID, RELEVANCE]].reset_index(drop=True)
    return FeatureTable(GROUP, GROUP, rows, qrels), examples.verdict.why
