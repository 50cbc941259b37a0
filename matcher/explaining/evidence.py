"""Chooses the seeds that carry a match, the sentence of each, and the part of the need it answers.

Seeds are chosen one after the other, as in maximal marginal relevance (Carbonell and Goldstein
1998):

    worth(seed) = fused score + gain - 2 T [a profile text] - 2 T [nothing but very short sentences]

`gain` is the mean, over the need's parts, of how much nearer the seed's sentence is to the part
than those chosen before. T is the temperature of the aggregation: seeds whose scores differ by
less weigh nearly the same in the rank. Nothing is encoded or scored again, so that a reason cannot
disagree with a rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import spread_ranges
from matcher.aggregation import TEMPERATURE, best_of_each
from matcher.explaining.claims import LEAST_ANSWER, least_nearness
from matcher.explaining.need_parts import NeedParts
from matcher.explaining.passage_texts import PassageText, PassageTexts
from matcher.records import AnsweredPart, Evidence, NeedPart
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


MAX_EVIDENCE = 3
FAR_BEHIND = 3 * TEMPERATURE  # a seed so far behind the best weighs e^-3 of it, about 5 %
HANDICAP = 2 * TEMPERATURE  # of a seed that says little: what weighs nearly as much is shown first
PROFILE = "profile"
POOL = 8  # a person's best seeds, from which the evidence is chosen


@dataclass(frozen=True, eq=False)
class OwnSeeds:
    """A person's seeds in the table of `aggregation.owned_seeds`, the best first."""

    seed_rows: IntArray
    passage_rows: IntArray
    scores: FloatArray


@dataclass(frozen=True)
class Chosen:
    """A person's evidence, the weightiest first, and what of the need it answers, part by part."""

    evidence: tuple[Evidence, ...]
    parts: tuple[AnsweredPart, ...]


@dataclass(frozen=True, eq=False)
class SeedPool:
    """A person's best seeds, each by the speaking sentences of its best passage, one seed after the other.

    `starts` says where each seed's sentences begin. `nearness` are the sentences' cosines to the whole need,
    `answers` those to its parts, shape (n_sentences, n_parts), `telling` what they say of the work.
    """

    seed_rows: IntArray
    passages: tuple[PassageText, ...]
    scores: FloatArray
    starts: IntArray
    nearness: FloatArray
    answers: FloatArray
    telling: FloatArray

    def offers(self, covered: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return each seed's worth as the next piece of evidence, and the sentence that makes it.

        It is the one that says most that was not said yet, and says what the work is about.
        """
        gains = np.maximum(self.answers - covered, 0).mean(axis=1)
        sentences = best_of_each(self.nearness + gains + self.telling, self.starts)
        return self.scores + gains[sentences], sentences

    def sentences_of(self, seeds: Sequence[int]) -> IntArray:
        """Return the sentences of these seeds, one seed after the other."""
        ends = np.append(self.starts[1:], len(self.nearness))
        chosen = np.array(seeds, dtype=np.int64)
        return spread_ranges(self.starts[chosen], ends[chosen])[0]

    def text_of(self, sentence: int) -> tuple[int, int]:
        """Return of which seed a sentence is, and its place in the seed's passage."""
        seed = int(np.searchsorted(self.starts, sentence, side="right")) - 1
        return seed, int(self.passages[seed].speaking[sentence - self.starts[seed]])


def carries(scores: FloatArray) -> NDArray[np.bool_]:
    """Say of each of a person's seeds, the best first, whether it helps to carry a match.

    Those that are both far behind the best and less than half as good do not.
    """
    return np.asarray(scores >= min(scores[0] - FAR_BEHIND, scores[0] / 2))


class EvidenceChooser:
    """Chooses the evidence of people for one need; what holds for all of them is computed once."""

    def __init__(
        self, query: NeedQuery, needed: NeedParts, snapshot: Snapshot, passages: PassageTexts
    ) -> None:
        self._needed = needed
        self._snapshot = snapshot
        self._passages = passages
        self._written = {name: snapshot.seeds.texts(name) for name in ("seed_id", "title", "url")}
        # the whole need and its parts, so that a sentence is compared with all of them at once
        self._targets = np.vstack([query.vector, needed.vectors]).T

    def choose(self, owned: OwnSeeds, researcher_row: int, probability: float | None) -> Chosen:
        """Return up to three pieces of evidence for one person, and which parts they answer.

        Seeds that weigh next to nothing beside the best one are left out. What is said to be answered
        rests on the person's probability, too.
        """
        pool = self._pool(owned, np.flatnonzero(carries(owned.scores))[:POOL])
        chosen_by_them = self._snapshot.representative_pairs
        covered = np.zeros(len(self._needed.parts))
        least = least_nearness(probability, self._needed.wanted)
        chosen: list[Evidence] = []
        shown: list[int] = []
        while len(shown) < min(MAX_EVIDENCE, len(pool.passages)):
            worth, sentences = pool.offers(covered)
            worth[shown] = -np.inf
            best = int(np.argmax(worth))
            answers = pool.answers[sentences[best]]
            beyond = answers - least
            answered = int(np.argmax(beyond))
            part = self._needed.parts[answered] if beyond[answered] >= 0 else None
            representative = (int(pool.seed_rows[best]), researcher_row) in chosen_by_them
            evidence = self._evidence(pool, int(sentences[best]), part, is_chosen=representative)
            chosen.append(evidence)
            shown.append(best)
            covered = np.maximum(covered, answers)
        return Chosen(tuple(chosen), self._parts(pool, shown, least))

    def _parts(
        self, pool: SeedPool, shown: Sequence[int], least: FloatArray
    ) -> tuple[AnsweredPart, ...]:
        """Return the need's parts, each with the best sentence of the seeds shown: an answer, or near."""
        sentences = pool.sentences_of(shown)
        near = pool.answers[sentences]
        worth = near + pool.telling[sentences, None]
        answers = np.where(near >= least, worth, -np.inf)
        nearby = np.where(near >= LEAST_ANSWER, worth, -np.inf)
        return tuple(
            self._told(part, pool, sentences, answers[:, place], is_answer=True)
            or self._told(part, pool, sentences, nearby[:, place], is_answer=False)
            or AnsweredPart(part)
            for place, part in enumerate(self._needed.parts)
        )

    def _told(
        self,
        part: NeedPart,
        pool: SeedPool,
        sentences: IntArray,
        worth: FloatArray,
        *,
        is_answer: bool,
    ) -> AnsweredPart | None:
        """Return a part with the sentence that is worth most, None where none is near enough (-inf)."""
        best = int(np.argmax(worth))
        if worth[best] == -np.inf:
            return None
        seed, place = pool.text_of(int(sentences[best]))
        passage = pool.passages[seed]
        start, end = passage.spans[place]
        seed_id = str(self._written["seed_id"][int(pool.seed_rows[seed])])
        return AnsweredPart(part, seed_id, passage.text[start:end], is_answer)

    def _pool(self, owned: OwnSeeds, places: IntArray) -> SeedPool:
        """Return the seeds at these places of a person's, as evidence is chosen from them."""
        seed_rows = owned.seed_rows[places]
        passages = tuple(self._passages.get(int(row)) for row in owned.passage_rows[places])
        is_profile = [self._snapshot.seed_kinds[int(row)] == PROFILE for row in seed_rows]
        handicaps = [
            HANDICAP * (p.says_little + o) for p, o in zip(passages, is_profile, strict=True)
        ]
        near = np.concatenate([self._near(passage) for passage in passages])
        counts = np.array([len(passage.speaking) for passage in passages])
        return SeedPool(
            seed_rows=seed_rows,
            passages=passages,
            scores=owned.scores[places] - np.array(handicaps),
            starts=np.cumsum(counts) - counts,
            nearness=near[:, 0],
            answers=near[:, 1:],
            telling=np.concatenate([passage.telling for passage in passages]),
        )

    def _near(self, passage: PassageText) -> FloatArray:
        """Return the cosines of a passage's speaking sentences to the need and its parts."""
        every = np.asarray(self._snapshot.sentence_vectors[passage.sentences], dtype=np.float32)
        return np.asarray(every[passage.speaking] @ self._targets, dtype=np.float64)

    def _evidence(
        self, pool: SeedPool, sentence: int, part: NeedPart | None, *, is_chosen: bool
    ) -> Evidence:
        seed, place = pool.text_of(sentence)
        row, passage = int(pool.seed_rows[seed]), pool.passages[seed]
        start, end = passage.spans[place]
        year = self._snapshot.seed_years[row]
        return Evidence(
            seed_id=str(self._written["seed_id"][row]),
            kind=str(self._snapshot.seed_kinds[row]),
            language=passage.language,
            title=str(self._written["title"][row]),
            year=None if np.isnan(year) else int(year),
            url=str(self._written["url"][row]),
            sentence=passage.text[start:end],
            sentence_field=passage.fields[place],
            sentence_start=passage.sources[place],
            passage=passage.body,
            similarity=round(float(pool.nearness[sentence]), 4),
            answers=part,
            representative=is_chosen,
        )
