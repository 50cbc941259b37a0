"""Builds an index version from a corpus: passages, vectors, tokens, tables, manifest."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi import __version__
from enmusubi.indexes.dense import DenseIndex
from enmusubi.indexes.lexical import LexicalIndex, LexicalIndexes
from enmusubi.indexes.versions import Version, publish, staged_version, sweep
from enmusubi.matcher.centring import centre, estimate_means, shipped_means
from enmusubi.matcher.encoder.encoder import PASSAGE, QUERY, EncodedPassage, Encoder, unit
from enmusubi.matcher.encoder.vector_cache import VectorCache
from enmusubi.matcher.errors import InputError, StorageError
from enmusubi.matcher.language import clean_text, detect_language
from enmusubi.matcher.needs import encode_needs
from enmusubi.matcher.passages import Passage
from enmusubi.matcher.records import Need
from enmusubi.matcher.snapshot import FORMAT, MEANS_NAME, PROFILES_NAME, SENTENCE_VECTORS_NAME
from enmusubi.matcher.tables import Corpus
from enmusubi.matcher.tokens import TOKENIZERS

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
    on_progress: OnTotal | None = None,
) -> Version:
    """Encode what the cache lacks, write a new version beside the old ones, and publish it.

    `needs` are a sample of the office's needs, used for their mean vector alone. Raises InputError
    when the corpus has no text at all, StorageError when the folder cannot be written.
    """
    report = on_progress or (lambda what, done, total: None)
    owners, passages = _cut(corpus, encoder)
    if not passages:
        raise InputError(
            f"There is nothing to index: {len(corpus.seeds)} seeds, none of them with a title or a "
            "text. Import seeds with `enmusubi import`."
        )
    encoded = _encode(passages, encoder, cache, report)
    sample = [n for n in sorted(needs, key=lambda n: n.need_id) if clean_text(n.text)]
    stored_needs = encode_needs(sample[:MAX_STORED_NEEDS], encoder, cache)
    try:
        sweep(root)
        with staged_version(root) as staging:
            report("index", 0, 1)
            needs_language = [need.language for need in stored_needs]
            needs_vectors = np.array([need.vector for need in stored_needs], dtype=np.float32)
            centred = _write_vectors(
                staging, passages, encoded, encoder, (needs_vectors, needs_language)
            )
            pairs = _authorship_rows(corpus)
            _write_profiles(staging, centred, owners, pairs, len(corpus.researchers))
            _write_tables(staging, corpus, owners, passages, pairs)
            _write_lexical(staging, passages)
            version = publish(root, staging, _manifest(corpus, passages, encoder), keep=keep)
            report("index", 1, 1)
            return version
    except OSError as error:
        raise StorageError(
            f"The index could not be written to {root} ({error.strerror or error}). The version "
            "before it still serves. Free some space or set ENMUSUBI_DATA_DIR."
        ) from error


def _cut(corpus: Corpus, encoder: Encoder) -> tuple[list[int], list[Passage]]:
    """Return the passages of all seeds, and for each the row of its seed."""
    owners: list[int] = []
    passages: list[Passage] = []
    for row, (title, text) in enumerate(
        zip(corpus.seeds["title"], corpus.seeds["text"], strict=True)
    ):
        cut = encoder.split(clean_text(title), clean_text(text))
        owners.extend([row] * len(cut))
        passages.extend(cut)
    return owners, passages


def _encode(
    passages: list[Passage],
    encoder: Encoder,
    cache: VectorCache | None,
    report: OnTotal,
) -> list[EncodedPassage]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report("encode", done, len(passages))

    report("encode", 0, len(passages))
    return encoder.encode(passages, role=PASSAGE, cache=cache, on_progress=advance)


def _write_vectors(
    folder: Path,
    passages: list[Passage],
    encoded: list[EncodedPassage],
    encoder: Encoder,
    needs: tuple[NDArray[np.float32], list[str]],
) -> NDArray[np.float32]:
    """Write the vectors of passages and sentences; return those of the passages, centred."""
    shipped = shipped_means(encoder.checksum)
    languages = [detect_language(passage.text) for passage in passages]
    vectors = np.stack([item.vector for item in encoded])
    sentences = np.concatenate([item.sentence_vectors for item in encoded])
    sentence_languages = np.repeat(languages, [len(e.sentence_vectors) for e in encoded])
    means = estimate_means(PASSAGE, vectors, languages, shipped)
    means |= estimate_means(QUERY, needs[0], needs[1], shipped)
    # sentences lie around a mean of their own; passages' stands in where they are few
    sentence_means = estimate_means(PASSAGE, sentences, list(sentence_languages), {})
    sentences_centred = centre(sentences, list(sentence_languages), PASSAGE, means | sentence_means)
    np.save(folder / SENTENCE_VECTORS_NAME, sentences_centred.astype(np.float16))
    np.savez(folder / MEANS_NAME, allow_pickle=False, **means)
    centred = centre(vectors, languages, PASSAGE, means)
    DenseIndex.build(centred).save(folder)
    return centred


def _write_profiles(
    folder: Path,
    vectors: NDArray[np.float32],
    owners: list[int],
    pairs: pd.DataFrame,
    n_researchers: int,
) -> None:
    """Write each person's profile: the unit mean of the unit means of their seeds' passages."""
    n_seeds = int(pairs["seed_row"].max()) + 1 if len(pairs) else 0
    seeds = np.zeros((max(n_seeds, max(owners) + 1), vectors.shape[1]), dtype=np.float32)
    np.add.at(seeds, owners, vectors)
    people = np.zeros((n_researchers, vectors.shape[1]), dtype=np.float32)
    np.add.at(people, pairs["researcher_row"].to_numpy(), unit(seeds)[pairs["seed_row"]])
    np.save(folder / PROFILES_NAME, unit(people))


def _write_lexical(folder: Path, passages: list[Passage]) -> None:
    languages = np.asarray([detect_language(passage.text) for passage in passages])
    indexes = {}
    for language in sorted(set(languages)):
        rows = np.flatnonzero(languages == language)
        tokens = [TOKENIZERS[language](passages[row].text) for row in rows]
        if any(tokens):
            indexes[str(language)] = LexicalIndex.build(tokens, rows)
    LexicalIndexes(indexes).save(folder)


def _write_tables(
    folder: Path,
    corpus: Corpus,
    owners: list[int],
    passages: list[Passage],
    pairs: pd.DataFrame,
) -> None:
    counts = [len(passage.sentences) for passage in passages]
    frame = pd.DataFrame(
        {
            "seed_row": owners,
            "lang": [detect_language(passage.text) for passage in passages],
            "text": [passage.text for passage in passages],
            "first_sentence": np.cumsum([0, *counts[:-1]]),
            "sentence_starts": [[s.start for s in p.sentences] for p in passages],
            "sentence_ends": [[s.end for s in p.sentences] for p in passages],
            "sentence_fields": [[s.field for s in p.sentences] for p in passages],
            "sentence_sources": [[s.source_start for s in p.sentences] for p in passages],
        }
    )
    frame.to_parquet(folder / "passages.parquet")
    corpus.seeds.drop(columns="text").to_parquet(folder / "seeds.parquet")
    corpus.researchers.to_parquet(folder / "researchers.parquet")
    pairs.to_parquet(folder / "authorships.parquet")


def _authorship_rows(corpus: Corpus) -> pd.DataFrame:
    """Return the authorships as row numbers; those of unknown seeds or researchers are dropped."""
    seed_rows = pd.Index(corpus.seeds["seed_id"]).get_indexer(corpus.authorships["seed_id"])
    people = pd.Index(corpus.researchers["researcher_id"])
    researcher_rows = people.get_indexer(corpus.authorships["researcher_id"])
    pairs = pd.DataFrame({"seed_row": seed_rows, "researcher_row": researcher_rows})
    known = pairs[(pairs["seed_row"] >= 0) & (pairs["researcher_row"] >= 0)]
    return (
        known.drop_duplicates().sort_values(["seed_row", "researcher_row"]).reset_index(drop=True)
    )


def _manifest(corpus: Corpus, passages: list[Passage], encoder: Encoder) -> dict[str, object]:
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
            "researchers": len(corpus.researchers),
            "seeds": len(corpus.seeds),
            "passages": len(passages),
        },
        "catalogue_state": corpus.state,
    }
