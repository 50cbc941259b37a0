"""The administrator's pages of people and machines: who may open them, what is shown once and noted."""

import html
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import pages
from api.pages.admin.frame import SECTIONS
from catalogue.database.viewer import MACHINE, PERSON_ROLES, PORTAL, SCOPES, Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.service_settings import SignInSettings
from office.access import audit
from office.accounts.keys import Keys
from office.accounts.users import Users
from tests.api.admin.conftest import client_of
from tests.api.admin.steps import entries, secret_of, shown, submit
from tests.support.service import as_viewer, service
from tests.support.worlds.administration import BOSS, SECRET_ROW

PAGES = [
    *(section.path for section in SECTIONS),
    "/admin/people/tanaka",
    "/admin/machines/portal-1",
    "/admin/imports/1",
    "/admin/audit.csv",
    "/admin/audit.jsonl",
]
FORMS = [
    ("/admin/people", {"login": "ito", "role": "viewer"}),
    ("/admin/people/tanaka", {"role": "administrator"}),
    ("/admin/people/tanaka/password", {}),
    ("/admin/people/tanaka/disable", {}),
    ("/admin/people/mori/enable", {}),
    ("/admin/machines", {"client_id": "portal-2", "companies": "hu"}),
    ("/admin/machines/portal-1", {"companies": "hu"}),
    ("/admin/machines/portal-1/keys", {"scope": "needs:read"}),
    ("/admin/machines/portal-1/disable", {}),
    ("/admin/index", {"version": "v000001"}),
    (
        "/admin/identities",
        {"first": "R-01", "second": "hu-77", "decision": "join", "state": "queued"},
    ),
    ("/admin/jobs/j-waiting/cancel", {}),
]


def test_an_administrator_opens_every_page_and_no_raw_row_is_on_any(office):
    for path in PAGES:
        page = shown(office, path)
        assert SECRET_ROW not in page
        assert not re.search(r">\s*None\s*<", page), path


@pytest.mark.parametrize("role", [role for role in PERSON_ROLES if role != "administrator"])
def test_no_other_role_opens_or_changes_anything(office, catalogue, role):
    before = entries(catalogue)
    as_viewer(office.app, Viewer("tanaka", role))
    assert {office.get(path).status_code for path in PAGES} == {403}
    assert {office.post(path, data=fields).status_code for path, fields in FORMS} == {403}
    assert entries(catalogue) == before


def test_a_portal_opens_none_whatever_its_scopes(office):
    everything = frozenset(SCOPES)
    as_viewer(office.app, Viewer("portal-1", PORTAL, MACHINE, scopes=everything))
    assert {office.get(path).status_code for path in PAGES} == {403}


def test_only_administrators_are_led_there(office):
    assert 'href="/admin"' in shown(office, "/admin")
    as_viewer(office.app, Viewer("tanaka", "ip"))
    assert 'href="/admin"' not in office.get("/").text


def test_every_form_leads_on_by_a_redirect_and_is_noted_in_the_trail(office, catalogue):
    for path, fields in FORMS:
        before = len(entries(catalogue))
        answer = office.post(path, data=fields)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/admin/")
        assert len(entries(catalogue)) == before + 1, path


def test_the_overview_says_what_is_amiss_and_what_waits(office):
    page = shown(office, "/admin")
    assert "<strong>2</strong> people may sign in" in page
    assert "<strong>2</strong> pairs of researchers are in doubt" in page
    assert "<strong>2</strong> jobs wait or run" in page
    assert "an import of openalex stopped half-way" in page


def test_a_new_person_gets_a_password_that_is_shown_once_and_opens_the_account(office, catalogue):
    fields = {"login": "Ito", "name": "伊藤", "role": "legal", "with_password": "yes"}
    answer = office.post("/admin/people", data=fields)
    place = answer.headers["location"]
    password = secret_of(shown(office, place))
    assert password not in place
    assert office.get(place).status_code == 404
    assert Users(catalogue).get("ito").has_password
    assert password not in json.dumps(entries(catalogue))


def test_what_is_shown_once_is_shown_to_nobody_else(office):
    place = office.post("/admin/people/tanaka/password").headers["location"]
    as_viewer(office.app, Viewer("kato", "administrator"))
    assert office.get(place).status_code == 404
    as_viewer(office.app, BOSS)
    assert secret_of(shown(office, place))


def test_a_person_without_a_password_comes_by_single_sign_on(office, catalogue):
    page = submit(office, "/admin/people", login="ito", role="finance")
    assert ">ito</a>" in page
    assert not Users(catalogue).get("ito").has_password


def test_a_person_that_cannot_be_added_is_told_on_the_page(office):
    for fields, told in [
        ({"login": "no spaces", "role": "viewer"}, "A login name has 1 to 64"),
        ({"login": "tanaka", "role": "viewer"}, "There is an account 'tanaka' already"),
        ({"login": "ito", "role": "king"}, "'king' is no role"),
        ({"login": "ito", "role": "viewer", "researcher_id": "nobody"}, "No researcher has the id"),
    ]:
        answer = office.post("/admin/people", data=fields)
        assert answer.status_code in {404, 409, 422}
        assert told in html.unescape(answer.text)
        assert 'role="alert"' in answer.text


def test_a_persons_role_is_changed_and_the_account_disabled_and_enabled(office, catalogue):
    submit(office, "/admin/people/tanaka", name="田中", role="legal", researcher_id="")
    assert Users(catalogue).get("tanaka").role == "legal"
    assert "Disabled" in submit(office, "/admin/people/tanaka/disable")
    assert "May sign in" in submit(office, "/admin/people/tanaka/enable")


def test_the_last_administrator_stays_one(office, catalogue):
    assert office.post("/admin/people/sato/disable").status_code == 409
    assert office.post("/admin/people/sato", data={"role": "viewer"}).status_code == 409
    assert Users(catalogue).get("sato").role == "administrator"


def test_a_key_is_shown_once_works_and_is_useless_once_revoked(office, catalogue):
    fields = {"scope": ["needs:read", "matches:read"], "until": "2126-01-31"}
    page = submit(office, "/admin/machines/portal-1/keys", **fields)
    keys, text = Keys(catalogue), secret_of(page)
    viewer = keys.viewer_of(text)
    assert viewer.companies == {"hu"}
    assert viewer.scopes == {"needs:read", "matches:read"}
    key_id = text.split("_")[1]
    assert key_id in shown(office, "/admin/machines/portal-1")
    assert text not in shown(office, "/admin/machines/portal-1")
    page = submit(office, f"/admin/machines/portal-1/keys/{key_id}/revoke")
    assert "Revoked" in page
    assert keys.viewer_of(text) is None


def test_a_machine_or_key_that_cannot_be_is_told_on_the_page(office):
    for path, fields, told in [
        ("", {"client_id": "portal-9", "companies": ""}, "at least one company"),
        ("", {"client_id": "portal-9", "companies": "no-such"}, "no organisation has that id"),
        ("", {"client_id": "Portal 9", "companies": "hu"}, "A machine's id has"),
        ("/portal-1", {"companies": ""}, "at least one company"),
        ("/portal-1", {"companies": "no-such"}, "no organisation has that id"),
        ("/portal-1/keys", {}, "A key needs a scope"),
        ("/portal-1/keys", {"scope": "needs:read", "until": "2020-01-01"}, "over already"),
        ("/portal-1/keys", {"scope": "needs:read", "until": "soon"}, "not a date"),
        ("/portal-1/keys", {"scope": "needs:read", "until": "9999-12-31"}, "not a date"),
    ]:
        answer = office.post(f"/admin/machines{path}", data=fields)
        assert answer.status_code in {404, 422}
        assert told in html.unescape(answer.text)


def test_a_key_of_another_machine_is_not_revoked_here(office, catalogue):
    made = Keys(catalogue).create(BOSS, "portal-1", ["needs:read"])
    submit(office, "/admin/machines", client_id="portal-2", companies="hu")
    path = f"/admin/machines/portal-2/keys/{made.key.key_id}/revoke"
    assert office.post(path).status_code == 404
    assert Keys(catalogue).viewer_of(made.text)


def test_markup_in_what_is_entered_stays_text(office):
    hostile = "<script>alert(1)</script>"
    person = {"login": "ito", "role": "viewer", "name": hostile}
    machine = {"client_id": "portal-7", "companies": "hu", "name": hostile}
    for path, fields in [("/admin/people", person), ("/admin/machines", machine)]:
        place = office.post(path, data=fields).headers["location"]
        page = office.get(place).text
        assert hostile not in page
        assert html.escape(hostile) in page


def test_an_empty_office_has_a_page_for_each_section_in_both_languages(tmp_path):
    with open_catalogue(f"sqlite:///{tmp_path / 'empty.sqlite'}") as empty:
        client = client_of(service(empty, tmp_path / "empty"))
        for section in SECTIONS:
            for language in ("ja", "en"):
                answer = client.get(section.path, headers={"accept-language": language})
                assert answer.status_code == 200
                assert f'<html lang="{language}">' in answer.text


def test_the_pages_stylesheet_is_served(office):
    assert office.get("/static/admin.css").status_code == 200
    assert Path("api/static/admin.css").name in shown(office, "/admin")


def test_a_signed_in_administrator_needs_the_form_s_token_and_sends_it(catalogue, tmp_path):
    password = "vier leise Boote am Fluss"
    Users(catalogue).set_password(BOSS, "sato", password, is_one_time=False)
    app = service(catalogue, tmp_path, sign_in=SignInSettings())
    client = TestClient(app, follow_redirects=False)

    def token(path):
        return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text).group(1)

    entered = {"login": "sato", "password": password, "csrf_token": token("/login")}
    assert client.post("/login", data=entered).status_code == 303
    person = {"login": "ito", "role": "viewer"}
    assert client.post("/admin/people", data=person).status_code == 403
    kept = {**person, "csrf_token": token("/admin/people")}
    assert client.post("/admin/people", data=kept).status_code == 303
    with catalogue.reading() as connection:
        newest = audit.entries_page(connection, BOSS, limit=1).items[0]
    assert (newest.actor, newest.action, newest.object_id) == ("person:sato", "create user", "ito")


def test_every_form_on_every_page_carries_the_token():
    templates = (Path(pages.__file__).parents[1] / "templates").glob("admin*.html")
    for template in templates:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.S):
            assert "csrf_field()" in form, template.name
