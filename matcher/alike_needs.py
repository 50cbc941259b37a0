"""Needs that ask for the same thing, found among many: what companies could do together.

Needs are clustered by average linkage on the centred vectors of their whole texts. Two needs are as alike as

    cos(a, b) - HUB_SHARE * (near(a) + near(b))

where near(x) is the mean cosine to the NEIGHBOURS nearest other needs: in a crowded field two needs must be
nearer to each other than in an empty one (a softened CSLS, Conneau et al. 2018, "Word translation without
parallel data"). Means are drawn towards those that ship, so that few needs can be grouped, too. The
numbers were chosen on half of 200 made-up needs; docs/consortia.md has how the other half is grouped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.centring import Means, centre, estimate_means
from matcher.encoder.encoder import QUERY

HUB_SHARE = 0.15
NEIGHBOURS = 5
LEAST_ALIKE = 0.23  # mean likeness of two groups that become one
LEAST_COSINE = (
    0.34  # mean cosine of a group's needs: below it they are merely nearest to each other
)
MOST_NEEDS = 3_000  # compared at once: 72 MB of likenesses


@dataclass(frozen=True)
class NeedVector:
    """A need's language (ja or en) and its unit vector, not centred."""

    language: str
    vector: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True)
class AlikeNeeds:
    """The places of needs that ask for the same thing, rising, and the mean cosine of two of them."""

    places: tuple[int, ...]
    likeness: float


def group_alike(needs: Sequence[NeedVector], shipped: Means) -> tuple[AlikeNeeds, ...]:
    """Return the groups of two needs or more, those most alike first; a need is in one group at most.

    Raises ValueError for more than MOST_NEEDS. The order of the needs changes nothing but the places.
    """
    from scipy.cluster.hierarchy import average, fcluster

    if len(needs) > MOST_NEEDS:
        raise ValueError(f"{len(needs)} needs, expected at most {MOST_NEEDS}")
    if len(needs) < 2:
        return ()
    cosines = _cosines(needs, shipped)
    upper = np.triu_indices(len(needs), k=1)
    apart = (1 - _beyond_crowd(cosines))[upper]
    joined = fcluster(average(np.maximum(apart, 0)), 1 - LEAST_ALIKE, criterion="distance")
    places = (np.flatnonzero(joined == one) for one in np.unique(joined))
    found = [
        AlikeNeeds(tuple(int(place) for place in group), _mean_cosine(cosines, group))
        for group in places
        if len(group) > 1
    ]
    near = (group for group in found if group.likeness >= LEAST_COSINE)
    return tuple(sorted(near, key=lambda group: (-group.likeness, group.places)))


def _cosines(needs: Sequence[NeedVector], shipped: Means) -> NDArray[np.float64]:
    languages = [need.language for need in needs]
    vectors = np.stack([need.vector for need in needs]).astype(np.float32)
    means = estimate_means(QUERY, vectors, languages, shipped)
    centred = centre(vectors, languages, QUERY, means).astype(np.float64)
    likeness: NDArray[np.float64] = centred @ centred.T
    return likeness


def _beyond_crowd(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the likenesses: cosines less what both needs have in common with their neighbours."""
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    nearest = min(NEIGHBOURS, len(cosines) - 1)
    near = np.sort(others, axis=1)[:, -nearest:].mean(axis=1)
    beyond: NDArray[np.float64] = cosines - HUB_SHARE * (near[:, None] + near[None, :])
    return beyond


def _mean_cosine(cosines: NDArray[np.float64], group: NDArray[np.intp]) -> float:
    pairs = cosines[np.ix_(group, group)][np.triu_indices(len(group), k=1)]
    return round(float(pairs.mean()), 6)
