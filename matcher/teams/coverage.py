"""How likely each candidate meets each wish of a need: what a team problem is made of.

    logit c_ij = logit p_i + SPREAD (z_ij - sum over wishes k of w_k z_ik)

`p_i` is the candidate's calibrated probability for the whole need, `z_ij` the cosine of wish j and the
nearest sentence of the candidate's best seeds, in spreads above the mean of the re-ranked for that wish.
The wishes' vectors are those of the sentences encoded by themselves: within its text a sentence's vector
tells the topic of the whole need, and the wishes of a need can hardly be told apart by them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indexes.stored_rows import products
from matcher.aggregation import OwnedSeeds
from matcher.explaining.need_parts import NeedParts
from matcher.features.coverage import sentences_of
from matcher.features.extraction import DEPTH
from matcher.need_roles.classifier import BACKGROUND, CONSTRAINT, PROBLEM, WISH
from matcher.ranking import Ranking
from matcher.records import NeedPart
from matcher.reranking.calibration import logit, sigmoid
from matcher.snapshot import Snapshot
from matcher.teams.objective import SUREST, FloatArray, IntArray

SPREAD = 1.15  # fitted to pairs of abstracts in one text (docs/teams.md)
IMPORTANCE = {WISH: 1.0, PROBLEM: 0.8, CONSTRAINT: 0.5, BACKGROUND: 0.3}
MOST_WISHES = 12  # of a long need, the most important
LEAST_CHANCE = 0.1  # of a candidate, for one wish at least
LEAST_PROBABILITY = 0.005  # of somebody whom the first stage didn't put forward


@dataclass(frozen=True)
class TeamWish:
    """A part of the need that a team should meet, and how much of the need it makes up."""

    part: NeedPart
    role: str
    importance: float


@dataclass(frozen=True, eq=False)
class WishCoverage:
    """The chance of each of the re-ranked to meet each wish.

    `rows` are researcher rows, the most probable first; `chances` has the shape (n, n_wishes). `main` is
    the place of the wish that says most of what is wanted.
    """

    rows: IntArray
    probabilities: FloatArray
    wishes: tuple[TeamWish, ...]
    chances: FloatArray
    main: int

    @property
    def importance(self) -> FloatArray:
        """What each wish makes up of the need, shape (n_wishes,), summing to 1."""
        return np.array([wish.importance for wish in self.wishes])

    def chosen(self, most: int, *, also: Collection[int] = ()) -> IntArray:
        """Return the places of `most` candidates, ascending: the best for the need and each wish by turns.

        Nobody is among them whose best chance is below LEAST_CHANCE, but those of the researcher rows
        `also`, besides `most`.
        """
        worth = self.chances @ self.importance
        orders = [np.argsort(-column, kind="stable") for column in (worth, *self.chances.T)]
        by_turns = dict.fromkeys(np.stack(orders, axis=1).ravel().tolist())
        able = [place for place in by_turns if self.chances[place].max() >= LEAST_CHANCE]
        added = np.flatnonzero(np.isin(self.rows, list(also)))
        return np.union1d(np.array(able[:most], dtype=np.int64), added)


def wishes_of(needed: NeedParts) -> tuple[list[int], tuple[TeamWish, ...]]:
    """Return which parts of a need a team should meet, their places and what they are worth.

    What is told as background counts only where less than two parts are wishes, problems or constraints.
    """
    roles = needed.roles or (WISH,) * len(needed.parts)
    places = [place for place, role in enumerate(roles) if role != BACKGROUND]
    if len(places) < 2:
        places = list(range(len(roles)))
    weighed = sorted(places, key=lambda place: (-IMPORTANCE.get(roles[place], 0.3), place))
    kept = sorted(weighed[:MOST_WISHES])
    weights = np.array([IMPORTANCE.get(roles[place], 0.3) for place in kept])
    shares = weights / weights.sum()
    return kept, tuple(
        TeamWish(needed.parts[place], roles[place], float(share))
        for place, share in zip(kept, shares, strict=True)
    )


def coverage_of(
    ranking: Ranking, needed: NeedParts, alone: NDArray[np.float32], snapshot: Snapshot
) -> WishCoverage:
    """Return the chances of everybody who was re-ranked for a need.

    `alone` are the vectors of its parts, each encoded by itself, centred, shape (n_parts, dimension).
    """
    owned = ranking.candidates.owned
    return coverage_of_nearness(
        ranking, needed, alone, lambda rows, sought: wish_nearness(owned, rows, sought, snapshot)
    )


def coverage_of_nearness(
    ranking: Ranking,
    needed: NeedParts,
    alone: NDArray[np.float32],
    near_wishes: Callable[[IntArray, NDArray[np.float32]], FloatArray],
) -> WishCoverage:
    """Return the same where `near_wishes` says how near people come to wishes (see `wish_nearness`)."""
    places, wishes = wishes_of(needed)
    # the re-ranked are the first of the list
    order = ranking.people.researcher_row[: len(ranking.candidates.described.people)]
    probabilities = ranking.people.probability[: len(order)]
    importance = np.array([wish.importance for wish in wishes])
    near = near_wishes(order, alone[places])
    return WishCoverage(
        rows=order,
        probabilities=probabilities,
        wishes=wishes,
        chances=wish_chances(probabilities, near, importance),
        main=int(np.argmax(importance)),
    )


def wish_nearness(
    owned: OwnedSeeds, people: IntArray, vectors: NDArray[np.float32], snapshot: Snapshot
) -> FloatArray:
    """Return the cosine of each wish and the nearest sentence of each person's best seeds.

    Shape (people, n_wishes), in the order of `people`; NaN for somebody without a seed.
    """
    ascending = np.sort(people)
    rows = owned.rows_of(ascending)
    rows = rows[owned.place[rows] < DEPTH]
    sentences, counts = sentences_of(owned.passage_row[rows], snapshot)
    stored = snapshot.sentence_vectors[sentences].astype(np.float32)
    persons = np.repeat(np.searchsorted(ascending, owned.researcher_row[rows]), counts)
    nearest = np.full((len(people), len(vectors)), -np.inf)
    near = np.stack([products(stored, vector) for vector in vectors], axis=1)
    np.maximum.at(nearest, persons, near.astype(np.float64))
    nearest[np.isinf(nearest)] = np.nan
    return nearest[np.searchsorted(ascending, people)]


def wish_chances(
    probabilities: FloatArray, nearness: FloatArray, importance: FloatArray, spread: float = SPREAD
) -> FloatArray:
    """Return the chance of each candidate to meet each wish, shape (n, n_wishes), in [0, SUREST].

    `nearness` are cosines, NaN where a candidate has no sentence near the need: as near as the farthest.
    """
    if not len(probabilities):
        return np.zeros(nearness.shape)
    known = np.where(np.isnan(nearness), np.nanmin(nearness, axis=0, initial=1.0), nearness)
    deviation = known.std(axis=0)
    z = (known - known.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    moved = z - (z @ importance)[:, None]
    sure = np.where(np.isnan(probabilities), LEAST_PROBABILITY, probabilities)
    return np.minimum(sigmoid(logit(sure)[:, None] + spread * moved), SUREST)


@dataclass(frozen=True, eq=False)
class PublicWork:
    """Public seeds of people, a row a person and seed; a year that is not known is NaN."""

    person: IntArray
    seed: IntArray
    year: FloatArray
    seed_id: Sequence[str]
    title: Sequence[str]


def public_work(people: IntArray, snapshot: Snapshot) -> PublicWork:
    """Return all public seeds of people: what few may see changes no team."""
    place, seeds = snapshot.seeds_of(people)
    kept = snapshot.public_seeds[seeds]
    place, seeds = place[kept], seeds[kept]
    texts = (snapshot.seeds.texts(name)[seeds] for name in ("seed_id", "title"))
    return PublicWork(people[place], seeds, snapshot.seed_years[seeds], *texts)


def newest_joint(
    people: IntArray, works: Sequence[PublicWork]
) -> dict[tuple[int, int], tuple[str, str, float]]:
    """Return id, title and year of the newest public seed that two people made together.

    By their places in `people` (a < b); `works` are those of these people, wherever they were found.
    """
    place_of = {row: place for place, row in enumerate(people.tolist())}
    frames = [
        pd.DataFrame(
            {
                "place": [place_of[row] for row in work.person.tolist()],
                "seed": work.seed,
                "year": work.year,
                "id": list(work.seed_id),
                "title": list(work.title),
            }
        )
        for work in works
    ]
    if not frames:
        return {}
    table = pd.concat(frames, ignore_index=True)
    table["known"] = np.nan_to_num(table["year"], nan=-np.inf)
    pairs = table.merge(table[["seed", "place"]], on="seed", suffixes=("", "_other"))
    pairs = pairs[pairs["place"] < pairs["place_other"]]
    newest = pairs.sort_values(["known", "seed"], kind="stable").drop_duplicates(
        ["place", "place_other"], keep="last"
    )
    named = newest[["place", "place_other", "id", "title", "year"]]
    return {
        (int(a), int(b)): (str(seed_id), str(title), float(year))
        for a, b, seed_id, title, year in named.itertuples(index=False)
    }


def joint_matrix(pairs: Iterable[tuple[int, int]], size: int) -> NDArray[np.bool_]:
    """Return which two have worked together, shape (size, size)."""
    joint = np.zeros((size, size), dtype=bool)
    for a, b in pairs:
        joint[a, b] = joint[b, a] = True
    return joint
