"""Reads what a user names to train on: folders of collections and files of pairs.

A folder follows the contract of evaluation collections; only its seeds are needed. All its files
`seeds*.jsonl[.gz]` are read, so that one with a file a language gives pairs across languages, or
those that are named: `DIR::seeds=A+B,needs=F,qrels=F`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from enmusubi.errors import CollectionError, InputError
from matcher.tables import NEED_ID, RESEARCHER_ID, SEED_ID, Corpus
from training.collection_lines import read_corpus, read_needs
from training.collection_specs import SEPARATOR, parse_spec
from training.collections import NEEDS_NAMES, QRELS_NAMES, RESEARCHERS_NAME
from training.encoder.augmentation import Text
from training.encoder.batches import PairSource
from training.encoder.pair_files import read_pair_file
from training.encoder.people import NeedsAndSeeds, SamePerson, Seeds
from training.encoder.privacy import Redactor
from training.notes import Notes
from training.qrels import RELEVANCE, read_qrels

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
