"""Measures the served kind of re-ranker on what it was not fitted on: `measure_held_out.py COLLECTION...`

Of a collection with grades from 0 to 3 topics are held out, eleven folds of them, and the others and all
other collections fitted; of others the whole folder. Prints with 95 % intervals nDCG@10 and, for grades
and by the need's language, what the first ten people are worth, the overlap of a need's two versions
(`--versions`), what the probabilities hold, and of needs whose field the catalogue lacks (`--foreign`) how
often "nobody fits" is said. The features of a list are kept in `--tables`.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cli.named_values import named_weights
from enmusubi.settings import load_settings
from office.configured import configured_encoder
from training.collections import Collection, read_specified
from training.feature_tables import FeatureTable, feature_table
from training.foreign_needs import answered_in, foreign_table, silence
from training.graded_lists import (
    calibrated,
    languages_of_evidence,
    list_figures,
    ordered_lists,
)
from training.metrics import RANDOM_STATE, bootstrap_intervals
from training.parity import MEASURE, rank_biased_overlap, read_versions
from training.reranker import METRIC, SUITABILITY, leave_one_out
from training.suitability import fit_served

RESAMPLES = 2000


def main() -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "collections", nargs="+", metavar="COLLECTION", help="DIR or DIR::needs=F,…"
    )
    parser.add_argument("--tables", type=Path, help="a folder that keeps the features")
    parser.add_argument("--versions", type=Path, help="pairs of need ids, a need in two languages")
    parser.add_argument("--foreign", type=Path, help="needs of fields that the graded ones lack")
    parser.add_argument(
        "--weight", action="append", default=[], metavar="NAME=N", help="as of train reranker"
    )
    asked = parser.parse_args()
    weights = named_weights(asked.weight)
    settings = load_settings()
    encoder = configured_encoder(settings, is_alone=True)
    read = {one.name: one for one in map(read_specified, asked.collections)}
    tables = [
        replace(
            feature_table(one, encoder, settings.cache_dir, tables=asked.tables),
            share=weights.get(one.name, 1.0),
        )
        for one in read.values()
    ]
    left = leave_one_out(tables, SUITABILITY, lambda others: fit_served(others).score)
    for table in tables:
        per_need = left.per_need[table.name]
        print(f"{table.name}: {len(per_need)} needs, {_told(per_need[[METRIC]])}", flush=True)
        if table.graded:
            scores = left.scores[table.name]
            lists = ordered_lists(table, scores)
            _report_lists(read[table.name], table, lists)
            if asked.versions:
                _report_overlap(lists, asked.versions)
            _report_probabilities(table, scores)
            if asked.foreign:
                one = read[table.name]
                elsewhere = foreign_table(one, asked.foreign, encoder, settings.cache_dir)
                foreign = (elsewhere, fit_served(tables).score(elsewhere))
                answered = answered_in(one, asked.foreign)
                _report_silence(table, scores, foreign, answered)


def _report_lists(
    collection: Collection, table: FeatureTable, lists: Mapping[str, list[str]]
) -> None:
    figures = list_figures(lists, table, languages_of_evidence(collection.corpus))
    for language, of_language in figures.groupby(figures.index.map(collection.languages)):
        print(f"  {language} needs: {_told(of_language.drop(columns=_recalls(of_language)))}")
        print(f"    {_balance(of_language[_recalls(of_language)])}")


def _recalls(figures: pd.DataFrame) -> list[str]:
    return [name for name in figures.columns if name.startswith("recall_")]


def _balance(recalls: pd.DataFrame) -> str:
    """Return the recalls by language of evidence and their widest difference."""
    values = recalls.to_numpy()
    chosen = np.random.default_rng(RANDOM_STATE).integers(0, len(values), (RESAMPLES, len(values)))
    means = np.nanmean(values[chosen], axis=1)
    told = [
        f"{name} {np.nanmean(values[:, i]):.3f} ({_span(means[:, i])})"
        for i, name in enumerate(recalls.columns)
    ]
    if len(told) == 2:
        gap = np.nanmean(values[:, 0]) - np.nanmean(values[:, 1])
        told.append(f"difference {gap:+.3f} ({_span(means[:, 0] - means[:, 1])})")
    return ", ".join(told)


def _span(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> str:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return f"{low:.3f} to {high:.3f}"


def _report_overlap(lists: Mapping[str, list[str]], versions: Path) -> None:
    overlaps = [
        rank_biased_overlap(lists[one], lists[other])
        for one, other in read_versions(versions)
        if one in lists and other in lists
    ]
    print(f"  versions of a need: {_told(pd.DataFrame({MEASURE: overlaps}))}")


def _report_probabilities(
    table: FeatureTable, scores: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
) -> None:
    held = calibrated(table, scores)
    print(f"  probabilities: error {held.error:.3f}")
    for row in held.words.itertuples():
        print(
            f"    {row.word}: {row.pairs} pairs, {row.suitable:.2f} suitable, {row.of_all:.2f} of all"
        )
    for least, (recall, precision) in held.silent.items():
        print(
            f"    nobody fits, grade {least} and more taken out: recall {recall:.2f}, "
            f"precision {precision:.2f}"
        )


def _report_silence(
    table: FeatureTable,
    scores: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    foreign: tuple[FeatureTable, "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"],
    answered: set[str],
) -> None:
    for told, without in (("all", set[str]()), ("but those answered here", answered)):
        needs, recall, precision = silence(table, scores, foreign, without)
        print(
            f"    nobody fits, foreign needs, {told}: {needs} needs, recall {recall:.2f}, "
            f"precision {precision:.2f}"
        )


def _told(per_need: pd.DataFrame) -> str:
    intervals = bootstrap_intervals(per_need).items()
    return ", ".join(f"{name} {i.mean:.3f} ({i.low:.3f} to {i.high:.3f})" for name, i in intervals)


if __name__ == "__main__":
    main()
