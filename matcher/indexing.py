"""Builds an index version from a corpus: cuts it, encodes what is new, publishes files and manifest.

The manifest also says what the version has that the one before it had not, row by row: rows are compared
by digests of their content, which every version keeps.
"""

import datetime
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enmusubi import __version__
from enmusubi.errors import StorageError
from enmusubi.language import clean_text
from indexes.dense import EXACT_BELOW
from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.versions import Version, open_current, pinned_name, publish, staged_version, sweep
from matcher.centring import estimate_means, known_means
from matcher.changes import count_changes
from matcher.corpus_source import CorpusSource, OnTotal
from matcher.corpus_spool import spool
from matcher.corpus_stream import CorpusStream, OpenStream, in_memory
from matcher.corpus_writing import write_corpus
from matcher.earlier_version import MOST_NEW, NEW_SINCE, EarlierSeeds, EarlierVersion, open_earlier
from matcher.encoder.encoder import QUERY, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.queries import encode_needs
from matcher.records import Need
from matcher.stored_passages import StoredPassages
from matcher.tables import Corpus
from matcher.term_links import FOLDER_NAME as VOCABULARIES_NAME
from matcher.term_links import Vocabulary, build_vocabulary, choose_words, save_vocabularies
from matcher.tokens import surface_forms
from matcher.version_files import FORMAT
from matcher.version_vectors import is_large, write_vectors
from matcher.version_writer import check_some, write_words

MAX_STORED_NEEDS = 500
SPOOL_NAME = "corpus.tmp"


def build_index(
    corpus: Corpus | OpenStream,
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

    A corpus that is opened as a stream is read a batch at a time and first of all: its texts are never in
    memory together, and it is closed before anything is cut.
    `needs` are a sample of the office's needs, used for their mean vector alone. From `exact_below`
    passages on, the search is approximate. `anew` takes nothing over from the version that serves. Raises
    InputError when the corpus has no text at all, StorageError when the folder cannot be written.
    """
    report = on_progress or (lambda what, done, total: None)
    try:
        sweep(root)
        with staged_version(root) as staging:
            earlier = None if anew else open_earlier(root, model_of(encoder))
            work = _Work(corpus, needs, encoder, cache, report, exact_below)
            told = _write_files(staging, root, work, earlier)
            version = publish(root, staging, told, keep=keep)
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

    corpus: Corpus | OpenStream
    needs: Sequence[Need]
    encoder: Encoder
    cache: VectorCache | None
    report: OnTotal
    exact_below: int


def _write_files(
    staging: Path, root: Path, work: _Work, earlier: EarlierSeeds | None
) -> dict[str, object]:
    """Write all files of a version but its manifest; return what that says of them."""
    encoder, cache, report = work.encoder, work.cache, work.report
    source = CorpusSource(encoder, cache, report)
    with _read_at_once(work.corpus, staging / SPOOL_NAME) as stream:
        written = write_corpus(staging, stream, source, earlier)
    stored, before = written.stored, written.earlier
    check_some(len(stored.passages), written.counts["seeds"])
    changes = count_changes(root, written.seeds, written.researchers)
    source.n_passages = len(stored.passages)
    kept = before if before and keeps_estimates(before, stored, work.exact_below) else None
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
            chosen, lambda of: map(texts.__getitem__, words[of].rows), encoder, cache, report
        )
        save_vocabularies(staging, known)
    else:
        shutil.copytree(kept.folder / VOCABULARIES_NAME, staging / VOCABULARIES_NAME)
    report("index", 0, 1)
    return manifest_of(written.counts, written.state, encoder, len(stored.passages)) | {
        "changes": changes,
        "encodings": source.encodings,
        "search": dense.describe(),
        NEW_SINCE: kept.new_since(stored.seed_rows) if kept else 0,
    }


@contextmanager
def _read_at_once(corpus: Corpus | OpenStream, folder: Path) -> Iterator[CorpusStream]:
    """Give a corpus that holds nothing open, from a folder that vanishes."""
    if isinstance(corpus, Corpus):
        with in_memory(corpus)() as stream:
            yield stream
        return
    with corpus() as opened:
        stream = spool(opened, folder)
    yield stream
    shutil.rmtree(folder)


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


def manifest_of(
    counts: Mapping[str, int], state: str, encoder: Encoder, n_passages: int
) -> dict[str, object]:
    """Return what a version says of itself before its files are written and compared.

    `counts` are those of researchers and seeds in the catalogue whose `state` it is built of.
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
