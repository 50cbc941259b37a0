"""The pages of needs that companies share: whose needs are grouped, what is told, who may look."""

import re

import pytest

from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from office.consortia import serving_people
from tests.support.worlds.pages import (
    CLOSED_NEED,
    COMPANY,
    GUEST,
    HEAD,
    NUMBERS,
    OPEN_NEED,
    SATO,
    match_list,
)
from tests.support.worlds.screened import rivals

TEXT = "食品包装の膜を探しています。酸素を通さず、再利用しやすいものを求めています。"
OTHER_COMPANY = "白浜フィルム株式会社"
SECRET = "N-secret"
TWIN = "N-twin"


def need(need_id, text=TEXT, **fields):
    common = {"area": "non-competitive", "confidentiality": "public"}
    return Draft(NEEDS, {"need_id": need_id, "title": need_id, "text": text, **common, **fields})


@pytest.fixture
def office(act, catalogue):
    """The office with a second company that asks for what the first does, once in secret."""
    catalogue.write(
        [
            Draft(
                ORGANISATIONS,
                {"organisation_id": "shirahama", "name_ja": OTHER_COMPANY, "kind": "company"},
            ),
            need(TWIN, f"{TEXT}よろしくお願いいたします。", organisation_id="shirahama"),
            need(SECRET, organisation_id="shirahama", confidentiality="confidential"),
            need("N-far", "Quieter lifts.", organisation_id="shirahama"),
        ],
        source="test",
    )
    return act


def test_needs_of_two_companies_are_one_theme_and_closed_ones_in_none(office):
    page = office(HEAD).get("/consortia").text
    assert page.count('href="/consortia/') == 1
    assert "A theme of 2 companies" in page and COMPANY in page and OTHER_COMPANY in page
    assert SECRET not in page and CLOSED_NEED not in page and "N-far" not in page


def test_a_theme_shows_who_could_serve_all_and_what_may_be_told(office):
    client = office(SATO)
    path = re.findall(r'href="(/consortia/[^"]+)"', client.get("/consortia").text)[0]
    for language, told in {"ja": "各企業に伝えてよい内容", "en": "What may be told"}.items():
        page = client.get(path, headers={"accept-language": language}).text
        assert told in page and "2 / 2" in page
        telling = page[page.index('id="telling"') : page.index('id="needs"')]
        assert COMPANY not in telling and OTHER_COMPANY not in telling
        agenda = page[page.index('id="agenda"') :]
        assert COMPANY not in agenda and OTHER_COMPANY not in agenda


def test_an_office_without_common_needs_is_told_what_counts(act):
    page = act(HEAD).get("/consortia").text
    assert 'class="empty"' in page and "non-competitive needs that are not confidential" in page


def test_a_need_in_no_group_is_answered_like_an_unknown_one(office):
    client = office(HEAD)
    answers = [client.get(f"/v1/consortia/{key}") for key in ("N-far", SECRET, "N-none")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_the_office_alone_looks(office):
    for viewer in (GUEST, NUMBERS):
        assert office(viewer).get("/consortia").status_code == 403
        assert office(viewer).get("/v1/consortia").status_code == 403
        assert "/consortia" not in office(viewer).get("/needs").text
    found = office(HEAD).get("/v1/consortia").json()
    assert [set(group["need_ids"]) for group in found["items"]] == [{OPEN_NEED, TWIN}]
    one = office(HEAD).get(f"/v1/consortia/{TWIN}").json()
    assert one["matched_need_ids"] == found["items"][0]["need_ids"]
    assert one["researchers"][0]["serves"] == 2


def test_people_stand_in_the_order_of_how_many_needs_they_serve():
    lists = [match_list("N-1", "R-01", "R-02"), match_list("N-2", "R-02")]
    people = serving_people(lists)
    assert [(p.researcher.researcher_id, p.serves, p.chances) for p in people] == [
        ("R-02", 2, (0.25, 0.5)),
        ("R-01", 1, (0.5, None)),
    ]


def test_where_competitors_meet_is_said_to_the_office_and_stands_not_in_what_may_be_told(
    office, catalogue
):
    client = office(SATO)
    path = re.findall(r'href="(/consortia/[^"]+)"', client.get("/consortia").text)[0]
    assert "None of these companies is known as a competitor" in client.get(path).text
    with catalogue.writing() as connection:
        rivals(connection, COMPANY, OTHER_COMPANY, "polymers-textiles")
    page = client.get(path).text
    assert f"{COMPANY} and {OTHER_COMPANY}" in page and "How competitors take part" in page
    told = re.search(r'aria-labelledby="telling".*?</section>', page, re.S)[0]
    agenda = re.search(r'aria-labelledby="agenda".*?</section>', page, re.S)[0]
    for kept_inside in (COMPANY, OTHER_COMPANY, TWIN, TEXT, "青波", "白浜"):
        assert kept_inside not in told and kept_inside not in agenda
    answer = client.get(f"/v1/consortia/{TWIN}").json()
    assert answer["meetings"] == [
        {
            "organisation_ids": ["aonami", "shirahama"],
            "relation": "competitor",
            "field_id": "polymers-textiles",
        }
    ]
    assert office(GUEST).get(f"/v1/consortia/{TWIN}").status_code == 403
