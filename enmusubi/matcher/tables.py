"""The tables that pass between the stages: one place for their names and columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

NEED_ID, SEED_ID, RESEARCHER_ID, RANK, SCORE = (
    "need_id",
    "seed_id",
    "researcher_id",
    "rank",
    "score",
)

SEED_COLUMNS = (SEED_ID, "kind", "lang", "title", "text", "year", "url", "visibility")
RESEARCHER_COLUMNS = (
    RESEARCHER_ID,
    "name_ja",
    "name_en",
    "institution_ja",
    "institution_en",
    "department_ja",
    "department_en",
    "position_ja",
    "position_en",
)
AUTHORSHIP_COLUMNS = (SEED_ID, RESEARCHER_ID)
RUN_COLUMNS = (NEED_ID, RESEARCHER_ID, RANK, SCORE)


@dataclass(frozen=True)
class Corpus:
    """Everything that can be matched, read from a catalogue or from an evaluation collection.

    `seeds` has SEED_COLUMNS (text columns are never null; `year` is a nullable integer),
    `researchers` RESEARCHER_COLUMNS, `authorships` AUTHORSHIP_COLUMNS; ids are unique. All three
    are sorted by id. `state` is a hash of the content.
    """

    seeds: pd.DataFrame
    researchers: pd.DataFrame
    authorships: pd.DataFrame
    state: str


def table(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return a frame with exactly these columns, sorted by them; missing values are empty text.

    `year` becomes a nullable integer.
    """
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in columns:
        if column == "year":
            frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("Int64")
        else:
            frame[column] = frame[column].astype(object).fillna("").astype(str)
    keys = [column for column in columns if column.endswith("_id")]
    return frame.sort_values(keys, kind="stable").reset_index(drop=True)
