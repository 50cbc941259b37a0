"""Reads Word files as Word shows them once all changes are accepted, headers and footers once."""

from collections.abc import Iterator

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
from catalogue.importers.need_files.word_text import Story, WordParts
from enmusubi.messages import Message

_CHANGES = frozenset({"ins", "del", "moveFrom", "moveTo"})


def read(content: bytes) -> Found:
    """Return the text of a Word file; raises what `Package` and the XML parser raise."""
    package = Package(content)
    main = package.main
    root = package.root(main)
    parts = WordParts.of(package, main)
    body = child(root, "body")
    lines = [
        *_margins(package, main, root, parts, "header"),
        *(Story(parts).lines(body) if body is not None else ()),
        *_margins(package, main, root, parts, "footer"),
    ]
    return Found("\n".join(lines), _notes(package, main, root, parts))


def _margins(
    package: Package, main: str, root: Element, parts: WordParts, kind: str
) -> Iterator[str]:
    """Yield the lines of all headers or footers that pages show, each line once."""
    shown = {attribute(one, "id") for one in descendants(root, f"{kind}Reference")}
    said = set[str]()
    for found, margin in package.related_roots(main, kind):
        if found.id not in shown:
            continue
        for line in Story(parts.within(found.target)).lines(margin):
            plain = "".join(line.split())
            if plain not in said and any(map(str.isalpha, plain)):  # more than a page's number
                said.add(plain)
                yield line


def _notes(package: Package, main: str, root: Element, parts: WordParts) -> list[Message]:
    notes = list[Message]()
    if any(local_name(one) in _CHANGES for one in root.iter()):
        notes.append(Message("Tracked changes were read as if all were accepted."))
    if parts.left_out["hidden"]:
        notes.append(Message("Text that is formatted as hidden was left out."))
    if any(children(root) for _, root in package.related_roots(main, "comments")):
        notes.append(Message("Comments in the margin were left out."))
    if parts.left_out["object"]:
        notes.append(Message("Embedded objects, such as workbooks in the text, were not read."))
    if pictures := len({one.target for one in package.related(main, "image")}):
        notes.append(Message("Pictures were not read: %(count)s.", {"count": pictures}))
    return notes
