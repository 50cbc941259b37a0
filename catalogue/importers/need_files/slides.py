"""Reads slides as a need: each slide's title first, its shapes, tables, diagrams, charts and notes."""

from collections.abc import Iterator

from catalogue.importers.need_files.drawings import (
    alternatives,
    body_lines,
    graphic_lines,
    table_rows,
)
from catalogue.importers.need_files.office_package import (
    Element,
    Package,
    attribute,
    child,
    children,
    descendants,
    local_name,
)
from catalogue.importers.need_files.reading import Found
from enmusubi.messages import Message, listed

_NUMBERS = frozenset({"sldNum", "dt"})  # placeholders that say nothing of a need
_TITLES = frozenset({"title", "ctrTitle"})
_FOOTERS = frozenset({"ftr", "hdr"})


def read(content: bytes) -> Found:
    """Return the text of a presentation, hidden slides left out; raises what `Package` raises."""
    package = Package(content)
    lines, hidden, without = list[str](), list[int](), list[int]()
    said = set[str]()  # footers, which every slide repeats
    pictures = 0
    for number, part in enumerate(_slides(package), start=1):
        root = package.root(part)
        if attribute(root, "show", "1") in {"0", "false"}:
            hidden.append(number)
            continue
        found = [*_Slide(package, part, said).lines(root), *_notes(package, part)]
        images = len(package.related(part, "image"))
        pictures += images
        if images and not found:
            without.append(number)
        lines += [*found, ""] if found else []
    notes = list[Message]()
    if hidden:
        notes.append(
            Message("Hidden slides were left out: %(numbers)s.", {"numbers": listed(hidden)})
        )
    if without:
        notes.append(
            Message("Slides that are pictures: %(numbers)s.", {"numbers": listed(without)})
        )
    if pictures:
        notes.append(Message("Pictures were not read: %(count)s.", {"count": pictures}))
    return Found("\n".join(lines), notes)


def _slides(package: Package) -> Iterator[str]:
    """Yield the names of the slides' parts in the order in which they are shown."""
    main = package.main
    parts = {one.id: one.target for one in package.related(main, "slide")}
    for slide in children(child(package.root(main), "sldIdLst"), "sldId"):
        part = next(
            (parts[value] for value in map(str, slide.attrib.values()) if value in parts), ""
        )
        if part and package.has(part):
            yield part


class _Slide:
    """Reads the shapes of one slide."""

    def __init__(self, package: Package, part: str, said: set[str]) -> None:
        self._package, self._part, self._said = package, part, said

    def lines(self, root: Element) -> Iterator[str]:
        tree = child(root, "cSld", "spTree")
        shapes = children(tree)
        for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in _TITLES):
            yield from self._shape(shape)

    def _shape(self, shape: Element) -> Iterator[str]:
        name = local_name(shape)
        if name == "AlternateContent":
            for choice in alternatives(shape):
                for one in children(choice):
                    yield from self._shape(one)
        elif _is_hidden(shape) or _placeholder(shape) in _NUMBERS:
            return
        elif name == "grpSp":
            for one in children(shape):
                yield from self._shape(one)
        elif name == "graphicFrame":
            for table in descendants(shape, "tbl"):
                yield from map("\t".join, (row for row in table_rows(table) if any(row)))
            yield from graphic_lines(self._package, self._part, shape)
        elif name == "sp" and (body := child(shape, "txBody")) is not None:
            yield from self._once(body_lines(body), _placeholder(shape) in _FOOTERS)

    def _once(self, lines: list[str], is_repeated: bool) -> Iterator[str]:
        for line in lines:
            if not (is_repeated and line in self._said):
                yield line
            if is_repeated:
                self._said.add(line)


def _notes(package: Package, part: str) -> Iterator[str]:
    """Yield the speaker's notes of a slide."""
    for _, root in package.related_roots(part, "notesSlide"):
        for shape in descendants(root, "sp"):
            body = child(shape, "txBody")
            if _placeholder(shape) == "body" and body is not None:
                yield from body_lines(body)


def _placeholder(shape: Element) -> str:
    """Return the kind of placeholder that a shape fills, empty for a shape of its own."""
    found = child(shape, "nvSpPr", "nvPr", "ph")
    return attribute(found, "type", "obj") if found is not None else ""


def _is_hidden(shape: Element) -> bool:
    for properties in ("nvSpPr", "nvGrpSpPr", "nvGraphicFramePr"):
        if attribute(child(shape, properties, "cNvPr"), "hidden") in {"1", "true"}:
            return True
    return False
