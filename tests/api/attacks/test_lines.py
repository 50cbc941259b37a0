"""SQL, header lines, log lines and formulas in what is asked: text stays text in every language."""

import base64
import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import openpyxl
import pytest
from sqlalchemy import func, select

from api.observability.request_log import JsonLines, TextLines
from catalogue.database.account_models import ApiKey, UserAccount
from catalogue.database.models import Researcher, Seed, StoredNeed
from catalogue.records.drafts import NEEDS, RESEARCHERS, Draft
from office.access.rules import sees_need
from tests.api.attacks.actors import Town
from tests.support.small_recommender import LINDQVIST, MORI
from tests.support.worlds.town import NEED_ROWS, facts

SQL = (
    "' OR '1'='1", "x') OR 1=1 --", "'; DROP TABLE need; --", '" OR ""="', "%", "_", "%%' OR 1=1/*",
    "1 UNION SELECT password_hash FROM user_account", "\\' OR 1=1 #", "x' AND randomblob(1e9) --",
)  # fmt: skip
NUMBERS = ("0", "-1", str(2**63), str(10**30), str(-(10**30)), "1e3", "NaN", "１", "0x1", "1;--")
FILTERED = (
    ("head", "/v1/needs?status=all&organisation_id={}", "items"),
    ("head", "/v1/needs?status=all&manager={}", "items"),
    ("head", "/v1/researchers?name={}", "items"),
    ("head", "/v1/researchers?institution={}", "items"),
    ("head", "/v1/researchers?department={}", "items"),
)
PATHS = (
    ("head", "/v1/needs/{}"), ("head", "/v1/researchers/{}"), ("head", "/v1/seeds/{}"),
    ("head", "/v1/jobs/{}"), ("portal-a", "/v1/webhooks/{}"), ("head", "/v1/needs/{}/matches"),
    ("head", "/needs/{}"), ("head", "/researchers/{}"), ("head", "/reports/{}"),
    ("root", "/admin/people/{}"), ("root", "/admin/machines/{}"),
)  # fmt: skip
NUMBERED = (
    ("GET", "head", "/v1/releases/{}"), ("POST", "head", "/v1/releases/{}/revoke"),
    ("POST", "head", "/releases/{}/revoke"), ("POST", "head", "/searches/{}/run"),
    ("POST", "head", "/searches/{}/rename"), ("POST", "head", "/searches/{}/alert"),
    ("POST", "head", "/searches/{}/delete"), ("POST", "head", "/notes/{}/delete"),
    ("GET", "root", "/admin/imports/{}"), ("GET", "head", "/reports?page={}"),
    ("GET", "root", "/admin/jobs?page={}"), ("GET", "root", "/admin/identities?page={}"),
    ("GET", "head", "/v1/needs?limit={}"), ("GET", "head", "/researchers/R-01?year={}"),
    ("GET", "head", "/v1/researchers/R-01/seeds?since={}"),
)  # fmt: skip
PAGED = (
    ("head", "/v1/needs?cursor={}"), ("head", "/v1/researchers?cursor={}"),
    ("head", "/v1/researchers/R-01/seeds?cursor={}"), ("head", "/v1/jobs?cursor={}"),
    ("head", "/v1/needs/N-open/releases?cursor={}"), ("head", "/needs?after={}"),
    ("head", "/researchers?after={}"), ("head", "/researchers/R-01?after={}"),
    ("root", "/admin/audit?after={}"), ("root", "/admin/imports/1?after={}"),
)  # fmt: skip
CURSORS = (
    '["\' OR 1=1 --"]', "[1e999]", f"[{10**40}]", "[NaN]", "[null]", "[[1]]", '{"a": 1}', "[true]",
    '["a", "b", "c", "d"]', "[]", "1", '"x"', "[" * 5_000, '["2026-01-01", 1]', '["\\u0000", "\\ud800"]',
    '["2026-01-01T00:00:00", "x"]', f'["{"9" * 300}"]',
)  # fmt: skip
BREAKS = ("\r\nSet-Cookie: zz9=1", "\nX-Evil: zz9", "%0d%0aX-Evil: zz9", "\u2028X-Evil: zz9", "\0")


def url_text(value: str) -> str:
    return quote(value, safe="")


def rows_of(town: Town) -> list[int]:
    tables = (StoredNeed, Researcher, Seed, UserAccount, ApiKey)
    with town.catalogue.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables
        ]


def test_sql_in_filters_finds_nothing_and_changes_nothing(town: Town) -> None:
    before = rows_of(town)
    for name, path, items in FILTERED:
        for tried in SQL:
            answer = town[name].get(path.replace("{}", url_text(tried)))
            assert answer.status_code == 200, (path, tried, answer.text)
            assert answer.json()[items] == [], (path, tried)
    seen = {n for n in NEED_ROWS if sees_need(town["nishi"].viewer, facts(n))}
    for tried in SQL:
        wanted = {"status": "all", "manager": tried}
        found = town["nishi"].get("/v1/needs", params=wanted).json()
        assert {need["need_id"] for need in found["items"]} <= seen
        assert town["portal-k"].get("/v1/needs", params=wanted).status_code == 422
    assert rows_of(town) == before


def test_sql_in_ids_is_an_unknown_id(town: Town) -> None:
    for name, path in PATHS:
        for tried in (*SQL, *BREAKS, "../../etc/passwd", "." * 150, "縁" * 60, "\ud800"):
            raw = tried.encode("utf-8", "surrogatepass")
            answer = town[name].get(path.replace("{}", quote(raw, safe="")))
            assert answer.status_code in {404, 405, 422}, (path, tried, answer.status_code)


def test_sql_in_the_words_of_a_question_is_refused_or_finds_nobody(town: Town) -> None:
    for tried in SQL:
        for field in ("institution", "department", "position", "field_code", "domain", "sort"):
            answer = town["head"].post("/print", data={"need": "薄い膜 thin film", field: tried})
            assert answer.status_code in {200, 422}, (field, tried)
        sent = {"need_text": "薄い膜", "filters": {"departments": [tried], "fields": [tried]}}
        answer = town["head"].post("/v1/matches", json=sent)
        assert answer.status_code == 200
        assert answer.json()["matches"] == []


def test_numbers_that_are_none_or_too_large_are_the_askers_fault(town: Town) -> None:
    failed = []
    for method, name, path in NUMBERED:
        for tried in NUMBERS:
            sent = {"data": {"name": "x", "on": "yes"}} if method == "POST" else {}
            answer = town[name].ask(method, path.replace("{}", url_text(tried)), **sent)
            failed += [(path, tried)] if answer.status_code >= 500 else []
    assert failed == []


def test_a_cursor_that_was_made_up_is_refused(town: Town) -> None:
    for name, path in PAGED:
        for tried in CURSORS:
            made = base64.urlsafe_b64encode(tried.encode("utf-8", "surrogatepass")).decode()
            answer = town[name].get(path.replace("{}", url_text(made.rstrip("="))))
            assert answer.status_code < 500, (path, tried)


@pytest.mark.parametrize("broken", BREAKS)
def test_no_line_of_an_answers_head_is_made_by_a_request(town: Town, broken: str) -> None:
    end = url_text(broken)
    answers = [
        town["head"].get(f"/login?next=/needs{end}"),
        town["head"].get(f"/needs{end}?lang=en"),
        town["head"].get(f"/needs?lang=en&status={end}"),
        town["head"].get(f"/needs/N-open{end}"),
        town["head"].get(f"/v1/needs?limit=1&status=all&manager=kato{end}"),
        town["head"].get(f"/v1/needs?limit=1&status=all&x{end}=1"),
        town["head"].post(f"/needs/N-open{end}/close"),
        town["head"].post("/shortlist", data={"researcher_id": f"R-01{broken}", "back": "need"}),
        town["head"].get("/v1/needs", headers={"x-request-id": f"a{broken}".encode()}),
        town["head"].get("/needs", headers={"accept-language": f"en{broken}".encode()}),
        town["head"].get("/v1/needs", headers={"host": f"evil.example{broken}".encode()}),
        town["root"].post("/admin/people/ota/nothing", data={"x": broken}),
        town["root"].get(f"/admin/people/ota{end}"),
        town["head"].post("/", files={"file": (f"x{broken}.txt", b"film")}, data={"need": ""}),
        town["head"].get(f"/reports/2026{end}/files/page"),
    ]
    for number, answer in enumerate(answers):
        assert answer.status_code < 500, number
        for header, value in answer.headers.raw:
            assert not re.search(rb"[\r\n\x00]", header + value), (number, value)
            assert header.lower() != b"x-evil", number
            assert not value.startswith(b"zz9="), number


@contextmanager
def lines_of(formatter: logging.Formatter) -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(formatter.format(record))  # type: ignore[method-assign]
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the tests' own client
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()], ids=["text", "json"])
def test_nothing_that_is_sent_begins_a_line_of_the_log(
    town: Town, formatter: logging.Formatter
) -> None:
    forged = "x\r\n2026-01-01T00:00:00 INFO enmusubi.requests answered zz9 viewer=person:head"
    with lines_of(formatter) as lines:
        for broken in (forged, forged.replace("\r\n", "\u2028"), forged.replace("\r\n", "\x1b[2J")):
            raw = broken.encode()
            sent = {"user-agent": raw, "x-request-id": raw, "referer": raw}
            town["head"].get("/needs", headers=sent)
            town["head"].get(f"/{url_text(broken)}", headers={"accept-language": "en"})
            town["head"].post("/login", data={"login": broken, "password": broken})
            town["head"].post("/oauth/token", data={"grant_type": broken, "client_id": broken})
            town["head"].post("/v1/webhooks", json={"url": broken})
            town["head"].ask("BREW", "/needs")
            town["root"].post("/admin/people", data={"login": broken, "role": "chief"})
            town["head"].post(
                "/", files={"file": (broken + ".pdf", b"%PDF-1.4")}, data={"need": ""}
            )
    assert len(lines) >= 24
    for line in lines:
        assert "zz9" not in line
        assert not re.search("[\r\x1b\u2028]", line)
        pieces = line.split("\n")
        assert all(piece.startswith("    ") for piece in pieces[1:])
        assert re.match(r"\d{4}-\d\d-\d\dT", pieces[0]) or json.loads(line)["time"]


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=cmd|' /C calc'!A0", ' =1"')


@pytest.fixture
def formulas(town: Town) -> Iterator[str]:
    """People and a need whose texts are formulas to a spreadsheet; gives the need's id."""
    people = [
        Draft(
            RESEARCHERS, {"researcher_id": f"R-f{n}", "name_ja": formula, "department_ja": formula}
        )
        for n, formula in enumerate(FORMULAS)
        if formula.isprintable()
    ]
    need = {"title": FORMULAS[7], "text": f"{FORMULAS[7]} 薄い膜", "area": "non-competitive"}
    people.append(Draft(NEEDS, {"need_id": "N-f", "confidentiality": "public", **need}))
    assert not [found for found in town.catalogue.write(people, source="test") if found.rejections]
    before = town.recommender.people
    town.recommender.people = tuple(
        replace(
            card, name_ja=formula, name_en=formula, department_ja=formula, position_ja=formula,
            institution_ja=formula, institution_en=formula, industry_partners=formula,
        )
        for card, formula in ((MORI, FORMULAS[0]), (LINDQVIST, FORMULAS[4]))
    )  # fmt: skip
    yield "N-f"
    town.recommender.people = before


def cells_of(kind: str, content: bytes) -> list[str]:
    """Return the texts of a file's cells; a formula in a workbook fails at once."""
    if kind == "csv":
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        return [cell for row in rows for cell in row]
    sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    links = [cell.hyperlink.target or "" for cell in cells if cell.hyperlink]
    assert all(link.startswith(("", "https://", "http://")) for link in links)
    return [cell.value for cell in cells if isinstance(cell.value, str)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_an_export_is_a_formula(town: Town, formulas: str, kind: str) -> None:
    for number in (0, 1, 2, 3, 6, 7, 8):
        kept = {"researcher_id": f"R-f{number}", "need_id": formulas}
        assert town["head"].post("/shortlist", data=kept).status_code == 303
    exports = [
        town["head"].post(f"/export/{kind}", data={"need": f"{FORMULAS[7]} 薄い膜 film"}),
        town["head"].post(f"/export/{kind}", data={"need_id": formulas}),
        town["head"].get(f"/shortlist/export.{kind}"),
    ]
    for answer in exports:
        assert answer.status_code == 200
        cells = cells_of(kind, answer.content)
        assert [cell for cell in cells if "1" in cell]
        risky = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
        assert risky == []


def test_no_cell_of_the_exported_trail_is_a_formula(town: Town) -> None:
    cells = cells_of("csv", town["root"].get("/admin/audit.csv").content)
    assert len(cells) > 20
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))] == []
