"""Fields of Word documents: what they show, which is their result, or for a few what their code draws."""

import re
from dataclasses import dataclass, field

from catalogue.importers.need_files.office_package import (
    Element,
    attribute,
    child,
    children,
    is_on,
)
from catalogue.importers.need_files.symbols import symbol

CHECKED, UNCHECKED = "☑", "☐"
_PAGES = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_SYMBOL = re.compile(r'^SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+"([^"]+)")?', re.I | re.S)
_FORMATTING = re.compile(r'\\\*\s*(?:"[^"]*"|[^\s\\]+)')  # `\* jc2`, `\* "Font:…"`
_MAX_DEPTH = 20
_MAX_CODE_CHARS = 5_000


@dataclass
class _Field:
    form: Element | None
    code: list[str] = field(default_factory=list)
    shows_result: bool = False
    has_result: bool = False


class Fields:
    """The fields that are open where a document is read: they begin, show a result, and end."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    @property
    def are_shown(self) -> bool:
        """Whether what stands here is text of the document, not of a field's code."""
        return all(one.shows_result for one in self._open)

    def mark(self, element: Element) -> str:
        """Take a `w:fldChar`; return what the field draws by its code alone."""
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self._open.append(_Field(child(element, "ffData")))
        elif kind == "separate" and self._open:
            one = self._open[-1]
            one.shows_result = not is_page_field("".join(one.code))
        elif kind == "end" and self._open:
            closed = self._open.pop()
            if self.are_shown and not closed.has_result:
                return _form_value(closed.form) or drawn("".join(closed.code))
        return ""

    def take_code(self, text: str) -> None:
        """Take a piece of a field's code."""
        if self._open and not self._open[-1].shows_result:
            self._open[-1].code.append(text)

    def note_text(self) -> None:
        """Take note that the open fields have a result that is shown."""
        for one in self._open:
            one.has_result = True


def is_page_field(code: str) -> bool:
    """Return whether a field's code counts pages, which says nothing of a need."""
    return code.strip().partition(" ")[0].upper() in _PAGES


def drawn(code: str) -> str:
    """Return what a field without result draws: the base text of a ruby, a formula, a symbol."""
    code = code.strip()
    if found := _SYMBOL.match(code):
        return symbol(found[2] or "", int(found[1], 0))
    if code[:2].upper() == "EQ":
        return _equation(_FORMATTING.sub("", code[2:])[:_MAX_CODE_CHARS].strip(), 0)
    return ""


def _form_value(form: Element | None) -> str:
    """Return the state of a form's box, or the chosen entry of its list."""
    if (box := child(form, "checkBox")) is not None:
        state = child(box, "checked")
        return CHECKED if is_on(child(box, "default") if state is None else state) else UNCHECKED
    if (choices := child(form, "ddList")) is not None:
        chosen = child(choices, "result")
        number = attribute(child(choices, "default") if chosen is None else chosen, "val", "0")
        entries = [attribute(one, "val") for one in children(choices, "listEntry")]
        return entries[int(number)] if number.isdigit() and int(number) < len(entries) else ""
    return ""


_SWITCH = re.compile(r"\\([a-z]+)\s*(?:([^\s(\\]*)\s*)?", re.I)


def _equation(code: str, depth: int) -> str:
    """Return an EQ field on one line; of what is set one over the other, the last is the base."""
    written, at, name = list[str](), 0, ""
    if depth > _MAX_DEPTH:
        return code
    while at < len(code):
        if code[at] == "\\" and at + 1 < len(code) and code[at + 1] in "(),;\\":
            written.append(code[at + 1])
            at += 2
        elif code[at] == "\\" and (found := _SWITCH.match(code, at)):
            name, at = name or found[1].lower(), found.end()
        elif code[at] == "(":
            parts, at = _arguments(code, at)
            written.append(_drawn_parts(name, [_equation(one, depth + 1) for one in parts]))
            name = ""
        elif code[at] == "*" or (code[at] == "\\" and not name):
            at += 1
        else:
            written.append(code[at])
            at += 1
    return "".join(written).strip()


def _arguments(code: str, start: int) -> tuple[list[str], int]:
    """Return the arguments between a parenthesis and its end, and where reading goes on."""
    depth, parts, begun, at = 0, list[str](), start + 1, start
    while at < len(code):
        if code[at] == "\\":
            at += 2
            continue
        depth += (code[at] == "(") - (code[at] == ")")
        if depth == 0:
            break
        if code[at] in ",;" and depth == 1:
            parts.append(code[begun:at])
            begun = at + 1
        at += 1
    return [*parts, code[begun:at]], at + 1


def _drawn_parts(name: str, parts: list[str]) -> str:
    if name == "o":  # overstruck: a reading over its word, or a circle around a character
        return parts[-1]
    if name == "f":
        return "/".join(one if one.isalnum() else f"({one})" for one in parts)
    if name == "r":
        return f"√({parts[-1]})"
    if name == "b":
        return f"({parts[0]})"
    return ", ".join(parts)
