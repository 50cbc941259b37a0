"""Signing in with a password: pages, lockout, another password, and where it leads."""

import pytest

from catalogue.database.viewer import ADMINISTRATOR
from catalogue.records.catalogue import Catalogue
from office.accounts import sessions as stored_sessions
from office.accounts.users import Users
from tests.api.signin.conftest import OPERATOR, PASSWORD, AppOf, Browser, PersonOf, browser

NEW = "another four good words"


def test_a_page_leads_to_the_sign_in_and_back(visitor: Browser, person: PersonOf) -> None:
    sent = visitor.get("/needs?page=2")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fneeds%3Fpage%3D2")

    back = visitor.sign_in(person(), after="/needs?page=2")

    assert (back.status_code, back.headers["location"]) == (303, "/needs?page=2")
    assert visitor.get("/account").status_code == 200


def test_the_api_says_401_and_how_to_come_in(visitor: Browser) -> None:
    answer = visitor.get("/v1/needs/N-01")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="enmusubi"'


def test_a_session_is_the_person_on_pages_and_in_the_api(
    visitor: Browser, person: PersonOf
) -> None:
    login = person()
    visitor.sign_in(login)

    assert login in visitor.get("/account").text
    assert visitor.get("/v1/needs/N-01").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/needs/N-01?page=2&sort=new", "/needs/N-01?page=2&sort=new"),
        ("/researchers/森", "/researchers/%E6%A3%AE"),
        ("", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        (" //evil.example", "/"),
        ("https://evil.example", "/"),
        ("http:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("needs", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/login?next=//evil.example", "/"),
        ("/" + "x" * 600, "/"),
    ],
)
def test_signing_in_leads_to_pages_of_this_service_only(
    visitor: Browser, person: PersonOf, wanted: str, place: str
) -> None:
    login = person()
    answer = visitor.sign_in(login, after=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, place)

    again = visitor.get("/login", params={"next": wanted})  # signed in already

    assert (again.status_code, again.headers["location"]) == (303, place)


def test_a_wrong_password_and_an_unknown_name_get_the_same_page(
    visitor: Browser, person: PersonOf
) -> None:
    pages = []
    for login in (person(), "person-x"):
        answer = visitor.sign_in(login, "another password")
        assert answer.status_code == 401
        pages.append(answer.text.replace(login, "…").replace(visitor.token(), "…"))
    assert pages[0] == pages[1]
    assert "正しくありません" in pages[0] or "is wrong" in pages[0]
    assert "another password" not in pages[0]


def test_after_ten_wrong_passwords_the_page_says_so(
    app_of: AppOf, person: PersonOf, users: Users
) -> None:
    visitor, login = browser(app_of(lock_after=2, attempts_per_account=50)), person()
    for _ in range(2):
        assert visitor.sign_in(login, "another password").status_code == 401

    answer = visitor.sign_in(login)

    assert answer.status_code == 429
    assert 890 <= int(answer.headers["retry-after"]) <= 900
    assert "ロック" in answer.text
    users.enable(OPERATOR, login)
    assert visitor.sign_in(login).status_code == 303


def test_a_disabled_account_says_so_to_its_owner(
    visitor: Browser, person: PersonOf, users: Users
) -> None:
    login = person()
    users.disable(OPERATOR, login)

    assert visitor.sign_in(login, "another password").status_code == 401
    answer = visitor.sign_in(login)
    assert answer.status_code == 403
    assert "無効" in answer.text


def test_one_address_cannot_try_for_ever(app_of: AppOf, person: PersonOf) -> None:
    visitor = browser(app_of(attempts_per_address=3))
    for number in range(3):
        assert visitor.sign_in(f"guess-{number}", "another password").status_code == 401

    answer = visitor.sign_in(person())

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 300


def test_one_account_cannot_be_tried_for_ever(app_of: AppOf, person: PersonOf) -> None:
    visitor, login = browser(app_of(attempts_per_account=3)), person()
    for spelling in (login, login.upper(), f" {login}"):
        assert visitor.sign_in(spelling, "another password").status_code == 401

    assert visitor.sign_in(login).status_code == 429
    assert visitor.sign_in(person()).status_code == 303


def test_the_password_is_changed_by_who_knows_it_and_ends_other_sessions(
    visitor_of: AppOf, person: PersonOf
) -> None:
    here, there, login = visitor_of(), visitor_of(), person()
    here.sign_in(login)
    there.sign_in(login)

    def change(present: str, new: str, repeated: str) -> tuple[int, str]:
        form = {"csrf_token": here.token("/password"), "present": present, "new": new}
        answer = here.post("/password", form | {"repeated": repeated})
        assert new not in answer.text
        return answer.status_code, answer.text

    assert change("wrong password", NEW, NEW)[0] == 401
    assert change(PASSWORD, NEW, NEW + "x")[0] == 422
    assert change(PASSWORD, "b r i e f", "b r i e f")[0] == 422
    status, text = change(PASSWORD, f"{login}-{login}", f"{login}-{login}")
    assert (status, "推測されやすい" in text) == (422, True)
    before = here.session
    assert change(PASSWORD, NEW, NEW)[0] == 303

    assert here.session != before
    assert here.get("/v1/needs/N-01").status_code == 200
    assert there.get("/v1/needs/N-01").status_code == 401
    assert visitor_of().sign_in(login).status_code == 401
    assert visitor_of().sign_in(login, NEW).status_code == 303


def test_somebody_with_another_sign_in_has_no_password_to_change(
    visitor: Browser, catalogue: Catalogue, users: Users
) -> None:
    users.create(OPERATOR, "federated", role=ADMINISTRATOR, oidc_subject="https://id.example|1")
    token = stored_sessions.Sessions(catalogue).start("federated")
    visitor.client.cookies.set("enmusubi", token)

    assert "csrf_token" in visitor.get("/account").text
    page = visitor.get("/password").text
    assert 'name="present"' not in page
    form = {"csrf_token": visitor.token("/account"), "present": "", "new": NEW, "repeated": NEW}
    assert visitor.post("/password", form).status_code == 401


def test_pages_of_signing_in_repeat_nothing_unescaped(visitor: Browser) -> None:
    hostile = '"><script>alert(1)</script>縁'
    answer = visitor.sign_in(hostile[:64], "another password", after=f"/{hostile}")

    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
