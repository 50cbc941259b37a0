"""The topics of the export control lists, the checklist and their sources, read from a file.

An office adds its own in a file of the same form; a topic with the id of one that ships takes its place.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from enmusubi.errors import StorageError
from enmusubi.language import JAPANESE

FILE = Path(__file__).with_name("export_control.json")
TOPIC, END_USE, ABROAD, PEOPLE, UNPUBLISHED = "topic", "end-use", "abroad", "people", "unpublished"
CATCH_ALL = "16"  # the item that asks for what and by whom, not what the thing is


@dataclass(frozen=True)
class Named:
    """Something with an id and a name in both languages."""

    id: str
    name_ja: str
    name_en: str

    def name(self, language: str) -> str:
        """Return the name in `language` (ja or en)."""
        return self.name_ja if language == JAPANESE else self.name_en


@dataclass(frozen=True)
class Item(Named):
    """An item of the lists: 1 to 16 with 3-2; `article` is that of the order with its specifications."""

    article: str = ""

    def number(self, language: str) -> str:
        """Return the item's number as it is written in `language`, such as 3の2 for 3-2."""
        return self.id.replace("-", "の") if language == JAPANESE else self.id


@dataclass(frozen=True)
class Source(Named):
    """Where something is laid down, and the day of the state that was read (ISO)."""

    state: str = ""


@dataclass(frozen=True)
class ChecklistQuestion(Named):
    """A question of the checklist, its source, and for which kinds of findings it is asked."""

    source: str = ""
    when: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic(Named):
    """What a need or a seed can be about, and the items that it points to, the nearest first.

    One of `terms` is enough; so is one word of each group of a rule in `together`, within neighbouring
    sentences. `ipc` are beginnings of symbols; `fields` are ids of the taxonomy in which sentences near
    an example are believed sooner.
    """

    items: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    together: tuple[tuple[tuple[str, ...], ...], ...] = ()
    ipc: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    examples: tuple[str, str] = ("", "")  # a sentence in Japanese and one in English

    @property
    def kind(self) -> str:
        """END_USE for item 16, else TOPIC: it decides what is asked."""
        return END_USE if CATCH_ALL in self.items else TOPIC


@dataclass(frozen=True)
class Circumstance(Named):
    """What makes a topic weigh more: a partner abroad, foreign people, what isn't published."""

    terms: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)  # one is itself: what is made of it is kept
class ExportControlTopics:
    """All that the pre-screen knows."""

    topics: tuple[Topic, ...]
    circumstances: tuple[Circumstance, ...]
    items: tuple[Item, ...]
    questions: tuple[ChecklistQuestion, ...]
    sources: tuple[Source, ...]
    harmless: tuple[str, ...] = ()
    spellings: tuple[tuple[str, str], ...] = ()
    contrast: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def topic(self, topic_id: str) -> Topic | Circumstance:
        """Return a topic or a circumstance; raises KeyError for an unknown id."""
        known: dict[str, Topic | Circumstance] = {one.id: one for one in self.topics}
        known |= {one.id: one for one in self.circumstances}
        return known[topic_id]

    def item(self, item_id: str) -> Item:
        """Return an item by its number; raises KeyError for an unknown one."""
        return {item.id: item for item in self.items}[item_id]

    def questions_for(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the questions that findings of a kind ask, in their order."""
        return tuple(question.id for question in self.questions if kind in question.when)


@cache
def load_topics(own: Path | None = None) -> ExportControlTopics:
    """Return the shipped topics, and an office's own where a file is named; raises StorageError."""
    stored = _read(FILE)
    added = _read(own) if own else {}
    topics = {row["id"]: _topic(row) for row in (*stored["topics"], *added.get("topics", ()))}
    return ExportControlTopics(
        topics=tuple(topics.values()),
        circumstances=tuple(
            Circumstance(row["id"], row["name_ja"], row["name_en"], tuple(row["terms"]))
            for row in stored["circumstances"]
        ),
        items=tuple(Item(**row) for row in stored["items"]),
        questions=tuple(
            ChecklistQuestion(row["id"], row["ja"], row["en"], row["source"], tuple(row["when"]))
            for row in stored["checklist"]
        ),
        sources=tuple(
            Source(row["id"], row["ja"], row["en"], row["state"]) for row in stored["sources"]
        ),
        harmless=(*stored["harmless"], *added.get("harmless", ())),
        spellings=tuple((old, new) for old, new in stored["spellings"]),
        contrast=tuple((row["ja"], row["en"]) for row in stored["contrast"]),
    )


def _topic(row: Mapping[str, Any]) -> Topic:
    return Topic(
        id=row["id"],
        name_ja=row["name_ja"],
        name_en=row["name_en"],
        items=tuple(row["items"]),
        clauses=tuple(row.get("clauses", ())),
        terms=tuple(row.get("terms", ())),
        together=tuple(tuple(tuple(g) for g in rule) for rule in row.get("together", ())),
        ipc=tuple(row.get("ipc", ())),
        fields=tuple(row.get("fields", ())),
        examples=(row.get("example_ja", ""), row.get("example_en", "")),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text("utf-8"))
        if not isinstance(stored, dict):
            raise TypeError("not an object")
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(
            "The export control topics %(path)s cannot be read (%(kind)s). Expected a JSON object "
            "such as office/screening/export_control.json.",
            path=path,
            kind=type(error).__name__,
        ) from error
    return stored
