"""A name that somebody writes down opens no way to a hidden company of that name, whatever is made of it."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text

from office.access.audit import ENTRY
from tests.api.attacks.actors import Town
from tests.support.worlds.town import TEXT

HIDDEN, NAME, OTHER = "kurose", "黒瀬工業（株）", "白瀬工業（株）"
NEED = {"text": "薄い膜を探しています。", "area": "non-competitive", "confidentiality": "public"}


@pytest.fixture(scope="module", autouse=True)
def _of_nobody(town: Town) -> None:
    """Whoever is or was a member is known to the office: let the company be none."""
    with town.catalogue.writing() as connection:
        gone = text("DELETE FROM membership WHERE organisation_id = :it")
        connection.execute(gone, {"it": HIDDEN})


def told_of(town: Town, kind: str) -> list[Any]:
    query = select(ENTRY.c.object_id, ENTRY.c.detail).where(
        ENTRY.c.action == "possible twin", ENTRY.c.object_kind == kind
    )
    with town.catalogue.reading() as connection:
        return [(one, json.loads(said)["others"]) for one, said in connection.execute(query)]


def found_for(town: Town, who: str) -> set[tuple[str, str]]:
    answer = town[who].post("/v1/companies/search", json={"technology_text": TEXT, "top": 20})
    assert answer.status_code == 200, answer.text
    return {(one["organisation_id"], one["name_ja"]) for one in answer.json()["companies"]}


def test_a_profile_of_that_name_neither_makes_it_known_nor_joins_it(town: Town) -> None:
    kato = town["kato"]
    for name in (NAME, OTHER):
        profile = {"name_ja": name, "business_ja": TEXT}
        made = kato.post("/company-profiles", data=profile, follow_redirects=False)
        assert made.status_code == 303, made.text
    shown = found_for(town, "kato")
    assert {("", NAME), ("", OTHER)} <= shown
    assert HIDDEN not in {company for company, _ in shown}
    refused = kato.post("/v1/needs", json={**NEED, "organisation_id": HIDDEN})
    unknown = kato.post("/v1/needs", json={**NEED, "organisation_id": "kurosf"})
    assert refused.status_code == unknown.status_code == 422
    taken = kato.post("/v1/needs", json={**NEED, "company": NAME}).json()
    assert taken["organisation_id"] != HIDDEN and taken["company"] == NAME
    for path, of_day in (("/v1/members", "since"), ("/v1/ndas", "signed_on")):
        day = {of_day: "2026-04-01"}
        hidden, nobodys = (
            town["abe"].post(path, json={"company": named, **day}) for named in (HIDDEN, "kurosf")
        )
        assert hidden.status_code == nobodys.status_code == 404, (path, hidden.text)
        assert hidden.text.replace(HIDDEN, "") == nobodys.text.replace("kurosf", ""), path
        of_its_twin = town["abe"].post(path, json={"company": NAME, **day})  # the profile's company
        assert of_its_twin.status_code == 201, (path, of_its_twin.text)
        assert HIDDEN not in of_its_twin.text, path
    assert [others for _, others in told_of(town, "company profile")] == [[HIDDEN]]
    assert (HIDDEN, "黒瀬工業") in found_for(town, "head")


def test_nor_does_a_table_of_profiles_or_of_members(town: Town) -> None:
    table = "company,business\n黒瀬工業株式会社 ,薄い膜\n".encode()
    sent = {"file": ("profiles.csv", table, "text/csv")}
    before = len(told_of(town, "company profile"))
    taken = town["sato"].post("/company-profiles/import", files=sent)
    assert taken.status_code == 200, taken.text
    assert len(told_of(town, "company profile")) >= before
    sent = {
        "file": ("members.csv", "企業名,入会日\n黒瀬工業（株）,2026-04-01\n".encode(), "text/csv")
    }
    taken = town["abe"].post("/members/import", files=sent)
    assert taken.status_code == 200, taken.text
    listed = town["abe"].get("/v1/members").json()["items"]
    assert HIDDEN not in {one["organisation_id"] for one in listed}
    assert town["abe"].get(f"/companies/{HIDDEN}").status_code == 404
