"""Turns the JSON lines of a collection into needs and a corpus, a broken line at a time."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from enmusubi.errors import CollectionError
from enmusubi.language import JAPANESE, detect_language
from matcher.records import PUBLIC, Need
from matcher.tables import (
    AUTHORSHIP_COLUMNS,
    RESEARCHER_COLUMNS,
    RESEARCHER_ID,
    SEED_COLUMNS,
    SEED_ID,
    Corpus,
    table,
)
from training.reading import Notes, id_of, ids_of, language_of, read_lines, text_of, year_of

Row = dict[str, object]


def read_needs(path: Path, notes: Notes) -> tuple[list[Need], dict[str, str]]:
    """Return the needs in the file's order and their languages by id.

    A need without text stays, with an empty one. Of needs with the same id the first counts.
    """
    needs: dict[str, Need] = {}
    languages: dict[str, str] = {}
    for line, record in read_records(path, notes):
        need_id = id_of(record.get("need_id"))
        if not need_id:
            notes.fault(path, line, "without a usable need_id, left out")
            continue
        need = _need(need_id, record)
        if need_id in needs:
            if needs[need_id] != need:
                notes.fault(path, line, "with the need_id of an earlier need, left out")
            continue
        if not need.text:
            notes.fault(path, line, "without text")
        needs[need_id] = need
        languages[need_id] = language_of(record, need.text)
    if not needs:
        raise CollectionError(
            "%(path)s holds no needs. Expected one JSON object a line with need_id and text.",
            path=path,
        )
    return list(needs.values()), languages


def _need(need_id: str, record: Mapping[str, Any]) -> Need:
    return Need(
        text=text_of(record.get("text")),
        need_id=need_id,
        title=text_of(record.get("title")),
        area=text_of(record.get("area")),
        posted_on=text_of(record.get("posted_on")),
    )


def read_corpus(seeds: Path, researchers: Path | None, notes: Notes) -> Corpus:
    """Return what can be matched.

    Seeds with neither title nor text are left out. Researchers whom only seeds name are added.
    """
    people = _read_researchers(researchers, notes) if researchers else {}
    known = bool(people)
    rows, links = _read_seeds(seeds, notes)
    strangers = {researcher_id for _, researcher_id in links} - set(people)
    if known:
        notes.fact(
            len(strangers),
            "researcher has seeds, but is not in the researchers file: kept",
            "researchers have seeds, but are not in the researchers file: kept",
        )
    nameless = dict.fromkeys(RESEARCHER_COLUMNS, "")
    people.update({name: {**nameless, RESEARCHER_ID: name} for name in strangers})
    authorships: list[Row] = [
        {SEED_ID: seed_id, RESEARCHER_ID: owner} for seed_id, owner in sorted(links)
    ]
    seed_rows = [rows[seed_id] for seed_id in sorted(rows)]
    person_rows = [people[researcher_id] for researcher_id in sorted(people)]
    return Corpus(
        seeds=table(seed_rows, SEED_COLUMNS),
        researchers=table(person_rows, RESEARCHER_COLUMNS),
        authorships=table(authorships, AUTHORSHIP_COLUMNS),
        state=_state(seed_rows, person_rows, authorships),
    )


def _read_seeds(path: Path, notes: Notes) -> tuple[dict[str, Row], set[tuple[str, str]]]:
    """Return the seeds by id and the pairs of seed and researcher.

    Of seeds with the same id the first one's text counts; the researchers of all are joined.
    """
    seeds: dict[str, Row] = {}
    links: set[tuple[str, str]] = set()
    for line, record in read_records(path, notes):
        seed_id = id_of(record.get("seed_id"))
        seed = _seed(seed_id, record)
        if not seed_id:
            notes.fault(path, line, "without a usable seed_id, left out")
            continue
        if not seed["title"] and not seed["text"]:
            notes.fault(path, line, "with neither title nor text, left out")
            continue
        if seeds.setdefault(seed_id, seed) != seed:
            notes.fault(path, line, "with the seed_id of an earlier seed, its text left out")
        owners = ids_of(record.get("researcher_ids"))
        if not owners:
            notes.fault(path, line, "without usable researcher_ids, kept without a researcher")
        links.update((seed_id, owner) for owner in owners)
    if not links:
        raise CollectionError(
            "%(path)s holds no seeds of researchers. Expected one JSON object a line "
            "with seed_id, title or text, and researcher_ids.",
            path=path,
        )
    return seeds, links


def _seed(seed_id: str, record: Mapping[str, Any]) -> Row:
    title, text = text_of(record.get("title")), text_of(record.get("text"))
    return {
        "seed_id": seed_id,
        "kind": text_of(record.get("kind")),
        "lang": language_of(record, text or title),
        "title": title,
        "text": text,
        "year": year_of(record.get("year")),
        "url": text_of(record.get("url")),
        "visibility": PUBLIC,
    }


def _read_researchers(path: Path, notes: Notes) -> dict[str, Row]:
    people: dict[str, Row] = {}
    for line, record in read_records(path, notes):
        researcher_id = id_of(record.get(RESEARCHER_ID))
        if not researcher_id:
            notes.fault(path, line, "without a usable researcher_id, left out")
            continue
        affiliation = text_of(record.get("affiliation"))
        side = "ja" if detect_language(affiliation) == JAPANESE else "en"
        person: Row = {column: text_of(record.get(column)) for column in RESEARCHER_COLUMNS}
        person[RESEARCHER_ID] = researcher_id
        person[f"institution_{side}"] = person[f"institution_{side}"] or affiliation
        people.setdefault(researcher_id, person)
    return people


def read_records(path: Path, notes: Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of every line that holds one; others are noted in `notes`."""
    for number, line in read_lines(path):
        if line is None:
            notes.fault(path, number, "not UTF-8, left out")
            continue
        try:
            record = json.loads(line, strict=False)
        except (ValueError, RecursionError):
            notes.fault(path, number, "not JSON, left out")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            notes.fault(path, number, "not a JSON object, left out")


def _state(*tables: list[Row]) -> str:
    digest = hashlib.sha256()
    for rows in tables:
        for row in rows:
            digest.update(json.dumps(row, sort_keys=True).encode("ascii") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
