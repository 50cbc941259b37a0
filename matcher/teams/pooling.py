"""Puts together whom a team for a need can be chosen from."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.answer import MIN_PROBABILITY
from matcher.domains.taxonomy import load_taxonomy
from matcher.records import MatchList
from matcher.teams.coverage import PublicWork, WishCoverage, newest_joint
from matcher.teams.pool import JointWork, TeamPool


def pool_of(
    chosen: tuple[WishCoverage, NDArray[np.int64]],
    matches: MatchList,
    fields: NDArray[np.float64],
    known_for: NDArray[np.bool_],
    works: Sequence[PublicWork],
) -> TeamPool:
    """Return the pool of the candidates at some places of a coverage, whose matches are given.

    `fields` are the need's probable fields, `known_for` says which each candidate is known for, `works` are
    the candidates' public ones.
    """
    coverage, places = chosen
    rows = coverage.rows[places]
    shares = fields if len(fields) else np.zeros(len(load_taxonomy().ids))
    likely = np.flatnonzero(shares >= MIN_PROBABILITY)
    return TeamPool(
        matches=matches,
        wishes=coverage.wishes,
        main=coverage.main,
        chances=coverage.chances[places],
        fields=tuple(load_taxonomy().ids[place] for place in likely),
        field_shares=np.asarray(shares[likely], dtype=np.float64),
        known_for=known_for[:, likely],
        joint=_joint_work(rows, works),
    )


def _joint_work(
    rows: NDArray[np.int64], works: Sequence[PublicWork]
) -> dict[tuple[int, int], JointWork]:
    return {
        pair: JointWork(seed_id, title, None if math.isnan(year) else int(year))
        for pair, (seed_id, title, year) in newest_joint(rows, works).items()
    }
