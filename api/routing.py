"""The application's routes, which FastAPI analyses when each is first asked for.

There are over four hundred. Analysing them all takes a third of a second, and as long again where
routers are put into routers; one takes a millisecond.
"""

from collections.abc import Callable, Sequence
from functools import cache
from threading import RLock
from typing import Any

from fastapi import APIRouter, FastAPI, params
from fastapi.routing import APIRoute
from starlette.routing import compile_path, get_name

_ANALYSING = RLock()
_compiled = cache(compile_path)  # the same path is several methods', and every application's


class LazyRoute(APIRoute):
    """A route that knows its path, its methods and its name; the rest is worked out when it is read."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._given: tuple[str, Callable[..., Any], dict[str, Any]] = (path, endpoint, options)
        self._is_analysed = False
        self.path, self.endpoint = path, endpoint
        self.name = options.get("name") or get_name(endpoint)
        self.include_in_schema = options.get("include_in_schema", True)
        self.methods = {method.upper() for method in options.get("methods") or ("GET",)}
        self.path_regex, self.path_format, self.param_convertors = _compiled(path)

    def __getattr__(self, name: str) -> Any:
        """Return what is not there before the route is analysed; raises AttributeError for the rest."""
        if name.startswith("__") or "_given" not in self.__dict__:
            raise AttributeError(name)
        with _ANALYSING:
            if not self._is_analysed:
                self._is_analysed = True
                path, endpoint, options = self._given
                super().__init__(path, endpoint, **options)
        if name not in self.__dict__:
            raise AttributeError(name)
        return self.__dict__[name]

    def behind(
        self, dependencies: Sequence[params.Depends], *, include_in_schema: bool
    ) -> "LazyRoute":
        """Return the route as it is where these dependencies are asked first."""
        path, endpoint, options = self._given
        changed = {
            "dependencies": [*dependencies, *options.get("dependencies", ())],
            "include_in_schema": include_in_schema and self.include_in_schema,
        }
        return type(self)(path, endpoint, **{**options, **changed})


class LazyRouter(APIRouter):
    """A router whose routes are analysed late."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": LazyRoute, **options})


def include(
    into: FastAPI | LazyRouter,
    router: LazyRouter,
    *,
    dependencies: Sequence[params.Depends] = (),
    include_in_schema: bool = True,
) -> None:
    """Add a router's routes to those of an application or of another router, each by itself.

    FastAPI's own `include_router` analyses every route again for each router around it.
    """
    around = into.router if isinstance(into, FastAPI) else into
    asked = [*around.dependencies, *dependencies]
    for route in router.routes:
        if not isinstance(route, LazyRoute):
            raise TypeError(
                f"{route!r} is no route of api.routing: make its router by LazyRouter()."
            )
        around.routes.append(route.behind(asked, include_in_schema=include_in_schema))
