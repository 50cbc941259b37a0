"""Writes the files of an index version: vectors, profiles, tables and token statistics.

What is not public must not shape what others see: it has its rows here, to be found by those who
ask for it, but means, token statistics, the cells of the search and the profiles of people with public
seeds are made of public seeds alone.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.language import detect_language
from indexes.dense import DenseIndex
from indexes.lexical import LexicalIndex, LexicalIndexes
from matcher.centring import Means, centre, estimate_means, shipped_means
from matcher.changes import Digests
from matcher.encoder.encoder import PASSAGE, QUERY, EncodedPassage, Encoder
from matcher.needs import EncodedNeed
from matcher.passages import Passage
from matcher.profiles import build_profiles
from matcher.records import PUBLIC, REPRESENTATIVE
from matcher.snapshot import MEANS_NAME, PROFILES_NAME, SENTENCE_VECTORS_NAME
from matcher.tables import Corpus, are_counted, circles
from matcher.tokens import TOKENIZERS

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class CutCorpus:
    """A corpus and its passages, in the order of the seeds."""

    corpus: Corpus
    passages: list[Passage]
    seed_rows: NDArray[np.int64]  # of each passage
    languages: NDArray[np.str_]  # of each passage

    @classmethod
    def of(cls, corpus: Corpus, owners: list[int], passages: list[Passage]) -> "CutCorpus":
        """Return the corpus with its passages; `owners` gives the seed row of each."""
        languages = np.array([detect_language(passage.text) for passage in passages], dtype=str)
        return cls(corpus, passages, np.array(owners, dtype=np.int64), languages)

    @property
    def public_seeds(self) -> NDArray[np.bool_]:
        """Whether each seed is public."""
        return (self.corpus.seeds["visibility"] == PUBLIC).to_numpy(bool)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whether each passage makes statistics (see `tables.are_counted`)."""
        return are_counted(self.corpus.seeds)[self.seed_rows]


@dataclass(frozen=True)
class Encoded:
    """The encodings of the corpus's passages, in their order, and of a sample of the needs."""

    passages: list[EncodedPassage]
    needs: list[EncodedNeed]


def write_files(
    folder: Path,
    cut: CutCorpus,
    encoded: Encoded,
    encoder: Encoder,
    digests: tuple[Digests, Digests],
    *,
    exact_below: int,
) -> DenseIndex:
    """Write all files of a version but the manifest; return the dense index among them.

    `digests` are stored beside the rows of seeds and of researchers.
    """
    vectors = _write_vectors(folder, cut, encoded, encoder)
    dense = DenseIndex.build(vectors, counted=cut.counted, exact_below=exact_below)
    dense.save(folder)
    pairs = _authorship_rows(cut.corpus)
    n_people = len(cut.corpus.researchers)
    profiles = build_profiles(vectors, cut.seed_rows, pairs, circles(cut.corpus.seeds), n_people)
    np.save(folder / PROFILES_NAME, profiles)
    _write_tables(folder, cut, pairs, digests)
    _write_lexical(folder, cut)
    return dense


def _write_vectors(folder: Path, cut: CutCorpus, encoded: Encoded, encoder: Encoder) -> FloatArray:
    """Write the means and the sentences' vectors; return the passages', centred."""
    items = encoded.passages
    vectors = np.stack([item.vector for item in items])
    sentences = np.concatenate([item.sentence_vectors for item in items])
    of_sentence = np.repeat(np.arange(len(items)), [len(e.sentence_vectors) for e in items])
    languages = cut.languages
    public = cut.public_seeds[cut.seed_rows]
    shown = public[of_sentence]
    shipped = encoder.language_means or shipped_means(encoder.checksum)
    means = estimate_means(PASSAGE, vectors[public], list(languages[public]), shipped)
    means |= _query_means(encoded.needs, shipped)
    # sentences lie around a mean of their own; where they are few, it is drawn towards the passages'
    sentence_languages = languages[of_sentence]
    own = estimate_means(PASSAGE, sentences[shown], list(sentence_languages[shown]), means)
    centred = centre(sentences, list(sentence_languages), PASSAGE, own)
    np.save(folder / SENTENCE_VECTORS_NAME, centred.astype(np.float16))
    np.savez(folder / MEANS_NAME, allow_pickle=False, **means)
    return centre(vectors, list(languages), PASSAGE, means)


def _query_means(needs: list[EncodedNeed], shipped: Means) -> dict[str, FloatArray]:
    vectors = np.array([need.vector for need in needs], dtype=np.float32)
    return estimate_means(QUERY, vectors, [need.language for need in needs], shipped)


def _write_lexical(folder: Path, cut: CutCorpus) -> None:
    indexes = {}
    for language in np.unique(cut.languages):
        rows = np.flatnonzero(cut.languages == language)
        tokens = [TOKENIZERS[str(language)](cut.passages[row].text) for row in rows]
        counted = cut.counted[rows]
        if any(tokens[at] for at in np.flatnonzero(counted)):
            indexes[str(language)] = LexicalIndex.build(tokens, rows, counted)
    LexicalIndexes(indexes).save(folder)


def _write_tables(
    folder: Path,
    cut: CutCorpus,
    pairs: pd.DataFrame,
    digests: tuple[Digests, Digests],
) -> None:
    passages, corpus = cut.passages, cut.corpus
    counts = [len(passage.sentences) for passage in passages]
    frame = pd.DataFrame(
        {
            "seed_row": cut.seed_rows,
            "lang": cut.languages.astype(object),
            "text": [passage.text for passage in passages],
            "first_sentence": np.cumsum([0, *counts[:-1]]),
            "sentence_starts": [[s.start for s in p.sentences] for p in passages],
            "sentence_ends": [[s.end for s in p.sentences] for p in passages],
            "sentence_fields": [[s.field for s in p.sentences] for p in passages],
            "sentence_sources": [[s.source_start for s in p.sentences] for p in passages],
        }
    )
    frame.to_parquet(folder / "passages.parquet")
    seeds = corpus.seeds.drop(columns="text").assign(digest=digests[0])
    seeds.to_parquet(folder / "seeds.parquet")
    corpus.researchers.assign(digest=digests[1]).to_parquet(folder / "researchers.parquet")
    pairs.to_parquet(folder / "authorships.parquet")


def _authorship_rows(corpus: Corpus) -> pd.DataFrame:
    """Return the authorships as row numbers; those of unknown seeds or researchers are dropped."""
    links = corpus.authorships
    people = pd.Index(corpus.researchers["researcher_id"])
    pairs = pd.DataFrame(
        {
            "seed_row": pd.Index(corpus.seeds["seed_id"]).get_indexer(links["seed_id"]),
            "researcher_row": people.get_indexer(links["researcher_id"]),
            "representative": (links["choice"] == REPRESENTATIVE).to_numpy(bool),
        }
    )
    known = pairs[(pairs["seed_row"] >= 0) & (pairs["researcher_row"] >= 0)]
    keys = ["seed_row", "researcher_row"]
    return known.drop_duplicates(keys).sort_values(keys).reset_index(drop=True)
