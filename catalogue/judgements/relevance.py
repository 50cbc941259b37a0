"""What a judgement says of the fit of a person and a need.

Who was shown and not judged is missing, not negative: it may not have been looked at. Reasons that say
nothing of the fit (a vague description, no capacity, a conflict) teach nothing, either way.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalogue.database.judgement_models import (
    CONFLICT,
    DESCRIPTION_VAGUE,
    NO_CAPACITY,
    REACHED,
    SUITABLE,
)

RELEVANCE = "relevance"
FREE = 20  # judgements of one judge that count, however few others have judged
OF_ONE = 5  # judgements of one judge about one researcher that count
COMMITTED = REACHED[REACHED.index("nda") :]  # stages that cost both sides something
NOT_ABOUT_FIT = (DESCRIPTION_VAGUE, NO_CAPACITY, CONFLICT)


def with_relevance(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return need_id, researcher_id and relevance of the judgements that say something of the fit.

    0: not suitable. 1: suitable. 2: suitable, and the two came to an NDA or further, even if one of
    them declined after that.
    """
    fitting = _about_fit(judgements)
    is_suitable = fitting["verdict"].eq(SUITABLE).to_numpy()
    grade = 1 + fitting["reached"].isin(COMMITTED).to_numpy()
    relevance = np.where(is_suitable, grade, 0).astype("int64")
    return fitting[["need_id", "researcher_id"]].assign(**{RELEVANCE: relevance})


def bounded_weights(judgements: pd.DataFrame) -> NDArray[np.float64]:
    """Return how much each judgement of `with_relevance` counts, in (0, 1], in its order.

        v = min(1, OF_ONE / judgements of this judge about this researcher)
        w = v min(1, max(FREE, half the sum of v of all others) / sum of v of this judge)

    So who judges to lift a friend moves as much as OF_ONE honest judgements do, and nobody has more than a
    third of the whole beyond FREE. Judgements without a judge's name are an office's own tables and count
    in full.
    """
    columns = ["judged_by", "researcher_id"]
    about = _about_fit(judgements).reindex(columns=columns, fill_value="")
    named = about["judged_by"].ne("").to_numpy(bool)
    of_one = about.groupby(["judged_by", "researcher_id"])["researcher_id"].transform("size")
    weights = np.where(named, np.minimum(1.0, OF_ONE / of_one.to_numpy(np.float64)), 1.0)
    own = pd.Series(weights).groupby(about["judged_by"]).transform("sum").to_numpy(np.float64)
    bounds = np.maximum(FREE, (weights.sum() - own) / 2) / own
    return np.asarray(np.where(named, weights * np.minimum(1.0, bounds), weights))


def _about_fit(judgements: pd.DataFrame) -> pd.DataFrame:
    return judgements[~judgements["reason"].isin(NOT_ABOUT_FIT)].reset_index(drop=True)
