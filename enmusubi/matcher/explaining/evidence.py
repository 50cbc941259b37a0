"""Chooses the seeds that carry a match, the sentence of each, and the part of the need it answers.

Seeds are chosen one after the other, as in maximal marginal relevance (Carbonell and Goldstein
1998):

    worth(seed) = fused score + gain - 2 T [a profile text] - 2 T [nothing but very short sentences]

`gain` is the mean, over the need's parts, of how much nearer the seed's sentence is to the part
than those chosen before. T is the temperature of the aggregation: seeds whose scores differ by
less weigh nearly the same in the rank. Nothing is encoded or scored again, so that a reason cannot
disagree with a rank.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.matcher.aggregation import TEMPERATURE
from enmusubi.matcher.explaining.need_parts import NeedParts, is_short
from enmusubi.matcher.records import Evidence
from enmusubi.matcher.retrieval import NeedQuery
from enmusubi.matcher.snapshot import Snapshot

MAX_EVIDENCE = 3
FAR_BEHIND = 3 * TEMPERATURE  # a seed so far behind the best weighs e^-3 of it, about 5 %
HANDICAP = 2 * TEMPERATURE  # of a seed that says little: what weighs nearly as much is shown first
PROFILE = "profile"
POOL = 8  # a person's best seeds, from which the evidence is chosen
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeedSentences:
    """A seed's best passage, cut into the sentences that may speak for it.

    `places` are the sentences' positions in the passage, `nearness` their cosines to the whole need,
    `answers` those to its parts, shape (n_sentences, n_parts).
    """

    seed_row: int
    passage: pd.Series
    score: float
    places: NDArray[np.int64]
    nearness: FloatArray
    answers: FloatArray

    def gains(self, covered: FloatArray) -> FloatArray:
        """Return what each sentence adds to the parts that are covered so far."""
        return np.asarray(np.maximum(self.answers - covered, 0).mean(axis=1))

    def sentence(self, covered: FloatArray) -> int:
        """Return the row of the sentence that says most that was not said yet."""
        return int(np.argmax(self.nearness + self.gains(covered)))

    def worth(self, covered: FloatArray) -> float:
        """Return how much the seed is worth as the next piece of evidence."""
        return self.score + float(self.gains(covered)[self.sentence(covered)])


def carries(scores: FloatArray) -> NDArray[np.bool_]:
    """Say of each of a person's seeds, the best first, whether it helps to carry a match.

    Those that are both far behind the best and less than half as good do not.
    """
    return np.asarray(scores >= min(scores[0] - FAR_BEHIND, scores[0] / 2))


class EvidenceChooser:
    """Chooses the evidence of people for one need; what holds for all of them is computed once."""

    def __init__(self, query: NeedQuery, needed: NeedParts, snapshot: Snapshot) -> None:
        self._query = query
        self._needed = needed
        self._snapshot = snapshot

    def choose(self, owned: pd.DataFrame, researcher_row: int) -> tuple[Evidence, ...]:
        """Return up to three pieces of evidence for one person, the weightiest first.

        `owned` has the person's rows in the table of `aggregation.owned_seeds`, by place. Seeds that
        weigh next to nothing beside the best one are left out.
        """
        able = owned[carries(owned["score"].to_numpy(np.float64))].head(POOL)
        pool = [self._sentences(seed) for seed in able.to_dict("records")]
        chosen_by_them = self._snapshot.representative_pairs
        covered = np.zeros(len(self._needed.parts))
        chosen: list[Evidence] = []
        while pool and len(chosen) < MAX_EVIDENCE:
            best = max(pool, key=lambda seed: seed.worth(covered))
            pool.remove(best)
            sentence = best.sentence(covered)
            evidence = _evidence(best, sentence, self._snapshot)
            part = self._needed.parts[int(np.argmax(best.answers[sentence]))]
            representative = (best.seed_row, researcher_row) in chosen_by_them
            chosen.append(replace(evidence, answers=part, representative=representative))
            covered = np.maximum(covered, best.answers[sentence])
        return tuple(chosen)

    def _sentences(self, seed: Mapping[Hashable, Any]) -> SeedSentences:
        snapshot, seed_row = self._snapshot, int(seed["seed_row"])
        passage = snapshot.passages.iloc[int(seed["passage_row"])]
        places, short = _speaking(passage)
        rows = int(passage["first_sentence"]) + places
        vectors = np.asarray(snapshot.sentence_vectors[rows], dtype=np.float32)
        is_profile = str(snapshot.seeds["kind"].iat[seed_row]) == PROFILE
        return SeedSentences(
            seed_row=seed_row,
            passage=passage,
            score=float(seed["score"]) - HANDICAP * (short + is_profile),
            places=places,
            nearness=np.asarray(vectors @ self._query.vector, dtype=np.float64),
            answers=np.asarray(vectors @ self._needed.vectors.T, dtype=np.float64),
        )


def _speaking(passage: pd.Series) -> tuple[NDArray[np.int64], bool]:
    """Return the places of the sentences that may be shown, and whether all of them are short.

    Sentences of the text before the title, and either only where it says more than a few words,
    unless there is nothing else.
    """
    text = str(passage["text"])
    spans = zip(passage["sentence_starts"], passage["sentence_ends"], strict=True)
    short = np.array([is_short(text[start:end]) for start, end in spans])
    in_text = np.array([field == "text" for field in passage["sentence_fields"]])
    for chosen in (in_text & ~short, ~short, in_text):
        if chosen.any():
            return np.flatnonzero(chosen), bool(short[chosen].all())
    return np.arange(len(short)), True


def _evidence(seed: SeedSentences, sentence: int, snapshot: Snapshot) -> Evidence:
    row, passage = snapshot.seeds.iloc[seed.seed_row], seed.passage
    place, text = int(seed.places[sentence]), str(passage["text"])
    start, end = int(passage["sentence_starts"][place]), int(passage["sentence_ends"][place])
    year = row["year"]
    return Evidence(
        seed_id=str(row["seed_id"]),
        kind=str(row["kind"]),
        language=str(passage["lang"]),
        title=str(row["title"]),
        year=None if pd.isna(year) else int(year),
        url=str(row["url"]),
        sentence=text[start:end],
        sentence_field=str(passage["sentence_fields"][place]),
        sentence_start=int(passage["sentence_sources"][place]),
        passage=_body(text, passage),
        similarity=round(float(seed.nearness[sentence]), 4),
    )


def _body(text: str, passage: pd.Series) -> str:
    """Return the passage without its title line, unless the title is all there is."""
    starts = [
        int(start)
        for start, field in zip(passage["sentence_starts"], passage["sentence_fields"], strict=True)
        if field == "text"
    ]
    return text[starts[0] :] if starts else text
