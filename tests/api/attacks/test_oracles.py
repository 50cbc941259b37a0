"""No answer tells that something hidden is there: all routes with the ids of hidden things.

Each id goes where an id may stand, in the address, the query, the form and the body, once that of a hidden
thing and once one that there is not; the two answers must be alike to the last letter.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.attacks import places
from tests.api.attacks.actors import Town
from tests.api.attacks.place import Place
from tests.api.attacks.test_access_leaks import VARYING

HIDDEN_NEED, HIDDEN_COMPANY, HIDDEN_SEED = "N-kurose", "kurose", "S-secret"
ASKERS = ("kato", "suzuki", "abe", "portal-a")  # who see neither that need nor its company
NONE_SUCH = {"need": "N-kurosf", "company": "kurosf", "seed": "S-secreu"}
NUMBER = "777000777"
KINDS = {  # what an id is of, by the name of a parameter or field
    "need": ("need_id", "need", "needs", "need_ids"),
    "company": ("organisation_id", "organisation_ids", "company", "companies", "organisation"),
    "seed": ("seed_id", "seed_ids", "seed"),
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}
NAMED_FREELY = {  # whatever is written there becomes the company
    "/v1/needs",
    "/v1/needs/{need_id:need}",
    "/v1/needs/{need_id:id}/veil",
    "/members",
    "/v1/members",
}
NUMBERED = ("release_id", "case_id", "inquiry_id", "team_id", "nda_id")


@pytest.fixture(scope="module")
def hidden(town: Town) -> dict[str, tuple[str, str]]:
    """What stands behind the hidden need: the id of each thing by its parameter's name, and one like none."""
    head = town["head"]
    with (
        town.catalogue.writing() as connection
    ):  # whoever is or was a member is known to the office
        connection.execute(
            text("DELETE FROM membership WHERE organisation_id = :it"), {"it": HIDDEN_COMPANY}
        )
    made = head.post(f"/v1/needs/{HIDDEN_NEED}/releases", json={})
    assert made.status_code == 201, made.text
    pair = {"researcher_ids": ["R-01", "R-02"]}
    assert head.post(f"/v1/needs/{HIDDEN_NEED}/teams", json=pair).status_code == 201
    case = {"need_id": HIDDEN_NEED, "researcher_ids": ["R-02"]}
    assert head.post("/v1/cases", json=case).status_code == 201
    letter = {"researcher": "R-02", "message": "お尋ねします。", "how": "copy"}
    assert head.post(f"/needs/{HIDDEN_NEED}/inquiries", data=letter).status_code == 200
    nda = {"company": HIDDEN_COMPANY, "need_id": HIDDEN_NEED, "signed_on": "2026-04-01"}
    assert head.post("/v1/ndas", json=nda).status_code == 201
    tables = {"release_id": "released_list", "case_id": "office_case", "team_id": "saved_team",
              "inquiry_id": "inquiry", "nda_id": "nda"}  # fmt: skip
    found = {
        "need": (HIDDEN_NEED, NONE_SUCH["need"]),
        "company": (HIDDEN_COMPANY, NONE_SUCH["company"]),
        "seed": (HIDDEN_SEED, NONE_SUCH["seed"]),
    }
    with town.catalogue.reading() as connection:
        for name, table in tables.items():
            query = text(f"select max({name}) from {table} where need_id = '{HIDDEN_NEED}'")  # noqa: S608
            found[name] = (str(connection.execute(query).scalar_one()), NUMBER)
    return found


def traits(answer: Any, its_id: str) -> tuple[int, str, dict[str, str]]:
    """Return all that an answer tells but the id that was asked for and what always varies."""
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    headers.pop("content-length", None)
    body = re.sub(r'value="[\w-]{40,}"', "", answer.text)
    if its_id.isdecimal():  # "1" stands in more than addresses
        return answer.status_code, re.sub(rf"(?<=/){its_id}(?!\w)", "(id)", body), headers
    return answer.status_code, body.replace(its_id, "(id)"), headers


def kind_of(name: str) -> str:
    return name if name in NUMBERED else KIND_OF.get(name, "")


def in_address(place: Place) -> Iterator[tuple[str, str]]:
    """Yield kind and path, with a brace for the id, for each parameter of a route that takes such an id."""
    for found in re.findall(r"\{(\w+)(?::\w+)?\}", place.route):
        if kind := kind_of(found):
            others = {"person_id": "1", "document_id": "1", "user_id": "abe", "ending": "docx"}
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: m[0], place.route)
            path = re.sub(r":(?:id|need|path|researcher|job)\}", "}", path)
            for name in set(re.findall(r"\{(\w+)\}", path)) - {found}:
                path = path.replace(f"{{{name}}}", others.get(name, "x"))
            yield kind, path.replace(f"{{{found}}}", "{id}")


def in_sent(schemas: dict[str, Any], place: Place) -> Iterator[tuple[str, str, str, Any]]:
    """Yield kind, where it is sent, the field, and whether it is a list, for each field that takes an id."""
    for way in ("json", "data"):
        for name, value in place.sent.get(way, {}).items():
            is_name = name == "company" and place.route in NAMED_FREELY
            if (kind := kind_of(name)) and not is_name:
                yield kind, way, name, isinstance(value, list)
    path = re.sub(r":\w+\}", "}", place.route)
    operation = schemas["paths"].get(path, {}).get(place.method.lower(), {})
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    known = schemas["components"]["schemas"]
    named = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    for name, said in known.get(named, {}).get("properties", {}).items():
        is_name = name == "company" and place.route in NAMED_FREELY
        if (kind := kind_of(name)) and not is_name:
            yield kind, "json", name, "array" in str(said)
    for one in operation.get("parameters", ()):
        if one["in"] == "query" and (kind := kind_of(one["name"])):
            yield kind, "params", one["name"], False


def asked_at(method: str, path: str, sent: dict[str, Any], its_id: str) -> tuple[Any, ...]:
    return method, path.format(id=its_id), sent


def asked_in(
    method: str, path: str, sent: dict[str, Any], where: tuple[str, str, bool], its_id: str
) -> tuple[Any, ...]:
    way, name, is_list = where
    return method, path, {**sent, way: {**sent.get(way, {}), name: [its_id] if is_list else its_id}}


def pairs(town: Town, hidden: dict[str, tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """Yield what is asked twice: label, kind, a function of the id that gives method, path and options."""
    schemas, met = town.app.openapi(), set()
    for place in (place for table in places.TABLES for place in table):
        own = place.options(need_id="N-open")
        for kind, path in in_address(place):
            key = (place.method, path)
            if key not in met:
                met.add(key)
                yield key, kind, partial(asked_at, place.method, path, own)
        for kind, way, name, is_list in in_sent(schemas, place):
            key = (place.method, place.route, way, name)  # type: ignore[assignment]
            if key in met:
                continue
            met.add(key)
            path = place.address(need_id="N-open", seed_id="S-public", **dict.fromkeys(NUMBERED, "1"),
                                 researcher_id="R-01") if "{" not in (place.path or "") else ""  # fmt: skip

            if path:
                yield key, kind, partial(asked_in, place.method, path, own, (way, name, is_list))


def test_an_id_of_something_hidden_is_answered_like_one_that_there_is_not(
    town: Town, hidden: dict[str, tuple[str, str]]
) -> None:
    asked, told = 0, []
    for key, kind, ask in pairs(town, hidden):
        for name in ASKERS:
            if kind == "seed" and name == "suzuki":
                continue  # an IP manager sees it
            answers = []
            for one in hidden[kind]:
                method, path, options = ask(one)
                answers.append(traits(town[name].ask(method, path, **options), one))
            asked += answers[0][0] not in (403, 405)
            if answers[0] != answers[1]:
                told.append((name, *key, answers[0][:2], answers[1][:2]))
    short = [
        (*one[:-2], one[-2][0], one[-1][0], one[-2][1][:160], one[-1][1][:160]) for one in told
    ]
    assert not short, "\n".join(map(str, short))
    assert asked > 150


def test_a_company_that_is_hidden_is_neither_named_nor_taken(town: Town) -> None:
    said = {"text": "薄い膜を探しています。", "organisation_id": HIDDEN_COMPANY}
    for name in ("kato", "morita"):
        refused = town[name].post("/v1/needs", json=said)
        assert (refused.status_code, "黒瀬" in refused.text) == (422, False)
    taken = town["head"].post("/v1/needs", json={**said, "manager": "endo"})
    assert taken.status_code == 201
