"""Reads what may be matched: seeds, their authors, and what people say of themselves.

Left out, though the catalogue keeps them: what every source withdrew, seeds of other visibilities
than asked for, patents that are not published yet, and works that a researcher doesn't want to be
matched by. Knows no models and no indexes.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd
from sqlalchemy import Connection, collate, func, select

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
from matcher.corpus_stream import SEEDS_TOGETHER, CorpusStream
from matcher.records import PUBLIC
from matcher.tables import AUTHORSHIP_COLUMNS, RESEARCHER_COLUMNS, SEED_COLUMNS, Corpus, table

PROFILE_PREFIX = "profile:"
PEOPLE_TOGETHER = 500  # whose profiles are read in one go
_KEYWORD_JOIN = {"ja": "、", "en": ", "}

Row = dict[str, Any]


def read_corpus(connection: Connection, visibilities: Sequence[str] = (PUBLIC,)) -> Corpus:
    """Return everything that may be matched; every researcher is in it, with or without seeds.

    Someone with keywords or a profile text has a seed of kind `profile` besides: its title is the
    keywords, its text the profile, its id `profile:<researcher_id>`, or two with `:ja` and `:en`.
    """
    rows = _Rows(connection, visibilities)
    seeds, people, links = list(rows.seeds()), list(rows.researchers()), list(rows.authorships())
    return Corpus(
        seeds=table(seeds, SEED_COLUMNS),
        researchers=table(people, RESEARCHER_COLUMNS),
        authorships=table(links, AUTHORSHIP_COLUMNS),
        state=_state(seeds, people, links),
    )


def stream_corpus(connection: Connection, visibilities: Sequence[str]) -> CorpusStream:
    """Return the same, read a batch at a time as long as the connection is open."""
    rows = _Rows(connection, visibilities)
    return CorpusStream(
        seeds=lambda: _tables(rows.seeds(), SEED_COLUMNS),
        researchers=lambda: table(list(rows.researchers()), RESEARCHER_COLUMNS),
        authorships=lambda: _tables(rows.authorships(), AUTHORSHIP_COLUMNS),
        state=lambda: _state(rows.seeds(), rows.researchers(), rows.authorships()),
    )


def _tables(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    for some in _batches(rows, SEEDS_TOGETHER):
        yield table(some, columns)


def _batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(values)
    while some := list(islice(left, size)):
        yield some


class _Rows:
    """The rows of a corpus in the order of their ids; no text stays in memory."""

    def __init__(self, connection: Connection, visibilities: Sequence[str]) -> None:
        self._connection = connection
        self._matchable = _matchable(visibilities)

    def seeds(self) -> Iterator[Row]:
        """Yield works, and the profiles among them."""
        found = self._read(_seeds(self._matchable, self._in_order(Seed.seed_id)))
        works = (_named(_with_link(row), SEED_COLUMNS) for row in found)
        return heapq.merge(works, self._profiles(), key=lambda row: str(row["seed_id"]))

    def researchers(self) -> Iterator[Row]:
        """Yield everybody, with what they did with companies."""
        links = self._read(_authorships(self._matchable))
        shown = (row for row in links if row["visibility"] == PUBLIC)  # cards are for everyone
        joint = cooperation((r["researcher_id"], r["year"], r["companies"]) for r in shown)
        unlinked = dict.fromkeys(RESEARCHER_COLUMNS)
        for row in self._people():
            whole = {**unlinked, **row, **joint.get(str(row["researcher_id"]), {})}
            yield _named(whole, RESEARCHER_COLUMNS)

    def authorships(self) -> Iterator[Row]:
        """Yield who made which work, and whose profiles are whose."""
        order = self._in_order(Authorship.seed_id), self._in_order(Authorship.researcher_id)
        found = self._read(_authorships(self._matchable).order_by(*order))
        works = (_named(row, AUTHORSHIP_COLUMNS) for row in found)
        profiles = (
            {"seed_id": seed_id, "researcher_id": person, "choice": ""}
            for seed_id, person in self._profile_ids()
        )
        return heapq.merge(
            works, profiles, key=lambda row: (str(row["seed_id"]), str(row["researcher_id"]))
        )

    def _people(self) -> Iterator[Row]:
        query = select_researchers().where(Researcher.withdrawn_at.is_(None))
        return self._read(query.order_by(self._in_order(Researcher.researcher_id)))

    def _profile_ids(self) -> list[tuple[str, str]]:
        """Return the ids of profiles with those of their people, in their order."""
        return sorted(
            (str(seed["seed_id"]), str(person["researcher_id"]))
            for person in self._people()
            for seed in profile_seeds(person)
        )

    def _profiles(self) -> Iterator[Row]:
        """Yield the profiles in the order of their ids, which isn't that of their people's."""
        for some in _batches(self._profile_ids(), PEOPLE_TOGETHER):
            query = select_researchers().where(
                Researcher.researcher_id.in_({person for _, person in some})
            )
            found = {
                seed["seed_id"]: seed
                for person in self._read(query)
                for seed in profile_seeds(person)
            }
            for seed_id, _ in some:
                yield _named(found[seed_id], SEED_COLUMNS)

    def _read(self, query: Any) -> Iterator[Row]:
        options = {"yield_per": SEEDS_TOGETHER}
        for row in self._connection.execute(query, execution_options=options).mappings():
            yield dict(row)

    def _in_order(self, column: Any) -> Any:
        """Return a column to order by, as Python orders texts."""
        is_sqlite = self._connection.dialect.name == "sqlite"
        return collate(column, "BINARY" if is_sqlite else "C")


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


def _seeds(matchable: tuple[Any, ...], order: Any) -> Any:
    columns = [getattr(Seed, name) for name in SEED_COLUMNS]
    made = (
        select(Authorship.seed_id)
        .join(Researcher, Researcher.researcher_id == Authorship.researcher_id)
        .where(Authorship.seed_id == Seed.seed_id, *matchable)
        .correlate(Seed)
    )
    return select(*columns, Seed.doi).where(made.exists()).order_by(order)


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


def _named(row: Mapping[str, object], columns: Sequence[str]) -> Row:
    return {name: row[name] for name in columns}


def _state(*tables: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for rows in tables:
        for row in rows:
            values = [None if value is None else str(value) for value in row.values()]
            digest.update(json.dumps(values, ensure_ascii=False).encode("utf-8") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
