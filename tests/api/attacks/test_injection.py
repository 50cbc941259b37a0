"""Script in every text that people and portals write or send back: shown as text, run nowhere."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import Response

from catalogue.records.drafts import RESEARCHERS, SEEDS, Draft
from matcher.records import Need
from office.reports.publication import write_report
from office.reports.records import NeedReport, NightReport, PreviousRun
from tests.api.attacks.actors import Town
from tests.api.attacks.pages import MARK, Page, faults_of

SHORT = "\"><img src=x onerror=zz9()>'`<b>縁</b>{{7*7}}zz9"
PAYLOADS = (
    "<script>alert('zz9')</script>",
    '"><img src=x onerror=zz9()>',
    "'><svg/onload=zz9()>",
    "javascript:zz9()",
    "薄い膜<b onmouseover=zz9()>を</b>&lt;script&gt;探す",
    "{{7*7}}zz9{% print(9) %}${7*7}zz9",
    "</textarea></title><script>zz9()</script>",
    "<!--zz9--><style>*{color:red}</style><base href=//zz9.example>",
)
HOSTILE = "薄い膜 thin film packaging " + " ".join(PAYLOADS)
READERS = ("head", "kato", "sato", "nishi", "ota", "mori")
PAGES = (
    "/",
    "/needs?status=any",
    "/researchers",
    "/shortlist",
    "/searches",
    "/account",
    "/reports",
)
ADMIN_PAGES = (
    "/admin", "/admin/people", "/admin/people/zz9", "/admin/machines", "/admin/machines/zz9",
    "/admin/jobs", "/admin/audit", "/admin/index", "/admin/identities", "/admin/imports",
)  # fmt: skip


def page_of(answer: Response) -> str:
    assert answer.headers["content-type"].startswith("text/html"), answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert faults_of(answer.text) == []
    return answer.text


@pytest.fixture(scope="module")
def planted(town: Town) -> list[str]:
    """Hostile text in everything that is stored; returns the ids of the needs that hold it."""
    fields = dict.fromkeys(("title", "horizon"), HOSTILE[:1000])
    fields |= {"text": HOSTILE, "constraints": HOSTILE, "area": "non-competitive"}
    fields |= {"confidentiality": "public"}
    made = town["head"].post("/v1/needs", json={**fields, "company": SHORT, "manager": "kato"})
    assert made.status_code == 201, made.text
    by_form = town["kato"].post("/needs/new", data={**fields, "company": SHORT})
    assert by_form.status_code == 303, by_form.text
    by_portal = town["portal-a"].post(
        "/v1/needs", json=fields, headers={"idempotency-key": "<script>zz9()</script>"}
    )
    assert by_portal.status_code == 201, by_portal.text
    ids = [made.json()["need_id"], by_form.headers["location"].rpartition("/")[2]]
    ids.append(by_portal.json()["need_id"])
    _write_people(town)
    for need_id in (ids[0], "N-open"):
        note = {"need_id": need_id, "researcher_id": "R-zz9", "text": HOSTILE}
        assert town["kato"].post("/notes", data=note).status_code == 303
        assert town["head"].post("/shortlist", data=note).status_code == 303
    search = {"need": HOSTILE, "do": "save", "search_name": SHORT, "institution": SHORT}
    assert town["head"].post("/", data=search).status_code == 200
    person = {"login": "zz9", "name": HOSTILE[:200], "role": "chief"}
    assert town["root"].post("/admin/people", data=person).status_code == 303
    machine = {"client_id": "zz9", "name": SHORT, "role": "portal", "companies": "aonami"}
    assert town["root"].post("/admin/machines", data=machine).status_code == 303
    return ids


def _write_people(town: Town) -> None:
    person = dict.fromkeys(
        ("name_ja", "name_en", "department_ja", "position_ja", "keywords_ja", "profile_ja"), SHORT
    )
    seed = {"kind": "paper", "lang": "ja", "text": HOSTILE, "visibility": "public", "year": 2020}
    drafts = [
        Draft(RESEARCHERS, {"researcher_id": "R-zz9", "organisation_id": "hu", **person}),
        *(
            Draft(
                SEEDS,
                {"seed_id": f"S-{n}", "title": HOSTILE, "url": url, **seed},
                people=("R-zz9",),
            )
            for n, url in enumerate(("https://example.org/'\"><script>zz9()</script>", ""))
        ),
    ]
    assert not [found for found in town.catalogue.write(drafts, source="test") if found.rejections]


def test_what_is_stored_is_shown_as_text_on_every_page(town: Town, planted: list[str]) -> None:
    shown: dict[str, int] = {}
    needs = [f"/needs/{need_id}" for need_id in (*planted, "N-open")]
    for name in READERS:
        for path in (*PAGES, *needs, "/researchers/R-zz9", "/researchers/R-02"):
            answer = town[name].get(path)
            html = page_of(answer)
            shown[path] = shown.get(path, 0) + Page(html).text.count("<script>alert('zz9')")
            shown[path] += Page(html).text.count("<b>縁</b>{{7*7}}zz9")
    for need_id in planted[:2]:
        html = page_of(town["kato"].get(f"/needs/{need_id}/change"))
        assert PAYLOADS[6] in Page(html).text
    hosts = {path for path, times in shown.items() if times}
    assert {*needs, "/needs?status=any", "/shortlist", "/searches", "/researchers/R-zz9"} <= hosts


def test_the_administrators_pages_show_it_as_text(town: Town, planted: list[str]) -> None:
    told = "".join(Page(page_of(town["root"].get(path))).text for path in ADMIN_PAGES)
    assert told.count(SHORT) >= 2
    assert HOSTILE[:200] in told
    assert "/admin/once" not in told


def test_a_matched_list_of_it_is_text_on_screen_and_paper(town: Town, planted: list[str]) -> None:
    for sent in ({"need_id": planted[0]}, {"need": HOSTILE, "institution": SHORT}):
        for path in ("/", "/print", "/compare"):
            html = page_of(town["head"].post(path, data={**sent, "pick": ["R-01", "R-02"]}))
            assert MARK in html
    searches = page_of(town["head"].get("/searches"))
    for number in re.findall(r"/searches/(\d+)/run", searches):
        page_of(town["head"].post(f"/searches/{number}/run"))


def test_a_stored_night_shows_it_as_text(town: Town, planted: list[str]) -> None:
    needs = tuple(NeedReport(Need(HOSTILE, n, title=HOSTILE), ()) for n in planted)
    report = NightReport("2026-11-20", "2026-11-20", "v1", "words@01", 2, needs, previous="")
    name = write_report(report, PreviousRun(), town.settings.reports_dir).name
    assert PAYLOADS[0] in Page(page_of(town["head"].get(f"/reports/{name}"))).text
    stored = town["head"].get(f"/reports/{name}/files/page")
    assert stored.headers["content-disposition"].startswith("attachment")
    assert faults_of(stored.text, own_styles=True) == []


@pytest.mark.parametrize(
    "form",
    [
        {"need": HOSTILE, "sort": SHORT}, {"need": HOSTILE, "kind": SHORT},
        {"need": HOSTILE, "domain": SHORT}, {"need": HOSTILE, "department": SHORT},
        {"need": HOSTILE, "since": "<b>1"}, {"need": HOSTILE, "top": SHORT},
        {"need": HOSTILE, "set": f"kind={SHORT}"}, {"need": HOSTILE, "set": SHORT},
        {"need": HOSTILE, "do": f"keep {SHORT}"}, {"need": HOSTILE, "do": SHORT},
        {"need": HOSTILE, "do": "refuses R-01", "reason": SHORT}, {"need_id": SHORT},
        {"need": HOSTILE, "field_code": SHORT, "position": SHORT}, {"need": SHORT},
    ],
)  # fmt: skip
def test_what_a_form_sends_comes_back_as_text(town: Town, form: dict[str, str]) -> None:
    for path in ("/", "/compare", "/print"):
        answer = town["head"].post(path, data=form)
        assert answer.status_code < 500
        page_of(answer)


def test_the_name_of_an_uploaded_file_comes_back_as_text(town: Town) -> None:
    for name in (f"{SHORT}.docx", f"{SHORT}.exe", "<script>zz9()</script>.pdf"):
        answer = town["head"].post("/", data={"need": ""}, files={"file": (name, b"none")})
        assert answer.status_code == 400
        page_of(answer)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("head", "/needs?status={}&area={}&mine={}"), ("head", "/researchers?name={}&institution={}"),
        ("head", "/researchers/R-01?kind={}"), ("head", "/researchers/{}"), ("head", "/needs/{}"),
        ("head", "/needs/{}/change"), ("head", "/reports/{}"), ("head", "/{}"), ("head", "/?lang={}"),
        ("head", "/?need_id=N-open&institution={}"), ("head", "/needs?after={}"),
        ("root", "/admin/audit?actor={}&action={}&object_id={}&since={}"),
        ("root", "/admin/audit?actor={}&action={}&object_id={}"), ("root", "/admin/jobs?state={}"),
        ("root", "/admin/people/{}"), ("root", "/admin/machines/{}"), ("root", "/admin/once/{}"),
        ("root", "/admin/identities?state={}"), ("root", "/admin/imports/{}"),
        ("head", "/reports?page={}"),
    ],
)  # fmt: skip
def test_what_an_address_says_comes_back_as_text(town: Town, name: str, path: str) -> None:
    for text in (SHORT[:190], "<script>zz9</script>", "javascript:zz9()"):
        answer = town[name].get(path.replace("{}", quote(text, safe="")))
        assert answer.status_code < 500, answer.text
        page_of(answer)


@pytest.mark.parametrize(
    ("name", "path", "form"),
    [
        ("kato", "/needs/new", {"title": SHORT, "text": "", "budget_jpy": SHORT, "area": SHORT}),
        ("kato", "/needs/new", {"text": HOSTILE, "manager": SHORT, "confidentiality": SHORT}),
        ("kato", "/needs/N-open/change", {"text": HOSTILE, "title": HOSTILE, "version": SHORT}),
        ("kato", "/needs/N-open/guests", {"user_id": SHORT}),
        ("kato", "/notes", {"need_id": SHORT, "researcher_id": SHORT, "text": SHORT}),
        ("head", "/shortlist", {"need_id": SHORT, "researcher_id": SHORT, "back": SHORT}),
        ("head", "/searches/1/rename", {"name": HOSTILE}),
        ("root", "/admin/people", {"login": SHORT, "name": SHORT, "role": SHORT}),
        ("root", "/admin/machines", {"client_id": SHORT, "name": SHORT, "companies": SHORT}),
        ("root", "/admin/machines/zz9/keys", {"scope": SHORT, "until": "<b>9"}),
        ("root", "/admin/index", {"version": "<b>zz9</b>"}),
        ("root", "/admin/identities", {"first": SHORT, "second": SHORT, "decision": SHORT}),
        ("head", "/login", {"login": SHORT, "password": SHORT, "next": SHORT}),
        ("head", "/password", {"present": SHORT, "new": SHORT, "repeated": SHORT}),
    ],
)  # fmt: skip
def test_a_form_that_is_refused_shows_what_was_entered_as_text(
    town: Town, planted: list[str], name: str, path: str, form: dict[str, str]
) -> None:
    answer = town[name].post(path, data=form)
    assert 300 < answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        page_of(answer)


def test_the_api_answers_json_that_no_browser_takes_for_a_page(town: Town) -> None:
    hook = {"url": 'http://127.0.0.1:9/"><script>zz9()</script>'}
    requests: list[tuple[str, str, str, dict[str, Any]]] = [
        ("portal-a", "POST", "/v1/webhooks", {"json": hook}),
        ("portal-a", "GET", "/v1/webhooks", {}),
        ("head", "GET", f"/v1/needs/{quote(SHORT, safe='')}", {}),
        ("head", "GET", "/v1/needs?status=<script>zz9</script>", {}),
        ("head", "POST", "/v1/matches", {"json": {"<script>zz9</script>": 1}}),
        ("head", "POST", "/oauth/token", {"data": {"grant_type": SHORT, "client_id": SHORT}}),
        ("head", "GET", f"/v1/{quote(SHORT, safe='')}", {}),
    ]
    for name, method, path, sent in requests:
        answer = town[name].ask(method, path, headers={"accept": "text/html"}, **sent)
        assert answer.headers["content-type"].split(";")[0] in {
            "application/json", "application/problem+json",
        }, path  # fmt: skip
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status_code < 500, answer.text
