"""What a command says: in the language of the settings, whole words on each line of a terminal.

Rich breaks a line of Japanese anywhere; here a line ends between phrases.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from enmusubi.language_setting import message_language, stated_language
from enmusubi.messages import Message

if TYPE_CHECKING:
    import typer

    from enmusubi.settings import Settings

# kanji, katakana or Latin letters, the kana that belong to them, and the mark that closes them
_PHRASE = re.compile(
    r"[^\u3041-\u3096、。，．：；）」』】\s]*[\u3041-\u3096]*(?:[）」』】]+[\u3041-\u3096]*)*[、。，．：；]*"
)
_JAPANESE = re.compile(r"[\u3001\u3002\u3041-\u9fff]")
_OPENING = "（「『【"
NARROWEST = 20


_in_force: list[str] = []  # the language of the command that runs, read of its settings once


@contextmanager
def language_in_force(settings: "Settings") -> Iterator[None]:
    """Let everything that a command says be in the language of these settings."""
    _in_force.append(message_language(settings.language))
    try:
        yield
    finally:
        _in_force.pop()


def language() -> str:
    """Return ja or en; beside a command that runs, as `stated_language` finds it."""
    return _in_force[-1] if _in_force else stated_language()


def told(message: Message) -> str:
    """Return a message in the language of the settings or the locale."""
    from enmusubi.translation import say

    return say(message, language())


def tell(message: Message, *, error: bool = False, indent: int = 0) -> None:
    """Print a message: on a terminal in lines of whole words, elsewhere as one line."""
    write(told(message), error=error, indent=indent)


def wrong_usage(message: Message) -> "typer.BadParameter":
    """Return the error of a command that was called in a way that makes no sense; it leaves with 2."""
    import typer

    return typer.BadParameter(told(message))


def write(text: str, *, error: bool = False, indent: int = 0) -> None:
    """Print a text, moved in by `indent`: on a terminal in lines of whole words, else as it is."""
    stream = sys.stderr if error else sys.stdout
    lines = fold(text, max(_width() - indent, NARROWEST)) if stream.isatty() else text.split("\n")
    _print([" " * indent + line for line in lines], stream)


def fold(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` cells; one that is a single longer word is longer."""
    from rich.cells import cell_len

    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in pieces(paragraph):
            if line.strip() and cell_len(line + piece.rstrip()) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def longest_piece(text: str) -> int:
    """Return how many cells the longest part takes that must not be broken."""
    from rich.cells import cell_len

    return max((cell_len(piece.strip()) for piece in pieces(text.replace("\n", " "))), default=0)


def pieces(text: str) -> Iterator[str]:
    """Yield the words of a text, Japanese ones as phrases; together they are the text."""
    for found in re.finditer(r"\s*\S+\s*?(?=\s|$)|\s+", text):
        word = found[0]
        if not _JAPANESE.search(word):
            yield word
            continue
        carried = ""  # an opening bracket stays with what it opens
        for phrase in _PHRASE.findall(word) if word.strip() == word else _spaced(word):
            if phrase and phrase[-1] in _OPENING:
                carried += phrase
            elif phrase:
                yield carried + phrase
                carried = ""
        if carried:
            yield carried


def _spaced(word: str) -> list[str]:
    """Return the phrases of a word that begins with blanks, which stay with the first."""
    blanks = word[: len(word) - len(word.lstrip())]
    first, *rest = [phrase for phrase in _PHRASE.findall(word.lstrip()) if phrase]
    return [blanks + first, *rest]


def _width() -> int:
    from rich.console import Console

    return Console().width


def _print(lines: list[str], stream: TextIO) -> None:
    print("\n".join(lines), file=stream, flush=True)


def told_pairs(joined: int, queued: int) -> Iterator[Message]:
    """Yield what is to be said of people who were found to be one, or who may be."""
    if joined:
        yield Message(
            "%(count)s pairs of people were joined by their names.", {"count": f"{joined:,}"}
        )
    if queued:
        yield Message(
            "%(count)s pairs may be one person: `enmusubi identities` lists them.",
            {"count": f"{queued:,}"},
        )
