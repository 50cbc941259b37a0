"""What every feature is for a need and people so few that it can be computed by hand."""

from collections.abc import Sequence
from math import exp, log
from typing import Any

import numpy as np
import pytest

from indexes.lexical import LinkedTerm
from matcher.aggregation import owned_seeds, score_seeds
from matcher.features import people
from matcher.features.definitions import FEATURES, NAMES
from matcher.features.extraction import SHORT, extract_features
from matcher.features.people import gather_seeds
from matcher.features.records import PeopleRecords
from matcher.retrieval import PassageScorer
from matcher.snapshot import MIN_SAMPLE
from tests.support.feature_snapshots import Made, Piece, describe, need, seed, snapshot_of

ABOUT = pytest.approx
pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")


def values(seeds: Sequence[Made], feature: str, *args: Any, **more: Any) -> list[float]:
    return describe(seeds, *args, **more).features[feature].tolist()


def of_one(seeds: Sequence[Made], feature: str, *args: Any, **more: Any) -> float:
    return values(seeds, feature, *args, **more)[0]


def test_features_are_defined_once_and_their_missing_values_are_possible() -> None:
    assert len(set(NAMES)) == len(FEATURES)
    for feature in FEATURES:
        assert feature.low <= feature.missing <= feature.high
        assert feature.direction in {-1, 0, 1}


def test_nearness_is_the_best_seed_the_three_best_and_the_profile() -> None:
    seeds = [seed(0, cosine=c) for c in (0.3, 0.9, 0.1, 0.6)] + [seed(1, 2, cosine=0.5)]

    found = describe([*seeds, seed(2, cosine=0.1)]).features

    assert found["dense_best"].tolist() == ABOUT([0.9, 0.5, 0.5], abs=1e-6)
    assert found["dense_top3"].tolist() == ABOUT([0.6, 0.5, 0.3], abs=1e-6)
    assert found["profile"].tolist() == ABOUT([0.1, 0.2, 0.3], abs=1e-6)
    assert found["first_stage"].tolist() == [1.0] * 3
    assert found.index.tolist() == [0, 1, 2]


def test_a_seed_is_as_near_as_its_nearest_passage_and_as_wordy_as_its_wordiest() -> None:
    two = Made((0,), (Piece(0.2, "robot film"), Piece(0.8, "fruit")))

    one = describe([two, seed(1, words="robot")], need("robot film"))

    assert one.features["dense_best"][0] == ABOUT(0.8, abs=1e-6)
    assert one.features["lexical_best"][0] == ABOUT(one.scorer.score(np.arange(1)).share[0])
    assert one.features["seeds_log"].tolist() == ABOUT([log(2)] * 2)


def test_spreads_above_the_mean_are_those_of_all_passages_of_the_language() -> None:
    cosines = np.linspace(-0.5, 0.5, MIN_SAMPLE)
    seeds = [seed(1, cosine=c) for c in cosines] + [seed(0, cosine=0.9), seed(0, cosine=0.0)]

    found = describe(seeds).features

    everything = np.r_[cosines, 0.9, 0.0]
    z = (everything - everything.mean()) / everything.std()
    assert found["dense_best_z"].tolist() == ABOUT([z[-2], z[:-2].max()], abs=1e-4)
    assert found["fused_best_z"].tolist() == ABOUT([z[-2], z[:-2].max()], abs=1e-4)
    assert found["hit_share"].tolist() == ABOUT([0.5, (z[:-2] > 1.5).mean()])


def test_few_passages_have_no_mean_to_stand_above() -> None:
    found = describe([seed(0, cosine=0.9), seed(1, cosine=0.1)]).features

    assert found[["fused_best_z", "hit_share"]].to_numpy().tolist() == [[0] * 2] * 2
    assert found["dense_best_z"].tolist() == [3, 3]  # nothing says that they are far


def test_evidence_is_of_the_language_in_which_a_person_stands_out() -> None:
    # English passages are usually nearer to the need than Japanese ones
    usual = [seed(1, cosine=c) for c in np.linspace(0.3, 0.6, MIN_SAMPLE)]
    usual += [seed(1, cosine=c, lang="ja") for c in np.linspace(-0.3, 0.0, MIN_SAMPLE)]
    own = [seed(0, cosine=0.5), seed(0, cosine=0.4, lang="ja"), seed(0, cosine=0.4, lang="ja")]

    found = describe([*usual, *own], need()).features.loc[0]
    japanese = describe([*usual, *own], need(language="ja")).features.loc[0]

    assert found["dense_soft"] == ABOUT(0.4 + 0.12 * log(2), abs=1e-6)
    # the nearest twentieth of some thirty passages is the nearest one
    assert found["usual_best"] == ABOUT(0.4, abs=1e-6)
    assert found[["ja_to_en", "en_to_ja", "en_to_en"]].tolist() == [0, 1, 0]
    assert japanese[["ja_to_en", "en_to_ja", "en_to_en"]].tolist() == [0, 0, 0]


def test_no_more_than_five_seeds_make_a_person_near() -> None:
    six = [seed(0, cosine=0.3) for _ in range(6)]

    assert of_one(six, "dense_soft") == ABOUT(0.3 + 0.12 * log(5), abs=1e-6)
    assert of_one(six, "usual_best") == FEATURES[NAMES.index("usual_best")].missing


def test_each_sentence_of_a_need_is_met_by_the_nearest_of_the_five_best_seeds() -> None:
    pieces = [
        Piece(0.9, sentences=((0.35, 0.2, 0.0), (0.1, 0.7, 0.1))),
        *[Piece(0.8 - 0.1 * i, sentences=((0.3, 0.1, 0.4),)) for i in range(4)],
        Piece(0.0, sentences=((0.1, 0.0, 0.9),)),  # the sixth is not looked at
    ]
    seeds = [Made((0,), (piece,)) for piece in pieces]

    found = describe(seeds).features.loc[0]
    unsplit = describe(seeds, need(sentences=np.zeros((0, 4), np.float32))).features.loc[0]

    assert found["sentence_best"] == ABOUT(0.35, abs=1e-3)
    assert found["coverage"] == ABOUT((0.7 + 0.4) / 2, abs=1e-3)
    assert found["coverage_weakest"] == ABOUT(0.4, abs=1e-3)
    assert unsplit["coverage"] == unsplit["coverage_weakest"] == ABOUT(0.35, abs=1e-3)


def test_words_are_met_by_their_information_and_only_in_the_needs_language() -> None:
    words = ("robot fruit", "film", "robot", "")
    seeds = [seed(0, words=w) for w in words[:2]] + [
        seed(person, words=words[3]) for person in (1,)
    ]
    seeds += [seed(2, words=words[2]), seed(3, words="ロボット", lang="ja")]

    met = values(seeds, "lexical_coverage", need("robots and film, zeppelin"))

    def idf(n: int) -> float:  # of a word in n of the 4 English passages
        return log(1 + (4 - n + 0.5) / (n + 0.5))

    total = idf(2) + idf(1) + idf(0)
    assert met == ABOUT([(idf(2) + idf(1)) / total, 0, idf(2) / total, 0])


def test_words_cannot_be_met_without_words_or_without_passages_in_the_language() -> None:
    assert values([seed(0, words="robot")], "lexical_coverage", need("and the")) == [0]
    assert values([seed(0, words="robot")], "lexical_coverage", need("ロボット", "ja")) == [0]


def test_shares_of_words_are_kept_apart_by_language() -> None:
    seeds = [
        seed(0, words="robot film"),
        seed(0, words="robot"),
        seed(0, words="ABC", lang="ja"),
        seed(1, words="ABC", lang="ja"),
    ]

    one = describe(seeds, need("robot film ABC"))

    first, second, foreign, _ = one.scorer.score(np.arange(4)).share.astype(float)
    assert first > second > 0
    assert foreign > 0
    assert one.features["lexical_best"].tolist() == ABOUT([first, 0])
    assert one.features["lexical_top3"].tolist() == ABOUT([(first + second) / 3, 0])
    assert one.features["foreign_words"].tolist() == ABOUT([foreign, foreign])


def test_long_words_are_those_of_a_long_need_repeated_beyond_what_is_usual() -> None:
    words = [f"word{number}" for number in range(SHORT + 20)]
    fillers = [seed(2, words="fruit") for _ in range(MIN_SAMPLE)]
    seeds = [seed(0, words=" ".join(words[:60])), seed(1, words=" ".join(words[:5])), *fillers]

    long = describe(seeds, need(" ".join(words)))
    short = describe(seeds, need(" ".join(words[:SHORT])))

    most, few = long.scorer.score(np.arange(2)).share.astype(float)
    usual = long.scorer.scales["en"].wordiest
    assert usual == ABOUT(most, rel=1e-6)  # of 32 passages the nearest twentieth is one
    assert 0 < few < most
    assert long.features["long_words"].tolist() == [0, 0, 0]
    assert short.features["long_words"].tolist() == [0, 0, 0]

    among_more = describe([*seeds, *fillers], need(" ".join(words)))
    most, few = among_more.scorer.score(np.arange(2)).share.astype(float)
    usual = among_more.scorer.scales["en"].wordiest
    assert 0 < usual < few < most  # of 62 the nearest twentieth are three
    repeated = [20 * (most - usual), 20 * (few - usual), 0]
    assert among_more.features["long_words"].tolist() == ABOUT(repeated, rel=1e-4)


def test_long_words_across_languages_are_those_linked() -> None:
    linked = {"ja": tuple(LinkedTerm(1, ((f"語{n}", 1.0),)) for n in range(SHORT + 10))}
    pairs = [seed(0, words="語1", lang="ja")] + [seed(1, words="果物", lang="ja")] * 2 * MIN_SAMPLE

    one = describe(pairs, need("robot", linked=linked))

    share = one.scorer.score(np.arange(1)).share.astype(float)[0]
    usual = one.scorer.scales["ja"].wordiest
    assert one.features["long_words"].tolist() == ABOUT([10 * max(0, share - usual), 0])


def test_fused_scores_are_the_first_stages_best_and_soft_ones() -> None:
    one = describe([seed(0, cosine=c, words="robot") for c in (0.4, 0.2)], need("robot"))

    scores = one.scorer.score(np.arange(2)).score.astype(float)
    assert one.features["fused_best"][0] == ABOUT(scores[0])
    soft = 0.12 * log(exp(scores[0] / 0.12) + exp(scores[1] / 0.12))
    assert one.features["fused_soft"][0] == ABOUT(soft)


def test_a_shared_seed_votes_for_all_its_people_with_the_same_rank() -> None:
    seeds = [seed(0, 1, cosine=0.9), seed(1, cosine=0.5), seed(2, cosine=0.1)]

    votes = values(seeds, "votes")

    assert votes == ABOUT([1 / 61, 1 / 61 + 1 / 62, 1 / 63])


def test_only_five_seeds_vote() -> None:
    votes = of_one([seed(0, cosine=0.9 - 0.1 * i) for i in range(7)], "votes")

    assert votes == ABOUT(sum(1 / (60 + rank) for rank in range(1, 6)))


def test_ages_are_counted_from_the_newest_public_seed() -> None:
    years = (2020, 2014, None, 2020, 2010, 2024)
    seeds = [seed(0, cosine=0.9 - 0.1 * i, year=year) for i, year in enumerate(years)]
    seeds += [seed(1), seed(2, year=1950), seed(3, year=2040, visibility="confidential")]

    found = describe(seeds).features

    assert found["age_of_last"].tolist() == [0, 30, 30, 0]
    assert found["age_of_best"].tolist() == ABOUT([(4 + 10 + 4 + 14) / 4, 30, 30, 0])
    assert found["year_spread"].tolist() == [3, 0, 1, 1]
    assert found["seeds_log"].tolist() == ABOUT([log(7), log(2), log(2), 0])


def test_a_catalogue_without_any_year_has_only_old_seeds() -> None:
    found = describe([seed(0), seed(1)]).features

    assert (
        found[["age_of_last", "age_of_best", "year_spread"]].to_numpy().tolist()
        == [[30, 30, 0]] * 2
    )


def test_the_kind_of_the_best_seed_and_companies_are_told() -> None:
    seeds = [
        seed(0, cosine=0.9, kind="patent"),
        seed(0, cosine=0.1, kind="profile"),
        seed(1, cosine=0.2, kind="profile"),
        seed(2, cosine=0.2),
    ]

    found = describe(seeds, industry={"seeds": [0, 3, 1]}).features

    assert found["best_is_patent"].tolist() == [1, 0, 0]
    assert found["best_is_profile"].tolist() == [0, 1, 0]
    assert found["industry_log"].tolist() == ABOUT([0, log(4), log(2)])


def test_languages_are_those_of_the_need_and_of_the_five_best_seeds() -> None:
    seeds = [
        seed(0, cosine=0.9 - 0.1 * i, lang=lang)
        for i, lang in enumerate(["ja", "en", "en", "en", "en", "ja"])
    ]
    seeds.append(seed(1, lang="ja"))

    english = describe(seeds, need("robot film robot")).features
    japanese = describe(seeds, need("果物", "ja")).features

    assert english["own_language"].tolist() == ABOUT([0.8, 0])
    assert english["need_words_log"].tolist() == ABOUT([log(3)] * 2)
    assert english["need_is_ja"].tolist() == [0, 0]
    assert japanese["own_language"].tolist() == ABOUT([0.2, 1])
    assert japanese["need_is_ja"].tolist() == [1, 1]


def test_values_stay_in_their_ranges() -> None:
    found = describe([seed(0, year=1900), seed(1, year=2024)], first_stage=1e6).features
    below = describe([seed(0)], first_stage=-1e6).features

    assert found["first_stage"].tolist() == [40, 40]
    assert below["first_stage"].tolist() == [-5]
    assert found["age_of_last"].tolist() == [30, 0]


def test_a_filter_leaves_only_what_it_allows_to_be_described() -> None:
    two = Made((0,), (Piece(0.9, "robot"), Piece(0.3, "film")), year=2020)
    seeds = [two, seed(0, cosine=0.5, year=2024), seed(1, cosine=0.2, year=2024)]

    found = describe(seeds, need("robot"), allowed=[1, 3]).features

    assert found["dense_best"].tolist() == ABOUT([0.3, 0.2], abs=1e-6)
    assert found["lexical_best"].tolist() == [0, 0]
    assert found["age_of_last"].tolist() == [4, 0]


def test_someone_without_an_allowed_seed_cannot_be_described() -> None:
    with pytest.raises(ValueError, match="without any allowed seed"):
        describe([seed(0), seed(1)], allowed=[0])


def test_nobody_gives_a_table_with_all_columns() -> None:
    snapshot = snapshot_of([seed(0)], 1)
    nobody = np.zeros(0, dtype=np.int64)
    records, scorer = PeopleRecords(np.zeros((1, 2)), np.zeros(1)), PassageScorer(need(), snapshot)
    gathered = gather_seeds(nobody, scorer, snapshot)

    found = extract_features((nobody, np.zeros(0)), gathered, scorer, snapshot, records)

    assert found.values.shape == (0, len(NAMES))


def test_of_people_with_very_many_seeds_a_spread_of_them_and_those_found_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people, "MOST_SEEDS", 4)
    seeds = [seed(0, cosine=0.9 - 0.05 * n) for n in range(12)] + [seed(1, cosine=0.5)]
    snapshot = snapshot_of(seeds, 2)
    scorer, both = PassageScorer(need(), snapshot), np.arange(2)
    best = score_seeds(scorer.score(np.array([1, 2, 12])), snapshot)
    found = owned_seeds(best, snapshot.owners_of(best.seed_row))

    gathered = gather_seeds(both, scorer, snapshot, None, found)

    of_first = gathered.person == 0
    assert sorted(gathered.seed_row[of_first]) == [0, 1, 2, 3, 6, 9]
    assert sorted(gathered.seed_row[of_first & gathered.is_sample]) == [0, 3, 6, 9]
    assert gathered.seed_row[~of_first].tolist() == [12]
    one, other = (gathered.of(np.array(chosen)) for chosen in ([True, False], [False, True]))
    assert (one.person.tolist(), one.counts.tolist()) == ([0] * 6, [6])
    assert (other.seed_row.tolist(), other.starts.tolist()) == ([12], [0])


def test_what_is_not_allowed_does_not_decide_which_of_many_seeds_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people, "MOST_SEEDS", 4)
    known = [seed(0, cosine=0.9 - 0.05 * n) for n in range(12)] + [seed(1, cosine=0.5)]
    hidden = [seed(0, cosine=0.2, visibility="internal") for _ in range(3)]

    alone = describe(known, allowed=range(13)).features
    beside = describe([*hidden, *known], allowed=range(3, 16)).features

    assert alone["dense_top3"].tolist() == ABOUT([(0.9 + 0.75 + 0.6) / 3, 0.5], abs=1e-6)
    assert beside.equals(alone)
