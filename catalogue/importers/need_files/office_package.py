"""Opens Office Open XML packages: zip files whose parts are XML and name each other by relationships.

The parts' sizes are checked before anything is unpacked and again while it is; XML is parsed without
entities and without a network.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from lxml import etree

from catalogue.importers.need_files.reading import check_unpacked
from catalogue.importers.reading.files import OLE
from enmusubi.errors import UnreadableFileError

MAX_UNPACKED_BYTES = 200_000_000
MAX_XML_BYTES = 10_000_000  # each byte of it costs dozens when it is parsed
MAX_PARTS = 5_000
_PARSED = (".xml", ".rels", ".vml")

Element = Any  # lxml's, which has no types


@dataclass(frozen=True)
class Relationship:
    """What a part names: another part, by an id and a kind such as `footnotes`."""

    id: str
    kind: str
    target: str  # the part's name in the package; empty for what lies outside


class Package:
    """An opened package; parts are parsed when they are asked for."""

    def __init__(self, content: bytes) -> None:
        """Check the package's sizes; raises UnreadableFileError, or what zipfile raises on damage."""
        if content.startswith(OLE):
            _refuse_compound(content)
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        entries = self._archive.infolist()
        check_unpacked(sum(entry.file_size for entry in entries), MAX_UNPACKED_BYTES)
        parsed = [entry for entry in entries if entry.filename.lower().endswith(_PARSED)]
        check_unpacked(sum(entry.file_size for entry in parsed), MAX_XML_BYTES)
        if len(entries) > MAX_PARTS:
            raise UnreadableFileError(
                "The file has %(count)s parts, at most %(most)s are read.",
                count=f"{len(entries):,}",
                most=f"{MAX_PARTS:,}",
            )
        self._names = {entry.filename.lstrip("/").lower(): entry.filename for entry in entries}
        self._relationships: dict[str, list[Relationship]] = {}  # by the part that names the others

    @cached_property
    def main(self) -> str:
        """The name of the part that the package is about; raises KeyError where there is none."""
        for found in self.related(""):
            if found.kind == "officeDocument" and found.target:
                return found.target
        raise KeyError("officeDocument")

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name."""
        return name.lower() in self._names

    def content(self, name: str) -> bytes:
        """Return a part; one that unpacks to more than its entry says is damaged."""
        with self._archive.open(self._names[name.lower()]) as part:
            return part.read(MAX_UNPACKED_BYTES)

    def root(self, name: str) -> Element:
        """Return a part's root element; raises KeyError or lxml's errors."""
        return parse_xml(self.content(name))

    def related(self, name: str, *kinds: str) -> list[Relationship]:
        """Return what a part names, of the kinds that are asked for or of all."""
        if name not in self._relationships:
            self._relationships[name] = self._read_relationships(name)
        return [one for one in self._relationships[name] if not kinds or one.kind in kinds]

    def _read_relationships(self, name: str) -> list[Relationship]:
        folder, base = posixpath.split(name)
        part = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(part):
            return []
        return [_relationship(one, folder) for one in children(self.root(part), "Relationship")]

    def related_roots(self, name: str, *kinds: str) -> Iterator[tuple[Relationship, Element]]:
        """Yield the parts that a part names, those that are there."""
        for one in self.related(name, *kinds):
            if one.target and self.has(one.target):
                yield one, self.root(one.target)


def parse_xml(content: bytes) -> Element:
    """Return the root of an XML text; entities stay unresolved, nothing is fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    return etree.fromstring(content, parser)


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; comments and entities have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element | None, name: str, default: str = "") -> str:
    """Return an attribute, in whatever namespace it stands."""
    if element is None:
        return default
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return default


def children(element: Element | None, *names: str) -> list[Element]:
    """Return an element's children of these names, of all where none is given."""
    if element is None:
        return []
    return [one for one in element if (local_name(one) in names if names else local_name(one))]


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first element down a path of names, None where there is none."""
    for name in path:
        element = next(iter(children(element, name)), None)
    return element


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Yield the elements of these names anywhere below, in order."""
    return (one for one in element.iter() if local_name(one) in names)


def is_on(element: Element | None) -> bool:
    """Return whether a property such as `w:vanish` is there and not switched off."""
    return element is not None and attribute(element, "val", "1") not in {"0", "false", "off"}


def _relationship(element: Element, folder: str) -> Relationship:
    kind = attribute(element, "Type").rpartition("/")[2]
    target = unquote(attribute(element, "Target"))
    if attribute(element, "TargetMode") == "External":
        return Relationship(attribute(element, "Id"), kind, "")
    path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return Relationship(attribute(element, "Id"), kind, path)


def _refuse_compound(content: bytes) -> None:
    import olefile

    with olefile.OleFileIO(io.BytesIO(content)) as compound:
        is_locked = compound.exists("EncryptedPackage")
    if is_locked:
        raise UnreadableFileError("The file is locked by a password. Save it without, or paste it.")
    raise UnreadableFileError(
        "The file is of an older kind of Office under a new name. Open it and save it as docx, pptx "
        "or xlsx, or paste its text."
    )
