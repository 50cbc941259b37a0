"""Neutrality as the chief reads it, on the page, by the API and the command line, and says industries."""

import json
import re
from datetime import date

import pytest

from catalogue.judgements.judgements import Judgement, record_judgement
from office.access.scoped import writing_as
from office.screening.company_ties import name_key
from tests.support.worlds.pages import GUEST, HEAD, LAW, NUMBERS, OPEN_NEED, ROOT, SATO
from tests.support.worlds.screened import employer

FORMER = "架空電機株式会社"
KEY = name_key(FORMER)
JA = {"accept-language": "ja"}


@pytest.fixture
def neutral(act, catalogue):
    """The office, whose manager Sato came from a company and let somebody talk."""
    with writing_as(catalogue, HEAD) as connection:
        employer(connection, "sato", FORMER, date(2019, 3, 31))
        record_judgement(connection, Judgement(OPEN_NEED, "R-01", "suitable", stage="dialogue",
                                               judged_by="sato"))  # fmt: skip
    return act


def test_an_office_without_former_employers_is_told_how_to_enter_them(act):
    page = act(HEAD).get("/statistics/neutrality").text
    assert "former employer is entered" in page and "enmusubi screen --import" in page
    assert (
        "出身企業は登録されていません" in act(HEAD).get("/statistics/neutrality", headers=JA).text
    )


def test_the_chief_says_an_industry_and_reads_the_contacts_of_its_managers(neutral):
    client = neutral(HEAD)
    page = client.get("/statistics/neutrality").text
    assert "Industry not entered" in page and FORMER in page and "2019-03-31" in page
    said = {"user_id": "sato", "organisation_key": KEY, "industry": "electric"}
    assert client.post("/statistics/neutrality", data=said).status_code in {200, 303}
    page = client.get("/statistics/neutrality").text
    row = page[page.index('<th scope="row">Electric Appliances') :]
    cells = re.findall(r'<td class="number"[^>]*>(.*?)</td>', row[: row.index("</tr>")])
    plain = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    assert plain[0] == "1" and plain[2] == "1 100%" and plain[4].startswith("0 of 0")
    ja = client.get("/statistics/neutrality", headers=JA).text
    assert "電気機器" in ja and "担当者の出身業種" in ja


def test_the_api_says_the_same(neutral):
    client = neutral(HEAD)
    said = {"user_id": "sato", "organisation_key": KEY, "industry": "electric"}
    assert client.put("/v1/neutrality/industry", json=said).status_code == 204
    answer = client.get("/v1/neutrality").json()
    [origin] = [one for one in answer["origins"] if one["industry"] == "electric"]
    assert (origin["first_contacts"], origin["first_contact_share"]) == (1, 1.0)
    assert origin["first_contact_interval"] is None
    assert answer["former_employers"] == [
        {"user_id": "sato", "organisation": FORMER, "organisation_key": KEY,
         "until": "2019-03-31", "industry": "electric"},
    ]  # fmt: skip
    assert sum(one["first_contacts"] for one in answer["departments"]) == 1
    wrong = client.put("/v1/neutrality/industry", json={**said, "industry": "wizardry"})
    assert wrong.status_code == 422 and "industr" in wrong.json()["detail"]
    unknown = client.put("/v1/neutrality/industry", json={**said, "organisation_key": "x"})
    assert unknown.status_code == 404


@pytest.mark.parametrize("viewer", [SATO, LAW, NUMBERS, GUEST, ROOT], ids=lambda one: one.viewer_id)
def test_nobody_else_reads_or_says_it(neutral, viewer):
    client = neutral(viewer)
    said = {"user_id": "sato", "organisation_key": KEY, "industry": "electric"}
    assert client.get("/v1/neutrality").status_code == 403
    assert client.put("/v1/neutrality/industry", json=said).status_code == 403
    assert client.get("/statistics/neutrality").status_code == 403
    assert client.post("/statistics/neutrality", data=said).status_code == 403
    assert json.dumps(FORMER) not in client.get("/v1/neutrality").text
