"""What a shard found for the needs asked for last, kept in memory; where it is not, it is found again."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import numpy as np

from indexes.selection import Selection
from matcher.aggregation import OwnedSeeds
from matcher.features.people import SeedsOfPeople, gather_seeds
from matcher.features.records import PeopleRecords
from matcher.filtering import Allowed, apply_filters
from matcher.profiles import without_seeds
from matcher.ranking import owned_by_those_left
from matcher.recently_used import RecentlyUsed
from matcher.records import Filters
from matcher.retrieval import PassageScorer
from matcher.sharding.numbers import Numbers, places_of
from matcher.sharding.shard import IntArray, Removed, ShardQuestion
from matcher.snapshot import Snapshot

KEPT = 32  # needs and their filters; each about 1 MB
KEPT_FILTERS = 8
ALL = Filters()


@dataclass(eq=False)
class NeedWork:
    """What is known of a need and its filters; later steps are made when they are asked for."""

    snapshot: Snapshot
    allowed: Allowed
    scorer: PassageScorer
    found: OwnedSeeds | None = None
    seen: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    gathered: SeedsOfPeople | None = None


class KeptWork:
    """The work of a shard, by question; safe to call from several threads."""

    def __init__(self, snapshot: Snapshot, numbers: Numbers, records: PeopleRecords) -> None:
        self._snapshot = snapshot
        self._numbers = numbers
        self._records = records
        self._ids = snapshot.researchers.texts("researcher_id")
        self._everyone = apply_filters(ALL, snapshot)
        self._left: RecentlyUsed[Allowed] = RecentlyUsed(KEPT_FILTERS)
        self._work: RecentlyUsed[NeedWork] = RecentlyUsed(KEPT)

    def allow(self, filters: Filters, removed: Removed = ()) -> Allowed:
        """Return what filters leave, the same object for the same; raises InputError for an unknown one."""
        if filters.key() == ALL.key() and not removed:
            return self._everyone
        key = (filters.key(), removed)
        kept = self._left.get(key)
        if kept is None:
            known = self._records.known_for_any(filters.domains)
            kept = apply_filters(filters, self._without(removed), known)
            if filters.key() != ALL.key():
                everyone = self.allow(ALL, removed)
                kept = everyone if kept.equals(everyone) else kept
            self._left.put(key, kept)
        return kept

    def _without(self, removed: Removed) -> Snapshot:
        snapshot = self._snapshot
        for researcher_id, seed_ids in removed:
            row = self._ids.row_of(researcher_id)
            if row is not None:
                snapshot = without_seeds(snapshot, row, seed_ids)
        return snapshot

    def of(self, asked: ShardQuestion) -> NeedWork:
        """Return what is known for a question, kept or begun."""
        key: Hashable = (asked.key, asked.filters.key(), asked.left_out, asked.removed)
        work = self._work.get(key)
        if work is None:
            snapshot = self._without(asked.removed)
            allowed = self.allow(asked.filters, asked.removed)
            if allowed.passages is None and not asked.everything:
                # what is looked at of people with very many seeds is chosen as it would be among all shards
                everything = Selection.of(np.ones(len(snapshot.passages), dtype=bool))
                allowed = replace(allowed, passages=everything)
            scorer = PassageScorer(asked.query, snapshot, asked.scales)
            work = NeedWork(snapshot, allowed.without(self.here(asked.left_out)), scorer)
            self._work.put(key, work)
        return work

    def found(self, work: NeedWork, asked: ShardQuestion) -> OwnedSeeds:
        """Return the seeds of the chosen passages, of people who are left."""
        if work.found is None:
            rows = places_of(asked.passages, self._numbers.passages)
            chosen = work.scorer.score(work.allowed.keeps(rows))
            work.found = owned_by_those_left(chosen, work.snapshot, work.allowed)
        return work.found

    def gathered(self, work: NeedWork, asked: ShardQuestion) -> SeedsOfPeople:
        """Return the seeds of those of the chosen people who are here."""
        if work.gathered is None:
            found = self.found(work, asked)
            work.seen = places_of(asked.people, self._numbers.researchers)
            work.gathered = gather_seeds(work.seen, work.scorer, work.snapshot, work.allowed, found)
        return work.gathered

    def owned(self, work: NeedWork, asked: ShardQuestion) -> OwnedSeeds:
        """Return the seeds that people are listed by: of those seen whole all, of others those found."""
        found, gathered = self.found(work, asked), self.gathered(work, asked)
        others = found.take(~np.isin(found.researcher_row, work.seen))
        return gathered.owned_by(work.seen).merged(others)

    def here(self, people: tuple[int, ...]) -> list[int]:
        """Return where those of the people stand who are here."""
        wanted = np.array(sorted(people), dtype=np.int64)
        return [int(place) for place in places_of(wanted, self._numbers.researchers)]
