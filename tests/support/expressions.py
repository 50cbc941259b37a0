"""Every regular expression of the product, and texts made to keep it busy.

Found twice over: what modules hold once they are imported, and every call of `re` in their source whose
expression can be worked out. An expression is asked as its module asks it, and is fed runs of what it is
made of, then something that makes it fail: that is where backtracking shows.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
FLAGS = {"search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "compile": 1}
USUAL = ("a", " ", "1", "あ", "a ", "1,", "a.", "\n", "(", "-", "\\", "{", "<", '"', "、", "\t ")
EVERYWHERE = {"search", "split", "findall", "finditer", "sub", "subn"}
USE = re.compile(r"(\w+)(?:\[[^\]\n]*\])?\.(search|match|fullmatch|split|findall|finditer|subn?)\b")
GIVEN_UP_S = 1.0  # of processor time
REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}
Pattern = re.Pattern[Any]
Busy = tuple[str, str]  # what begins a text, and what is repeated in it


def modules(*packages: str) -> Iterator[ModuleType]:
    """Give every module of the packages, imported; migrations meet no text."""
    for package in packages:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


@dataclass(frozen=True)
class Expression:
    """An expression and how it is asked: everywhere in a text, at its beginning, or of all of it."""

    pattern: Pattern
    ways: frozenset[str]


def expressions(*packages: str) -> tuple[dict[str, Expression], set[str]]:
    """Return the expressions by where they stand, and the calls whose expression is only known later."""
    found: dict[tuple[Any, int], tuple[str, Pattern, set[str]]] = {}
    unknown = set()
    every = list(modules(*packages))
    used = uses("\n".join(source_of(module) for module in every))

    def take(where: str, pattern: Pattern, asked: set[str]) -> None:
        key = (pattern.pattern, pattern.flags)
        found.setdefault(key, (where, pattern, set()))[2].update(asked or EVERYWHERE)

    for module in every:
        own = uses(source_of(module))
        around = set().union(*own.values()) if own else set()
        for name, value in vars(module).items():
            named = own.get(name) or (used.get(name) if not name.startswith("_") else None)
            for pattern in held(value):
                is_alone = isinstance(value, re.Pattern) and named
                take(f"{module.__name__}.{name}", pattern, (named if is_alone else around) or set())
        for function, call in calls(module):
            pattern_or_none, way = worked_out(call, vars(module)), call.func.attr
            if pattern_or_none is not None and way != "compile":
                take(f"{module.__name__}:{function}", pattern_or_none, {way})
            elif pattern_or_none is not None and function:
                take(f"{module.__name__}:{function}", pattern_or_none, around)
            elif function:  # outside of functions it was made at the import, and is held
                unknown.add(f"{module.__name__}:{function}")
    told: dict[str, Expression] = {}
    for where, pattern, ways in found.values():
        name = where if where not in told else f"{where}#{len(told)}"
        told[name] = Expression(pattern, frozenset(ways))
    return told, unknown


def source_of(module: ModuleType) -> str:
    """Return a module's source; a folder without a file of its own has none."""
    try:
        return inspect.getsource(module)
    except OSError:
        return ""


def uses(source: str) -> dict[str, set[str]]:
    """Return how each name is asked in a source, where it could be an expression."""
    found: dict[str, set[str]] = {}
    for name, way in USE.findall(source):
        if name != "re":
            found.setdefault(name, set()).add(way)
    return found


def held(value: Any, depth: int = 0) -> Iterator[Pattern]:
    """Give the expressions that a value is or holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth > 4:
        return
    elif isinstance(value, dict):
        for part in value.values():
            yield from held(part, depth + 1)
    elif isinstance(value, tuple | list | frozenset | set):
        for part in value:
            yield from held(part, depth + 1)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for part in value.__dataclass_fields__:
            yield from held(getattr(value, part, None), depth + 1)


def calls(module: ModuleType) -> Iterator[tuple[str, ast.Call]]:
    """Give every call of `re` in a module with the function that it stands in, empty outside of one."""
    tree = ast.parse(source_of(module))

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.Call) and _is_of_re(child.func) and child.args:
                yield inside, child
            yield from walk(child, inside)

    yield from walk(tree, "")


def _is_of_re(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr in CALLS
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
    )


def worked_out(call: ast.Call, names: dict[str, Any]) -> Pattern | None:
    """Return the expression of a call as far as the module's own names tell it."""
    assert isinstance(call.func, ast.Attribute)
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    place = FLAGS.get(call.func.attr)
    if place is not None and len(call.args) > place:
        flags.append(call.args[place])
    try:
        made = [
            eval(compile(ast.Expression(part), "<source>", "eval"), names)  # noqa: S307 - our own code
            for part in (call.args[0], *flags)
        ]
    except NameError:
        return None
    if isinstance(made[0], re.Pattern):
        return made[0]
    return re.compile(made[0], *made[1:])


def busy(pattern: Pattern) -> list[Busy]:
    """Return beginnings, and short texts to repeat after them, that could keep an expression busy."""
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    made: list[Busy] = []
    whole = _collect(_parser.parse(text, pattern.flags & ~re.DEBUG), "", made)
    found = dict.fromkeys([("", whole), *made, *(("", usual) for usual in USUAL)])
    return [one for one in found if one[1]]


def _collect(parsed: Any, before: str, made: list[Busy]) -> str:
    """Return one text that a parsed expression may match; what could keep it busy joins `made`."""
    text = ""
    for kind, value in parsed:
        if kind in REPEATS:
            inner = _collect(value[2], before + text, made)
            made += [("", inner), (before + text, inner), ("", before + text + inner)]
            text += inner * min(max(1, value[0]), 50)
        elif kind is _constants.BRANCH:
            branches = [_collect(branch, before + text, made) for branch in value[1]]
            made += [("", before + text + branch) for branch in branches[:3]]
            text += branches[0]
        elif kind is _constants.SUBPATTERN:
            text += _collect(value[3], before + text, made)
        elif kind is _constants.ATOMIC_GROUP:
            text += _collect(value, before + text, made)
        else:
            text += _one(kind, value)
    return text


def _one(kind: Any, value: Any) -> str:
    if kind is _constants.LITERAL:
        return chr(value)
    if kind in {_constants.NOT_LITERAL, _constants.ANY}:
        return "x"
    return _of_class(value) if kind is _constants.IN else ""


def _of_class(parts: Any) -> str:
    kind, value = parts[0]
    if kind is _constants.NEGATE:
        taken = {chr(v) for k, v in parts if k is _constants.LITERAL}
        return next(one for one in "x1 あ-" if one not in taken)
    if kind is _constants.RANGE:
        return chr(value[0])
    if kind is _constants.CATEGORY:
        known = {_constants.CATEGORY_DIGIT: "1", _constants.CATEGORY_SPACE: " "}
        return known.get(value, "-" if value is _constants.CATEGORY_NOT_WORD else "a")
    return chr(value)


class _TooSlowError(Exception):
    """An expression went on for longer than is waited for."""


def _break_off(number: int, frame: object) -> None:
    raise _TooSlowError


def taken_s(asked: Expression, one: Busy, length: int, ending: str) -> float:
    """Return the processor time of an expression on such a text, GIVEN_UP_S at most."""
    pattern, (first, piece) = asked.pattern, one
    text: Any = first + piece * (length // len(piece) + 1) + ending
    if isinstance(pattern.pattern, bytes):
        text = text.encode("utf-8", "surrogatepass")
    before = signal.signal(signal.SIGVTALRM, _break_off)
    began = time.thread_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP_S)
    try:
        if asked.ways & EVERYWHERE:  # as sub, split and findall go through a text
            for _ in pattern.finditer(text):
                pass
        if "match" in asked.ways:
            pattern.match(text)
        if "fullmatch" in asked.ways:
            pattern.fullmatch(text)
    except _TooSlowError:
        return GIVEN_UP_S
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.thread_time() - began
