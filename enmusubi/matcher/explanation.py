"""Says why: the seeds that carry a match, and in each the sentence nearest to the need.

Reads the scores and vectors that retrieval used; nothing is encoded or scored again, so that a
reason cannot disagree with a rank.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from enmusubi.matcher.records import Evidence
from enmusubi.matcher.retrieval import NeedQuery
from enmusubi.matcher.snapshot import Snapshot

MAX_EVIDENCE = 3


def explain(
    query: NeedQuery, owned: pd.DataFrame, researcher_row: int, snapshot: Snapshot
) -> tuple[Evidence, ...]:
    """Return up to three pieces of evidence for one researcher, the weightiest first.

    `owned` is the table of `aggregation.owned_seeds`. Seeds that add nothing to the score are left
    out, except the best one.
    """
    seeds = owned[(owned["researcher_row"] == researcher_row) & (owned["place"] < MAX_EVIDENCE)]
    carrying = seeds[(seeds["score"] > 0) | (seeds["place"] == 0)].sort_values("place")
    return tuple(
        replace(
            _evidence(query, int(seed_row), int(passage_row), snapshot),
            representative=(int(seed_row), researcher_row) in snapshot.representative_pairs,
        )
        for seed_row, passage_row in zip(carrying["seed_row"], carrying["passage_row"], strict=True)
    )


def _evidence(query: NeedQuery, seed_row: int, passage_row: int, snapshot: Snapshot) -> Evidence:
    seed, passage = snapshot.seeds.iloc[seed_row], snapshot.passages.iloc[passage_row]
    place, similarity = _nearest_sentence(query, passage, snapshot)
    text = str(passage["text"])
    start, end = int(passage["sentence_starts"][place]), int(passage["sentence_ends"][place])
    year = seed["year"]
    return Evidence(
        seed_id=str(seed["seed_id"]),
        kind=str(seed["kind"]),
        language=str(passage["lang"]),
        title=str(seed["title"]),
        year=None if pd.isna(year) else int(year),
        url=str(seed["url"]),
        sentence=text[start:end],
        sentence_field=str(passage["sentence_fields"][place]),
        sentence_start=int(passage["sentence_sources"][place]),
        passage=_body(text, passage),
        similarity=round(similarity, 4),
    )


def _nearest_sentence(
    query: NeedQuery, passage: pd.Series, snapshot: Snapshot
) -> tuple[int, float]:
    """Return the place of the sentence and its similarity; titles only where there is no text."""
    count = len(passage["sentence_starts"])
    first = int(passage["first_sentence"])
    vectors = np.asarray(snapshot.sentence_vectors[first : first + count], dtype=np.float32)
    similarities = vectors @ query.vector
    in_text = np.asarray([field == "text" for field in passage["sentence_fields"]])
    if in_text.any():
        similarities = np.where(in_text, similarities, -np.inf)
    best = int(np.argmax(similarities))
    return best, float(similarities[best])


def _body(text: str, passage: pd.Series) -> str:
    """Return the passage without its title line, unless the title is all there is."""
    starts = [
        int(start)
        for start, field in zip(passage["sentence_starts"], passage["sentence_fields"], strict=True)
        if field == "text"
    ]
    return text[starts[0] :] if starts else text
