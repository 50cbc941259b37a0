"""Help in the language of the settings: Typer, whose layout and words it has, knows English alone.

The Japanese texts stand in `locale/ja/help.po`, one for each paragraph. They are read when help or a
usage line is asked for, so that no other command waits for them.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cli.telling import NARROWEST, fold
from enmusubi.language_setting import stated_language
from enmusubi.translation import Texts, read_forms

LOCALE_DIR = Path(__file__).parent / "locale"
JAPANESE = "ja"
NO_REWRAPPING = "\b"  # in front of a paragraph whose lines stay as they are, as Click has it
_EXAMPLE = "Example: "
_EXTRA = re.compile(
    r"^(?P<help>.*?)\s*\[(?P<extra>(?:default: |required|env var: |[\d.<=-]*x[<>=]).*)\]$"
)
_RANGE = re.compile(r"^(?:(?P<least>[\d.-]+)<=)?x(?:<=(?P<most>[\d.-]+)|>=(?P<from>[\d.-]+))?$")
_WIDEST_NAME = 30
_INDENT = "  "


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of help: what is translated, and commands below it as examples, which are not."""

    text: str
    examples: tuple[str, ...] = ()
    labelled: bool = True


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a command's help."""
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text).partition("\f")[0].strip("\n")):
        if block.lstrip().startswith(NO_REWRAPPING):
            lines = block.strip().split("\n")[1:]
            examples = tuple(line.removeprefix(_EXAMPLE).strip() for line in lines)
            yield Paragraph("", examples, lines[0].startswith(_EXAMPLE))
            continue
        said, _, example = " ".join(block.split()).partition(_EXAMPLE)
        yield Paragraph(said.strip(), (example,) if example else ())


@cache
def texts() -> Texts:
    """Return the Japanese texts of help and of wrong usage."""
    return Texts(read_forms(LOCALE_DIR / JAPANESE))


def in_readers_language(command: Any) -> Any:
    """Return the command, whose help and that of all below it is in the settings' language from now on."""
    command.context_class = _telling(command.context_class)
    for below in getattr(command, "commands", {}).values():
        in_readers_language(below)
    return command


@cache
def _telling(context_class: type) -> type:
    """Return a kind of context whose formatter translates; Typer brings its Click or takes another."""

    class ReadersContext(context_class):  # type: ignore[misc]
        """Asks for the language when help is made, and not before."""

        def make_formatter(self) -> Any:
            """Return what lays out help and usage."""
            plain = super().make_formatter()
            if stated_language() != JAPANESE:
                return plain
            for below in getattr(self.command, "commands", {}).values():
                below.short_help = _summary(below.short_help or below.help or "")
            kind: Any = type(plain)
            return _japanese(kind)(width=plain.width)

    return ReadersContext


def _summary(text: str) -> str:
    """Return the first sentence of a command's help, which the list of commands shows."""
    said = texts().gettext(next(paragraphs(text)).text)
    return said.partition("。")[0]


@cache
def _japanese(formatter_class: type) -> type:
    class JapaneseFormatter(formatter_class):  # type: ignore[misc]
        """Translates what it lays out, and breaks lines between phrases."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            """Write how the command is called."""
            for english in ("[OPTIONS]", "COMMAND [ARGS]..."):
                args = args.replace(english, texts().gettext(english))
            first, *rest = fold(f"{texts().gettext('Usage:')} {prog} {args}", self.width)
            self._lines([first, *(f"    {line}" for line in rest)])

        def write_heading(self, heading: str) -> None:
            """Write the heading of a section."""
            self._lines([texts().gettext(heading) + "："])

        def write_text(self, text: str) -> None:
            """Write paragraphs."""
            told = [list(self._paragraph(one)) for one in paragraphs(text)]
            for number, lines in enumerate(told):
                self._lines([""] * (number > 0) + lines)

        def write_dl(
            self, rows: Sequence[tuple[str, str]], col_max: int = _WIDEST_NAME, col_spacing: int = 2
        ) -> None:
            """Write options or commands, each with what it is."""
            column = min(max(len(name) for name, _ in rows), col_max) + col_spacing
            for name, text in rows:
                first, *rest = self._fold(_explained(text), column) or [""]
                fits = len(name) <= column - col_spacing
                self._lines([f"{name:{column}}{first}"] if fits else [name, " " * column + first])
                self._lines(" " * column + line for line in rest)

        def _paragraph(self, paragraph: Paragraph) -> Iterable[str]:
            if paragraph.text:
                yield from self._fold(texts().gettext(paragraph.text), 0)
            if not paragraph.examples:
                return
            label = texts().gettext(_EXAMPLE.strip()) if paragraph.labelled else ""
            first, *rest = paragraph.examples
            yield f"{label} {first}" if label else _INDENT + first
            yield from (_INDENT * (2 if label else 1) + line for line in rest)

        def _fold(self, text: str, column: int) -> list[str]:
            return fold(text, max(self.width - self.current_indent - column, NARROWEST))

        def _lines(self, lines: Iterable[str]) -> None:
            for line in lines:
                self.write(f"{'':{self.current_indent}}{line}".rstrip() + "\n")

    return JapaneseFormatter


def _explained(text: str) -> str:
    """Return what an option is, with its default and range, in Japanese."""
    found = _EXTRA.fullmatch(text)
    if not found:
        return texts().gettext(text)
    extra = "、".join(_extra(part) for part in found["extra"].split("; "))
    return f"{texts().gettext(found['help'])}［{extra}］"


def _extra(part: str) -> str:
    say = texts().say
    if bounds := _RANGE.fullmatch(part):
        least, most = bounds["least"] or bounds["from"], bounds["most"]
        if least and most:
            return say("%(least)s to %(most)s", least=least, most=most)
        return (
            say("%(least)s or more", least=least) if least else say("%(most)s or less", most=most)
        )
    name, separator, value = part.partition(": ")
    if name == "default" and separator:
        return say("default: %(value)s", value=value)
    return texts().gettext(part)
