"""Every regular expression that a request meets, against text made to keep it busy, as long as a need.

An expression is fed runs of what it is made of, then something that makes it fail: that is where
backtracking shows. Expressions of `catalogue` meet the cells of files that administrators import; they are
not among these.
"""

import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

PACKAGES = ("enmusubi", "indexes", "matcher", "office", "api")  # what requests meet
LONG = 20_000  # characters: the longest need
AT_MOST_S, GIVEN_UP_S = 0.5, 1.0  # of processor time
ELSEWHERE = (
    frozenset(  # expressions that meet no text of a request: a cell as a whole, our own names
        {"office.screening.interest_tables._COUNT", "office.webhooks.webhooks._EVENT"}
    )
)
ENDINGS = ("", "\0", "!", "\n", "縁")
MOST_RUNS = 14  # of one expression: what its parts begin with


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Give every compiled expression that a module holds, also in tables, by where it stands."""
    seen = set()
    for package in PACKAGES:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations." in found.name or found.name.endswith("__main__"):
                continue
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                for pattern in held(value):
                    if (pattern.pattern, pattern.flags) not in seen:
                        seen.add((pattern.pattern, pattern.flags))
                        yield f"{found.name}.{name}", pattern


def held(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from held(part)
    elif isinstance(value, tuple | list | frozenset | set):
        for part in value:
            yield from held(part)


def runs(pattern: re.Pattern[Any]) -> list[str]:
    """Return short texts that parts of an expression match: what is repeated to keep it busy."""
    source = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    pieces: list[str] = []
    literal = _collect(_parser.parse(source, pattern.flags & ~re.DEBUG), pieces)
    found = dict.fromkeys([literal, *pieces, "a", " ", "1", "あ", "a ", "1,", "a."])
    return [piece for piece in found if piece][:MOST_RUNS]


def _collect(parsed: Any, pieces: list[str]) -> str:
    """Return one text that a parsed expression may match; texts of what is repeated join the pieces."""
    made = ""
    for kind, value in parsed:
        if kind in {_constants.LITERAL, _constants.NOT_LITERAL}:
            made += chr(value) if kind is _constants.LITERAL else "x"
        elif kind is _constants.IN:
            made += _of_class(value)
        elif kind is _constants.ANY:
            made += "x"
        elif kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
            inner = _collect(value[2], pieces)
            pieces.append(inner)
            made += inner * max(1, value[0])
        elif kind is _constants.SUBPATTERN:
            made += _collect(value[3], pieces)
        elif kind is _constants.BRANCH:
            inner = [_collect(branch, pieces) for branch in value[1]]
            pieces.extend(inner[:3])
            made += inner[0]
        elif kind is _constants.ATOMIC_GROUP:
            made += _collect(value, pieces)
    return made


def _of_class(parts: Any) -> str:
    kind, value = parts[0]
    if kind is _constants.NEGATE:
        return "x"
    if kind is _constants.RANGE:
        return chr(value[0])
    if kind is _constants.CATEGORY:
        return {_constants.CATEGORY_DIGIT: "1", _constants.CATEGORY_SPACE: " "}.get(value, "a")
    return chr(value)


class _TooSlowError(Exception):
    """An expression went on for longer than is waited for."""


def _break_off(number: int, frame: object) -> None:
    raise _TooSlowError


def taken_s(pattern: re.Pattern[Any], piece: str, length: int, ending: str) -> float:
    """Return the processor time of an expression on such a text, GIVEN_UP_S at most."""
    text: Any = piece * (length // len(piece) + 1) + ending
    if isinstance(pattern.pattern, bytes):
        text = text.encode("utf-8", "surrogatepass")
    before = signal.signal(signal.SIGVTALRM, _break_off)
    began = time.thread_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP_S)
    try:
        for _ in pattern.finditer(text):
            pass
        pattern.fullmatch(text)
    except _TooSlowError:
        return GIVEN_UP_S
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.thread_time() - began


@pytest.fixture(scope="module")
def every() -> list[tuple[str, re.Pattern[Any]]]:
    return list(patterns())


def test_the_walk_sees_a_backtracking_expression() -> None:
    bad = re.compile(r"(?:a+)+b")
    assert max(taken_s(bad, piece, LONG, "!") for piece in runs(bad)) == GIVEN_UP_S
    assert taken_s(re.compile(r"[0-9]+\s*円"), "0", LONG, "!") == GIVEN_UP_S


def test_no_expression_takes_half_a_second_for_a_need(
    every: list[tuple[str, re.Pattern[Any]]], exhaustive: bool
) -> None:
    slow = []
    endings = ENDINGS if exhaustive else ENDINGS[1:2]
    for where, pattern in every:
        if where in ELSEWHERE:
            continue
        for piece in runs(pattern) if exhaustive else runs(pattern)[:5]:
            for ending in endings:
                taken = taken_s(pattern, piece, LONG, ending)
                if taken > AT_MOST_S:
                    slow.append(f"{where} {piece[:20]!r} {ending!r} {taken:.3f}")
                    break
    assert len(every) > 80
    assert slow == []
