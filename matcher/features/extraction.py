"""Computes the features of a need and the researchers whom the first stage put forward.

Everything comes from the index version and the need; nothing is encoded here. One implementation serves
training and serving, so that a re-ranker meets the numbers that it was fitted on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.ranges import group_starts
from indexes.stored_rows import products
from matcher.aggregation import TEMPERATURE
from matcher.features.coverage import cover_sentences, cover_words, sentence_nearness
from matcher.features.definitions import FEATURES, LANGUAGE_PAIRS, NAMES
from matcher.features.people import SeedsOfPeople
from matcher.features.records import PeopleRecords
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
SHORT = 100  # distinct words: hardly any need of a company or town has as many (docs/quality.md)
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Described:
    """Features of researchers: one row a person (`people`, ascending researcher rows), one column a feature.

    `values` has shape (people, NAMES), each clipped to its feature's range. `nearness` has how near each
    person's sentences come to the need and to its sentences, shape (1 + sentences, people).
    """

    people: IntArray
    values: FloatArray
    nearness: FloatArray

    @classmethod
    def of_nobody(cls) -> "Described":
        """Return no rows."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((0, len(NAMES))), np.zeros((1, 0)))

    def column(self, name: str) -> FloatArray:
        """Return one feature of everybody."""
        return self.values[:, NAMES.index(name)]

    def row_of(self, researcher_row: int) -> int | None:
        """Return where a person stands, None for one who is not described."""
        at = int(np.searchsorted(self.people, researcher_row))
        return at if at < len(self.people) and self.people[at] == researcher_row else None


def extract_features(
    first: tuple[IntArray, FloatArray],
    seeds: SeedsOfPeople,
    scorer: PassageScorer,
    snapshot: Snapshot,
    records: PeopleRecords,
    *,
    ranks: FloatArray | None = None,
) -> Described:
    """Return the features of people from all of their allowed seeds.

    `first` are their rows, ascending, and their scores of the first stage. `ranks` are those of the seeds
    among all that were gathered, where these are a part of them.
    """
    people, first_stage = first
    if not len(people):
        return Described.of_nobody()
    nearness = sentence_nearness(seeds, scorer, snapshot, DEPTH)
    if ranks is None:
        ranks = seed_ranks(seeds.seed_row, seeds.score)
    values = {
        "first_stage": first_stage,
        **_nearness(people, seeds, scorer, snapshot),
        **_standing_out(seeds, scorer, snapshot),
        **cover_sentences(nearness),
        "lexical_coverage": cover_words(seeds, scorer, snapshot, DEPTH),
        **_words_and_fusion(seeds, scorer, ranks),
        **_record(people, seeds, snapshot),
        **_languages(seeds, scorer, snapshot),
        **_whole(people, scorer.query, records),
    }
    table = np.column_stack([np.asarray(values[name], dtype=np.float64) for name in NAMES])
    table = np.clip(np.where(np.isnan(table), MISSING, table), LOW, HIGH)
    return Described(people, table, nearness)


def _nearness(
    people: IntArray, seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    nearest = seeds.largest(seeds.similarity, 3, missing=np.nan)
    codes = snapshot.language_of_passage.codes[seeds.passage_row]
    z = np.full(len(seeds.similarity), np.nan)
    for code, name in enumerate(snapshot.language_of_passage.names):
        if scale := scorer.scales.get(name):
            own = codes == code
            z[own] = (seeds.similarity[own] - scale.similarity_mean) / scale.similarity_spread
    return {
        "dense_best": nearest[:, 0],
        "dense_top3": np.nanmean(nearest, axis=1),
        "dense_best_z": seeds.largest(z, 1, missing=np.nan)[:, 0],
        "profile": products(snapshot.profiles[people], scorer.query.vector).astype(np.float64),
        "hit_share": _share(seeds, z > HIT_SPREADS),
    }


def _share(seeds: SeedsOfPeople, flagged: NDArray[np.bool_]) -> FloatArray:
    """Return the share of each person's seeds that is flagged, by those that stand for all."""
    n_people = len(seeds.starts)
    counted = np.bincount(seeds.person[seeds.is_sample], minlength=n_people)
    hits = np.bincount(seeds.person[seeds.is_sample & flagged], minlength=n_people)
    every = np.bincount(seeds.person[flagged], minlength=n_people)
    return np.where(counted, hits / np.maximum(counted, 1), every / seeds.counts)


def _standing_out(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    """Return how near a person's best seeds of one language are, and how near that language's best are.

    Of the language in which the person stands out most: cosines of two pairs of languages cannot be
    compared as they are.
    """
    people = len(seeds.starts)
    languages = snapshot.language_of_passage
    codes = languages.codes[seeds.passage_row]
    soft, usual = np.full(people, np.nan), np.full(people, np.nan)
    ahead = np.full(people, -np.inf)
    evidence = np.full(people, -1)
    for name in sorted(languages.names):
        code = languages.code_of(name)
        of_language = np.where(codes == code, seeds.similarity, -np.inf)
        found = _log_sum_exp(seeds.largest(of_language, DEPTH, missing=-np.inf))
        scale = scorer.scales.get(name)
        level = scale.nearest if scale else USUAL_BEST
        better = found - level > ahead
        soft[better], ahead[better] = found[better], (found - level)[better]
        usual[better] = scale.nearest if scale else np.nan
        evidence[better] = code
    pairs = {}
    for pair in LANGUAGE_PAIRS:
        needed, _, written = pair.partition("_to_")
        code = languages.code_of(written) if needed == scorer.query.language else -2
        pairs[pair] = np.asarray(evidence == (code if code >= 0 else -2), dtype=np.float64)
    return {"dense_soft": soft, "usual_best": usual, **pairs}


def _words_and_fusion(
    seeds: SeedsOfPeople, scorer: PassageScorer, rank: FloatArray
) -> dict[str, FloatArray]:
    shares = seeds.largest(seeds.share, 3, missing=0.0)
    fused = seeds.padded(seeds.score, DEPTH, missing=-np.inf)
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
        "long_words": seeds.largest(_long_words(seeds, scorer), 1, missing=0.0)[:, 0],
        "fused_best": fused[:, 0],
        "fused_soft": _log_sum_exp(fused),
        "fused_best_z": best_z,
        "votes": votes.sum(axis=1),
    }


def _long_words(seeds: SeedsOfPeople, scorer: PassageScorer) -> FloatArray:
    """Return how many words of a long need each seed repeats, beyond what its wordiest passages usually do.

    Counted are words from the need's SHORT-th on. Log-odds of words that are independent add up (Robertson
    and Sparck Jones 1976), so that a share says the more the longer the need is: half of four words is
    chance, half of two hundred a text about the same. `words_best` stops growing with them, as needs of
    companies want it.
    """
    own = scorer.query.language
    beyond = np.zeros(len(seeds.share))
    for name in scorer.tokens:
        scale, longer = scorer.scales.get(name), scorer.n_words(name) - SHORT
        if scale is not None and longer > 0:
            share = seeds.share if name == own else seeds.foreign_share
            beyond = np.maximum(beyond, longer * (share - scale.wordiest))
    return beyond


def _log_sum_exp(scores: FloatArray) -> FloatArray:
    """Return T ln(sum of exp(score / T)) of each row; -inf where there are only such."""
    with np.errstate(divide="ignore"):
        return np.asarray(TEMPERATURE * np.log(np.exp(scores / TEMPERATURE).sum(axis=1)))


def seed_ranks(seed_row: IntArray, score: FloatArray) -> FloatArray:
    """Return the rank of every row's seed among all seeds gathered, from 1; copies share theirs."""
    by_row = np.argsort(seed_row)  # copies of a seed have one score, whichever is taken
    ordered = seed_row[by_row]
    starts = group_starts(ordered)
    first = by_row[starts]
    order = np.argsort(-score[first], kind="stable")
    ranks = np.empty(len(first))
    ranks[order] = np.arange(1, len(first) + 1)
    return ranks[np.searchsorted(ordered[starts], seed_row)]


def _record(people: IntArray, seeds: SeedsOfPeople, snapshot: Snapshot) -> dict[str, FloatArray]:
    years = snapshot.seed_years[seeds.seed_row]
    now = snapshot.newest_year
    newest = seeds.largest(years, 1, missing=np.nan)[:, 0]
    best_years = seeds.padded(years, DEPTH, missing=np.nan)
    codes = snapshot.seed_kinds.codes[seeds.seed_row[seeds.starts]]
    known = np.isfinite(best_years)
    ages = np.where(known, now - best_years, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return {
        "seeds_log": np.log1p(snapshot.seed_counts[people]),
        "age_of_last": np.where(np.isfinite(newest), now - newest, OLDEST),
        "age_of_best": np.where(known.any(axis=1), ages, OLDEST),
        "year_spread": _distinct(best_years),
        "best_is_profile": codes == snapshot.seed_kinds.code_of("profile"),
        "best_is_patent": codes == snapshot.seed_kinds.code_of("patent"),
        "industry_log": np.log1p(snapshot.industry_seeds[people]),
    }


def _distinct(values: FloatArray) -> FloatArray:
    """Return how many different numbers each row has."""
    ordered = np.sort(values, axis=1)  # NaN come last
    steps = (np.diff(ordered, axis=1) > 0).sum(axis=1)
    return np.asarray(steps + np.isfinite(ordered[:, 0]), dtype=np.float64)


def _languages(
    seeds: SeedsOfPeople, scorer: PassageScorer, snapshot: Snapshot
) -> dict[str, FloatArray]:
    languages = snapshot.language_of_passage
    codes = languages.codes[seeds.passage_row]
    own = (codes == languages.code_of(scorer.query.language)).astype(np.float64)
    words = scorer.n_words(scorer.query.language)
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
        # person by person: BLAS would round one otherwise by how many there are
        domain = np.einsum("ij,j->i", np.sqrt(records.fields[people]), np.sqrt(query.fields))
    fit, competitive = records.competitive[people], query.area.competitive
    return {"domain": domain, "area_fit": competitive * fit}
