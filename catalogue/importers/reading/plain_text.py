"""Takes markup out of titles and abstracts: tags go, entities become characters.

Every step runs in time linear in the text, whatever a hostile file holds.
"""

import html
import re

from enmusubi.language import clean_text

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[a-zA-Z][\w:.-]{0,40}+)"
    r"(?:\s++[\w:.-]{1,60}+(?:\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s<>\"']++))?+)*+\s*+/?>"
)
_ATTRIBUTE_FREE = re.compile(r"<[a-zA-Z][\w:.-]*+(?:\s++[\w:.-]++)++\s*+>")
_HIDDEN = ("script", "style")
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "title"}
_BLOCKS = _HEADINGS | {"p", "br", "div", "li", "ul", "ol", "tr", "table", "blockquote"}
_BLOCKS |= {"sec", "section", "list-item"}
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n(?: ?\n)+ ?| ?\n ?")
_MAX_UNESCAPES = 2  # `&amp;lt;i&amp;gt;` is common in exports of exports


def plain_text(text: str) -> str:
    """Return the text without tags, entities and control characters, its blanks unified.

    Scripts and styles go with their content; a tag of a block becomes a line end. What only looks
    like a tag, as in `x <y and z> 3`, stays.
    """
    if text.isprintable() and not ("<" in text or "&" in text or "\ufffd" in text):
        return " ".join(text.split())  # the usual case, many times faster
    text = _without_markup(clean_text(text))
    for _ in range(_MAX_UNESCAPES):
        if "&" not in text:
            break
        text = _without_markup(clean_text(html.unescape(text)))
    return _BLANK_LINES.sub(_line_ends, _BLANKS.sub(" ", text)).strip()


def one_line(text: str) -> str:
    """Return plain text on a single line."""
    return " ".join(plain_text(text).split())


def _without_markup(text: str) -> str:
    if "<" not in text:
        return text
    for name in _HIDDEN:
        text = without_element(text, name)
    return _TAG.sub(_replace_tag, _without_comments(text))


def _replace_tag(found: re.Match[str]) -> str:
    if _ATTRIBUTE_FREE.fullmatch(found.group()):
        return found.group()
    name = found.group("name").lower().rpartition(":")[2]
    return "\n" if name in _BLOCKS else ""


def without_element(text: str, name: str) -> str:
    """Return the text without the elements of that name and what is in them."""
    opening, closing = re.compile(rf"<{name}\b", re.IGNORECASE), f"</{name}"
    lowered = text.lower() if len(text.lower()) == len(text) else text
    kept, position = [], 0
    while found := opening.search(text, position):
        end = lowered.find(closing, found.end())
        if end < 0:
            break
        kept.append(text[position : found.start()])
        stop = text.find(">", end)
        position = len(text) if stop < 0 else stop + 1
    return "".join(kept) + text[position:]


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + 3
    return "".join(kept) + text[position:]


def _line_ends(found: re.Match[str]) -> str:
    return "\n\n" if found.group().count("\n") > 1 else "\n"
