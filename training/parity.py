"""Measures whether a need finds the same people whichever language it is written in.

Rank-biased overlap of the two versions' lists (Webber, Moffat and Zobel 2010, "A similarity measure
for indefinite rankings"), extrapolated from the depth that was ranked.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from enmusubi.errors import CollectionError
from matcher.tables import NEED_ID, RANK, RESEARCHER_ID
from training.metrics import Interval, bootstrap_intervals

PERSISTENCE = 0.9  # a reader goes on to the next rank with this probability
MEASURE = "rbo"


def rank_biased_overlap(
    first: Sequence[str], second: Sequence[str], persistence: float = PERSISTENCE
) -> float:
    """Return RBO_ext of two lists without repetitions, in [0, 1]; 1 for equal lists.

    Both are read to the length of the shorter one. Two empty lists are equal.
    """
    depth = min(len(first), len(second))
    if not depth:
        return float(len(first) == len(second))
    seen_first: set[str] = set()
    seen_second: set[str] = set()
    total = 0.0
    shared = 0
    for rank in range(1, depth + 1):
        seen_first.add(first[rank - 1])
        seen_second.add(second[rank - 1])
        shared = len(seen_first & seen_second)
        total += persistence**rank * shared / rank
    return shared / depth * persistence**depth + (1 - persistence) / persistence * total


def language_parity(run: pd.DataFrame, versions: Sequence[tuple[str, str]]) -> Interval:
    """Return the mean overlap of the lists of each pair of need ids, with its 95 % interval.

    Raises CollectionError when none of the pairs was ranked.
    """
    ordered = run.sort_values([NEED_ID, RANK])
    lists = {need: list(people) for need, people in ordered.groupby(NEED_ID)[RESEARCHER_ID]}
    overlaps = [
        rank_biased_overlap(lists[one], lists[other])
        for one, other in versions
        if one in lists and other in lists
    ]
    if not overlaps:
        raise CollectionError(
            "None of the %(count)s pairs of versions has both its needs in the run. "
            "Check that --versions and --needs belong together.",
            count=len(versions),
        )
    return bootstrap_intervals(pd.DataFrame({MEASURE: np.asarray(overlaps)}))[MEASURE]


def read_versions(path: Path) -> list[tuple[str, str]]:
    """Return pairs of need ids from a file with two of them a line, apart by blanks or tabs.

    Raises CollectionError for another form, with the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise CollectionError(
            "%(path)s cannot be read (%(reason)s).", path=path, reason=error
        ) from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 2:
            raise CollectionError(
                "%(path)s, line %(number)s: found %(count)s fields, expected two need ids.",
                path=path,
                number=number,
                count=len(parts),
            )
        pairs.append((parts[0], parts[1]))
    if not pairs:
        raise CollectionError("%(path)s holds no pairs. Expected two need ids a line.", path=path)
    return pairs
