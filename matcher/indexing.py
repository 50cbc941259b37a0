"""Builds an index version from a corpus: cuts it, encodes what is new, publishes files and manifest.

The manifest also says what the version has that the one before it had not, row by row: rows are compared
by digests of their content, which every version keeps.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enmusubi import __version__
from enmusubi.errors import InputError, StorageError
from enmusubi.language import clean_text
from indexes.dense import EXACT_BELOW
from indexes.errors import DamagedVersionFault, IndexFault, NoVersionFault
from indexes.versions import Version, open_current, pinned_name, publish, staged_version, sweep
from matcher.encoder.encoder import PASSAGE, EncodedPassage, Encoder
from matcher.encoder.vector_cache import VectorCache
from matcher.passages import Passage
from matcher.queries import EncodedNeed, encode_needs
from matcher.records import Need
from matcher.tables import RESEARCHER_ID, SEED_ID, Corpus, visibility_levels
from matcher.term_links import Vocabulary, build_vocabulary, choose_words
from matcher.tokens import surface_forms
from matcher.version_files import FORMAT, CutCorpus, Digests, Encoded, write_files

MAX_STORED_NEEDS = 500
OnTotal = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def build_index(
    corpus: Corpus,
    needs: Sequence[Need],
    encoder: Encoder,
    cache: VectorCache | None,
    root: Path,
    *,
    keep: int,
    exact_below: int = EXACT_BELOW,
    on_progress: OnTotal | None = None,
) -> Version:
    """Encode what the cache lacks, write a new version beside the old ones, and publish it.

    `needs` are a sample of the office's needs, used for their mean vector alone. From `exact_below`
    passages on, the search is approximate. Raises InputError when the corpus has no text at all,
    StorageError when the folder cannot be written.
    """
    report = on_progress or (lambda what, done, total: None)
    cut = _cut(corpus, encoder)
    passages, n_cached = _encode(cut, encoder, cache, report)
    vocabularies = _encode_words(cut, encoder, cache, report)
    encoded = Encoded(passages, _encode_sample(needs, encoder, cache), vocabularies)
    digests = digests_of(corpus)
    manifest = _manifest(cut, encoder) | {
        "encodings": {"encoded": len(passages) - n_cached, "from_cache": n_cached},
        "changes": count_changes(root, corpus, digests),
    }
    try:
        sweep(root)
        with staged_version(root) as staging:
            report("index", 0, 1)
            dense = write_files(staging, cut, encoded, encoder, digests, exact_below=exact_below)
            version = publish(root, staging, manifest | {"search": dense.describe()}, keep=keep)
            report("index", 1, 1)
            return version
    except OSError as error:
        raise StorageError(
            "The index could not be written to %(folder)s (%(reason)s). The version "
            "before it still serves. Free some space or set ENMUSUBI_DATA_DIR.",
            folder=root,
            reason=error.strerror or error,
        ) from error


def _cut(corpus: Corpus, encoder: Encoder) -> CutCorpus:
    owners: list[int] = []
    passages: list[Passage] = []
    for row, (title, text) in enumerate(
        zip(corpus.seeds["title"], corpus.seeds["text"], strict=True)
    ):
        cut = encoder.split(clean_text(title), clean_text(text))
        owners.extend([row] * len(cut))
        passages.extend(cut)
    if not passages:
        raise InputError(
            "There is nothing to index: %(count)s seeds, none of them with a title or a "
            "text. Import seeds with `enmusubi import`.",
            count=len(corpus.seeds),
        )
    return CutCorpus.of(corpus, owners, passages)


def _encode(
    cut: CutCorpus, encoder: Encoder, cache: VectorCache | None, report: OnTotal
) -> tuple[list[EncodedPassage], int]:
    """Return the encodings, and how many of them came from the cache.

    Each level of visibility is encoded apart: the last digits of a vector hang on the texts of its batch,
    and a confidential text must not change a public vector.
    """
    done = cached = 0
    encoded: dict[int, EncodedPassage] = {}

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report("encode", done, len(cut.passages))

    def note_cached(count: int) -> None:
        nonlocal cached
        cached += count

    report("encode", 0, len(cut.passages))
    level = visibility_levels(cut.corpus.seeds)[cut.seed_rows]
    for one in np.unique(level):
        rows = np.flatnonzero(level == one).tolist()
        found = encoder.encode(
            [cut.passages[row] for row in rows],
            role=PASSAGE,
            cache=cache,
            on_progress=advance,
            on_cached=note_cached,
        )
        encoded.update(zip(rows, found, strict=True))
    return [encoded[row] for row in range(len(cut.passages))], cached


def _encode_words(
    cut: CutCorpus, encoder: Encoder, cache: VectorCache | None, report: OnTotal
) -> dict[str, Vocabulary]:
    """Return the vocabulary of each language, of the passages that make statistics."""
    chosen: dict[str, list[str]] = {}
    for language in np.unique(cut.languages):
        rows = np.flatnonzero((cut.languages == language) & cut.in_statistics)
        chosen[str(language)] = choose_words([cut.tokens[row] for row in rows])
    total, done = sum(map(len, chosen.values())), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report("words", done, total)

    vocabularies = {}
    for language, words in chosen.items():
        if words:
            of_language = (cut.languages == language) & cut.in_statistics
            texts = (cut.passages[row].text for row in np.flatnonzero(of_language))
            surfaces = surface_forms(language, texts)
            vocabularies[language] = build_vocabulary(words, surfaces, encoder, cache, advance)
    return vocabularies


def _encode_sample(
    needs: Sequence[Need], encoder: Encoder, cache: VectorCache | None
) -> list[EncodedNeed]:
    sample = [n for n in sorted(needs, key=lambda n: n.need_id) if clean_text(n.text)]
    return encode_needs(sample[:MAX_STORED_NEEDS], encoder, cache)


def _manifest(cut: CutCorpus, encoder: Encoder) -> dict[str, object]:
    return {
        "format": FORMAT,
        "program": __version__,
        "built_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "model": {
            "name": encoder.name,
            "checksum": encoder.checksum,
            "dimension": encoder.dimension,
            "precision": encoder.precision,
        },
        "counts": {
            "researchers": len(cut.corpus.researchers),
            "seeds": len(cut.corpus.seeds),
            "passages": len(cut.passages),
        },
        "catalogue_state": cut.corpus.state,
        "word_links": True,  # versions without have none; they are built anew when there is time
    }


Counts = Mapping[str, int]


def digests_of(corpus: Corpus) -> tuple[Digests, Digests]:
    """Return a digest of each seed, its people included, and one of each researcher."""
    seeds = _row_digests(corpus.seeds)
    links = _row_digests(corpus.authorships)
    rows = pd.Index(corpus.seeds[SEED_ID]).get_indexer(corpus.authorships[SEED_ID])
    np.bitwise_xor.at(seeds, rows[rows >= 0], links[rows >= 0])
    return seeds, _row_digests(corpus.researchers)


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


def _row_digests(frame: pd.DataFrame) -> Digests:
    return np.array(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _before(root: Path) -> tuple[str, pd.Series, pd.Series]:
    """Return the name and the digests by id of the version that serves, if it can be read."""
    nothing = pd.Series([], dtype=np.uint64)
    try:
        version = open_current(root)
        read = {
            key: pd.read_parquet(version.folder / f"{name}.parquet", columns=[key, "digest"])
            for key, name in ((SEED_ID, "seeds"), (RESEARCHER_ID, "researchers"))
        }
    except (IndexFault, OSError, ValueError, KeyError):  # none, damaged, or of an older format
        return "", nothing, nothing
    seeds, researchers = (frame.set_index(key)["digest"] for key, frame in read.items())
    return version.name, seeds, researchers


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
