"""Ways out: no address leads to another host, no path out of its folder, no made-up host into answers."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from catalogue.database.viewer import PROJECT
from office.accounts.passwords import Passwords
from office.accounts.users import Users
from tests.api.attacks.actors import HOST, Town
from tests.api.attacks.test_doors import browser, sign_in
from tests.api.signin.conftest import PASSWORD, QUICK
from tests.support.worlds.town import OPERATOR

FAR_PATHS = (
    "../../catalogue.sqlite", "..%2f..%2fcatalogue.sqlite", "%2e%2e/%2e%2e/catalogue.sqlite",
    "....//....//catalogue.sqlite", "..%5c..%5ccatalogue.sqlite", "%2fetc%2fpasswd", "//etc/passwd",
    "..%252f..%252fcatalogue.sqlite", "%00", "2026-11-20%00.html", "..", ".", "%2e%2e", "~root",
    "file:///etc/passwd", "..%c0%af..%c0%afetc/passwd", "static/../../app.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def known(town: Town) -> str:
    """The login of somebody with a password."""
    users = Users(town.catalogue, Passwords(QUICK))
    account = {"role": PROJECT, "password": PASSWORD, "is_one_time": False}
    return users.create(OPERATOR, "knocker", **account).user_id


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example", "\\/evil.example",
     "/login/../\\evil.example", "http:evil.example", "javascript:alert(1)", "////evil.example",
     "/\u2028/evil.example", "@evil.example", ".evil.example", "https:///evil.example"],
)  # fmt: skip
def test_no_address_leads_to_another_host(town: Town, known: str, wanted: str) -> None:
    client = browser(town)
    answers = [
        sign_in(client, known, next=wanted),
        town["head"].get("/login", params={"next": wanted}),
        town["head"].get(f"http://{HOST}/{quote(wanted, safe='/%:@')}?lang=en"),
        town["head"].post("/shortlist", data={"researcher_id": "R-01", "back": wanted[:20]}),
        town["head"].get(
            "/needs", headers={"host": "evil.example", "referer": f"http:{wanted}"[:40].encode()}
        ),
        town["head"].get("/static", headers={"host": "evil.example"}),
    ]
    for answer in answers:
        away = answer.headers.get("location", "/")
        assert away.startswith("/"), away
        assert not away.startswith(("//", "/\\")), away


def test_a_made_up_host_is_in_no_answer(town: Town) -> None:
    forged = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example",
    }
    for path in (
        "/needs",
        "/login",
        "/v1/needs?limit=1",
        "/reports",
        "/openapi.json",
        "/static/",
        "/needs/",
        "/static",
        "/shortlist/",
        "/admin/",
    ):
        answer = town["head"].get(path, headers=forged)
        told = answer.text + str(answer.headers)
        assert "evil.example" not in told, path


@pytest.mark.parametrize("far", FAR_PATHS)
def test_no_path_leads_out_of_its_folder(town: Town, far: str) -> None:
    reports = town.settings.reports_dir
    (reports / "2026-11-20").mkdir(parents=True, exist_ok=True)
    for path in (
        f"/static/{far}", f"/reports/{far}", f"/reports/{far}/files/page",
        f"/reports/2026-11-20/files/{far}", f"/export/{far}", f"/shortlist/export.{far}",
        f"/admin/{far}", f"/{far}",
    ):  # fmt: skip
        method = "POST" if path.startswith("/export") else "GET"
        answer = town["head"].ask(
            method, path, data={"need": "薄い膜"} if method == "POST" else None
        )
        assert answer.status_code in {303, 307, 400, 403, 404, 405, 422, 200}, path
        assert b"SQLite format" not in answer.content, path
        assert b"root:" not in answer.content, path
        assert b"create_app" not in answer.content, path
        if answer.status_code == 200:  # a page of this service by the short way
            assert answer.headers["content-type"].startswith("text/html"), path


@pytest.fixture(autouse=True)
def jar(town: Town) -> Iterator[None]:
    """Nobody's cookies stay with the client that all share."""
    yield
    town.client.cookies.clear()
