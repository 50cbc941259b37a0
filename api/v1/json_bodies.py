"""JSON bodies: bounded in depth and number of values, and parsed off the event loop."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from fastapi import HTTPException, Request, Response

from api.routing import LazyRoute, LazyRouter

MAX_VALUES = (
    20_000  # the largest that the API has a use for, a job of 5,000 needs, is a third of it
)
MAX_DEPTH = 32
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class JsonRoute(LazyRoute):
    """A route whose JSON is looked at before it is parsed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, which is given a request that reads JSON as said above."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(_JsonRequest(request.scope, request.receive))

        return bounded


class Router(LazyRouter):
    """A router of the API's routes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": JsonRoute, **options})


class _JsonRequest(Request):
    async def json(self) -> Any:
        """Return the body, parsed; raises HTTPException for one that is too deep or has too much in it."""
        if not hasattr(self, "_json"):
            self._json = await anyio.to_thread.run_sync(parse_bounded, await self.body())
        return self._json


def parse_bounded(body: bytes) -> Any:
    """Return what a JSON body says.

    Raises HTTPException beyond MAX_VALUES or MAX_DEPTH, which are counted in the bytes, and
    JSONDecodeError or UnicodeDecodeError for what is no JSON. UTF-16 and UTF-32 are refused: RFC 8259
    wants UTF-8, and in others brackets can't be counted.
    """
    if b"\0" in body:
        raise HTTPException(400, "The body must be JSON in UTF-8.")
    if _most_values(body) > MAX_VALUES or _most_depth(body) > MAX_DEPTH:
        bare = _STRINGS.sub(b'""', body)  # commas and brackets in a text are no values
        if _depth(bare) > MAX_DEPTH:
            raise HTTPException(400, "The body is nested deeper than 32 levels.")
        if _most_values(bare) > MAX_VALUES:
            raise HTTPException(413, "The body has more than 20,000 names and values.")
    return json.loads(body)


def _most_values(body: bytes) -> int:
    return 1 + sum(body.count(mark) for mark in (b",", b":", b"[", b"{"))


def _most_depth(body: bytes) -> int:
    return body.count(b"[") + body.count(b"{")


def _depth(bare: bytes) -> int:
    depth = deepest = 0
    brackets = bare.translate(None, _NOT_BRACKETS)
    for bracket in brackets[: 2 * MAX_VALUES]:  # more close than open: no JSON
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
