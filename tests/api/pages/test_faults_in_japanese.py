"""What goes wrong by ordinary use is told in Japanese on Japanese pages: no English sentence is left."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.problems import status_of
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import EnmusubiError, IndexUnusableError, InputError, TooBusyError
from matcher.features.records import PeopleRecords
from tests.support.service import Shelf, as_viewer, failing, service
from tests.support.worlds import copied
from tests.support.worlds.pages import CLOSED_NEED, GUEST, OPEN_NEED, PATENTS, ROOT, SATO

JAPANESE = re.compile(r"[\u3041-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’]*(?: [A-Za-z'’]+){2,}")  # three English words in a row
NEED = {"need": "食品包装の薄い膜を探しています。酸素を通さないものを求めています。"}
OPEN, CLOSED = f"/needs/{OPEN_NEED}", f"/needs/{CLOSED_NEED}"
FORM = {
    "title": "膜", "text": "薄い膜を探しています。", "area": "", "confidentiality": "public",
    "manager": "sato",
}  # fmt: skip
STALE = {"version": "an older one"}


class Alerts(HTMLParser):
    """Collects the text of what a page shouts, and whether any of it is marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.words, self.folded = 0, list[str](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.depth or given.get("role") == "alert":
            self.depth += 1
            self.folded |= given.get("lang") == "en"

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.words.append(data)


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., FastAPI]]:
    """A function that returns the office's application around a shelf."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("pages", folder)) as catalogue:
        usual = service(catalogue, folder, max_body_bytes=400_000, max_plain_body_bytes=400_000)

        def app(shelf: Shelf | None = None) -> FastAPI:
            return service(catalogue, folder, shelf) if shelf else usual

        yield app


def told(app: FastAPI, fault: "Fault") -> tuple[int, str]:
    """Return the status of an answer and what it shouts, held to be Japanese."""
    as_viewer(app, fault.viewer)
    headers, path = {"accept-language": "ja", "accept": "text/html"}, fault.path
    with TestClient(app, headers=headers, follow_redirects=False) as client:
        answer = client.request(fault.method, path, **fault.sent)
    page = Alerts()
    page.feed(answer.text)
    text = " ".join("\n".join(page.words).split())
    assert '<html lang="ja">' in answer.text, (answer.status_code, answer.text[:300])
    assert JAPANESE.search(text), (path, text)
    assert not SENTENCE.search(text), (path, text)
    assert not page.folded, (path, text)
    return answer.status_code, text


@dataclass(frozen=True)
class Fault:
    """What somebody does, and what they are told."""

    status: int
    said: str
    method: str
    path: str
    viewer: Viewer = SATO
    sent: dict[str, Any] = field(default_factory=dict)


def read(status: int, said: str, path: str, viewer: Viewer = SATO) -> Fault:
    return Fault(status, said, "GET", path, viewer)


def sent(status: int, said: str, path: str, viewer: Viewer = SATO, **form: Any) -> Fault:
    return Fault(status, said, "POST", path, viewer, {"data": form})


def asked(status: int, said: str, path: str = "/", **form: Any) -> Fault:
    return sent(status, said, path, **{**NEED, **form})


def written(status: int, said: str, path: str = "/needs/new", **form: Any) -> Fault:
    return sent(status, said, path, **{**FORM, **form})


def file(status: int, said: str, name: str, content: bytes) -> Fault:
    form: dict[str, Any] = {"files": {"file": (name, content)}, "data": {"need": ""}}
    return Fault(status, said, "POST", "/", SATO, form)


CASES = {
    "an empty need": asked(400, "検索できません", need=" "),
    "a need that is too long": asked(422, "短くして", need="film " * 10_500),
    "a form that is too large": file(413, "大きすぎます", "a.txt", b"x" * 500_000),
    "a damaged file": file(400, "壊れて", "need.docx", b"no archive"),
    "a file of another kind": file(400, "対応していません", "need.xls", b"x"),
    "a file without text": file(400, "文字がありません", "need.txt", b" "),
    "a file that is no text": file(400, "文章のファイル", "need.txt", b"\x00\x01\x02" * 50),
    "a year of five digits": asked(422, "4文字まで", since="20255"),
    "a long filter": asked(422, "200文字まで", position="あ" * 300),
    "a page that is none": asked(422, "整数", page="x"),
    "an order that is none": asked(422, "いずれか", sort="best"),
    "a refusal without a reason": asked(
        422, "理由を選択して", need_id=OPEN_NEED, do="refuses R-01"
    ),
    "a search without a name": asked(422, "名前は", do="save "),
    "one to compare": asked(422, "1名が選ばれて", "/compare", pick="R-01"),
    "strangers to compare": asked(422, "0名が選ばれて", "/compare", pick=["R-08", "R-09"]),
    "no such page": read(404, "見つかりません", "/nowhere"),
    "no such need": read(404, "ニーズはない", "/needs/none"),
    "a need that is not shown": read(404, "ニーズはない", CLOSED, GUEST),
    "a need asked for by its id": read(404, "ニーズはない", "/?need_id=none"),
    "no such researcher": read(404, "研究者はいません", "/researchers/none"),
    "no such report": read(404, "レポートはありません", "/reports/2020-01-01"),
    "no such search": sent(404, "検索はありません", "/searches/999/run"),
    "no such note": sent(404, "メモはない", "/notes/999/delete"),
    "no such list": sent(404, "一覧はない", "/releases/999/revoke"),
    "another way to ask": sent(405, "行えません", "/reports"),
    "a year that is none": read(422, "1件", "/researchers/R-01?year=abc"),
    "an old cursor": read(422, "開き直して", "/researchers/R-01?after=old"),
    "a role that writes no needs": read(403, "ニーズの作成", "/needs/new", PATENTS),
    "a role that exports nothing": sent(403, "書き出し", "/export/csv", GUEST, **NEED),
    "another's need": read(403, "担当者と統括だけ", f"{OPEN}/change", PATENTS),
    "the administrator's pages": read(403, "管理", "/admin"),
    "the whole report": read(403, "統括だけ", "/reports/2026-11-20/files/page"),
    "a need without a text": written(400, "検索できません", text=" ", title=""),
    "a budget in words": written(422, "「予算（円）」", budget_jpy="多め"),
    "an area that is none": written(422, "「領域」", area="x"),
    "a manager who is none": written(422, "「学内担当者」", manager="nobody"),
    "a need given away": written(422, "見られなくなります", area="competitive", manager="tanaka"),
    "constraints without end": written(422, "超えています", constraints="x" * 51_000),
    "a title without end": written(422, "1件", title="あ" * 1_500),
    "a lost update": written(412, "ほかの人が", f"{OPEN}/change", **STALE),
    "a lost update of the state": sent(412, "ほかの人が", f"{OPEN}/close", **STALE),
    "a guest who is none": sent(422, "知財担当", f"{CLOSED}/guests", user_id="x"),
    "a guest who was none": sent(
        409, "閲覧者ではありません", f"{CLOSED}/guests/remove", user_id="x"
    ),
    "nobody to release": sent(422, "選択されていません", f"{OPEN}/releases", whom="shortlist"),
    "an empty note": sent(422, "メモは", "/notes", need_id=OPEN_NEED, researcher_id="R-01"),
    "a date that is none": read(422, "日付", "/admin/audit?since=31.4.2026", ROOT),
    "a login that is none": sent(422, "ログイン名", "/admin/people", ROOT, login="a b", role="ip"),
    "a login that is taken": sent(409, "すでに", "/admin/people", ROOT, login="sato", role="ip"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_in_japanese(apps: Callable[..., FastAPI], name: str) -> None:
    fault = CASES[name]

    status, text = told(apps(), fault)

    assert status == fault.status
    assert fault.said in text


def unknown_field() -> InputError:
    with pytest.raises(InputError) as caught:
        PeopleRecords.known_for_any(object(), ["alchemy"])  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            TooBusyError("%(count)s requests wait already. Try again in a few seconds.", count=64),
            "64件の検索が待って",
        ),
        (
            IndexUnusableError("The index is being loaded. Try again in a few seconds."),
            "検索データを読み込んで",
        ),
        (unknown_field(), "研究分野に alchemy はありません"),
    ],
)
def test_a_fault_of_the_search_is_told_in_japanese(
    apps: Callable[..., FastAPI], error: EnmusubiError, said: str
) -> None:
    _, text = told(apps(failing(error)), asked(status_of(error), said))

    assert said in text


def test_a_program_is_answered_in_the_language_it_asks_for(apps: Callable[..., FastAPI]) -> None:
    app = apps()
    as_viewer(app, SATO)
    with TestClient(app) as client:
        japanese = client.get("/v1/needs/none", headers={"accept-language": "ja"})
        english = client.get("/v1/needs/none", headers={"accept-language": "en"})
        unsaid = client.get("/v1/needs/none")

    assert japanese.json()["title"] == "見つかりません"
    assert japanese.json()["detail"].startswith("そのIDのニーズはないか")
    assert japanese.headers["content-language"] == "ja"
    assert english.json() == unsaid.json()
    assert unsaid.json()["title"] == "Not Found"
    assert unsaid.headers["content-language"] == "en"


def test_what_has_no_translation_is_folded_away_and_marked(apps: Callable[..., FastAPI]) -> None:
    app = apps(failing(IndexUnusableError("The moon is in the way.")))
    as_viewer(app, SATO)
    with TestClient(app) as client:
        page = client.post("/", data=NEED, headers={"accept-language": "ja"}).text

    assert re.search(
        r'<details[^>]*><summary>[^<]*</summary><p class="hint cause" lang="en">The moon', page
    )
