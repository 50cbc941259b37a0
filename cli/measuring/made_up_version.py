"""Writes an index version of a made-up catalogue of any size, to measure on: no text is encoded.

What is in it says `made_up_catalogue`. The same number gives the same version, but for the time that it says
it was built.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from cli.measuring.made_up_catalogue import (
    DIMENSION,
    LETTERS,
    SENTENCES,
    WORDS,
    WORDS_OF_A_PASSAGE,
    MadeUp,
)
from indexes.dense import EXACT_BELOW
from indexes.versions import Version, publish, staged_version
from matcher.corpus_writing import write_corpus
from matcher.earlier_version import NEW_SINCE, open_earlier
from matcher.indexing import keeps_estimates, manifest_of, model_of
from matcher.term_links import save_vocabularies
from matcher.version_vectors import write_vectors
from matcher.version_writer import write_words

WORDS_OF_A_NEED = 30


def generate(
    root: Path,
    n_passages: int,
    model: Any = None,
    *,
    random_state: int = 0,
    exact_below: int = EXACT_BELOW,
    revision: int = 0,
    gone: bool = False,
    sentences: int = SENTENCES,
    words: int = WORDS_OF_A_PASSAGE,
) -> Version:
    """Write and publish a version of so many passages, as if `model`, an encoder, had made its vectors.

    A `revision` from 1 to 99 has one per cent of the seeds changed, or `gone`, and takes over from the
    version that serves in `root` what did not.
    """
    encoder: Any = model or SimpleNamespace(
        name="made-up", checksum="made-up", dimension=DIMENSION, precision="fp32", language_means={}
    )
    shape = {"sentences": sentences, "words": words}
    made = MadeUp(n_passages, random_state, encoder.dimension, **shape)
    if revision:
        (made.drop if gone else made.revise)(revision)
    root.mkdir(parents=True, exist_ok=True)
    with staged_version(root) as staging:
        found = open_earlier(root, model_of(encoder)) if revision else None
        with made.opened() as stream:
            written = write_corpus(staging, stream, made, found)
        stored, earlier = written.stored, written.earlier
        kept = earlier if earlier and keeps_estimates(earlier, stored, exact_below) else None
        dense = write_vectors(
            staging,
            stored,
            made,
            means_of_needs=dict,
            shipped={},
            exact_below=exact_below,
            earlier=kept,
        )
        write_words(staging, stored, made, kept)
        save_vocabularies(staging, {})
        told = manifest_of(written.counts, written.state, encoder, len(stored.passages))
        manifest = told | {
            "search": dense.describe(),
            NEW_SINCE: kept.new_since(stored.seed_rows) if kept else 0,
        }
        return publish(root, staging, manifest, keep=1)


def made_up_needs(count: int, random_state: int = 1) -> list[str]:
    """Return the texts of so many needs, in both languages by turns, in words that versions have."""
    rng = np.random.default_rng(random_state)
    numbers = (rng.zipf(1.15, (count, WORDS_OF_A_NEED)) - 1) % WORDS
    return [
        " ".join(f"{LETTERS[number % 2]}{word}" for word in words)
        for number, words in enumerate(numbers.tolist())
    ]
