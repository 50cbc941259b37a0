"""Reads evaluation collections: a folder of needs, seeds, researchers and judgements.

Owns the contract's file names and what becomes of lines that break it; knows no models. A collection is
named in one argument: `DIR` or `DIR::needs=F,seeds=F,qrels=F`; a folder with several tasks (two languages,
several judgements) is named once for each.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from enmusubi.errors import CollectionError, InputError
from enmusubi.messages import listed
from matcher.queries import check_need
from matcher.records import Need
from matcher.tables import NEED_ID, RESEARCHER_ID, Corpus
from training.collection_lines import read_corpus, read_needs
from training.reading import Notes
from training.trec import RELEVANCE, read_qrels

NEEDS_NAMES = ("needs.jsonl",)
SEEDS_NAMES = ("seeds.jsonl.gz", "seeds.jsonl")
QRELS_NAMES = ("qrels.txt",)
RESEARCHERS_NAME = "researchers.jsonl"
MAX_NEED_CHARS = 1_000_000


@dataclass(frozen=True)
class Collection:
    """Needs to match, the corpus to match them with, and who was relevant.

    `needs` has every need of the file, in its order, those without text too; `qrels` only the
    judgements of these needs, of needs that have someone relevant. `languages` says `ja` or `en` by
    need id, `files` gives the sha256 by file name, `notes` what was amiss, in sentences.
    """

    name: str
    needs: list[Need]
    corpus: Corpus
    qrels: pd.DataFrame
    languages: Mapping[str, str]
    files: Mapping[str, str]
    notes: list[str]


def read_collection(
    folder: Path,
    *,
    needs: str | Path | None = None,
    seeds: str | Path | None = None,
    qrels: str | Path | None = None,
) -> Collection:
    """Return the collection in `folder`; each file may be another path, or a file of the folder.

    Lines that cannot be used are counted in the notes. Raises CollectionError when a file is
    missing, when a file holds nothing usable, or when no need of the file was judged.
    """
    if not folder.is_dir():
        raise CollectionError(
            "%(folder)s is not a folder. Expected one with %(needs)s, %(seeds)s and %(qrels)s.",
            folder=folder,
            needs=NEEDS_NAMES[0],
            seeds=SEEDS_NAMES[0],
            qrels=QRELS_NAMES[0],
        )
    needs_path = _find_file(folder, needs, NEEDS_NAMES, "needs")
    seeds_path = _find_file(folder, seeds, SEEDS_NAMES, "seeds")
    qrels_path = _find_file(folder, qrels, QRELS_NAMES, "qrels")
    researchers_path = folder / RESEARCHERS_NAME
    notes = Notes()
    records, languages = read_needs(needs_path, notes)
    corpus = read_corpus(
        seeds_path, researchers_path if researchers_path.is_file() else None, notes
    )
    judged = read_qrels(qrels_path, notes)
    kept = _judgements_of(judged, records, notes)
    _note_the_missed(kept, corpus, notes)
    paths = [needs_path, seeds_path, qrels_path, researchers_path]
    return Collection(
        name=folder.resolve().name,
        needs=records,
        corpus=corpus,
        qrels=kept,
        languages=languages,
        files={path.name: _sha256(path) for path in paths if path.is_file()},
        notes=notes.sentences(),
    )


def can_be_matched(need: Need) -> bool:
    """Say whether the recommender will take the need's text."""
    try:
        check_need(need, max_chars=MAX_NEED_CHARS)
    except InputError:
        return False
    return True


def _find_file(
    folder: Path, named: str | Path | None, defaults: Sequence[str], option: str
) -> Path:
    if named is None:
        tried = [folder / name for name in defaults]
    else:
        tried = [Path(named).expanduser(), folder / named]
    for path in tried:
        if path.is_file():
            return path
    places = listed(dict.fromkeys(tried), " nor ")
    raise CollectionError(
        "The %(option)s of the collection are missing: there is no file %(places)s. "
        "Name another with --%(option)s.",
        option=option,
        places=places,
    )


def _judgements_of(qrels: pd.DataFrame, needs: list[Need], notes: Notes) -> pd.DataFrame:
    """Return the judgements that count, after noting the needs and judgements that do not."""
    stated = {need.need_id for need in needs}
    judged = set(qrels[NEED_ID])
    useful = set(qrels.loc[qrels[RELEVANCE] > 0, NEED_ID])
    if not useful & stated:
        raise CollectionError(
            "None of the %(needs)s needs has a relevant researcher among the judgements "
            "of %(judged)s needs. Check that --needs and --qrels belong together.",
            needs=len(stated),
            judged=len(judged),
        )
    notes.fact(
        len(stated - judged),
        "need has no judgements: it is ranked, not measured",
        "needs have no judgements: they are ranked, not measured",
    )
    notes.fact(
        len(judged - stated),
        "judged need is not in the needs file: it is not measured",
        "judged needs are not in the needs file: they are not measured",
    )
    notes.fact(
        len((judged & stated) - useful),
        "need has no relevant researcher: it is ranked, not measured",
        "needs have no relevant researcher: they are ranked, not measured",
    )
    unmatched = {need.need_id for need in needs if not can_be_matched(need)}
    notes.fact(
        len(unmatched & useful),
        "judged need is empty or far too long: it ranks nobody and counts as 0",
        "judged needs are empty or far too long: they rank nobody and count as 0",
    )
    return qrels[qrels[NEED_ID].isin(useful & stated)].reset_index(drop=True)


def _note_the_missed(qrels: pd.DataFrame, corpus: Corpus, notes: Notes) -> None:
    relevant = set(qrels.loc[qrels[RELEVANCE] > 0, RESEARCHER_ID])
    missed = relevant - set(corpus.authorships[RESEARCHER_ID])
    notes.fact(
        len(missed),
        f"of {len(relevant)} relevant researchers has no seed: counted as missed",
        f"of {len(relevant)} relevant researchers have no seed: counted as missed",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


SEPARATOR = "::"
FILES = ("needs", "seeds", "qrels")


def read_specified(spec: str) -> Collection:
    """Return the collection that `spec` names; its name tells tasks of one folder apart.

    Raises InputError for another form, CollectionError for what `read_collection` refuses.
    """
    folder, files = parse_spec(spec)
    collection = read_collection(
        folder, needs=files.get("needs"), seeds=files.get("seeds"), qrels=files.get("qrels")
    )
    stems = [Path(files[key]).name.partition(".")[0] for key in FILES if key in files]
    return replace(collection, name="/".join([collection.name, *stems]))


def parse_spec(spec: str) -> tuple[Path, dict[str, str]]:
    """Return the folder and the files that are not the usual ones, by FILES; raises InputError."""
    folder, separator, rest = spec.partition(SEPARATOR)
    parts = [part.strip().partition("=") for part in rest.split(",")] if separator else []
    files = {key: name for key, _, name in parts}
    if not folder or len(files) != len(parts) or any(k not in FILES or not files[k] for k in files):
        raise InputError(
            "%(spec)r does not name a collection. Expected DIR or "
            "DIR::needs=FILE,seeds=FILE,qrels=FILE with any of the three.",
            spec=spec,
        )
    return Path(folder), files
