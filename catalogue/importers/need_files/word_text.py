"""The text of one story of a Word file (its body, a header, a note, a box), with changes accepted."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from catalogue.importers.need_files import plain
from catalogue.importers.need_files.drawings import alternatives, body_lines, graphic_lines
from catalogue.importers.need_files.formulas import linear, raised
from catalogue.importers.need_files.html_text import decoded_html, html_text
from catalogue.importers.need_files.office_package import (
    Element,
    Package,
    attribute,
    child,
    children,
    is_on,
    local_name,
)
from catalogue.importers.need_files.symbols import symbol, unfolded
from catalogue.importers.need_files.word_fields import Fields, is_page_field

_GONE = frozenset(  # deleted, or no text of the document
    {
        "del",
        "moveFrom",
        "delText",
        "delInstrText",
        "rPr",
        "pPr",
        "sdtPr",
        "sdtEndPr",
        "tblPr",
        "trPr",
    }
    | {"tcPr", "tblGrid", "sectPr", "proofErr", "bookmarkStart", "bookmarkEnd", "rt", "rubyPr"}
)
_DELETED = {"tr": (("trPr", "del"),), "tc": (("tcPr", "cellDel"),)}
_FIXED = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_POWER = re.compile(r"[-−+]?\d{1,3}")
_AFTER_NUMBER = re.compile(r"[\d)）]$")
_MAX_DEPTH = 60  # of boxes in notes in boxes …


@dataclass(frozen=True)
class WordFile:
    """What the stories of one file share: the package, its notes and styles, what was left out."""

    package: Package
    main: str
    left_out: Counter[str] = field(default_factory=Counter)

    @cached_property
    def notes(self) -> Mapping[tuple[str, str], tuple[str, Element]]:
        """The footnotes and endnotes by kind and id: the part they stand in, and the note."""
        found = self.package.related_roots(self.main, "footnotes", "endnotes")
        return {
            (one.kind, attribute(note, "id")): (one.target, note)
            for one, root in found
            for note in children(root, "footnote", "endnote")
        }

    @cached_property
    def hidden_styles(self) -> frozenset[str]:
        """The ids of the styles that hide text, those based on one included."""
        bases, hiding = dict[str, str](), set[str]()
        for _, root in self.package.related_roots(self.main, "styles"):
            for style in children(root, "style"):
                name = attribute(style, "styleId")
                bases[name] = attribute(child(style, "basedOn"), "val")
                if name and is_on(child(style, "rPr", "vanish")):
                    hiding.add(name)
        showing = {""}
        for name in bases:
            base, passed = name, set[str]()
            while not (base in passed or base in hiding or base in showing):
                passed.add(base)
                base = bases.get(base, "")
            (hiding if base in hiding else showing).update(passed)
        return frozenset(hiding)


@dataclass(frozen=True)
class StoryPlace:
    """Where a story stands: in which part, whose relationships count, and in how many stories."""

    file: WordFile
    part: str
    depth: int = 0

    def within(self, part: str) -> "StoryPlace":
        """Return the place of a story that stands in another part."""
        return replace(self, part=part)

    def deeper(self) -> "StoryPlace":
        """Return the place of a story inside a story; raises RecursionError beyond all reason."""
        if self.depth >= _MAX_DEPTH:
            raise RecursionError("stories in stories")
        return replace(self, depth=self.depth + 1)


class Story:
    """Reads one story: its paragraphs and cells, one line each, boxes and notes after their paragraph."""

    def __init__(self, place: StoryPlace) -> None:
        self._place, self._file = place, place.file
        self._fields = Fields()
        self._pieces: list[str] = []  # of the paragraph that is read
        self._aside: list[str] = []  # lines of what is anchored in it
        self._hides = False  # whether its style does

    def lines(self, container: Element) -> Iterator[str]:
        """Yield the lines of a container of paragraphs, tables and other containers."""
        joined, joined_in = "", None  # of paragraphs whose end was deleted
        for one in _blocks(container):
            if local_name(one) == "altChunk":
                yield from self._imported(one)
                continue
            if joined and one.getparent() is not joined_in:
                yield joined
                joined = ""
            text = joined + self._paragraph(one)
            joined = text if _has_deleted_end(one) else ""
            if joined:
                joined_in = one.getparent()
                continue
            if text.strip():
                yield text.strip("\n")
            aside, self._aside = self._aside, []
            yield from aside
        if joined.strip():
            yield joined.strip("\n")
        yield from self._aside

    def _paragraph(self, paragraph: Element) -> str:
        self._pieces = []
        self._hides = self._is_hidden_style(child(paragraph, "pPr", "pStyle"))
        self._inline(paragraph)
        return "".join(self._pieces)

    def _inline(self, element: Element) -> None:
        for one in element:
            name = local_name(one)
            if name in _GONE or not name:
                continue
            if name == "r":
                self._run(one)
            elif name == "fldSimple":
                if not is_page_field(attribute(one, "instr")):
                    self._inline(one)
            elif name in {"oMath", "oMathPara"}:
                self._write(linear(one))
            elif name == "sdt":
                self._control(one)
            elif name == "AlternateContent":
                for choice in alternatives(one):
                    self._inline(choice)
            else:  # ins, moveTo, hyperlink, smartTag, customXml, sdtContent, rubyBase, bdo …
                self._inline(one)

    def _control(self, control: Element) -> None:
        """Read a content control, unless it still asks to be filled in."""
        if not is_on(child(control, "sdtPr", "showingPlcHdr")):
            for content in children(control, "sdtContent"):
                self._inline(content)

    def _run(self, run: Element) -> None:
        properties = child(run, "rPr")
        hides = self._hides or self._is_hidden_style(child(properties, "rStyle"))
        if (own := child(properties, "vanish")) is not None:
            hides = is_on(own)
        if hides:
            self._file.left_out["hidden"] += any(local_name(one) == "t" for one in run)
            return
        for one in run:
            self._run_content(one, properties)

    def _run_content(self, one: Element, properties: Element | None) -> None:
        name = local_name(one)
        if name == "t":
            self._write(self._styled(one.text or "", properties))
        elif name in _FIXED:
            self._write(_FIXED[name])
        elif name == "sym":
            code = int(attribute(one, "char", "0"), 16)
            self._write(symbol(attribute(one, "font"), code))
        elif name == "fldChar":
            self._write(self._fields.mark(one))
        elif name == "instrText":
            self._fields.take_code(one.text or "")
        elif name == "ruby":
            for base in children(one, "rubyBase"):
                self._inline(base)
        elif name in _NOTES:
            self._note(_NOTES[name], attribute(one, "id"))
        elif name in {"drawing", "pict", "object"}:
            self._graphic(one)
        elif name == "AlternateContent":
            for choice in alternatives(one):
                for inner in choice:
                    self._run_content(inner, properties)

    def _styled(self, text: str, properties: Element | None) -> str:
        """Return a run's text as it looks: in a symbol font, or as the power of a number."""
        font = attribute(child(properties, "rFonts"), "ascii")
        if font.lower() == "symbol" and text.isascii():
            return "".join(symbol(font, ord(letter)) for letter in text)
        raises = attribute(child(properties, "vertAlign"), "val") == "superscript"
        if raises and _POWER.fullmatch(text) and _AFTER_NUMBER.search("".join(self._pieces[-2:])):
            return raised(text)
        return unfolded(text, font)

    def _write(self, text: str) -> None:
        if text and self._fields.are_shown:
            self._pieces.append(text)
            self._fields.note_text()

    def _note(self, kind: str, note_id: str) -> None:
        part, note = self._file.notes.get((kind, note_id), ("", None))
        if note is not None:
            self._aside += Story(self._place.deeper().within(part)).lines(note)

    def _graphic(self, graphic: Element) -> None:
        """Read the boxes, diagrams and charts of a drawing, a copy for older programs left out."""
        name = local_name(graphic)
        if name == "txbxContent":
            self._aside += Story(self._place.deeper()).lines(graphic)
        elif name == "txBody":
            self._aside += body_lines(graphic)
        elif name in {"relIds", "chart"}:
            self._aside += graphic_lines(self._file.package, self._place.part, graphic)
        elif name == "AlternateContent":
            for choice in alternatives(graphic):
                self._graphic(choice)
        else:
            if name == "textpath" and attribute(graphic, "string"):
                self._aside.append(attribute(graphic, "string"))
            self._file.left_out["object"] += name == "OLEObject"
            for one in children(graphic):
                self._graphic(one)

    def _is_hidden_style(self, style: Element | None) -> bool:
        return attribute(style, "val") in self._file.hidden_styles

    def _imported(self, chunk: Element) -> Iterator[str]:
        """Yield the text of a web page or text file that was put into the document as a whole."""
        package = self._file.package
        for found in package.related(self._place.part, "aFChunk"):
            if found.id != attribute(chunk, "id") or not package.has(found.target):
                continue
            content, ending = package.content(found.target), found.target.rpartition(".")[2].lower()
            if ending in {"html", "htm", "xhtml"}:
                yield html_text(decoded_html(content))
            elif ending == "txt":
                yield plain.read(content).text
            else:
                self._file.left_out["object"] += 1


def _has_deleted_end(paragraph: Element) -> bool:
    properties = child(paragraph, "pPr", "rPr")
    return any(child(properties, name) is not None for name in ("del", "moveFrom"))


def _blocks(container: Element) -> Iterator[Element]:
    """Yield the paragraphs and imported parts below a container, in reading order, none deleted."""
    for one in container:
        name = local_name(one)
        if name in {"p", "altChunk"}:
            yield one
        elif name == "AlternateContent":
            for choice in alternatives(one):
                yield from _blocks(choice)
        elif name == "sdt":
            if not is_on(child(one, "sdtPr", "showingPlcHdr")):
                yield from _blocks(one)
        elif any(child(one, *path) is not None for path in _DELETED.get(name, ())):
            continue
        elif name and name not in _GONE:
            yield from _blocks(one)
