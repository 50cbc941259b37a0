"""Finds LaTeX commands with their arguments in a text, in time linear in it; runs none of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_DEPTH = 50  # of braces in an argument

Replace = Callable[[list[str]], str]


@dataclass(frozen=True)
class Command:
    """A command: how many arguments in braces it has, and what stands for it."""

    arguments: int
    replace: Replace


_OPTION = re.compile(r"\*?\s*(?:\[[^\[\]{}]{0,200}\]\s*)*")
_BLANKS = re.compile(r"\s*")


def replace_commands(source: str, commands: Mapping[str, Command]) -> str:
    """Return the text with the commands replaced; one whose arguments are not whole stays."""
    parts: list[str] = []
    position = 0
    for found in re.compile(r"\\([A-Za-z]+)").finditer(source):
        command = commands.get(found[1])
        if command is None or found.start() < position:
            continue
        arguments, end = _arguments(source, found.end(), command.arguments)
        if len(arguments) < command.arguments:
            continue
        parts += [source[position : found.start()], command.replace(arguments)]
        position = end
    return "".join([*parts, source[position:]])


def _arguments(source: str, position: int, count: int) -> tuple[list[str], int]:
    """Return the arguments in braces from a place on, options left out, and where they end."""
    found: list[str] = []
    option = _OPTION.match(source, position) if count else None
    position = option.end() if option else position
    while len(found) < count:
        blanks = _BLANKS.match(source, position)
        start = blanks.end() if blanks else position
        end = end_of_braces(source, start)
        if end < 0:
            break
        found.append(source[start + 1 : end - 1])
        position = end
    return found, position


def end_of_braces(source: str, start: int) -> int:
    """Return where the braces that open at a place are closed, or -1 where none open or close."""
    if not source.startswith("{", start):
        return -1
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(source, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
        if depth > MAX_DEPTH:
            return -1
    return -1
