"""Routes that are analysed when they are first asked for."""

import threading

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.testclient import TestClient

from api.routing import LazyRoute, LazyRouter, include


def noting(name: str) -> object:
    """Return a dependency that notes in the request that it was asked."""

    def note(request: Request) -> None:
        request.state.asked = (*getattr(request.state, "asked", ()), name)

    return Depends(note)


def application() -> FastAPI:
    inner, outer = LazyRouter(dependencies=[noting("router")]), LazyRouter()

    @inner.get("/things/{number}", dependencies=[noting("route")])
    def thing(number: int, request: Request) -> list[str]:
        return [str(number), *request.state.asked]

    @inner.get("/hidden", include_in_schema=False)
    def hidden() -> None: ...

    app = FastAPI(dependencies=[noting("application")])
    include(outer, inner)
    include(app, outer, dependencies=[noting("part")])
    return app


def analysed(app: FastAPI) -> list[str]:
    return [
        route.path
        for route in app.routes
        if isinstance(route, LazyRoute) and "dependant" in vars(route)
    ]


def test_a_route_is_analysed_when_it_is_first_asked_for() -> None:
    app = application()
    assert analysed(app) == []
    assert TestClient(app).get("/nowhere").status_code == 404
    assert analysed(app) == []
    assert TestClient(app).get("/things/7").status_code == 200
    assert analysed(app) == ["/things/{number}"]


def test_dependencies_are_asked_from_the_outermost_in() -> None:
    client = TestClient(application())
    assert client.get("/things/7").json() == ["7", "application", "part", "router", "route"]
    assert client.get("/things/x").status_code == 422
    assert client.post("/things/7").status_code == 405


def test_the_description_has_all_routes_but_the_hidden() -> None:
    described = application().openapi()["paths"]
    assert list(described) == ["/things/{number}"]
    assert described["/things/{number}"]["get"]["parameters"][0]["schema"]["type"] == "integer"


def test_several_threads_may_ask_for_a_route_first() -> None:
    route = next(one for one in application().routes if one.name == "thing")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(route.app)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_what_a_route_has_not_it_has_not() -> None:
    route = application().routes[-1]
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        route.nothing_of_the_kind  # noqa: B018


def test_a_router_of_the_usual_kind_is_refused() -> None:
    usual = APIRouter()
    usual.add_api_route("/usual", lambda: None)
    with pytest.raises(TypeError, match="make its router by LazyRouter"):
        include(FastAPI(), usual)
