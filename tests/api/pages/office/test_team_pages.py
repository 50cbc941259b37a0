"""The pages of a need's teams: proposed, saved, edited with what that is worth, and by whom."""

import json
import re

import pytest
from sqlalchemy import update

from catalogue.database.models import StoredNeed
from tests.api.pages.office.steps import BOTH, CLOSED_PATH, OPEN_PATH, audited
from tests.support.worlds.pages import (
    CLOSED_NEED,
    COMPANY,
    GUEST,
    HEAD,
    NUMBERS,
    PATENTS,
    SATO,
    TANAKA,
)

TEAMS = f"{OPEN_PATH}/teams"
TWO = {"person": ["R-01", "R-02"], "lead": "R-02", "name": "膜のチーム"}


@pytest.fixture(autouse=True)
def two_fit(catalogue):
    """The text of the needs has words of both researchers."""
    with catalogue.writing() as connection:
        connection.execute(update(StoredNeed).values(text=f"{BOTH} {BOTH}"))


def save(client, path=TEAMS, **changed):
    answer = client.post(path, data={**TWO, **changed}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def version(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_a_team_is_proposed_with_who_covers_what_and_saved(act, catalogue):
    client = act(SATO)
    page = client.get(TEAMS).text
    assert "The best team" in page and "Hana Mori" in page
    assert page.count("Lead</strong>") == 1 and "Without them the team would be worth" in page
    assert "A report by both" in page  # what they made together
    assert "No other team of this size has more points." in page

    place = save(client)
    assert re.fullmatch(rf"{TEAMS}/\d+", place)
    assert "膜のチーム" in client.get(TEAMS).text and "膜のチーム" in client.get(place).text
    [(actor, number, detail)] = audited(catalogue, "save")
    assert (actor, number) == ("person:sato", place.rsplit("/", 1)[1])
    assert json.loads(detail) == {"need_id": "N-open", "researchers": ["R-01", "R-02"]}


def test_an_edit_is_shown_with_its_worth_before_it_is_saved(act):
    client = act(SATO)
    place = save(client)
    page = client.get(place).text
    form = {"version": version(page), "name": "二人", "lead": ""}

    looked = client.post(place, data={**form, "person": ["R-01"], "do": "look"}).text
    assert "It is not saved yet." in looked and "R-02" in looked  # who may be added again
    assert "膜のチーム" in client.get(place).text

    changed = client.post(
        place, data={**form, "person": ["R-01"], "added": "R-02"}, follow_redirects=False
    )
    assert (changed.status_code, changed.headers["location"]) == (303, place)
    page = client.get(place).text
    assert "二人" in page and version(page) == "2"


def test_who_edits_an_older_version_is_told_and_changes_nothing(act):
    client = act(SATO)
    place = save(client)
    old = version(client.get(place).text)
    client.post(place, data={**TWO, "version": old, "name": "先"})
    late = act(HEAD).post(place, data={**TWO, "version": old, "name": "後"})
    assert late.status_code == 412 and "changed the team meanwhile" in late.text
    assert "先" in client.get(place).text


def test_a_team_of_one_is_refused_and_a_deleted_one_is_gone(act):
    client = act(SATO)
    place = save(client)
    alone = client.post(place, data={"person": ["R-01"], "version": 1})
    assert alone.status_code == 422 and "expected 2 to 6" in alone.text
    assert client.post(f"{place}/remove", follow_redirects=False).headers["location"] == TEAMS
    assert client.get(place).status_code == 404


def test_a_form_sent_twice_saves_one_team(act):
    client = act(SATO)
    token = re.search(r'name="once" value="([^"]+)"', client.get(TEAMS).text)[1]
    assert save(client, once=token) == save(client, once=token)


@pytest.mark.parametrize("viewer", [GUEST, NUMBERS], ids=["viewer", "analyst"])
def test_teams_are_the_office_s(act, viewer):
    client = act(viewer)
    assert client.get(TEAMS).status_code == 403
    assert client.post(TEAMS, data=TWO).status_code == 403


def test_a_need_of_a_closed_circle_has_its_teams_for_that_circle(act, catalogue):
    place = save(act(SATO), f"{CLOSED_PATH}/teams")
    for viewer in (TANAKA, PATENTS):
        assert act(viewer).get(f"{CLOSED_PATH}/teams").status_code == 404
        assert act(viewer).get(place).status_code == 404
    assert act(SATO).get(place).status_code == 200
    read = [(o, json.loads(d)) for _, o, d in audited(catalogue, "read")]
    assert (CLOSED_NEED, {"what": "teams"}) in read


def test_the_japanese_page_speaks_japanese(act):
    page = act(SATO).get(TEAMS, headers={"accept-language": "ja"}).text
    assert all(
        word in page for word in ("最も適したチーム", "代表者", "得点の内訳", "保存して編集")
    )


def test_nobody_who_fits_is_said_and_leads_to_the_list(act, monkeypatch):
    monkeypatch.setattr("office.teams.proposing._why_none", lambda pool, rules: "nobody")
    page = act(SATO).get(TEAMS).text
    assert "Nobody here fits this need" in page and "The best team" not in page


def test_each_member_gets_a_letter_of_their_own_and_the_page_shows_who_answered(act):
    client = act(SATO)
    place = save(client)
    assert client.get(place).text.count("Not asked yet") == 2
    page = client.get(f"{place}/inquiries").text
    letters = re.findall(r'<textarea id="m\d"[^>]*>([^<]*)</textarea>', page)
    people = re.findall(r'name="person" value="([^"]+)"', page)
    assert people == ["R-01", "R-02"] and "森 花 様" in letters[0] and "Ada" not in letters[0]
    assert "Dear Ada Lindqvist" in letters[1] and "森" not in letters[1]
    form = {"person": people, "language": ["ja", "en"], "message": letters, "how": ["copy", "copy"]}
    bad = {**form, "message": [letters[0], f"{letters[1]} {COMPANY}"]}
    page = client.post(f"{place}/inquiries", data=bad).text
    [link] = re.findall(r"/answers/[\w-]{43}", page)
    assert (
        "Not asked:" in page and "names the company" in page
    )  # the other one was asked all the same
    assert client.post(link, data={"answer": "interested"}).status_code == 200
    page = client.get(place).text
    assert "Interested" in page and page.count("Not asked yet") == 1
    page = client.get(f"{place}/inquiries").text
    assert page.count('value="copy"') == 2  # who answered may be asked again
    one_left = {**form, "how": ["nobody", "copy"]}
    again = client.post(f"{place}/inquiries", data=one_left).text
    assert len(re.findall(r"/answers/[\w-]{43}", again)) == 1 and "Not asked:" not in again
    changed = client.post(f"{place}/inquiries", data={**form, "person": ["R-01", "R-03"]})
    assert changed.status_code == 422


def test_who_may_not_ask_sees_who_was_asked_and_no_letters(act):
    place = save(act(SATO))
    client = act(TANAKA)
    assert (
        "Not asked yet" in client.get(place).text and "Ask the team" not in client.get(place).text
    )
    assert client.get(f"{place}/inquiries").status_code == 403
    assert client.post(f"{place}/inquiries", data={}).status_code == 403


def test_a_team_that_was_changed_meanwhile_is_not_deleted_unseen(act):
    client = act(SATO)
    place = save(client)
    old = version(client.get(place).text)
    client.post(place, data={**TWO, "version": old, "name": "先"})
    late = client.post(f"{place}/remove", data={"version": old})
    assert late.status_code == 412 and client.get(place).status_code == 200


def test_who_was_asked_already_gets_no_second_letter_by_the_team(act):
    client = act(SATO)
    place = save(client)
    letter = {"researcher": "R-01", "message": "お尋ねします。", "how": "copy"}
    assert client.post(f"{OPEN_PATH}/inquiries", data=letter).status_code == 200
    page = client.get(f"{place}/inquiries").text
    assert "the answer is waited for" in page and page.count("<textarea") == 1
    fields = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("person", "language")
    }
    sent = {**fields, "message": ["", "Dear Ada,"], "how": ["nobody", "copy"]}
    after = client.post(f"{place}/inquiries", data=sent).text
    assert len(re.findall(r"/answers/[\w-]{43}", after)) == 1 and "Not asked:" not in after
