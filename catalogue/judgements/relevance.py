"""What a judgement says of the fit of a person and a need.

Who was shown and not judged is missing, not negative: it may not have been looked at. Reasons that say
nothing of the fit (a vague description, no capacity, a conflict) teach nothing, either way.
"""

import numpy as np
import pandas as pd

from catalogue.database.judgement_models import (
    CONFLICT,
    DESCRIPTION_VAGUE,
    NO_CAPACITY,
    REACHED,
    SUITABLE,
)

RELEVANCE = "relevance"
COMMITTED = REACHED[REACHED.index("nda") :]  # stages that cost both sides something
NOT_ABOUT_FIT = (DESCRIPTION_VAGUE, NO_CAPACITY, CONFLICT)


def with_relevance(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return need_id, researcher_id and relevance of the judgements that say something of the fit.

    0: not suitable. 1: suitable. 2: suitable, and the two came to an NDA or further, even if one of
    them declined after that.
    """
    fitting = judgements[~judgements["reason"].isin(NOT_ABOUT_FIT)].reset_index(drop=True)
    is_suitable = fitting["verdict"].eq(SUITABLE).to_numpy()
    grade = 1 + fitting["reached"].isin(COMMITTED).to_numpy()
    relevance = np.where(is_suitable, grade, 0).astype("int64")
    return fitting[["need_id", "researcher_id"]].assign(**{RELEVANCE: relevance})
