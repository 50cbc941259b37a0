"""The office's judgements as a feature table: only who was judged, weighed against position bias."""

import pandas as pd

from catalogue.records.catalogue import Catalogue
from enmusubi.settings import Settings
from matcher.encoder.encoder import Encoder
from matcher.indexing import OnTotal
from matcher.tables import NEED_ID, RESEARCHER_ID
from office.configured import open_recommender
from training.feature_tables import WEIGHT, FeatureTable
from training.office import office_examples
from training.qrels import RELEVANCE

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
    rows = rows.rename(columns={"weight": WEIGHT})
    relevant = examples.pairs[examples.pairs[RELEVANCE] > 0]
    qrels = relevant[[NEED_ID, RESEARCHER_ID, RELEVANCE]].reset_index(drop=True)
    return FeatureTable(GROUP, GROUP, rows, qrels), examples.verdict.why
