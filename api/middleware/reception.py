"""Middleware at the door: who may not come in is told so before anything of what they send is read.

Knows the application's routes: which there are, which take files, and what the rules ask of each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, params
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import (
    RoleCheck,
    arrived_viewer,
    is_open,
    keep_to_own_pages,
    may_send_files,
)
from api.middleware.protection import has_body
from api.middleware.rate_limits import limit_rate
from enmusubi.errors import EnmusubiError

FORM_WITH_FILES = "multipart/form-data"


@dataclass(frozen=True)
class Door:
    """What is known of a route before a body is read."""

    takes_files: bool
    asked: tuple[RoleCheck, ...]


class Doors:
    """All routes of the application, each looked at when a body first comes to it."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = [route for route in routes if isinstance(route, APIRoute)]
        self._known: dict[int, Door] = {}

    def of(self, scope: Scope) -> Door | None:
        """Return the route that takes a request, None where there is none."""
        for number, route in enumerate(self._routes):
            if scope["method"] in (route.methods or ()) and route.path_regex.search(scope["path"]):
                if number not in self._known:
                    self._known[number] = _door(route)
                return self._known[number]
        return None


class Reception:
    """Middleware that answers 401, 403 and 429 from a request's head.

    A request without a body is left to the routes' own dependencies, which ask the same.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        door = door_of(scope) if scope["type"] == "http" and has_body(scope) else None
        if door is None or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)  # its body cannot be read
        try:
            viewer = await arrived_viewer(request)
            await limit_rate(request)
            keep_to_own_pages(viewer, scope["path"])
            for allowed in door.asked:
                allowed.check(viewer)
        except EnmusubiError as error:
            response = await _answer(request, error)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def door_of(scope: Scope) -> Door | None:
    """Return the route that takes a request; the application's routes are looked at once."""
    state = scope["app"].state
    if not hasattr(state, "doors"):
        state.doors = Doors(scope["app"].routes)
    found: Door | None = state.doors.of(scope)
    return found


def may_be_large(scope: Scope) -> bool:
    """Return whether a request may send files: such a form, to a route that takes it."""
    kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    if kind.partition(";")[0].strip().lower() != FORM_WITH_FILES:
        return False
    door = door_of(scope)
    return door is not None and door.takes_files


async def _answer(request: Request, error: EnmusubiError) -> Any:
    handlers = request.app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    return await handler(request, error)


def _door(route: APIRoute) -> Door:
    parts = list(_parts(route.dependant))
    calls = [part.call for part in parts]
    files = any(
        isinstance(field.field_info, params.File) for part in parts for field in part.body_params
    )
    asked = tuple(call for call in calls if isinstance(call, RoleCheck))
    return Door(files or may_send_files in calls, asked)


def _parts(dependant: Any) -> Iterator[Any]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _parts(inner)
