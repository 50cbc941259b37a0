"""Asking a researcher on pages, and the page that a link opens without an account."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from catalogue.database.models import Researcher
from catalogue.database.service_models import Mail
from enmusubi.errors import UnknownIdError
from enmusubi.mail_settings import MailSettings
from office.inquiries.answering import GivenAnswer, answer_inquiry
from office.inquiries.kept import INQUIRIES
from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH, audited
from tests.support.worlds.pages import COMPANY, GUEST, HEAD, HUSHED, OPEN_NEED, SATO, TANAKA

NEW = f"{OPEN_PATH}/inquiries/new?researcher=R-01"
CHECKED = {"answer_by": (date.today() + timedelta(days=7)).isoformat(), "researcher": "R-01"}
GONE = "This link opens nothing"


def fields_of(page):
    """Return what the form of the parts would send back."""
    form = re.search(r'<form[^>]*inquiries/draft".*?</form>', page, re.S)[0]
    fields = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form))
    fields["language"] = re.search(r'<option value="(\w\w)" selected', form)[1]
    return {name: value for name, value in fields.items() if name != "company"}


def letter_on(page):
    return re.search(r'<textarea id="message"[^>]*>([^<]*)</textarea>', page)[1]


def copied(client, path=OPEN_PATH, person="R-01", message="お尋ねします。", **more):
    """Ask by a text to be copied; returns the path of its link."""
    sent = {"researcher": person, "message": message, "how": "copy", "language": "ja", **more}
    page = client.post(f"{path}/inquiries", data=sent)
    assert page.status_code == 200, page.text
    return "/answers/" + re.search(r"/answers/([\w-]{43})\s", page.text)[1]


def test_a_row_leads_to_a_draft_that_says_why_and_tells_no_more_than_the_title(act):
    client = act(SATO)
    assert "Ask this researcher" in client.get(f"/?need_id={OPEN_NEED}").text
    fields = fields_of(client.get(NEW).text)
    assert fields["language"] == "ja" and fields["work"] and fields["told"]
    page = client.post(f"{OPEN_PATH}/inquiries/draft", data=fields)
    letter = letter_on(page.text)
    assert letter.startswith("森 花 様") and fields["work"] in letter and fields["told"] in letter
    assert SATO.name in letter and fields["answer_by"] in letter and "30分ほど" in letter
    assert COMPANY not in letter
    named = client.post(f"{OPEN_PATH}/inquiries/draft", data={**fields, "company": "yes"})
    assert f"企業名：{COMPANY}" in letter_on(named.text)
    english = client.post(f"{OPEN_PATH}/inquiries/draft", data={**fields, "language": "en"})
    assert letter_on(english.text).startswith("Dear ") and "Why we write" in english.text


def test_of_a_closed_need_nothing_is_told_unless_it_is_written(act):
    client = act(HEAD)
    page = client.get(f"{CLOSED_PATH}/inquiries/new?researcher=R-01").text
    assert fields_of(page)["told"] == "" and "nothing is told unless you write it" in page
    answer = client.post(f"{CLOSED_PATH}/inquiries/draft", data={**CHECKED, "language": "ja"})
    assert HUSHED not in letter_on(answer.text)
    assert "ご関心をお持ちいただけましたら" in letter_on(answer.text)


def test_the_companys_name_goes_out_only_where_it_was_ticked(act):
    client = act(SATO)
    sent = {"researcher": "R-01", "message": "青波化学の件です。", "how": "copy"}
    refused = client.post(f"{OPEN_PATH}/inquiries", data=sent)
    assert refused.status_code == 422 and "names the company" in refused.text
    assert client.post(f"{OPEN_PATH}/inquiries", data={**sent, "company": "yes"}).is_success


def test_the_link_shows_the_letter_and_nothing_else_and_is_answered_once(act, catalogue, caplog):
    caplog.set_level(logging.INFO)
    client = act(SATO)
    link = copied(client)
    token = link.removeprefix("/answers/")
    page = client.get(link)
    assert "お尋ねします。" in page.text and "no-store" in page.headers["cache-control"]
    assert page.headers["referrer-policy"] == "same-origin"
    shown = (COMPANY, SATO.name, "薄い膜", "森", OPEN_NEED, "/needs", "/researchers")
    assert [one for one in shown if one in page.text] == []
    japanese = client.get(link, headers={"accept-language": "ja"}).text
    assert "ご回答" in japanese and '<html lang="ja">' in japanese
    nothing = client.post(link, data={"remark": "後で <b>"})
    assert nothing.status_code == 422 and "後で &lt;b&gt;" in nothing.text
    later = (date.today() + timedelta(days=60)).isoformat()
    given = {"answer": "not_now", "not_before": later, "remark": "学会の後"}
    assert "Thank you" in client.post(link, data=given).text
    for again in (client.get(link), client.post(link, data=given), client.get("/answers/x")):
        assert again.status_code == 404 and GONE in again.text
    logged = [repr(vars(one)) for one in caplog.records if not one.name.startswith("httpx")]
    assert any("/answers/{token}" in line for line in logged)
    assert [line for line in logged if token in line] == []
    need = client.get(OPEN_PATH).text
    assert "Not now" in need and f"from {later} on" in need and "学会の後" in need
    assert "A researcher answered" in client.get("/").text
    row = client.get(f"/?need_id={OPEN_NEED}").text
    assert f"Takes new work from {later} on." in row
    assert [action[0] for action in audited(catalogue, "answer inquiry")] == ["link:researcher"]


def test_a_field_that_is_not_theirs_is_a_suggestion_that_the_manager_judges(act, catalogue):
    client = act(SATO)
    client.post(copied(client), data={"answer": "not_my_field", "who_else": "林 海"})
    page = client.get(OPEN_PATH).text
    assert "Who else: 林 海" in page or "Who else:林 海" in page
    [number] = re.findall(r"/inquiries/(\d+)/noted", page)
    before = len(audited(catalogue, "judge"))
    client.post(f"/inquiries/{number}/noted", data={"judge": "yes"})
    assert len(audited(catalogue, "judge")) == before + 1
    after = client.get(OPEN_PATH).text
    assert f"/inquiries/{number}/noted" not in after and "Wrong field" in after
    assert "A researcher answered" not in client.get("/").text


def test_an_inquiry_is_taken_back_and_its_link_opens_nothing(act):
    client = act(SATO)
    link = copied(client)
    [number] = re.findall(r"/inquiries/(\d+)/revoke", client.get(OPEN_PATH).text)
    assert client.post(f"/inquiries/{number}/revoke").status_code == 200
    assert GONE in client.get(link).text
    assert "Taken back" in client.get(OPEN_PATH).text


def test_a_mail_waits_for_the_address_that_only_the_office_sees(act, served, catalogue):
    with catalogue.writing() as connection:
        chosen = Researcher.researcher_id == "R-01"
        values = {"email": "mori@hoshi.example.ac.jp"}
        connection.execute(update(Researcher).where(chosen).values(**values))
    client = act(SATO)
    page = client.post(f"{OPEN_PATH}/inquiries/draft", data=CHECKED).text
    assert "copy the text into a mail of your own" in page and "mori@hoshi" not in page
    app = served[1]
    services = app.state.services
    host = MailSettings(host="127.0.0.1", port=9, sender="enmusubi@example.ac.jp")
    mailing = services.settings.model_copy(update={"mail": host})
    object.__setattr__(services, "settings", mailing)
    try:
        page = client.post(f"{OPEN_PATH}/inquiries/draft", data=CHECKED).text
        assert "Send to mori@hoshi.example.ac.jp" in page
        sent = {"researcher": "R-01", "message": "お尋ね", "how": "mail mori@hoshi.example.ac.jp"}
        answer = client.post(f"{OPEN_PATH}/inquiries", data={**sent, "once": "t"})
        assert "The letter waits to be sent" in answer.text
        client.post(f"{OPEN_PATH}/inquiries", data={**sent, "once": "t"})  # a double click
    finally:
        object.__setattr__(
            services, "settings", mailing.model_copy(update={"mail": MailSettings()})
        )
    with catalogue.reading() as connection:
        mails = connection.execute(Mail.__table__.select()).mappings().all()
    assert [(one["user_id"], one["kind"]) for one in mails] == [("sato", "inquiry")]
    assert "mori@hoshi" not in repr(mails) and "mori@hoshi" not in client.get(OPEN_PATH).text


def test_another_sites_page_answers_nothing_and_the_link_still_holds(act):
    client = act(SATO)
    link = copied(client)
    given = {"data": {"answer": "interested"}}
    for foreign in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        answer = client.post(link, **given, headers=foreign)
        assert answer.status_code == 403 and "Another site" in answer.text
    assert "Thank you" in client.post(link, **given).text


def test_links_are_asked_for_only_so_often(act):
    client = act(SATO)
    statuses = [client.get("/answers/unknown").status_code for _ in range(61)]
    assert statuses[0] == 404 and statuses[-1] == 429


def test_a_network_of_ipv6_asks_no_oftener_than_an_address(act):
    app = act(SATO).app
    clients = [TestClient(app, client=(f"2001:db8:0:1::{n}", 50_000)) for n in range(1, 6)]
    statuses = [clients[n % 5].get("/answers/unknown").status_code for n in range(61)]
    assert statuses[0] == 404 and statuses[-1] == 429
    assert TestClient(app, client=("2001:db8:0:2::1", 50_000)).get("/answers/x").status_code == 404


def test_of_two_answers_at_once_one_is_kept(act, catalogue):
    token = copied(act(SATO)).rpartition("/")[2]
    ready = Barrier(4)

    def answer(remark):
        ready.wait()
        try:
            answer_inquiry(catalogue, token, GivenAnswer("interested", remark=remark))
        except UnknownIdError:
            return ""
        return remark

    with ThreadPoolExecutor(4) as pool:
        [kept] = filter(None, pool.map(answer, "abcd"))
    with catalogue.reading() as connection:
        assert connection.execute(select(INQUIRIES.c.remark)).scalars().all() == [kept]


@pytest.mark.parametrize("viewer", [TANAKA, GUEST], ids=lambda one: one.viewer_id)
def test_others_are_not_led_to_asking(act, viewer):
    client = act(viewer)
    assert "Ask this researcher" not in client.get(f"/?need_id={OPEN_NEED}").text
    assert client.get(NEW).status_code == 403
