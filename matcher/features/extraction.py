"""Computes the features of a need and the researchers whom the first stage put forward.

Everything comes from the index version and the need; nothing is encoded here. One implementation serves
training and serving, so that a re-ranker meets the numbers that it was fitted on.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.aggregation import TEMPERATURE
from matcher.features.definitions import FEATURES, LANGUAGE_PAIRS, NAMES
from matcher.features.people import SeedsOfPeople, gather_seeds
from matcher.features.records import PeopleRecords, newest_year
from matcher.retrieval import NeedQuery, PassageScorer
from matcher.snapshot import Snapshot

MISSING, LOW, HIGH = (
    np.array([getattr(feature, bound) for feature in FEATURES], dtype=np.float64)
    for bound in ("missing", "low", "high")
)

DEPTH = 5  # seeds of a person that are looked at closely
VOTE_CONSTANT = 60  # Cormack, Clarke and Büttcher (2009), "Reciprocal rank fusion"
HIT_SPREADS = 1.5
USUAL_BEST = float(MISSING[NAMES.index("usual_best")])
OLDEST = 30.0
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def extract_features(
    first: pd.DataFrame,
    scorer: PassageScorer,
    snapshot: Snapshot,
    records: PeopleRecords,
    allowed_passages: IntArray | None = None,
) -> pd.DataFrame:
    """Return one row a person (index: ascending researcher rows), one column a feature.

    `first` has researcher_row and score of the first stage; every person has an allowed passage.
    Values are clipped to the feature's range.
    """
    chosen = first.sort_values("researcher_row")
    people = chosen["researcher_row"].to_numpy(np.int64)
    if not len(people):
        no_rows = pd.Index(people, name="researcher_row")
        return pd.DataFrame(columns=list(NAMES), index=no_rows, dtype=np.float64)
    seeds = gather_seeds(people, scorer, snapshot, allowed_passages)
    values = {
        "first_stage": chosen["score"].to_numpy(np.float64),
        **_nearness(people, seeds, scorer, snapshot),
        **_standing_out(seeds, scorer, snapshot),
        **cover_sentences(seeds, scorer, snapshot, DEPTH),
        "lexical_coverage": cover_words(seeds, scorer, snapshot, DEPTH),
        **_words_and_fusion(seeds, scorer),
        **_record(people, seeds, snapshot),
        **_languages(seeds, scorer, snapshot),
        **_whole(people, scorer.query, records),
    }
    table = np.column_stack([np.asarray(values[name], dtype=np.float64) for name in NAMES])
    table = np.clip(np.where(np.isnan(table), MISSING, table), LOW, HIGH)
    return pd.DataFrame(table, index=pd.Index(people, name="researcher_row"), columns=list(NAMES))


def _nearness(
    people: IntArray, seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    nearest = seeds.largest(seeds.similarity, 3, missing=np.nan)
    language = snapshot.language_of_passage[seeds.passage_row]
    z = np.full(len(seeds.similarity), np.nan)
    for name, scale in scorer.scales.items():
        own = language == name
        z[own] = (seeds.similarity[own] - scale.similarity_mean) / scale.similarity_spread
    hits = np.bincount(seeds.person, weights=z > HIT_SPREADS, minlength=len(people))
    return {
        "dense_best": nearest[:, 0],
        "dense_top3": np.nanmean(nearest, axis=1),
        "dense_best_z": seeds.largest(z, 1, missing=np.nan)[:, 0],
        "profile": np.asarray(snapshot.profiles[people] @ scorer.query.vector, dtype=np.float64),
        "hit_share": hits / seeds.counts,
    }


def _standing_out(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    """Return how near a person's best seeds of one language are, and how near that language's best are.

    Of the language in which the person stands out most: cosines of two pairs of languages cannot be
    compared as they are.
    """
    people = len(seeds.starts)
    language = snapshot.language_of_passage[seeds.passage_row]
    soft, usual = np.full(people, np.nan), np.full(people, np.nan)
    ahead = np.full(people, -np.inf)
    evidence = np.full(people, "", dtype="U8")
    for name in np.unique(language):
        of_language = np.where(language == name, seeds.similarity, -np.inf)
        found = _log_sum_exp(seeds.largest(of_language, DEPTH, missing=-np.inf))
        scale = scorer.scales.get(str(name))
        level = scale.nearest if scale else USUAL_BEST
        better = found - level > ahead
        soft[better], ahead[better] = found[better], (found - level)[better]
        usual[better] = scale.nearest if scale else np.nan
        evidence[better] = name
    pairs = {
        pair: np.array([f"{scorer.query.language}_to_{name}" == pair for name in evidence])
        for pair in LANGUAGE_PAIRS
    }
    return {"dense_soft": soft, "usual_best": usual, **pairs}


def _words_and_fusion(seeds: SeedsOfPeople, scorer: PassageScorer) -> dict[str, FloatArray]:
    shares = seeds.largest(seeds.share, 3, missing=0.0)
    fused = seeds.padded(seeds.score, DEPTH, missing=-np.inf)
    rank = _ranks(seeds)
    votes = np.where(
        np.isfinite(fused), 1 / (VOTE_CONSTANT + seeds.padded(rank, DEPTH, missing=0)), 0
    )
    # all scores were brought to the scale of the need's language; where no passage is in it, there
    # is but one scale
    scale = scorer.scales.get(scorer.query.language) or next(iter(scorer.scales.values()), None)
    best_z = (fused[:, 0] - scale.mean) / scale.spread if scale else np.zeros(len(fused))
    return {
        "lexical_best": shares[:, 0],
        "lexical_top3": shares.mean(axis=1),
        "foreign_words": seeds.largest(seeds.foreign_share, 1, missing=0.0)[:, 0],
        "words_best": seeds.largest(seeds.words, 1, missing=0.0)[:, 0],
        "fused_best": fused[:, 0],
        "fused_soft": _log_sum_exp(fused),
        "fused_best_z": best_z,
        "votes": votes.sum(axis=1),
    }


def _log_sum_exp(scores: FloatArray) -> FloatArray:
    """Return T ln(sum of exp(score / T)) of each row; -inf where there are only such."""
    with np.errstate(divide="ignore"):
        return np.asarray(TEMPERATURE * np.log(np.exp(scores / TEMPERATURE).sum(axis=1)))


def _ranks(seeds: SeedsOfPeople) -> FloatArray:
    """Return the rank of every row's seed among all seeds gathered, from 1; copies share theirs."""
    _, first, inverse = np.unique(seeds.seed_row, return_index=True, return_inverse=True)
    order = np.argsort(-seeds.score[first], kind="stable")
    ranks = np.empty(len(first))
    ranks[order] = np.arange(1, len(first) + 1)
    return ranks[inverse]


def _record(people: IntArray, seeds: SeedsOfPeople, snapshot: Snapshot) -> dict[str, FloatArray]:
    years = snapshot.seed_years[seeds.seed_row]
    now = newest_year(snapshot)
    newest = np.full(len(people), -np.inf)
    np.maximum.at(newest, seeds.person, np.where(np.isfinite(years), years, -np.inf))
    best_years = seeds.padded(years, DEPTH, missing=np.nan)
    kinds = snapshot.seed_kinds[seeds.seed_row[seeds.starts]]
    industry = snapshot.industry_seeds[people]
    known = np.isfinite(best_years)
    ages = np.where(known, now - best_years, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return {
        "seeds_log": np.log1p(snapshot.seed_counts[people]),
        "age_of_last": np.where(np.isfinite(newest), now - newest, OLDEST),
        "age_of_best": np.where(known.any(axis=1), ages, OLDEST),
        "year_spread": np.array([len(set(row[np.isfinite(row)])) for row in best_years], float),
        "best_is_profile": (kinds == "profile").astype(np.float64),
        "best_is_patent": (kinds == "patent").astype(np.float64),
        "industry_log": np.log1p(industry),
    }


def _languages(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    own = (snapshot.language_of_passage[seeds.passage_row] == scorer.query.language).astype(float)
    words = len(set(scorer.tokens.get(scorer.query.language, ())))
    return {
        "own_language": np.nanmean(seeds.padded(own, DEPTH, missing=np.nan), axis=1),
        "need_words_log": np.full(len(seeds.starts), np.log1p(words)),
        "need_is_ja": np.full(len(seeds.starts), float(scorer.query.language == "ja")),
    }


def _whole(people: IntArray, query: NeedQuery, records: PeopleRecords) -> dict[str, FloatArray]:
    """Return how the person as a whole fits: field and area.

    Fields are compared by the Bhattacharyya coefficient, sum of sqrt(p q), 1 for equal ones. A need that
    is not known to be competitive asks for no record, and whose record is not known has none.
    """
    domain = np.zeros(len(people))
    if len(query.fields):
        domain = np.sqrt(records.fields[people]) @ np.sqrt(query.fields)
    fit, competitive = records.competitive[people], query.area.competitive
    return {"domain": domain, "area_fit": competitive * fit}


def cover_sentences(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot, depth: int
) -> dict[str, FloatArray]:
    """Return sentence_best, coverage and coverage_weakest of each person.

    The late interaction of Khattab and Zaharia (2020, "ColBERT"), with sentences in place of tokens:
    each sentence of the need is met by the nearest sentence of the person's `depth` best seeds.
    """
    query = scorer.query
    needed = query.sentences if len(query.sentences) else query.vector[None, :]
    sought = np.vstack([query.vector[None, :], needed])
    shown = seeds.place < depth
    rows, counts = sentences_of(seeds.passage_row[shown], snapshot)
    person = np.repeat(seeds.person[shown], counts)
    vectors = np.asarray(snapshot.sentence_vectors[rows], dtype=np.float32)
    similarity = sought @ vectors.T
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    best = np.maximum.reduceat(similarity, starts, axis=1).astype(np.float64)
    return {
        "sentence_best": best[0],
        "coverage": best[1:].mean(axis=0),
        "coverage_weakest": best[1:].min(axis=0),
    }


def cover_words(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot, depth: int
) -> FloatArray:
    """Return the share of the need's information (idf of its words) in each person's best seeds.

    Only seeds in the need's language count; without any the share is 0.
    """
    language = scorer.query.language
    index = snapshot.lexical.of(language)
    words = sorted(set(scorer.tokens.get(language, ())))
    if index is None or not words:
        return np.zeros(len(seeds.starts))
    shown = seeds.place < depth
    distinct, where = np.unique(seeds.passage_row[shown], return_inverse=True)
    slot = np.full(len(snapshot.passages), -1, dtype=np.int64)
    slot[distinct] = np.arange(len(distinct))
    present = np.zeros((len(words), len(distinct)), dtype=bool)
    idf = np.zeros(len(words))
    for row, word in enumerate(words):
        found, idf[row] = index.postings(word)
        at = slot[found]
        present[row, at[at >= 0]] = True
    starts = np.flatnonzero(np.diff(seeds.person[shown], prepend=-1))
    met = np.logical_or.reduceat(present[:, where], starts, axis=1)
    return np.asarray(idf @ met / idf.sum(), dtype=np.float64)


def sentences_of(passages: IntArray, snapshot: Snapshot) -> tuple[IntArray, IntArray]:
    """Return the rows of the passages' sentence vectors, by passage, and how many each has."""
    borders = snapshot.sentence_borders
    counts = borders[passages + 1] - borders[passages]
    before = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(borders[passages] - before, counts), counts
