"""A part of the made-up university, some works hidden and some of nobody, to be divided into shards."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from catalogue.demonstration.loading import import_demonstration
from catalogue.records.catalogue import open_catalogue
from matcher.records import Need
from matcher.tables import Corpus


def university(folder: Path, most: int = 240) -> tuple[Corpus, Sequence[Need]]:
    """Return so many works of the made-up university with their people, and its needs."""
    with open_catalogue(f"sqlite:///{folder}/catalogue.sqlite") as catalogue:
        import_demonstration(catalogue)
        corpus, needs = catalogue.read_corpus(("public",)), catalogue.needs()
    step = max(1, len(corpus.seeds) // most)
    seeds = corpus.seeds.iloc[::step].reset_index(drop=True)
    visibility = seeds["visibility"].to_numpy(copy=True)
    visibility[::17], visibility[::41] = "internal", "confidential"
    kept = corpus.authorships["seed_id"].isin(set(seeds["seed_id"][seeds.index % 29 != 0]))
    return (
        replace(
            corpus,
            seeds=seeds.assign(visibility=visibility),
            authorships=corpus.authorships[kept].reset_index(drop=True),
        ),
        list(needs),
    )
