"""The tables that pass between the stages: one place for their names and columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.columns import Categories, Table
from matcher.records import VISIBILITIES, ResearcherCard

NEED_ID, SEED_ID, RESEARCHER_ID, RANK, SCORE = (
    "need_id",
    "seed_id",
    "researcher_id",
    "rank",
    "score",
)

SEED_COLUMNS = (
    SEED_ID,
    "kind",
    "lang",
    "title",
    "text",
    "year",
    "url",
    "visibility",
    "field_codes",
    "companies",
)
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
    "industry_seeds",
    "industry_last_year",
    "industry_partners",
)
AUTHORSHIP_COLUMNS = (SEED_ID, RESEARCHER_ID, "choice")
_YEARS = ("year", "industry_last_year")
_COUNTS = ("industry_seeds",)
RUN_COLUMNS = (NEED_ID, RESEARCHER_ID, RANK, SCORE)

# what the columns of a version's tables hold (see indexes.columns); a year that is not known is NaN
_FEW, _NAMES, _YEAR = "category:u1", "category:i4", "number:f4"
_ROW, _DIGEST, _PLACE = "number:i8", "number:u8", "number:i4"
PASSAGE_KINDS = {"seed_row": _ROW, "lang": _FEW, "first_sentence": _ROW, "text": "packed"}
SENTENCE_KINDS = {
    "start": _PLACE,
    "end": _PLACE,
    "field": _FEW,
    "source": _PLACE,
    "says": "number:u1",
}
STORED_SEED_KINDS = {
    SEED_ID: "text",
    "kind": "category:u2",
    "lang": _FEW,
    "title": "text",
    "year": _YEAR,
    "url": "text",
    "visibility": _FEW,
    "field_codes": "text",
    "digest": _DIGEST,
    "text_digest": _DIGEST,
}
RESEARCHER_KINDS = {
    RESEARCHER_ID: "text",
    "name_ja": "text",
    "name_en": "text",
    "institution_ja": _NAMES,
    "institution_en": _NAMES,
    "department_ja": _NAMES,
    "department_en": _NAMES,
    "position_ja": _NAMES,
    "position_en": _NAMES,
    "industry_seeds": "number:i8",
    "industry_last_year": _YEAR,
    "industry_partners": "text",
    "digest": _DIGEST,
}
AUTHORSHIP_KINDS = {"seed_row": _ROW, "researcher_row": _ROW, "representative": "number:?"}


@dataclass(frozen=True)
class Corpus:
    """Everything that can be matched, read from a catalogue or from an evaluation collection.

    `seeds` has SEED_COLUMNS (text columns are never null; `year` is a nullable integer; field codes
    and companies are joined by `; `), `researchers` RESEARCHER_COLUMNS, `authorships`
    AUTHORSHIP_COLUMNS (`choice` is empty or `representative`); ids are unique. All three are sorted
    by id. `state` is a hash of the content.
    """

    seeds: pd.DataFrame
    researchers: pd.DataFrame
    authorships: pd.DataFrame
    state: str


def table(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return a frame with exactly these columns, sorted by its ids.

    Years become nullable integers, counts integers; other missing values are empty text.
    """
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in columns:
        if column in _YEARS:
            frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("Int64")
        elif column in _COUNTS:
            counts = pd.to_numeric(frame[column], errors="coerce")
            frame[column] = counts.fillna(0).astype("int64")
        else:
            frame[column] = frame[column].astype(object).fillna("").astype(str)
    keys = [column for column in columns if column.endswith("_id")]
    return frame.sort_values(keys, kind="stable").reset_index(drop=True)


def table_of(kinds: Mapping[str, str], columns: Mapping[str, Iterable[Any]]) -> Table:
    """Return as many of a version's columns as are given, in memory."""
    return Table.of(columns, kinds)


def visibility_levels(visibility: Categories) -> NDArray[np.int64]:
    """Return each seed's level, shape (n_seeds,): 0 public, 1 internal, 2 confidential."""
    levels = {name: level for level, name in enumerate(VISIBILITIES)}
    return np.asarray(visibility.values_of(levels, -1), dtype=np.int64)


def in_statistics(level: NDArray[np.int64], lowest: int | None = None) -> NDArray[np.bool_]:
    """Say which seeds make statistics: the public ones, or those of the lowest level that there are.

    `lowest` is that level where these are not all seeds.

    What few users may see must not change what the others find, not even a last digit.
    """
    found = level.min(initial=len(VISIBILITIES)) if lowest is None else lowest
    return np.asarray(level == found, dtype=bool)


def researcher_card(
    row: Mapping[Any, Any], industry: Mapping[str, Any] = MappingProxyType({})
) -> ResearcherCard:
    """Return the card of a researcher's row: as many of RESEARCHER_COLUMNS as it has.

    A row of a table or of a query alike; what is missing is empty, a missing year None. `industry` is the
    record of work with companies where the row lacks it.
    """
    known = {name: row[name] for name in RESEARCHER_COLUMNS if name in row} | dict(industry)
    return ResearcherCard(**{name: _plain(name, value) for name, value in known.items()})


def _plain(column: str, value: Any) -> Any:
    missing = pd.isna(value)
    if column in _YEARS:
        return None if missing else int(value)
    if column in _COUNTS:
        return 0 if missing else int(value)
    return "" if missing else str(value)
