"""ORCID records and the works in them as nested objects, from JSON or XML, and how to look into them.

ORCID's JSON says what its XML says, but wraps texts as `{"value": …}` and lists what may come
several times. An element becomes the same kind of object, so that one reader serves both.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from catalogue.importers import values
from catalogue.importers.general.headed_tables import cell_text
from catalogue.importers.reading.json_files import Json, valid

WRAPPERS = ("value", "content")
PUBLIC = frozenset({"", "public"})
WORK, FUNDING = "work", "funding"
GROUPS = {WORK: "works", FUNDING: "fundings"}
EXTERNAL_IDS = ("external-ids", "external-id")

_PLACE = re.compile(r"/?(?P<orcid>[\d-]{15,18}[\dXx])(?:/(?P<kind>[a-z-]+)(?:/(?P<code>\d+))?)?/?")


def as_node(element: Element) -> dict[str, Any]:
    """Return an element's attributes and children by name, children as lists, its text as value."""
    node: dict[str, Any] = dict(element.attrib)
    for child in element:
        if len(child) or child.attrib:
            node.setdefault(child.tag, []).append(as_node(child))
        else:
            node.setdefault(child.tag, []).append((child.text or "").strip())
    if not len(element) and (element.text or "").strip():
        node.setdefault(WRAPPERS[0], (element.text or "").strip())
    return node


def each(node: Any, *path: str) -> list[Any]:
    """Return what stands at a path, whether objects and lists of them stand on the way."""
    found = [node]
    for name in path:
        inner = (part.get(name) for part in found if isinstance(part, Mapping))
        found = [e for value in inner for e in (value if isinstance(value, list) else [value])]
    return [entry for entry in found if entry not in (None, "")]


def objects(node: Any, *path: str) -> list[Json]:
    """Return the objects at a path."""
    return [entry for entry in each(node, *path) if isinstance(entry, Mapping)]


def texts(node: Any, *path: str) -> Iterator[str]:
    """Yield the texts and numbers at a path, wrapped or not."""
    for entry in each(node, *path):
        if isinstance(entry, Mapping):
            own = next(filter(None, (cell_text(entry.get(name)) for name in WRAPPERS)), "")
        else:
            own = cell_text(entry)
        if own.strip():
            yield own


def text(node: Any, *path: str) -> str:
    """Return the first text at a path, or an empty one."""
    return next(texts(node, *path), "")


def is_public(node: Json) -> bool:
    """Whether something is shown to everybody; public files say so, or say nothing."""
    return text(node, "visibility").casefold() in PUBLIC


def place_of(node: Json) -> tuple[str, str, str]:
    """Return the ORCID iD, the kind and the code in a path `/0000-0002-1825-0097/work/12`."""
    found = _PLACE.fullmatch(text(node, "path"))
    if not found:
        return "", "", ""
    return found["orcid"].upper(), found["kind"] or "", found["code"] or ""


def orcid_of(node: Json) -> str:
    """Return the ORCID iD that a record, a person or a work belongs to, or nothing."""
    named = (text(node, "orcid-identifier", name) for name in ("path", "uri"))
    found = (valid(values.orcid, own) for own in (*named, place_of(node)[0]) if own)
    return next(filter(None, found), "")


def display_index(summary: Json) -> int:
    """Return the place that the owner gave to one of several; the highest is shown first."""
    index = text(summary, "display-index")
    return int(index) if index.isdecimal() and len(index) < 10 else 0


@dataclass(frozen=True)
class Work:
    """A work or funding, and whose record it stands in."""

    kind: str
    content: Json = field(repr=False)
    orcid: str = ""

    @property
    def code(self) -> str:
        """ORCID's number of it."""
        return text(self.content, "put-code") or place_of(self.content)[2]


def works_in(record: Json) -> Iterator[Work]:
    """Yield the works and fundings of a record, each once: the version that its owner prefers.

    It has the ids of all versions, its own first.
    """
    own = orcid_of(record)
    for kind, plural in GROUPS.items():
        for group in objects(record, "activities-summary", plural, "group"):
            versions = [*objects(group, kind), *objects(group, f"{kind}-summary")]
            versions.sort(key=display_index, reverse=True)
            if versions:
                ids = [e for version in versions for e in objects(version, *EXTERNAL_IDS)]
                content = {**versions[0], EXTERNAL_IDS[0]: {EXTERNAL_IDS[1]: ids}}
                yield Work(kind, content, own)
