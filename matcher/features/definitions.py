"""What every feature is called, what it means, and which way it may push.

`direction` is +1 where more can only speak for a person, -1 where it can only speak against, and 0
where that is not known; models with monotone constraints obey it. A feature that cannot be computed
has its `missing` value; where a language has too few passages for a mean, no candidate is called far.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """One number about a need and a researcher; `low` and `high` bound it."""

    name: str
    low: float
    high: float
    source: str
    missing: float = 0.0
    direction: int = 0


FEATURES = (
    Feature("first_stage", -5, 40, "score of the first stage (see aggregation)", -5, 1),
    Feature("dense_best", -1, 1, "cosine of need and nearest seed", -1, 1),
    Feature(
        "dense_top3", -1, 1, "mean cosine of the three nearest seeds (of all, if fewer)", -1, 1
    ),
    Feature(
        "dense_soft",
        -1,
        2,
        "log-sum-exp over the five best cosines (T = 0.12), in the language of the evidence",
        -1,
        1,
    ),
    Feature("usual_best", -1, 1, "mean cosine of the nearest twentieth of that language", 0.35, -1),
    Feature("dense_best_z", -10, 20, "dense_best in spreads above the mean of all passages", 3, 1),
    Feature("profile", -1, 1, "cosine of need and the unit mean of the person's seeds", 0, 1),
    Feature(
        "sentence_best", -1, 1, "cosine of need and nearest sentence of five best seeds", -1, 1
    ),
    Feature(
        "coverage", -1, 1, "mean over the need's sentences of the nearest sentence's cosine", 0, 1
    ),
    Feature("coverage_weakest", -1, 1, "least of the same: the requirement met worst", 0, 1),
    Feature("lexical_best", 0, 2, "largest share of its words in one seed of its language", 0, 1),
    Feature("lexical_top3", 0, 2, "mean of the three largest shares (missing ones count 0)", 0, 1),
    Feature(
        "foreign_words", 0, 2, "largest share of its words in a seed of another language", 0, 1
    ),
    Feature(
        "words_best",
        0,
        12,
        "what shared or linked words add to a seed's fused score, at most",
        0,
        1,
    ),
    Feature(
        "long_words",
        0,
        100,
        "words of a long need, from its 100th on, that a seed repeats beyond what is usual",
        0,
        1,
    ),
    Feature(
        "lexical_coverage", 0, 1, "share of the need's information in the five best seeds", 0, 1
    ),
    Feature("fused_best", -2, 20, "largest fused score of a seed", -2, 1),
    Feature("fused_soft", -2, 20, "log-sum-exp over the five best fused scores (T = 0.12)", -2, 1),
    Feature("fused_best_z", -10, 40, "fused_best in spreads above the mean of all passages", 0, 1),
    Feature("votes", 0, 0.1, "sum of 1 / (60 + rank) over the person's five best seeds", 0, 1),
    Feature(
        "hit_share", 0, 1, "share of the person's seeds 1.5 spreads above the mean cosine", 0, 1
    ),
    Feature("seeds_log", 0, 12, "ln(1 + number of the person's public seeds)", 0, 0),
    Feature(
        "age_of_last", 0, 30, "years from the person's newest seed to the newest of all", 30, -1
    ),
    Feature("age_of_best", 0, 30, "the same of the five best seeds, mean", 30, 0),
    Feature("year_spread", 0, 5, "distinct years among the five best seeds", 0, 0),
    Feature("best_is_profile", 0, 1, "the best seed is a profile text", 0, 0),
    Feature("best_is_patent", 0, 1, "the best seed is a patent", 0, 0),
    Feature("domain", 0, 1, "likeness of the fields of need and person; 0 where unsure", 0, 1),
    Feature(
        "area_fit", 0, 1, "record of work with companies, for a competitive need; else 0", 0, 1
    ),
    Feature("industry_log", 0, 10, "ln(1 + seeds made with companies)", 0, 1),
    Feature("own_language", 0, 1, "share of the five best seeds in the need's language", 0, 0),
    Feature("need_words_log", 0, 10, "ln(1 + distinct words of the need)", 0, 0),
    Feature("ja_to_en", 0, 1, "the need is Japanese, the evidence English", 0, 0),
    Feature("en_to_ja", 0, 1, "the need is English, the evidence Japanese", 0, 0),
    Feature("en_to_en", 0, 1, "need and evidence are English", 0, 0),
    Feature("need_is_ja", 0, 1, "the need is in Japanese", 0, 0),
)
NAMES = tuple(feature.name for feature in FEATURES)
# how far scores of one pair of languages can be compared with another's; among people with evidence in
# one language they say nothing
LANGUAGE_PAIRS = ("ja_to_en", "en_to_ja", "en_to_en")
OF_SCALE = ("usual_best", *LANGUAGE_PAIRS)
OF_FIELD_AND_AREA = ("domain", "area_fit", "industry_log")  # a setting lets them say nothing
