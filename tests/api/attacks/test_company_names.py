"""No answer tells that the office knows a company: all routes with the exact name of a hidden one.

Each name goes where a company may stand, once that of a hidden company and once one that nobody has; the
two answers must be alike but for the name, and for ids that are given by chance.
"""

import re
from collections.abc import Iterator
from os.path import commonprefix
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from catalogue.records.drafts import organisation_id
from tests.api.attacks import places
from tests.api.attacks.actors import Town
from tests.api.attacks.test_access_leaks import VARYING
from tests.api.attacks.test_oracles import KINDS, in_sent

HIDDEN = "kurose"
NAMES = ("黒瀬工業（株）", "白瀬工業（株）")  # the hidden company's, in another form, and nobody's
OF_THE_TOWN = {"need_id": "N-open", "seed_id": "S-public", "researcher_id": "R-01"}
ASKERS = ("kato", "suzuki", "abe", "portal-a")  # who see no need of that company
BY_CHANCE = (
    r"org-[0-9a-f]{16}", r"[Nn]-[0-9a-z]{8,}", r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)?",
    r'value="[\w-]{40,}"', r'"(?:[a-z]+_id|version)":\d+', r"/\d+(?=[/\"?]|$)", r"\d\d:\d\d",
    r"[a-z]+-\d@", r"/[\w-]{40,}",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _of_nobody(town: Town) -> None:
    """Whoever is or was a member is known to the office: let the company be none."""
    with town.catalogue.writing() as connection:
        gone = text("DELETE FROM membership WHERE organisation_id = :it")
        connection.execute(gone, {"it": HIDDEN})


def plain(answer: Any, name: str) -> tuple[int, str, dict[str, str]]:
    """Return what an answer tells but the name, ids and times."""
    headers = {key: said for key, said in answer.headers.items() if key not in VARYING}
    for key in ("content-length", "etag"):
        headers.pop(key, None)
    said = answer.text.replace(name, "(name)").replace(quote(name, safe=""), "(name)")
    for varying in BY_CHANCE:
        said = re.sub(varying, "(id)", said)
        headers = {key: re.sub(varying, "(id)", value) for key, value in headers.items()}
    return answer.status_code, said, headers


def asked(town: Town) -> Iterator[tuple[str, str, dict[str, Any], tuple[str, str, bool]]]:
    """Yield method, path, what is sent, and where a company stands in it."""
    schemas, met = town.app.openapi(), set()
    for place in (place for table in places.TABLES for place in table):
        if "{" in (place.path or ""):
            continue
        named = dict.fromkeys(re.findall(r"\{(\w+)", place.route), "1") | OF_THE_TOWN
        path = place.address(**named)
        fields = [(way, name, many) for _, way, name, many in in_sent(schemas, place)]
        freely = [
            (way, "company", False)
            for way in ("json", "data")
            if "company" in place.sent.get(way, {})
        ]
        for where in dict.fromkeys((*fields, *freely)):
            key = (place.method, place.route, where)
            if where[1] in KINDS["company"] and key not in met:
                met.add(key)
                yield place.method, path, place.options(need_id="N-open"), where


def test_a_hidden_companys_name_is_answered_like_one_that_nobody_has(town: Town) -> None:
    told, done = [], 0
    for method, path, sent, (way, field, many) in asked(town):
        for who in ASKERS:
            answers = []
            for name in NAMES:
                value = {**sent.get(way, {}), field: [name] if many else name}
                if "email" in value:  # one person is of one company
                    value["email"] = f"{who}-{len(answers)}@example.jp"
                answer = town[who].ask(method, path, **{**sent, way: value}, follow_redirects=False)
                assert organisation_id(name) not in answer.text + str(answer.headers), path
                answers.append(plain(answer, name))
            done += answers[0][0] not in (403, 405)
            if answers[0] != answers[1]:
                at = len(commonprefix([said for _, said, _ in answers]))  # noqa: RUF071 - of texts
                parts = [(code, said[max(0, at - 60) : at + 60]) for code, said, _ in answers]
                told.append((who, method, path, field, *parts))
    assert not told, "\n".join(map(str, told))
    assert done > 20, done


def test_a_table_of_members_tells_no_more(town: Town) -> None:
    made = []
    for name in NAMES:
        table = f"企業名,入会日\n{name},2026-04-01\n".encode()
        sent = {"file": ("members.csv", table, "text/csv")}
        assert town["abe"].post("/members/import", files=sent).status_code == 200
        [its_id] = [
            one["organisation_id"]
            for one in town["abe"].get("/v1/members").json()["items"]
            if name in town["abe"].get(f"/companies/{one['organisation_id']}").text
        ][:1]
        made.append(its_id)
    assert HIDDEN not in made
    assert not {organisation_id(name) for name in NAMES} & set(made)
