"""The administrator's pages are in Japanese as a whole: no English sentence stands on any of them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.pages.admin.operations import FAULT_LABELS
from api.pages.admin.trail import DETAIL
from api.pages.texts import told
from enmusubi.language import JAPANESE
from enmusubi.messages import word
from office import matching
from office.access import audit
from office.jobs.jobs import FORGOTTEN
from office.jobs.runner import RIGHTS, UNEXPECTED
from tests.support.service import as_viewer
from tests.support.worlds.administration import BOSS

ROOT = Path(__file__).parents[3]
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’]*(?: [A-Za-z'’]+){2,}")  # three English words in a row
PAGES = (
    "/admin", "/admin/people", "/admin/people/tanaka", "/admin/machines",
    "/admin/machines/portal-1", "/admin/identities", "/admin/import",
    "/admin/imports", "/admin/imports/1", "/admin/index",
    "/admin/jobs", "/admin/audit", "/admin/audit?check=yes",
)  # fmt: skip
GIVEN = {"Portal of the office"}  # what people called something


class Read(HTMLParser):
    """Collects what a page says, but for commands and for what says that it is English."""

    def __init__(self) -> None:
        super().__init__()
        self.texts, self.english, self._silent = list[str](), list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"code", "script", "style"}
        if dict(attrs).get("lang") == "en" and tag not in {
            "a",
            "button",
        }:  # these switch the language
            self.english.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"code", "script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(" ".join(data.split()))


@pytest.fixture
def japanese(app, catalogue):
    """A client of the administrator who reads Japanese."""
    as_viewer(app, BOSS)
    return TestClient(app, follow_redirects=False, headers={"accept-language": "ja"})


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert '<html lang="ja">' in answer.text
    page = Read()
    page.feed(answer.text)
    return page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_english_sentence(japanese, catalogue, path):
    details = {"verdict": "not_suitable", "reason": "wrong_field", "stage": "", "needs": 3}
    audit.note(catalogue, BOSS, "judge", "need", "N-1", **details)
    audit.note(catalogue, BOSS, "change user", "user", "tanaka", changed=["role"], role="legal")
    page = read(japanese, path)
    said = [text for text in page.texts if SENTENCE.search(text) and text not in GIVEN]
    assert said == []
    assert page.english == []


def test_checks_and_details_are_said_in_japanese(japanese, catalogue):
    details = {"verdict": "not_suitable", "reason": "wrong_field", "needs": 3}
    audit.note(catalogue, BOSS, "judge", "need", "N-1", **details)
    overview = "".join(read(japanese, "/admin").texts)
    trail = "".join(read(japanese, "/admin/audit").texts)
    assert "初めて使うときに" in overview or "チェックサム" in overview
    assert "同じ人かもしれない組が2組あります" in overview
    rejected = "".join(read(japanese, "/admin/imports/1").texts)
    assert "日付（例：2024-04-01）で入力してください" in rejected
    assert "9文字の文字列" in rejected
    assert "ニーズ：3；理由：分野が違う；評価：不適任" in trail


def test_every_fault_of_a_job_has_a_word():
    assert set(FAULT_LABELS) == {RIGHTS, UNEXPECTED, FORGOTTEN}


def test_where_something_was_read_is_said_in_words():
    sources = [
        path.read_text("utf-8")
        for root in ("api", "office")
        for path in (ROOT / root).rglob("*.py")
    ]
    noted = re.compile(r'\bnote_\w+\((?:[^()]|\([^()]*\))*,\s*"([a-z ]+)",?\s*\)')
    codes = {code for source in sources for code in noted.findall(source)}
    codes |= {way.code for way in vars(matching).values() if isinstance(way, matching.WayIn)}
    assert {"home", "searches", "matches", "release"} <= codes
    assert [code for code in sorted(codes) if told(word(DETAIL, code), JAPANESE).text == code] == []
