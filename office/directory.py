"""The directory of researchers: found by topic, by name in any script, by department and institution.

Names are compared in the forms that `catalogue.identity` folds them into: either kana, either width, old
and new kanji, and every spelling in Latin letters; a reading in kana is found by Latin letters and the
other way round. What is compared is kept in memory until a row of the catalogue changes; it is what
every user may see. Seeds are counted in the viewer's scope.
"""

import re
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.orm import aliased

from catalogue.database.models import WITHDRAWN, Authorship, Organisation, Researcher, Seed
from catalogue.database.viewer import Viewer
from catalogue.identity.character_folding import (
    compatible,
    fold,
    from_kana,
    is_japanese,
    is_kana,
    katakana,
)
from catalogue.records.corpus import select_researchers
from catalogue.records.source_records import chunks
from enmusubi.language import JAPANESE
from office.access.rules import SEE_RESEARCHERS, require, visible_seeds
from office.query_texts import check_text
from office.topics import BETWEEN_WORDS, seeds_on, topic_words

SHORTEST_INSIDE = (
    3  # Latin letters that are looked for inside of a word; fewer only at its beginning
)
_NOT_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class DirectoryQuery:
    """Who is looked for; an empty field allows all. Each word of a field must be found."""

    topic: str = field(default="", repr=False)
    name: str = ""
    institution: str = ""
    department: str = ""

    def __bool__(self) -> bool:
        return any(map(str.strip, (self.topic, self.name, self.institution, self.department)))


@dataclass(frozen=True)
class FoundEntry:
    """Somebody who was found; `on_topic` are their seeds that speak of the topic, the newest first."""

    researcher_id: str
    on_topic: tuple[str, ...] = ()
    by_keyword: bool = False


class Directory:
    """The directory of one catalogue. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._entries: tuple[_Entry, ...] = ()

    def find(
        self,
        connection: Connection,
        viewer: Viewer,
        wanted: DirectoryQuery,
        language: str,
        *,
        indexed: Collection[str] = (),
    ) -> list[FoundEntry]:
        """Return who is found: with a topic those with it as a keyword, then by seeds on it, else by name.

        `indexed` are the seeds that an index finds for the topic (`office.topics`).
        Raises ForbiddenError, and InputError for a text that cannot be looked for.
        """
        require(viewer, SEE_RESEARCHERS)
        for name in ("topic", "name", "institution", "department"):
            check_text(name, getattr(wanted, name))
        look = _Look.of(wanted)
        ordered = 0 if language == JAPANESE else 1
        entries = sorted(
            (entry for entry in self._current(connection) if look.fits(entry)),
            key=lambda entry: (entry.order[ordered], entry.researcher_id),
        )
        if not look.topic:
            return [FoundEntry(entry.researcher_id) for entry in entries]
        on_it = seeds_on(connection, viewer, look.topic, indexed)
        found = [
            FoundEntry(e.researcher_id, on_it.get(e.researcher_id, ()), look.is_keyword(e))
            for e in entries
        ]
        on_topic = [one for one in found if one.on_topic or one.by_keyword]
        return sorted(on_topic, key=lambda one: (not one.by_keyword, -len(one.on_topic)))

    def _current(self, connection: Connection) -> tuple["_Entry", ...]:
        stamp = _stamp(connection)
        with self._lock:
            if stamp != self._stamp:
                rows = connection.execute(_everybody()).mappings()
                self._entries = tuple(_Entry.of(row) for row in rows)
                self._stamp = stamp
            return self._entries


def seed_totals(
    connection: Connection, viewer: Viewer, researcher_ids: Iterable[str]
) -> dict[str, int]:
    """Return how many seeds of each of the people the viewer sees."""
    found: dict[str, int] = {}
    made = aliased(Authorship)  # the rules may ask for a seed's people themselves
    seen = exists(  # looked up by the seeds' ids: without statistics SQLite would read all seeds
        select(Seed.seed_id).where(
            Seed.seed_id == made.seed_id, Seed.withdrawn_at.is_(None), visible_seeds(viewer)
        )
    )
    for chunk in chunks(sorted(set(researcher_ids))):
        query = (
            select(made.researcher_id, func.count())
            .where(made.researcher_id.in_(chunk), made.choice != WITHDRAWN, seen)
            .group_by(made.researcher_id)
        )
        found |= {str(person): int(count) for person, count in connection.execute(query)}
    return found


def _everybody() -> Any:
    aliases = Organisation.aliases.label("institution_aliases")
    query = select_researchers().add_columns(aliases)
    return query.where(Researcher.withdrawn_at.is_(None))


def _stamp(connection: Connection) -> Any:
    """Return what changes whenever a row of a researcher or an organisation does."""
    tables: tuple[Any, ...] = (Researcher, Organisation)
    told = (
        select(func.count(), func.max(t.updated_at), func.count(t.withdrawn_at), func.max(t.withdrawn_at))
        for t in tables
    )  # fmt: skip
    return [tuple(connection.execute(query).one()) for query in told]


@dataclass(frozen=True)
class _Entry:
    """A person in the forms that are compared: written ones without spaces, and sounds in Latin letters."""

    researcher_id: str
    order: tuple[tuple[bool, str], tuple[bool, str]]  # in Japanese and in English
    written: str
    words: tuple[str, ...]
    sounds: str
    department: str
    institution: str
    keywords: str

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> "_Entry":
        names = [row["name_ja"], row["name_kana"], row["name_en"], *row["aliases"].split(";")]
        heard = [words for name in names if (words := _sounds(name))]
        both_ways = ("".join(order) for words in heard for order in (words, words[::-1]))
        institution = (row[f"institution_{key}"] or "" for key in ("ja", "en", "aliases"))
        kana, latin = _plain(row["name_kana"]), _plain(row["name_en"])
        return cls(
            researcher_id=row["researcher_id"],
            order=(
                (not kana, kana or _plain(row["name_ja"]) or latin),
                (not latin, _family_first(row["name_en"]) or kana or _plain(row["name_ja"])),
            ),
            written="\n".join(_written(name) for name in names if name.strip()),
            words=tuple({word for words in heard for word in words}),
            sounds="\n".join(both_ways),
            department=_plain(f"{row['department_ja']}\n{row['department_en']}"),
            institution=_plain("\n".join(institution)),
            keywords=_plain(f"{row['keywords_ja']}\n{row['keywords_en']}"),
        )


@dataclass(frozen=True)
class _Look:
    """What a query compares entries with."""

    names: tuple[tuple[str, str], ...]  # of each word what is written and how it sounds
    departments: tuple[str, ...]
    institutions: tuple[str, ...]
    topic: tuple[str, ...]
    keywords: tuple[str, ...]

    @classmethod
    def of(cls, wanted: DirectoryQuery) -> "_Look":
        words = [word for word in BETWEEN_WORDS.split(wanted.name) if word]
        return cls(
            names=tuple((_written(word), "".join(_sounds(word))) for word in words),
            departments=tuple(_plain(wanted.department).split()),
            institutions=tuple(_plain(wanted.institution).split()),
            topic=topic_words(wanted.topic),
            keywords=tuple(map(_plain, topic_words(wanted.topic))),
        )

    def fits(self, entry: _Entry) -> bool:
        return (
            all(_is_called(entry, *name) for name in self.names)
            and all(part in entry.department for part in self.departments)
            and all(part in entry.institution for part in self.institutions)
        )

    def is_keyword(self, entry: _Entry) -> bool:
        return all(word in entry.keywords for word in self.keywords)


def _is_called(entry: _Entry, written: str, sound: str) -> bool:
    if written and written in entry.written:
        return True
    if not sound:
        return False
    inside = len(sound) >= SHORTEST_INSIDE and sound in entry.sounds
    return inside or any(word.startswith(sound) for word in entry.words)


def _plain(text: str) -> str:
    """Return a text in the one form of its letters: small, in katakana and new kanji, of one width."""
    return katakana(compatible(text))


def _written(name: str) -> str:
    return "".join(BETWEEN_WORDS.split(_plain(name)))


def _sounds(name: str) -> list[str]:
    """Return the words of a name that are in kana or Latin letters, folded; kanji have no one sound."""
    words = [_NOT_LETTERS.sub("", word) for word in BETWEEN_WORDS.split(_plain(name))]
    heard = [
        from_kana(word) if all(map(is_kana, word)) else "" if is_japanese(word) else fold(word)
        for word in words
        if word
    ]
    return [word for word in heard if word]


def _family_first(name: str) -> str:
    """Return a name in Latin letters as lists order it: by its last word, or by what a comma marks."""
    plain = _plain(name).strip()
    if "," in plain:
        return plain
    words = plain.split()
    return " ".join([*words[-1:], *words[:-1]])
