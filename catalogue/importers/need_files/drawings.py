"""Texts of drawings (DrawingML), alike in Word, slides and workbooks: shapes, tables, diagrams, charts."""

from collections.abc import Iterator

from catalogue.importers.need_files.formulas import linear
from catalogue.importers.need_files.office_package import (
    Element,
    Package,
    attribute,
    child,
    children,
    descendants,
    local_name,
)
from catalogue.importers.need_files.symbols import unfolded

_CHANGING = frozenset({"slidenum"})  # fields that count pages; dates say nothing either
_CONNECTIONS = frozenset({"pres", "parTrans", "sibTrans"})  # points of a diagram that hold no text


def alternatives(element: Element) -> list[Element]:
    """Return the one content of a `mc:AlternateContent` that is read: the first choice, once."""
    return children(element, "Choice")[:1] or children(element, "Fallback")[:1]


def paragraph_text(paragraph: Element) -> str:
    """Return the text of an `a:p`."""
    return "".join(_pieces(paragraph)).strip("\n")


def body_lines(body: Element) -> list[str]:
    """Return the paragraphs of a `txBody` that say something."""
    lines = (paragraph_text(one) for one in children(body, "p"))
    return [line for line in lines if line.strip()]


def table_rows(table: Element) -> Iterator[list[str]]:
    """Yield the rows of an `a:tbl` as the texts of their cells; what is merged stands once."""
    for row in children(table, "tr"):
        cells = [cell for cell in children(row, "tc") if not _is_merged(cell)]
        bodies = [child(cell, "txBody") for cell in cells]
        yield ["\n".join(body_lines(body)) if body is not None else "" for body in bodies]


def graphic_lines(package: Package, part: str, graphic: Element) -> Iterator[str]:
    """Yield what the diagrams and charts say that a graphic of a part refers to."""
    for one in graphic.iter():
        name = local_name(one)
        if name == "relIds":  # a diagram: SmartArt
            yield from _related_lines(package, part, attribute(one, "dm"), "diagramData")
        elif name == "chart" and attribute(one, "id"):
            yield from _related_lines(package, part, attribute(one, "id"), "chart")


def _related_lines(package: Package, part: str, relationship: str, kind: str) -> Iterator[str]:
    for found in package.related(part, kind):
        if found.id == relationship and package.has(found.target):
            root = package.root(found.target)
            yield from _diagram_lines(root) if kind == "diagramData" else _chart_lines(root)


def _diagram_lines(root: Element) -> Iterator[str]:
    for point in descendants(root, "pt"):
        if attribute(point, "type") not in _CONNECTIONS:
            for body in children(point, "t"):
                yield from body_lines(body)


def _chart_lines(root: Element) -> Iterator[str]:
    """Yield a chart's titles, and each series by its name, its categories and its values."""
    for title in descendants(root, "title"):
        for rich in descendants(title, "rich"):
            yield from body_lines(rich)
    for series in descendants(root, "ser"):
        name = " ".join(_cached(child(series, "tx")))
        categories, values = _cached(child(series, "cat")), _cached(child(series, "val"))
        if len(categories) == len(values):
            values = [f"{one} {value}" for one, value in zip(categories, values, strict=True)]
        line = ", ".join(values or categories)
        yield f"{name}: {line}" if name and line else name or line


def _cached(element: Element | None) -> list[str]:
    if element is None:
        return []
    return [value.text or "" for value in descendants(element, "v")]


def _pieces(element: Element) -> Iterator[str]:
    for one in children(element):
        name = local_name(one)
        if name == "r":
            font = attribute(child(one, "rPr", "sym"), "typeface")
            text = child(one, "t")
            yield unfolded(text.text or "" if text is not None else "", font)
        elif name == "br":
            yield "\n"
        elif name == "fld" and not _is_changing(one):
            text = child(one, "t")
            yield text.text or "" if text is not None else ""
        elif name in {"oMath", "oMathPara"}:
            yield linear(one)
        elif name == "AlternateContent":
            for choice in alternatives(one):
                yield from _pieces(choice)
        elif name == "m":  # a14:m around a formula
            yield from _pieces(one)


def _is_changing(element: Element) -> bool:
    kind = attribute(element, "type")
    return kind in _CHANGING or kind.startswith("datetime")


def _is_merged(cell: Element) -> bool:
    return any(attribute(cell, name) in {"1", "true"} for name in ("hMerge", "vMerge"))
