"""The files of an index version: writes vectors, profiles, tables and token statistics; opens a version.

Artefacts are checked to belong together when they are opened; no later stage looks again.

What is not public must not shape what others see: it has its rows here, to be found by those who
ask for it, but means, token statistics, the cells of the search and the profiles of people with public
seeds are made of public seeds alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexUnusableError,
)
from enmusubi.language import detect_language
from indexes.dense import DenseIndex
from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.lexical import LexicalIndex, LexicalIndexes
from indexes.versions import Version, current_name, open_current
from matcher.centring import Means, centre, estimate_means, shipped_means
from matcher.encoder.encoder import PASSAGE, QUERY, EncodedPassage, Encoder
from matcher.passages import Passage
from matcher.queries import EncodedNeed
from matcher.records import PUBLIC, REPRESENTATIVE
from matcher.snapshot import Snapshot, build_profiles
from matcher.tables import Corpus, in_statistics, visibility_levels
from matcher.term_links import Vocabulary, load_vocabularies, save_vocabularies
from matcher.tokens import TOKENIZERS

FORMAT = 3  # raise it when older folders cannot be read any more
SENTENCE_VECTORS_NAME = "sentence_vectors.npy"
PROFILES_NAME = "profiles.npy"
MEANS_NAME = "means.npz"
TABLE_NAMES = ("passages", "seeds", "researchers", "authorships")
FloatArray = NDArray[np.float32]
Digests = NDArray[np.uint64]  # of the content of seeds, or of researchers, by row


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

    @cached_property
    def tokens(self) -> list[list[str]]:
        """The tokens of each passage, as the lexical index of its language has them."""
        texts = zip(self.passages, self.languages, strict=True)
        return [TOKENIZERS[str(language)](passage.text) for passage, language in texts]

    @property
    def public_seeds(self) -> NDArray[np.bool_]:
        """Whether each seed is public."""
        return (self.corpus.seeds["visibility"] == PUBLIC).to_numpy(bool)

    @property
    def in_statistics(self) -> NDArray[np.bool_]:
        """Whether each passage makes statistics (see `tables.in_statistics`)."""
        return in_statistics(self.corpus.seeds)[self.seed_rows]


@dataclass(frozen=True)
class Encoded:
    """The encodings of the corpus's passages, in their order, of a sample of the needs, and of words."""

    passages: list[EncodedPassage]
    needs: list[EncodedNeed]
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)


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
    dense = DenseIndex.build(vectors, in_statistics=cut.in_statistics, exact_below=exact_below)
    dense.save(folder)
    pairs = _authorship_rows(cut.corpus)
    n_people = len(cut.corpus.researchers)
    profiles = build_profiles(
        vectors, cut.seed_rows, pairs, visibility_levels(cut.corpus.seeds), n_people
    )
    np.save(folder / PROFILES_NAME, profiles)
    _write_tables(folder, cut, pairs, digests)
    _write_lexical(folder, cut)
    save_vocabularies(folder, encoded.vocabularies)
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
        tokens = [cut.tokens[row] for row in rows]
        making = cut.in_statistics[rows]
        if any(tokens[at] for at in np.flatnonzero(making)):
            indexes[str(language)] = LexicalIndex.build(tokens, rows, making)
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


def open_snapshot(root: Path) -> Snapshot:
    """Read the version that serves; where another takes its place meanwhile, that one.

    Raises IndexMissingError, IndexDamagedError or IndexMismatchError, each with the command to run.
    """
    while True:
        name = serving_version(root)
        try:
            return _open_serving(root)
        except IndexUnusableError:
            if serving_version(root) == name:
                raise


def _open_serving(root: Path) -> Snapshot:
    try:
        version = open_current(root)
        check_format(version)
        return read_snapshot(version)
    except NoVersionFault as fault:
        raise IndexMissingError(
            "There is no index yet in %(folder)s. Import researchers and seeds with "
            "`enmusubi import`, then run `enmusubi index`; `enmusubi demo` does both "
            "with made-up data.",
            folder=root,
        ) from fault
    except DamagedVersionFault as fault:
        raise IndexDamagedError(
            "The index cannot be used: %(reason)s. Run `enmusubi index --rebuild`.", reason=fault
        ) from fault


def check_format(version: Version) -> None:
    """Raise IndexMismatchError unless this program can read the version."""
    if version.manifest.get("format") != FORMAT:
        raise IndexMismatchError(
            "Index version %(version)s has format %(found)s, this program reads %(expected)s. "
            "Run `enmusubi index` to build it anew.",
            version=version.name,
            found=version.manifest.get("format"),
            expected=FORMAT,
        )


def serving_version(root: Path) -> str | None:
    """Return the name of the version that serves, or None; reads one small file."""
    return current_name(root)


def read_snapshot(version: Version) -> Snapshot:
    """Read all files of a version; raises IndexDamagedError when one of them is not readable."""
    folder = version.folder
    try:
        frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLE_NAMES}
        with np.load(folder / MEANS_NAME) as stored:
            means = {name: stored[name] for name in stored.files}
        manifest = _checked_manifest(version)
        snapshot = Snapshot(
            version=version.name,
            manifest=manifest,
            dense=DenseIndex.load(
                folder, manifest["search"]["recall"], manifest["search"]["counted"]
            ),
            lexical=LexicalIndexes.load(folder),
            sentence_vectors=np.load(folder / SENTENCE_VECTORS_NAME, mmap_mode="r"),
            profiles=np.load(folder / PROFILES_NAME),
            means=means,
            vocabularies=load_vocabularies(folder),
            **frames,
        )
    except Exception as error:  # every library of the files has its own kinds
        raise IndexDamagedError(
            "Index version %(version)s cannot be read (%(kind)s). Run `enmusubi index --rebuild`.",
            version=version.name,
            kind=type(error).__name__,
        ) from error
    if len(snapshot.dense) != len(snapshot.passages):
        raise IndexDamagedError(
            "Index version %(version)s has %(vectors)s vectors for %(passages)s passages. Run "
            "`enmusubi index --rebuild`.",
            version=version.name,
            vectors=len(snapshot.dense),
            passages=len(snapshot.passages),
        )
    return snapshot


def _checked_manifest(version: Version) -> dict[str, Any]:
    """Return the manifest; raises KeyError or TypeError unless it names its model and its search."""
    manifest = dict(version.manifest)
    for name in ("recall", "counted"):
        manifest["search"][name]
    for name in ("name", "checksum", "dimension"):
        manifest["model"][name]
    return manifest


def check_model(snapshot: Snapshot, *, name: str, checksum: str, dimension: int) -> None:
    """Raise IndexMismatchError unless the index was built with this model."""
    built = snapshot.manifest["model"]
    if (built["checksum"], built["dimension"]) != (checksum, dimension):
        raise IndexMismatchError(
            "Index version %(version)s was built with the model %(built_with)s (%(built_checksum)s, "
            "%(built_dimension)s dimensions), but the settings name %(named)s "
            "(%(named_checksum)s, %(named_dimension)s). Run `enmusubi index`, or set the model "
            "back.",
            version=snapshot.version,
            built_with=built["name"],
            built_checksum=built["checksum"],
            built_dimension=built["dimension"],
            named=name,
            named_checksum=checksum,
            named_dimension=dimension,
        )
