"""Reads XML files as a stream of records, and looks things up in a record."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from xml.etree.ElementTree import Element, tostring

from catalogue.importers.reading.decoding import find_encoding, known_encoding
from catalogue.importers.reading.files import InputFile, opened
from catalogue.importers.reading.text_files import TextFile
from catalogue.importers.reading.xml_stream import (
    UNDECODED_MARK,
    FoundElement,
    XmlDamageError,
    XmlReader,
)
from catalogue.importers.rejects import XML, RejectsForm
from catalogue.importers.rows import BadRow, Raw, ReadOptions
from catalogue.records.drafts import Rejection
from enmusubi.errors import UnreadableFileError
from enmusubi.language import ENGLISH, JAPANESE
from enmusubi.messages import Message

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HEAD_BYTES = 4_096
_MICROSOFT = {"shift_jis": "cp932", "shift_jisx0213": "cp932"}  # what Japanese Windows means by it


@dataclass(frozen=True)
class XmlRow:
    """A record: its place among the file's records, and its element without namespaces."""

    number: int
    element: Element = field(repr=False)
    raw: Raw | None = field(default=None, repr=False, compare=False)


class XmlFile(TextFile):
    """An XML file whose records are the outermost elements of the given tags."""

    def __init__(self, file: InputFile, record_tags: frozenset[str]) -> None:
        self._record_tags = record_tags
        self._root = ""
        super().__init__(file, ReadOptions())

    def root_tag(self) -> str:
        """Return the tag of the outermost element, empty if the file has none that can be read."""
        if not self._root:
            reader = XmlReader(frozenset())
            try:
                for piece in self.pieces():
                    list(reader.feed(piece))
                    if reader.root:
                        break
            except (XmlDamageError, UnreadableFileError):
                pass  # reading the rows reports it
            self._root = reader.root
        return self._root

    def rows(self) -> Iterator[XmlRow | BadRow]:
        """Yield the records; raises UnreadableFileError after those before damage."""
        reader = XmlReader(self._record_tags)
        number = 0
        try:
            for piece, is_last in self._pieces_and_end():
                for found in reader.feed(piece, is_last=is_last):
                    number += 1
                    yield self._row(number, found)
        except XmlDamageError as damage:
            raise UnreadableFileError(
                "%(file)s is damaged after record %(number)s (%(reason)s); what stands "
                "before went in. Make or fetch it again.",
                file=self.file,
                number=number,
                reason=damage.message,
            ) from damage

    def rejects_form(self) -> RejectsForm:
        """Return the root's tag: the records are written inside it."""
        return RejectsForm(XML, self.label, ".xml", root=self.root_tag() or "records")

    def _pieces_and_end(self) -> Iterator[tuple[str, bool]]:
        for piece in self.pieces():
            yield piece, False
        yield "", True

    def _row(self, number: int, found: FoundElement) -> XmlRow | BadRow:
        shape = Message("element of %(count)s characters", {"count": f"{found.chars:,}"})
        if found.fault:
            return BadRow(number, Rejection("", found.fault, shape))
        raw = partial(_serialised, found.element)
        if _has_undecoded(found.element):
            message = Message("bytes that are not %(encoding)s", {"encoding": self._encoding})
            return BadRow(number, Rejection("", message, shape), raw)
        return XmlRow(number, found.element, raw)

    def _find_encoding(self) -> str:
        """Return what a byte order mark or the XML declaration says; else what fits."""
        with opened(self.file) as (content, _):
            head = content.read1(_HEAD_BYTES)
        if head.startswith((b"<\0", b"\0<")):
            return "utf-16-le" if head.startswith(b"<\0") else "utf-16-be"
        marked = find_encoding(head)
        if marked.startswith(("utf-8-sig", "utf-16", "utf-32")):
            return marked
        declared = _DECLARED.match(head.lstrip())
        if declared:
            return _python_encoding(declared.group(1).decode(), self.file)
        return super()._find_encoding()


def texts(element: Element, path: str) -> list[str]:
    """Return the texts at a path such as `title/main` or `person/@id`, empty ones left out.

    Texts of inner elements, as of `<sub>`, belong to them; an empty path is the element itself.
    """
    way, mark, attribute = path.rpartition("@")
    if not mark or "]" in attribute:  # `person[@role='leader']` chooses among elements
        way, attribute = path, ""
    way = way.strip("/")
    found = element.findall(way) if way else [element]
    raws = (e.get(attribute, "") if attribute else "".join(e.itertext()) for e in found)
    return [text for raw in raws if (text := raw.strip())]


def text(element: Element, path: str) -> str:
    """Return the first text at a path, or an empty one."""
    return next(iter(texts(element, path)), "")


def by_lang(element: Element, path: str) -> dict[str, str]:
    """Return the first text of each `xml:lang` at a path; under an empty key what has none."""
    found: dict[str, str] = {}
    for entry in element.findall(path):
        if own := text(entry, ""):
            found.setdefault(entry.get("lang", "").lower(), own)
    return found


def _serialised(element: Element) -> str:
    return tostring(element, encoding="unicode").strip()


def _has_undecoded(element: Element) -> bool:
    return any(
        UNDECODED_MARK in part
        for inner in element.iter()
        for part in (inner.text or "", inner.tail or "", *inner.attrib.values())
    )


def _python_encoding(name: str, file: InputFile) -> str:
    try:
        found = known_encoding(name)
    except LookupError as error:
        raise UnreadableFileError(
            "%(file)s is said to be in the encoding %(encoding)r, which is unknown. Save it as UTF-8.",
            file=file,
            encoding=name,
        ) from error
    if found.startswith(("utf-16", "utf-32")):
        return "utf-8"  # the declaration could not have been read if it were true
    return _MICROSOFT.get(found, found)


_LANGUAGE_ATTRIBUTES = ("@lang", "@languageCode")  # of ST.36 and `xml:lang`, of ST.96
_PREFERRED = (JAPANESE, "", ENGLISH)


def text_at(parent: Element | None, *paths: str) -> str:
    """Return the text of the first of the paths that has one; nothing where there is no parent."""
    if parent is None:
        return ""
    return next(filter(None, (text(parent, path) for path in paths)), "")


def texts_at(parent: Element, *paths: str) -> list[str]:
    """Return the texts at all of the paths, each once, in order."""
    return list(dict.fromkeys(found for path in paths for found in texts(parent, path)))


def language_of(element: Element) -> str:
    """Return the language that an element names for itself, such as `ja`, or nothing."""
    return text_at(element, *_LANGUAGE_ATTRIBUTES).lower()[:2]


def by_language(elements: Iterable[Element]) -> dict[str, list[Element]]:
    """Return the elements by language: Japanese, none, English, then others as they come."""
    found: dict[str, list[Element]] = {}
    for element in elements:
        found.setdefault(language_of(element), []).append(element)
    first = [language for language in _PREFERRED if language in found]
    return {language: found[language] for language in dict.fromkeys((*first, *found))}


def in_best_language(elements: Iterable[Element]) -> list[Element]:
    """Return those elements whose language comes first in `by_language`."""
    return next(iter(by_language(elements).values()), [])
