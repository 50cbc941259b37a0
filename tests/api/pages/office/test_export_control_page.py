"""The page of the pre-screen for export control: what it shows, in both languages, and to whom."""

import re
from datetime import date

import pytest

from api.pages.export_control import WAYS, as_shown
from catalogue.records.drafts import NEEDS, Draft
from office.screening.export_control import (
    IPC,
    VECTOR,
    WORDS,
    ScreenedText,
    export_control_findings,
)
from office.screening.export_control_topics import load_topics
from tests.api.pages.office.steps import audited
from tests.support.worlds.pages import CLOSED_NEED, GUEST, LAW, NUMBERS, OPEN_NEED, SATO

PATH = "/needs/{}/export-control"
SONAR = "N-sonar"
SENTENCE = "港の警備に使う<ソナー>を海外子会社で作りたい。"


@pytest.fixture
def sensitive(catalogue):
    need = {
        "need_id": SONAR,
        "title": "音響",
        "text": f"いつもお世話になります。{SENTENCE}",
        "lang": "ja",
        "area": "non-competitive",
        "confidentiality": "public",
        "posted_on": date(2026, 5, 1),
    }
    outcomes = catalogue.write([Draft(NEEDS, need)], source="test")
    assert [one for one in outcomes if one.change == "refused"] == []


def test_items_sentences_and_questions_stand_on_the_page(act, sensitive):
    page = act(LAW).get(PATH.format(SONAR)).text

    assert "Item 10 Sensors and lasers" in page and "Item 15 Sensitive items" in page
    assert "港の警備に使う&lt;ソナー&gt;を海外子会社で作りたい。" in page and "お世話に" not in page
    assert "Foreign partner or provision abroad" in page
    assert "Was the transaction reviewed?" in page and "Appended Table 1" in page
    assert "This is neither a classification nor a review" in page


def test_the_page_is_japanese_for_japanese_readers(act, sensitive):
    page = act(SATO).get(PATH.format(SONAR), headers={"accept-language": "ja"}).text

    assert "安全保障輸出管理の事前確認" in page and "該非判定でも取引審査でもありません" in page
    assert "10の項 センサー等" in page and "取引審査を行いましたか" in page
    assert "用語による：ソナー" in page


def test_a_need_that_touches_nothing_is_told_so_without_a_promise(act):
    page = act(SATO).get(PATH.format(OPEN_NEED)).text

    assert "No word of this need touches a topic" in page
    assert "doesn't mean that nothing is controlled" in page
    assert "What to ask" not in page


def test_only_the_office_reads_it_and_only_needs_that_it_sees(act, sensitive):
    assert [act(one).get(PATH.format(SONAR)).status_code for one in (GUEST, NUMBERS)] == [403, 403]
    assert act(LAW).get(PATH.format(CLOSED_NEED)).status_code == 404


def test_reading_a_closed_need_is_noted(act, catalogue):
    assert act(SATO).get(PATH.format(CLOSED_NEED)).status_code == 200
    assert [row for row in audited(catalogue, "read") if "export-control" in str(row)]


def test_the_needs_page_leads_there(act, sensitive):
    assert f'href="/needs/{SONAR}/export-control"' in act(SATO).get(f"/needs/{SONAR}").text
    assert "export-control" not in act(GUEST).get(f"/needs/{SONAR}").text


def test_where_to_begin_is_written_as_the_language_does():
    found = export_control_findings([ScreenedText("無人航空機を作る。")])

    (english,) = as_shown(found, load_topics(), "en")["topics"]
    (japanese,) = as_shown(found, load_topics(), "ja")["topics"]
    assert english["clauses"] == ["4(1-2)"] and japanese["clauses"] == ["4(1の2)"]


def test_every_way_of_finding_is_said(act):
    assert set(WAYS) == {WORDS, VECTOR, IPC}
    found = export_control_findings([ScreenedText("A holder.", codes=("ipc:F42B 12/02",))])
    (topic,) = as_shown(found, load_topics(), "en")["topics"]
    assert topic["found_by"] == (IPC,) and not re.search(r"\w", topic["sentence"])
