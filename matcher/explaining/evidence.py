"""Chooses the seeds that carry a match, the sentence of each, and the part of the need it answers.

Seeds are chosen one after the other, as in maximal marginal relevance (Carbonell and Goldstein
1998):

    worth(seed) = fused score + gain - 2 T [a profile text] - 2 T [nothing but very short sentences]

`gain` is the mean, over the need's parts, of how much nearer the seed's sentence is to the part
than those chosen before. T is the temperature of the aggregation: seeds whose scores differ by
less weigh nearly the same in the rank. Nothing is encoded or scored again, so that a reason cannot
disagree with a rank.

How a passage is cut into sentences depends on no need, so what was read of the passages shown last is
kept for the next need (`PassageTexts`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.aggregation import TEMPERATURE
from matcher.explaining.need_parts import NeedParts, is_short
from matcher.explaining.telling import about, losses
from matcher.records import AnsweredPart, Evidence
from matcher.retrieval import NeedQuery
from matcher.snapshot import Snapshot

KEPT = 8192  # passages; about 3 KB each
TEXT = "text"  # the field of sentences that are not of a title
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PassageText:
    """A passage and its sentences.

    `spans` are the sentences' places in `text`, `fields` and `sources` say for each the field of the
    seed that it is from, and its place there. `speaking` are the sentences that may be shown,
    `says_little` that all of these are short; `losses` are those of `telling.losses`; `body` is the text
    without a title line, unless the title is all there is.
    """

    language: str
    text: str
    body: str
    spans: tuple[tuple[int, int], ...]
    fields: tuple[str, ...]
    sources: tuple[int, ...]
    first_sentence: int
    speaking: NDArray[np.int64]
    says_little: bool
    is_title: NDArray[np.bool_]
    losses: FloatArray


class PassageTexts:
    """Reads passages of one snapshot by row; safe to use from several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        passages = snapshot.passages
        self._columns = {name: passages[name].array for name in passages.columns}
        self.get = lru_cache(KEPT)(self._read)

    def _read(self, row: int) -> PassageText:
        column = {name: values[row] for name, values in self._columns.items()}
        text = str(column["text"])
        starts, ends = column["sentence_starts"], column["sentence_ends"]
        spans = tuple((int(start), int(end)) for start, end in zip(starts, ends, strict=True))
        fields = tuple(str(field) for field in column["sentence_fields"])
        speaking, says_little = _speaking(text, spans, fields)
        return PassageText(
            language=str(column["lang"]),
            text=text,
            body=text[spans[fields.index(TEXT)][0] :] if TEXT in fields else text,
            spans=spans,
            fields=fields,
            sources=tuple(int(source) for source in column["sentence_sources"]),
            first_sentence=int(column["first_sentence"]),
            speaking=speaking,
            says_little=says_little,
            is_title=np.array([field != TEXT for field in fields], dtype=bool),
            losses=losses([text[start:end] for start, end in spans]),
        )


def _speaking(
    text: str, spans: tuple[tuple[int, int], ...], fields: tuple[str, ...]
) -> tuple[NDArray[np.int64], bool]:
    """Return the places of the sentences that may be shown, and whether all of them are short.

    Sentences of the text before the title, and either only where it says more than a few words,
    unless there is nothing else.
    """
    short = np.array([is_short(text[start:end]) for start, end in spans], dtype=bool)
    in_text = np.array([field == TEXT for field in fields], dtype=bool)
    for chosen in (in_text & ~short, ~short, in_text):
        if chosen.any():
            return np.flatnonzero(chosen), bool(short[chosen].all())
    return np.arange(len(short)), True


MAX_EVIDENCE = 3
# Cosine from which on a sentence is said to answer a part of the need. Of people whom readers called suitable
# for a need 71 % have such a sentence, of those whom they called unsuitable 38 % (docs/quality.md).
LEAST_ANSWER = 0.4
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
class SeedSentences:
    """A seed's best passage, cut into the sentences that may speak for it.

    `nearness` are the cosines of the passage's speaking sentences to the whole need, `answers` those
    to its parts, shape (n_sentences, n_parts), `telling` what they say of the work whatever is asked.
    """

    seed_row: int
    passage: PassageText
    score: float
    nearness: FloatArray
    answers: FloatArray
    telling: FloatArray

    def next(self, covered: FloatArray) -> tuple[float, int]:
        """Return the seed's worth as the next piece of evidence, and the sentence that makes it.

        It is the one that says most that was not said yet, and says what the work is about.
        """
        gains = np.maximum(self.answers - covered, 0).mean(axis=1)
        sentence = int(np.argmax(self.nearness + gains + self.telling))
        return self.score + float(gains[sentence]), sentence

    def answer(self, part: int) -> tuple[float, int]:
        """Return how well a part is answered, -inf for not at all, and the sentence that does."""
        near = self.answers[:, part]
        worth = np.where(near >= LEAST_ANSWER, near + self.telling, -np.inf)
        sentence = int(np.argmax(worth))
        return float(worth[sentence]), sentence


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
        self._written = {name: snapshot.seeds[name].array for name in ("seed_id", "title", "url")}
        # the whole need and its parts, so that a sentence is compared with all of them at once
        self._targets = np.vstack([query.vector, needed.vectors]).T

    def choose(self, owned: OwnSeeds, researcher_row: int) -> Chosen:
        """Return up to three pieces of evidence for one person, and which parts they answer.

        Seeds that weigh next to nothing beside the best one are left out.
        """
        able = np.flatnonzero(carries(owned.scores))[:POOL]
        pool = [self._sentences(owned, int(place)) for place in able]
        chosen_by_them = self._snapshot.representative_pairs
        covered = np.zeros(len(self._needed.parts))
        chosen: list[Evidence] = []
        shown: list[SeedSentences] = []
        while pool and len(chosen) < MAX_EVIDENCE:
            offers = [seed.next(covered) for seed in pool]
            at = max(range(len(pool)), key=lambda place: offers[place][0])
            best, sentence = pool.pop(at), offers[at][1]
            evidence = self._evidence(best, sentence)
            nearest = int(np.argmax(best.answers[sentence]))
            is_answer = best.answers[sentence, nearest] >= LEAST_ANSWER
            part = self._needed.parts[nearest] if is_answer else None
            representative = (best.seed_row, researcher_row) in chosen_by_them
            chosen.append(replace(evidence, answers=part, representative=representative))
            shown.append(best)
            covered = np.maximum(covered, best.answers[sentence])
        return Chosen(tuple(chosen), self._parts(shown))

    def _parts(self, shown: Sequence[SeedSentences]) -> tuple[AnsweredPart, ...]:
        """Return the need's parts, each with the sentence of the seeds shown that answers it best."""
        found = []
        for place, part in enumerate(self._needed.parts):
            offers = [(*seed.answer(place), seed) for seed in shown]
            worth, sentence, best = max(offers, key=lambda offer: offer[0])
            if worth == -np.inf:
                found.append(AnsweredPart(part))
                continue
            start, end = best.passage.spans[int(best.passage.speaking[sentence])]
            seed_id = str(self._written["seed_id"][best.seed_row])
            found.append(AnsweredPart(part, seed_id, best.passage.text[start:end]))
        return tuple(found)

    def _sentences(self, owned: OwnSeeds, place: int) -> SeedSentences:
        snapshot, seed_row = self._snapshot, int(owned.seed_rows[place])
        passage = self._passages.get(int(owned.passage_rows[place]))
        first, count = passage.first_sentence, len(passage.spans)
        every = np.asarray(snapshot.sentence_vectors[first : first + count], dtype=np.float32)
        vectors = every[passage.speaking]
        near = np.asarray(vectors @ self._targets, dtype=np.float64)
        is_profile = snapshot.seed_kinds[seed_row] == PROFILE
        return SeedSentences(
            seed_row=seed_row,
            passage=passage,
            score=float(owned.scores[place]) - HANDICAP * (passage.says_little + is_profile),
            nearness=near[:, 0],
            answers=near[:, 1:],
            telling=(about(every, passage.is_title) - passage.losses)[passage.speaking],
        )

    def _evidence(self, seed: SeedSentences, sentence: int) -> Evidence:
        row, passage = seed.seed_row, seed.passage
        place = int(passage.speaking[sentence])
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
            similarity=round(float(seed.nearness[sentence]), 4),
        )
