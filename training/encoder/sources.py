"""Reads what a user names to train on: folders of collections and files of pairs.

A folder follows the contract of evaluation collections; only its seeds are needed. All its files
`seeds*.jsonl[.gz]` are read, so that one with a file a language gives pairs across languages, or
those that are named: `DIR::seeds=A+B,needs=F,qrels=F`.

Hard negatives are seeds that the untuned encoder takes for a person's, but are not. A candidate nearer
to a seed than the person's own nearest other seed, less a margin, is left out: it is as likely a
colleague's work on the same thing as a mistake of the encoder (the reasoning of "TopK-MarginPos" in
Moreira et al. 2024, "NV-Retriever").
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from enmusubi.errors import CollectionError, InputError
from matcher.centring import centre, estimate_means
from matcher.encoder.encoder import PASSAGE, Encoder, OnProgress
from matcher.encoder.vector_cache import VectorCache
from matcher.tables import NEED_ID, RESEARCHER_ID, SEED_ID, Corpus
from training.collection_lines import read_corpus, read_needs
from training.collections import NEEDS_NAMES, QRELS_NAMES, RESEARCHERS_NAME, SEPARATOR, parse_spec
from training.encoder.augmentation import Text
from training.encoder.batches import Groups, PairSource
from training.encoder.pairs import NeedsAndSeeds, SamePerson, Seeds, read_pair_file
from training.encoder.privacy import Redactor
from training.reading import Notes
from training.trec import RELEVANCE, read_qrels

SEED_FILES = ("seeds*.jsonl.gz", "seeds*.jsonl")
PLUS = "+"


@dataclass(frozen=True)
class _Folder:
    name: str
    path: Path
    files: dict[str, str]
    corpora: tuple[Corpus, ...]

    def names(self) -> Iterable[str]:
        for corpus in self.corpora:
            for column in ("name_ja", "name_en"):
                yield from corpus.researchers[column]


def read_sources(
    specs: Sequence[str], *, with_needs: bool = False, names: Iterable[str] = ()
) -> tuple[list[PairSource], list[str]]:
    """Return the sources that the specs name, without personal names, and notes on what is amiss.

    `names` are removed from every text besides those of the folders' researchers. Raises InputError
    when a source is missing, of an unknown form, or gives no pairs.
    """
    notes = Notes()
    titles = _source_names(specs)
    folders = {
        spec: _read_folder(spec, title, notes)
        for spec, title in zip(specs, titles, strict=True)
        if SEPARATOR in spec or Path(spec).is_dir()
    }
    known = [*names, *(name for folder in folders.values() for name in folder.names())]
    redactor = Redactor(known)
    sources: list[PairSource] = []
    seen: set[tuple[Path, str]] = set()
    for spec, title in zip(specs, titles, strict=True):
        if spec in folders:
            folder = folders[spec]
            with_people = (folder.path, folder.files.get("seeds", "")) not in seen
            seen.add((folder.path, folder.files.get("seeds", "")))
            seeds = _seeds(folder.corpora, redactor)
            found: list[PairSource] = [SamePerson(folder.name, seeds)] if with_people else []
            found += [_needs_source(folder, seeds, redactor, notes)] if with_needs else []
            sources += _with_pairs(found, folder)
        else:
            sources.append(read_pair_file(_existing(spec), title, redactor.clean, notes))
    return sources, notes.sentences()


def with_negatives(sources: Sequence[PairSource], mined: dict[str, Seeds]) -> list[PairSource]:
    """Return the sources, those of people with the seeds that have negatives, by source name."""
    return [
        SamePerson(source.name, mined[source.name])
        if isinstance(source, SamePerson) and source.name in mined
        else source
        for source in sources
    ]


def _source_names(specs: Sequence[str]) -> list[str]:
    """Return the last part of each path without its ending; repetitions get a number."""
    names: list[str] = []
    for spec in specs:
        name = Path(spec.partition(SEPARATOR)[0]).resolve().name.partition(".")[0]
        count = sum(given == name or given.startswith(f"{name}-") for given in names)
        names.append(f"{name}-{count + 1}" if name in names else name)
    return names


def _existing(spec: str) -> Path:
    path = Path(spec).expanduser()
    if not path.is_file():
        raise InputError(
            "There is nothing to train on at %(spec)s. Expected the folder of a "
            "collection or a file of pairs in JSON lines.",
            spec=spec,
        )
    return path


def _read_folder(spec: str, name: str, notes: Notes) -> _Folder:
    path, files = parse_spec(spec)
    named = files.get("seeds", "")
    seeds = [path / file for file in named.split(PLUS)] if named else _seed_files(path)
    if not seeds:
        raise CollectionError(
            "%(path)s holds no seeds. Expected files seeds*.jsonl[.gz].", path=path
        )
    people = path / RESEARCHERS_NAME
    known = people if people.is_file() else None
    return _Folder(name, path, files, tuple(read_corpus(file, known, notes) for file in seeds))


def _seed_files(folder: Path) -> list[Path]:
    """Return the folder's files of seeds; one that is there packed and unpacked counts once."""
    found = {path.name.removesuffix(".gz"): path for p in SEED_FILES for path in folder.glob(p)}
    return [found[name] for name in sorted(found)]


def _with_pairs(sources: list[PairSource], folder: _Folder) -> list[PairSource]:
    usable = [source for source in sources if len(source)]
    if not usable:
        raise InputError(
            "%(path)s gives no pairs: no researcher there has two seeds of different titles, or "
            "the folder was named before.",
            path=folder.path,
        )
    return usable


def _seeds(corpora: Sequence[Corpus], redactor: Redactor) -> Seeds:
    texts: list[Text] = []
    owners: list[frozenset[str]] = []
    for corpus in corpora:
        people = _grouped(corpus.authorships, SEED_ID)
        for row in corpus.seeds.itertuples(index=False):
            text = _text(redactor, str(row.title), str(row.text), str(row.lang))
            if str(row.seed_id) in people and (text.title or text.body):
                texts.append(text)
                owners.append(people[str(row.seed_id)])
    return Seeds(texts, owners)


def _text(redactor: Redactor, title: str, body: str, language: str) -> Text:
    return Text(redactor.clean(title), redactor.clean(body), language)


def _needs_source(folder: _Folder, seeds: Seeds, redactor: Redactor, notes: Notes) -> NeedsAndSeeds:
    needs_path = folder.path / folder.files.get("needs", NEEDS_NAMES[0])
    qrels_path = folder.path / folder.files.get("qrels", QRELS_NAMES[0])
    for path in (needs_path, qrels_path):
        if not path.is_file():
            raise CollectionError(
                "There is no file %(path)s. Name needs and judgements as "
                "%(folder)s%(separator)sneeds=FILE,qrels=FILE, or leave --with-needs out.",
                path=path,
                folder=folder.path,
                separator=SEPARATOR,
            )
    needs, languages = read_needs(needs_path, notes)
    texts = {
        need.need_id: _text(redactor, need.title, need.text, languages[need.need_id])
        for need in needs
    }
    qrels = read_qrels(qrels_path)
    relevant = _grouped(qrels[qrels[RELEVANCE] > 0], NEED_ID)
    return NeedsAndSeeds(f"{folder.name}-needs", texts, relevant, seeds)


def _grouped(links: pd.DataFrame, key: str) -> dict[str, frozenset[str]]:
    """Return the researchers of every value of `key`."""
    grouped = links.groupby(key)[RESEARCHER_ID].agg(frozenset)
    return {str(value): people for value, people in grouped.items()}


MARGIN = 0.05  # of the cosine of centred vectors
NEGATIVES = 8
_BLOCK = 512


def mine(
    seeds: Seeds, encoder: Encoder, cache: VectorCache, on_progress: OnProgress | None = None
) -> Seeds:
    """Return the seeds with up to NEGATIVES negatives each, found with the encoder's vectors."""
    passages = [encoder.split(text.title, text.body)[0] for text in seeds.texts]
    encoded = encoder.encode(passages, role=PASSAGE, cache=cache, on_progress=on_progress)
    vectors = np.array([passage.vector for passage in encoded], dtype=np.float32)
    languages = [text.language for text in seeds.texts]
    means = estimate_means(PASSAGE, vectors, languages, {})
    centred = centre(vectors, languages, PASSAGE, means)
    return Seeds(seeds.texts, seeds.owners, near_negatives(centred, seeds.owners))


def near_negatives(
    vectors: NDArray[np.float32],
    owners: Sequence[Groups],
    *,
    count: int = NEGATIVES,
    margin: float = MARGIN,
) -> list[tuple[int, ...]]:
    """Return for every row of unit vectors the nearest rows of other owners, the nearest first.

    Rows nearer than the nearest row of the same owner less `margin` are left out, and with them all
    of a row whose owner has no other.
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, groups in enumerate(owners):
        for group in groups:
            rows_of[group].append(row)
    negatives: list[tuple[int, ...]] = []
    for start in range(0, len(vectors), _BLOCK):
        similarities = vectors[start : start + _BLOCK] @ vectors.T
        for offset, near in enumerate(similarities):
            row = start + offset
            own = sorted({other for group in owners[row] for other in rows_of[group]} - {row})
            ceiling = float(near[own].max()) - margin if own else -np.inf
            near[[*own, row]] = -np.inf
            near[near > ceiling] = -np.inf
            negatives.append(_highest(near, count))
    return negatives


def _highest(similarities: NDArray[np.float32], count: int) -> tuple[int, ...]:
    best = np.argpartition(-similarities, min(count, len(similarities) - 1))[:count]
    ordered = best[np.lexsort((best, -similarities[best]))]
    return tuple(int(row) for row in ordered if similarities[row] > -np.inf)
