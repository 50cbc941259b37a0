"""Screening on pages: flags on rows, a stopped release, the queue, its decisions."""

import io
import re
from datetime import date, timedelta

import openpyxl
import pytest

from catalogue.database.viewer import FINANCE, Viewer
from office import shortlists
from tests.api.pages.office.steps import OPEN_PATH, audited, release_form
from tests.support.worlds.pages import (
    COMPANY,
    GUEST,
    HEAD,
    LAW,
    NUMBERS,
    OPEN_NEED,
    PATENTS,
    ROOT,
    SATO,
)
from tests.support.worlds.screened import interest, limit

LIST, LOOK, SEND = f"/?need_id={OPEN_NEED}", f"{OPEN_PATH}/release", f"{OPEN_PATH}/releases"
NEUTRAL = "A conflict of interest was declared. Legal can tell."
TOMORROW = (date.today() + timedelta(days=1)).isoformat()


@pytest.fixture
def declared(catalogue):
    shortlists.add_to_shortlist(catalogue, SATO, "R-01", OPEN_NEED)
    with catalogue.writing() as connection:
        interest(connection, "R-01", COMPANY, "family")
        limit(connection, "R-01", "teaching", amount=10)


def row_of(page, name="森 花"):
    return next(row for row in re.findall(r"<article.*?</article>", page, re.S) if name in row)


def send(client, page=None):
    form = release_form(page or client.get(LOOK).text)
    return client.post(SEND, data={**form, "confirmed": ["no_portal"]}, follow_redirects=False)


def test_a_row_says_what_screening_found_as_far_as_the_viewer_may_read_it(act, declared):
    law = row_of(act(LAW).get(LIST).text)
    assert '<span class="flag ask">Family in the company</span>' in law
    assert '<span class="flag note">Teaching</span>' in law and "Teaches 10 lessons a week." in law
    sato = row_of(act(SATO).get(LIST).text)
    assert '<span class="flag ask">Declared interest</span>' in sato and NEUTRAL in sato
    assert "amily" not in sato and "cleared by: Legal manager" in sato
    assert "The need is public: all of it may be told." in sato
    for viewer in (GUEST, NUMBERS):
        page = act(viewer).get(LIST).text
        assert "Declared interest" not in page and "Teaches" not in page


def test_a_row_says_it_in_japanese(act, declared):
    page = act(SATO).get(LIST, headers={"accept-language": "ja"}).text
    assert "利益相反の申告あり（法務に確認）" in row_of(page) and "要確認" in row_of(page)
    assert "授業を週10コマ担当しています" in row_of(page)


def test_a_release_stops_is_cleared_and_goes_through(act, catalogue, declared):
    client = act(SATO)
    page = client.get(LOOK).text
    assert "What is to be cleared stops the release." in page and NEUTRAL in page
    answer = send(client)
    assert answer.status_code == 409
    assert "Screening stops this release. Those who clear it were asked" in answer.text
    law = act(LAW)
    assert "Screening stopped a release" in law.get("/").text
    waiting = law.get("/screening").text
    assert (
        "Declared: family who work there or own it, 青波化学株式会社 (the need&#39;s company)"
        in waiting
    )
    [number] = re.findall(r'<li id="c(\d+)">', waiting)
    said = {"decision": "cleared", "reason": "経歴を確認した", "valid_until": TOMORROW}
    assert law.post(f"/screening/{number}", data=said, follow_redirects=False).status_code == 303
    assert "Nothing waits here." in law.get("/screening").text
    client = act(SATO)
    assert "Nothing stops the release." in client.get(LOOK).text
    assert send(client).status_code == 303
    cleared = act(LAW).get("/screening?which=cleared").text
    assert "経歴を確認した" in cleared and f"holds until {TOMORROW}" in cleared
    act(LAW).post(f"/screening/{number}/revoke")
    assert "taken back on" in act(SATO).get("/screening?which=all").text
    assert send(act(SATO)).status_code == 409
    assert [actor for actor, _, _ in audited(catalogue, "clear")] == ["person:houmu"]


def test_a_faulty_decision_says_what_is_missing(act, declared):
    send(act(SATO))
    law = act(LAW)
    [number] = re.findall(r'<li id="c(\d+)">', law.get("/screening").text)
    for fault, told in (
        ({"decision": "cleared", "reason": ""}, "give a reason"),
        ({"decision": "cleared", "reason": "x", "valid_until": "soon"}, "not a day such as"),
        ({"decision": "cleared", "reason": "x"}, "give the last day"),
    ):
        answer = law.post(f"/screening/{number}", data=fault)
        assert answer.status_code == 422 and told in answer.text


def test_each_role_has_its_own_queue(act, declared):
    send(act(SATO))
    for viewer, status, forms in (
        (HEAD, 200, 1), (LAW, 200, 1), (PATENTS, 200, 0), (SATO, 200, 0),
        (Viewer("zaimu", FINANCE), 200, 0), (GUEST, 403, 0), (NUMBERS, 403, 0), (ROOT, 403, 0),
    ):  # fmt: skip
        answer = act(viewer).get("/screening")
        assert answer.status_code == status, viewer
        assert answer.text.count('name="reason"') == forms, viewer
        assert ("family" in answer.text) == (viewer in (HEAD, LAW)), viewer


def test_the_queue_is_filtered_and_says_when_it_is_empty(act, declared):
    send(act(SATO))
    law = act(LAW)
    assert 'id="c' in law.get("/screening?rule=declared_interest").text
    for empty in ("?rule=competitor_work", "?which=refused", "?need=other"):
        page = law.get(f"/screening{empty}").text
        assert 'class="empty"' in page and "Show all decisions" in page
    page = law.get("/screening", headers={"accept-language": "ja"}).text
    assert "確認待ち" in page and "利益相反の申告" in page and "確認済みにする" in page


def test_files_say_what_screening_found_but_nothing_of_what_was_declared(act, declared):
    form = {"need_id": OPEN_NEED}
    for viewer, found in ((LAW, True), (SATO, True), (NUMBERS, False)):
        client = act(viewer)
        table = client.post("/export/csv", data=form).content.decode("utf-8-sig")
        assert (NEUTRAL in table, "Teaches 10 lessons a week." in table) == (found, found), viewer
        assert "amily" not in table
        book = openpyxl.load_workbook(io.BytesIO(client.post("/export/xlsx", data=form).content))
        cells = "\n".join(str(cell) for row in book.active.values for cell in row)
        assert (NEUTRAL in cells) == found and "amily" not in cells
        assert client.post("/export/pdf", data=form).content.startswith(b"%PDF")


def test_the_report_of_a_night_flags_its_people_for_the_office(act, declared):
    for viewer, flags in ((SATO, 2), (HEAD, 2), (NUMBERS, 0)):  # of two needs
        page = act(viewer).get("/reports/2026-11-20?view=all").text
        assert page.count('<span class="flag note">Teaching</span>') == flags, viewer
        assert ("Declared interest" in page) == (viewer == SATO), viewer


def test_where_it_leads_stands_in_the_navigation_of_those_who_clear(act):
    for viewer, is_led in ((HEAD, True), (LAW, True), (PATENTS, True), (SATO, False)):
        assert ('href="/screening"' in act(viewer).get("/needs").text) == is_led, viewer
