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
from catalogue.importers.need_files.word_text import Story, StoryPlace, WordFile
from enmusubi.messages import Message

_CHANGES = frozenset({"ins", "del", "moveFrom", "moveTo"})


def read(content: bytes) -> Found:
    """Return the text of a Word file; raises what `Package` and the XML parser raise."""
    package = Package(content)
    main = package.main
    root = package.root(main)
    file = WordFile(package, main)
    body = child(root, "body")
    lines = [
        *_margins(file, root, "header"),
        *(Story(StoryPlace(file, main)).lines(body) if body is not None else ()),
        *_margins(file, root, "footer"),
    ]
    return Found("\n".join(lines), _notes(file, root))


def _margins(file: WordFile, root: Element, kind: str) -> Iterator[str]:
    """Yield the lines of all headers or footers that pages show, each line once."""
    shown = {attribute(one, "id") for one in descendants(root, f"{kind}Reference")}
    said = set[str]()
    for found, margin in file.package.related_roots(file.main, kind):
        if found.id not in shown:
            continue
        for line in Story(StoryPlace(file, found.target)).lines(margin):
            plain = "".join(line.split())
            if plain not in said and any(map(str.isalpha, plain)):  # more than a page's number
                said.add(plain)
                yield line


def _notes(file: WordFile, root: Element) -> list[Message]:
    package, main = file.package, file.main
    notes = list[Message]()
    if any(local_name(one) in _CHANGES for one in root.iter()):
        notes.append(Message("Tracked changes were read as if all were accepted."))
    if file.left_out["hidden"]:
        notes.append(Message("Text that is formatted as hidden was left out."))
    if any(children(root) for _, root in package.related_roots(main, "comments")):
        notes.append(Message("Comments in the margin were left out."))
    if file.left_out["object"]:
        notes.append(Message("Embedded objects, such as workbooks in the text, were not read."))
    if pictures := len({one.target for one in package.related(main, "image")}):
        notes.append(Message("Pictures were not read: %(count)s.", {"count": pictures}))
    return notes
