"""Makes elements of chosen tags out of XML text as it comes in; follows no entity and no DTD.

Built on expat alone: nothing outside the text is ever read. Names lose their namespaces.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element
from xml.parsers import expat

from catalogue.importers.rows import MAX_CELL_CHARS
from enmusubi.messages import Message, MessageError

MAX_DEPTH = 200  # of a record that is kept
MAX_OPEN_TAGS = 100_000  # beyond it the text is not read on
MAX_TOKEN_BYTES = 8_000_000  # of one tag or comment, which expat reads anew with every piece
ELEMENT_COST = 64  # an element weighs as much as that many characters
UNDECODED_MARK = "\ufdd0"  # a noncharacter in the place of bytes that could not be decoded

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_UNDECODED = re.compile("[\ud800-\udfff]|\x1b(?:[$(.N]|\\Z)")  # or an escape of ISO-2022-JP


class XmlDamageError(MessageError):
    """The text cannot be read on; the message says why."""


@dataclass(frozen=True)
class FoundElement:
    """An element of a chosen tag; without it where a fault says why."""

    element: Element
    chars: int
    fault: Message | None = None


class XmlReader:
    """Takes text in pieces and gives the elements that are complete."""

    def __init__(self, record_tags: frozenset[str]) -> None:
        self.root = ""
        self._record_tags = record_tags
        self._open: list[Element] = []  # the elements of the record that is being read
        self._depth = self._record_depth = 0
        self._chars = 0
        self._fault: Message | None = None
        self._texts: list[str] = []  # since the last tag
        self._found: list[FoundElement] = []
        self._fed = 0
        self._parser = self._new_parser()

    def feed(self, piece: str, *, is_last: bool = False) -> Iterator[FoundElement]:
        """Yield the elements that end in this piece; raises XmlDamageError after them."""
        clean = _FORBIDDEN.sub("", _UNDECODED.sub(UNDECODED_MARK, piece)).encode()
        self._fed += len(clean)
        damage: XmlDamageError | None = None
        try:
            self._parser.Parse(clean, is_last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            damage = XmlDamageError("line %(line)s: %(reason)s", line=error.lineno, reason=reason)
        except XmlDamageError as error:
            damage = error
        found, self._found = self._found, []
        yield from found
        if damage:
            raise damage
        if self._fed - max(self._parser.CurrentByteIndex, 0) > MAX_TOKEN_BYTES:
            raise XmlDamageError(
                "a tag or comment of more than %(most)s bytes",
                most=f"{MAX_TOKEN_BYTES:,}",
            )

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = _refuse_entity
        parser.UnparsedEntityDeclHandler = _refuse_entity
        parser.ExternalEntityRefHandler = _refuse_entity
        parser.SkippedEntityHandler = self._named_character
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        self.root = self.root or tag
        self._depth += 1
        if self._depth > MAX_OPEN_TAGS:
            raise XmlDamageError("nested deeper than %(most)s elements", most=f"{MAX_OPEN_TAGS:,}")
        if not self._record_depth:
            if tag not in self._record_tags:
                return
            self._record_depth, self._chars, self._fault = self._depth, 0, None
        self._count(ELEMENT_COST + sum(map(len, attributes.values())))
        if self._depth - self._record_depth >= MAX_DEPTH:
            self._fault = self._fault or Message(
                "nested deeper than %(most)s elements", {"most": MAX_DEPTH}
            )
        if self._fault and self._open:
            return
        self._join_texts()
        element = Element(tag, _plain_attributes(attributes))
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._join_texts()
        if self._record_depth and self._depth == self._record_depth:
            self._found.append(FoundElement(self._open[0], self._chars, self._fault))
            self._open, self._record_depth = [], 0
        elif self._record_depth and not self._fault:
            self._open.pop()
        self._depth -= 1

    def _text(self, text: str) -> None:
        if not self._record_depth:
            return
        self._count(len(text))
        if not self._fault:
            self._texts.append(text)

    def _join_texts(self) -> None:
        """Give the text since the last tag its place: in the element that is open, or after one."""
        if self._texts and not self._fault:
            parent = self._open[-1]
            if len(parent):
                parent[-1].tail = "".join(self._texts)
            else:
                parent.text = "".join(self._texts)
        self._texts.clear()

    def _count(self, chars: int) -> None:
        """Empty a record that gets too large, so that memory stays bounded."""
        self._chars += chars
        if self._chars > MAX_CELL_CHARS and not self._fault:
            self._fault = Message(
                "longer than %(most)s characters", {"most": f"{MAX_CELL_CHARS:,}"}
            )
            if self._open:
                self._open[0].clear()

    def _named_character(self, name: str, is_parameter: bool) -> None:
        """Take a name that only the file's DTD explains as HTML knows it; it is never fetched."""
        if not is_parameter:
            self._text(html.unescape(f"&{name};"))


def _refuse_entity(*_: Any) -> int:
    raise XmlDamageError("it declares entities of its own, which are never followed")


def _local(name: str) -> str:
    return name.rpartition(":")[2] or name


def _plain_attributes(attributes: dict[str, str]) -> dict[str, str]:
    return {
        _local(name): value
        for name, value in attributes.items()
        if name != "xmlns" and not name.startswith("xmlns:")
    }
