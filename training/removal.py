"""Asks whether evidence carries its match: takes it from the person and ranks again.

A match whose named evidence could go unnoticed has the wrong evidence. As many other seeds of the
same person are taken away for comparison.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from matcher.recommender import Recommender
from matcher.records import Match, Need
from matcher.tables import RESEARCHER_ID, SEED_ID

EVERYBODY = 1_000_000_000
Place = tuple[int, float]  # rank and score


@dataclass(frozen=True)
class Removal:
    """One match: where the person stands, and stands once evidence or other seeds are gone.

    `seeds` is how many were taken away, the same number of both.
    """

    need_id: str
    researcher_id: str
    seeds: int
    before: Place
    without_evidence: Place
    without_others: Place


@dataclass(frozen=True)
class RemovalShares:
    """Shares of the matches; a person is lower at a higher rank, or at the same with less score.

    `falls` count ranks alone.
    """

    matches: int
    evidence_lowers: float
    others_lower: float
    evidence_falls: float
    others_fall: float
    evidence_lowers_more: float
    others_lower_more: float

    def lines(self) -> list[str]:
        """Return the shares as lines for people."""
        shares = {name: value for name, value in asdict(self).items() if name != "matches"}
        return [f"matches: {self.matches}", *(f"{n}: {v:.3f}" for n, v in shares.items())]


def remove_evidence(
    recommender: Recommender,
    needs: Sequence[Need],
    authorships: pd.DataFrame,
    *,
    top: int,
    random_state: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> list[Removal]:
    """Return a removal for each of the `top` matches of each need whose person has other seeds.

    `authorships` has seed_id and researcher_id. Where there are fewer other seeds than evidence,
    only the first pieces of evidence are taken away.
    """
    seeds_of = authorships.groupby(RESEARCHER_ID)[SEED_ID].agg(sorted).to_dict()
    generator = np.random.default_rng(random_state)
    removals = []
    for need in needs:
        for match in recommender.match(need, top=top).matches:
            seeds = seeds_of[match.researcher.researcher_id]
            if removal := _remove(recommender, need, match, seeds, generator):
                removals.append(removal)
        if on_progress:
            on_progress(1)
    return removals


def _remove(
    recommender: Recommender,
    need: Need,
    match: Match,
    seeds: Sequence[str],
    generator: np.random.Generator,
) -> Removal | None:
    named = [evidence.seed_id for evidence in match.evidence]
    others = [seed for seed in seeds if seed not in named]
    count = min(len(named), len(others))
    if not count:
        return None
    drawn = [str(seed) for seed in generator.choice(others, count, replace=False)]
    who = match.researcher.researcher_id
    return Removal(
        need_id=need.need_id,
        researcher_id=who,
        seeds=count,
        before=(match.rank, match.score),
        without_evidence=_place(recommender, need, who, named[:count]),
        without_others=_place(recommender, need, who, drawn),
    )


def _place(recommender: Recommender, need: Need, who: str, removed: Sequence[str]) -> Place:
    """Return the person's rank and score without these seeds, behind all others if none is left."""
    run = recommender.without(who, removed).recommend([need], top=EVERYBODY)
    found = run[run[RESEARCHER_ID] == who]
    if found.empty:
        return len(run) + 1, -np.inf
    return int(found["rank"].iloc[0]), float(found["score"].iloc[0])


def removal_shares(removals: Sequence[Removal]) -> RemovalShares:
    """Return how often the evidence mattered, and how often other seeds did; NaN without removals."""

    def share(holds: Callable[[Removal], bool]) -> float:
        return float(np.mean([holds(removal) for removal in removals])) if removals else np.nan

    return RemovalShares(
        matches=len(removals),
        evidence_lowers=share(lambda r: _is_lower(r.without_evidence, r.before)),
        others_lower=share(lambda r: _is_lower(r.without_others, r.before)),
        evidence_falls=share(lambda r: r.without_evidence[0] > r.before[0]),
        others_fall=share(lambda r: r.without_others[0] > r.before[0]),
        evidence_lowers_more=share(lambda r: _is_lower(r.without_evidence, r.without_others)),
        others_lower_more=share(lambda r: _is_lower(r.without_others, r.without_evidence)),
    )


def _is_lower(place: Place, other: Place) -> bool:
    return (place[0], -place[1]) > (other[0], -other[1])
