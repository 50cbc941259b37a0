"""Builds an index version from a corpus: cuts it, encodes what is new, publishes files and manifest.

The manifest also says what the version has that the one before it had not, row by row: rows are compared
by digests of their content, which every version keeps.
"""

import datetime
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi import __version__
from enmusubi.errors import StorageError
from enmusubi.language import clean_text
from indexes.columns import Table
from indexes.dense import EXACT_BELOW
from indexes.errors import DamagedVersionFault, IndexFault, NoVersionFault
from indexes.versions import Version, open_current, pinned_name, publish, staged_version, sweep
from matcher.centring import estimate_means, known_means
from matcher.corpus_source import CorpusSource, OnTotal
from matcher.earlier_version import MOST_NEW, NEW_SINCE, EarlierVersion, open_earlier
from matcher.encoder.encoder import QUERY, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.queries import encode_needs
from matcher.records import Need
from matcher.row_digests import row_digests
from matcher.stored_passages import StoredPassages
from matcher.tables import RESEARCHER_ID, SEED_ID, Corpus
from matcher.term_links import FOLDER_NAME as VOCABULARIES_NAME
from matcher.term_links import Vocabulary, build_vocabulary, choose_words, save_vocabularies
from matcher.tokens import surface_forms
from matcher.version_files import FORMAT
from matcher.version_vectors import is_large, write_vectors
from matcher.version_writer import (
    Digests,
    check_some,
    write_passages,
    write_tables,
    write_words,
)

MAX_STORED_NEEDS = 500


def build_index(
    corpus: Corpus,
    needs: Sequence[Need],
    encoder: Encoder,
    cache: VectorCache | None,
    root: Path,
    *,
    keep: int,
    exact_below: int = EXACT_BELOW,
    anew: bool = False,
    on_progress: OnTotal | None = None,
) -> Version:
    """Encode what the cache lacks, write a new version beside the old ones, and publish it.

    `needs` are a sample of the office's needs, used for their mean vector alone. From `exact_below`
    passages on, the search is approximate. `anew` takes nothing over from the version that serves. Raises
    InputError when the corpus has no text at all, StorageError when the folder cannot be written.
    """
    report = on_progress or (lambda what, done, total: None)
    digests = digests_of(corpus)
    changes = count_changes(root, corpus, digests)
    try:
        sweep(root)
        with staged_version(root) as staging:
            earlier = None if anew else open_earlier(root, corpus, model_of(encoder))
            work = _Work(corpus, needs, encoder, cache, report, exact_below)
            told = _write_files(staging, work, earlier, digests)
            version = publish(root, staging, {**told, "changes": changes}, keep=keep)
            report("index", 1, 1)
            return version
    except OSError as error:
        raise StorageError(
            "The index could not be written to %(folder)s (%(reason)s). The version "
            "before it still serves. Free some space or set ENMUSUBI_DATA_DIR.",
            folder=root,
            reason=error.strerror or error,
        ) from error


@dataclass(frozen=True)
class _Work:
    """What a version is built of, and with what."""

    corpus: Corpus
    needs: Sequence[Need]
    encoder: Encoder
    cache: VectorCache | None
    report: OnTotal
    exact_below: int


def _write_files(
    staging: Path, work: _Work, earlier: EarlierVersion | None, digests: tuple[Digests, Digests]
) -> dict[str, object]:
    """Write all files of a version but its manifest; return what that says of them."""
    encoder, cache, report = work.encoder, work.cache, work.report
    source = CorpusSource(work.corpus, encoder, cache, report)
    stored = write_passages(staging, work.corpus, source, earlier)
    check_some(len(stored.passages), len(work.corpus.seeds))
    source.n_passages = len(stored.passages)
    kept = earlier if earlier and keeps_estimates(earlier, stored, work.exact_below) else None
    shipped = known_means(encoder)
    dense = write_vectors(
        staging,
        stored,
        source,
        means_of_needs=lambda: means_of_needs(work.needs, encoder, cache),
        shipped=shipped,
        exact_below=work.exact_below,
        earlier=kept,
    )
    words = write_words(staging, stored, source, kept)
    if kept is None:
        texts = stored.passages.texts("text")
        chosen = {language: choose_words(sample.tokens) for language, sample in words.items()}
        known = encode_words(
            chosen, lambda of: texts[np.array(words[of].rows)], encoder, cache, report
        )
        save_vocabularies(staging, known)
    else:
        shutil.copytree(kept.folder / VOCABULARIES_NAME, staging / VOCABULARIES_NAME)
    report("index", 0, 1)
    write_tables(staging, stored, digests)
    return manifest_of(counts_of(work.corpus), work.corpus.state, encoder, len(stored.passages)) | {
        "encodings": source.encodings,
        "search": dense.describe(),
        NEW_SINCE: kept.new_since(stored.seed_rows) if kept else 0,
    }


def encode_words(
    chosen: Mapping[str, Sequence[str]],
    texts_of: Callable[[str], Iterable[str]],
    encoder: Encoder,
    cache: VectorCache | None,
    report: OnTotal,
) -> dict[str, Vocabulary]:
    """Return the vocabulary of each language for which words were chosen.

    `texts_of` returns the texts of the passages of a language among which they were.
    """
    total, done = sum(map(len, chosen.values())), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report("words", done, total)

    vocabularies = {}
    for language, words in chosen.items():
        if words:
            surfaces = surface_forms(language, texts_of(language))
            vocabularies[language] = build_vocabulary(words, surfaces, encoder, cache, advance)
    return vocabularies


def means_of_needs(
    needs: Sequence[Need], encoder: Encoder, cache: VectorCache | None
) -> dict[str, NDArray[np.float32]]:
    """Return the mean vector of each language's needs, of a sample of them."""
    sample = [n for n in sorted(needs, key=lambda n: n.need_id) if clean_text(n.text)]
    encoded = encode_needs(sample[:MAX_STORED_NEEDS], encoder, cache)
    vectors = np.array([need.vector for need in encoded], dtype=np.float32)
    languages = [need.language for need in encoded]
    return estimate_means(QUERY, vectors, languages, known_means(encoder))


def counts_of(corpus: Corpus) -> dict[str, int]:
    """Return how many researchers and seeds a corpus has."""
    return {"researchers": len(corpus.researchers), "seeds": len(corpus.seeds)}


def manifest_of(
    counts: Mapping[str, int], state: str, encoder: Encoder, n_passages: int
) -> dict[str, object]:
    """Return what a version says of itself before its files are written and compared.

    `counts` are those of the catalogue whose `state` it is built of (see `counts_of`).
    """
    return {
        "format": FORMAT,
        "program": __version__,
        "built_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "model": model_of(encoder),
        "counts": {**counts, "passages": n_passages},
        "catalogue_state": state,
        "word_links": True,  # versions without have none; they are built anew when there is time
    }


def keeps_estimates(earlier: EarlierVersion, stored: StoredPassages, exact_below: int) -> bool:
    """Say whether a large version may go on with the means and words of the one before it."""
    few = earlier.new_since(stored.seed_rows) <= MOST_NEW * len(stored.passages)
    return few and earlier.is_large and is_large(stored, exact_below)


def model_of(encoder: Encoder) -> dict[str, Any]:
    """Return what a manifest says of the model."""
    names = ("name", "checksum", "dimension", "precision")
    return {name: getattr(encoder, name) for name in names}


Counts = Mapping[str, int]


def digests_of(corpus: Corpus) -> tuple[Digests, Digests]:
    """Return a digest of each seed, its people included, and one of each researcher."""
    seeds = row_digests(corpus.seeds)
    links = row_digests(corpus.authorships)
    rows = pd.Index(corpus.seeds[SEED_ID]).get_indexer(corpus.authorships[SEED_ID])
    np.bitwise_xor.at(seeds, rows[rows >= 0], links[rows >= 0])
    return seeds, row_digests(corpus.researchers)


def count_changes(
    root: Path, corpus: Corpus, digests: tuple[Digests, Digests]
) -> dict[str, str | Counts]:
    """Return added, changed and removed seeds and researchers against the version that serves.

    `compared_with` names that version; it is empty, and everything new, where there is none that
    can be read.
    """
    name, seeds, researchers = _before(root)
    return {
        "compared_with": name,
        "seeds": _compare(seeds, pd.Series(digests[0], index=corpus.seeds[SEED_ID])),
        "researchers": _compare(
            researchers, pd.Series(digests[1], index=corpus.researchers[RESEARCHER_ID])
        ),
    }


def _before(root: Path) -> tuple[str, pd.Series, pd.Series]:
    """Return the name and the digests by id of the version that serves, if it can be read."""
    nothing = pd.Series([], dtype=np.uint64)
    try:
        version = open_current(root)
        # researchers of several shards may have the same seed
        folders = [version.folder / name for name in version.manifest.get("shards", ("",))]
        seeds, researchers = (
            _digests_by_id([Table.load(folder / name) for folder in folders], key)
            for key, name in ((SEED_ID, "seeds"), (RESEARCHER_ID, "researchers"))
        )
    except (IndexFault, OSError, ValueError, KeyError):  # none, damaged, or of an older format
        return "", nothing, nothing
    return version.name, seeds, researchers


def _digests_by_id(tables: Sequence[Table], key: str) -> pd.Series:
    parts = [pd.Series(one.numbers("digest"), index=list(one.texts(key))) for one in tables]
    joined = pd.concat(parts)
    return joined[~joined.index.duplicated()]


def _compare(before: pd.Series, now: pd.Series) -> dict[str, int]:
    kept = now.index.intersection(before.index)
    changed = before.loc[kept].to_numpy() != now.loc[kept].to_numpy()
    return {
        "added": len(now) - len(kept),
        "changed": int(changed.sum()),
        "removed": len(before) - len(kept),
    }


def is_fresh(root: Path, *, catalogue_state: str, model_checksum: str) -> bool:
    """Say whether the version that serves was built from this catalogue with this model."""
    manifest = _usable_manifest(root, model_checksum)
    if manifest is None or not manifest.get("word_links"):
        return False
    return manifest.get("catalogue_state") == catalogue_state


def is_pinned(root: Path, *, model_checksum: str) -> bool:
    """Say whether someone went back to the version that serves, and it can be used."""
    return pinned_name(root) is not None and _usable_manifest(root, model_checksum) is not None


def _usable_manifest(root: Path, model_checksum: str) -> Mapping[str, Any] | None:
    """Return the manifest of the version that serves if this program and model can use it."""
    try:
        manifest = open_current(root).manifest
        found = (manifest["format"], manifest["model"]["checksum"])
    except (NoVersionFault, DamagedVersionFault, KeyError, TypeError):
        return None
    return manifest if found == (FORMAT, model_checksum) else None
