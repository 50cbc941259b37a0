"""Reads what may be matched: seeds, their authors, and what people say of themselves.

Left out, though the catalogue keeps them: what every source withdrew, seeds of other visibilities
than asked for, patents that are not published yet, and works that a researcher doesn't want to be
matched by. Knows no models and no indexes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from catalogue.database.models import (
    CONTACTS,
    UNPUBLISHED,
    WITHDRAWN,
    Authorship,
    Organisation,
    Researcher,
    Seed,
)
from catalogue.identity.industry import cooperation
from enmusubi.language import detect_language
from matcher.records import PUBLIC
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_COLUMNS, Corpus, table

PROFILE_PREFIX = "profile:"
_KEYWORD_JOIN = {"ja": "、", "en": ", "}

Row = dict[str, object]


def read_corpus(connection: Connection, visibilities: Sequence[str] = (PUBLIC,)) -> Corpus:
    """Return everything that may be matched; every researcher is in it, with or without seeds.

    Someone with keywords or a profile text has a seed of kind `profile` besides: its title is the
    keywords, its text the profile, its id `profile:<researcher_id>`, or two with `:ja` and `:en`.
    """
    matchable = _matchable(visibilities)
    found = connection.execute(_seeds(matchable)).mappings()
    seeds = [_with_link(dict(row)) for row in found]
    links = [dict(row) for row in connection.execute(_authorships(matchable)).mappings()]
    shown = (row for row in links if row["visibility"] == PUBLIC)  # cards are for everyone
    joint = cooperation((r["researcher_id"], r["year"], r["companies"]) for r in shown)
    unlinked = dict.fromkeys(RESEARCHER_COLUMNS)
    people = [
        {**unlinked, **row, **joint.get(row["researcher_id"], {})}
        for row in connection.execute(
            select_researchers().where(Researcher.withdrawn_at.is_(None))
        ).mappings()
    ]
    profiles = [seed for person in people for seed in profile_seeds(person)]
    links += [{**seed, "choice": ""} for seed in profiles]
    authorships = [{key: link[key] for key in AUTHORSHIP_COLUMNS} for link in links]
    researchers = [{key: person[key] for key in RESEARCHER_COLUMNS} for person in people]
    rows = (_sorted(seeds + profiles, SEED_COLUMNS), _sorted(researchers, RESEARCHER_COLUMNS))
    links = _sorted(authorships, AUTHORSHIP_COLUMNS)
    return Corpus(
        seeds=table(rows[0], SEED_COLUMNS),
        researchers=table(rows[1], RESEARCHER_COLUMNS),
        authorships=table(links, AUTHORSHIP_COLUMNS),
        state=_state(*rows, links),
    )


def industry_records(
    connection: Connection, researcher_ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Return these researchers' public records of work with industry: see `cooperation`."""
    wanted = Authorship.researcher_id.in_(list(researcher_ids))
    # kept from the index of visibilities: SQLite would read all public seeds for a few people
    public = func.coalesce(Seed.visibility, "") == PUBLIC
    links = connection.execute(_authorships((wanted, public, *_there()))).mappings()
    return {**cooperation((r["researcher_id"], r["year"], r["companies"]) for r in links)}


def profile_seeds(person: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the seeds made of a researcher's keywords and profile: none, one, or one a language."""
    researcher_id = person["researcher_id"]
    sides = {
        side: (_keywords(person[f"keywords_{side}"], side), person[f"profile_{side}"])
        for side in ("ja", "en")
    }
    filled = {side: texts for side, texts in sides.items() if any(texts)}
    for side, (title, text) in filled.items():
        yield {
            "seed_id": f"{PROFILE_PREFIX}{researcher_id}" + (f":{side}" if len(filled) > 1 else ""),
            "researcher_id": researcher_id,
            "kind": "profile",
            "lang": detect_language(text or title),
            "title": title,
            "text": text,
            "year": None,
            "url": "",
            "visibility": PUBLIC,
            "field_codes": "",
            "companies": "",
        }


def _keywords(stored: str, side: str) -> str:
    words = (word.strip() for word in stored.split(";"))
    return _KEYWORD_JOIN[side].join(word for word in words if word)


def _with_link(seed: Row) -> Row:
    if not seed["url"] and seed["doi"]:
        return {**seed, "url": f"https://doi.org/{seed['doi']}"}
    return seed


def _matchable(visibilities: Sequence[str]) -> tuple[Any, ...]:
    """Return the conditions on a seed and on one person's part in it."""
    return (Seed.visibility.in_(list(visibilities)), *_there())


def _there() -> tuple[Any, ...]:
    return (
        Seed.patent_status != UNPUBLISHED,
        Seed.withdrawn_at.is_(None),
        Authorship.choice != WITHDRAWN,
        Researcher.withdrawn_at.is_(None),
    )


def _seeds(matchable: tuple[Any, ...]) -> Any:
    columns = [getattr(Seed, name) for name in SEED_COLUMNS]
    return (
        select(*columns, Seed.doi)
        .join(Authorship, Authorship.seed_id == Seed.seed_id)
        .join(Researcher, Researcher.researcher_id == Authorship.researcher_id)
        .where(*matchable)
        .distinct()
    )


def _authorships(matchable: tuple[Any, ...]) -> Any:
    return (
        select(
            Authorship.seed_id,
            Authorship.researcher_id,
            Authorship.choice,
            Seed.year,
            Seed.companies,
            Seed.visibility,
        )
        .join(Seed, Seed.seed_id == Authorship.seed_id)
        .join(Researcher, Researcher.researcher_id == Authorship.researcher_id)
        .where(*matchable)
    )


def select_researchers() -> Any:
    """Return the query for researchers with the names of their institutions, without how they are reached."""
    return select(
        *(column for column in Researcher.__table__.c if column.name not in CONTACTS),
        Organisation.name_ja.label("institution_ja"),
        Organisation.name_en.label("institution_en"),
    ).outerjoin(Organisation, Organisation.organisation_id == Researcher.organisation_id)


def _sorted(rows: list[Row], columns: Sequence[str]) -> list[Row]:
    named = [{name: row[name] for name in columns} for row in rows]
    keys = [name for name in ("seed_id", "researcher_id") if name in columns]
    return sorted(named, key=lambda row: [str(row[name]) for name in keys])


def _state(*tables: list[Row]) -> str:
    digest = hashlib.sha256()
    for rows in tables:
        for row in rows:
            values = [None if value is None else str(value) for value in row.values()]
            digest.update(json.dumps(values, ensure_ascii=False).encode("utf-8") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
