"""The administrator's pages: what they show, what they change, who may open them, what is noted."""

import csv
import html
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update

from enmusubi.api.pages.admin.frame import SECTIONS
from enmusubi.indexes.versions import current_name, pinned_name
from enmusubi.matcher.access import audit
from enmusubi.matcher.access.viewer import MACHINE, PERSON_ROLES, PORTAL, SCOPES, Viewer
from enmusubi.matcher.accounts.keys import Keys
from enmusubi.matcher.accounts.users import Users
from enmusubi.matcher.catalogue.catalogue import open_catalogue
from enmusubi.matcher.catalogue.decisions import count_pairs
from enmusubi.matcher.catalogue.service_models import Job
from tests.api.admin_office import BOSS, FORMULA, SECRET_ROW, furnish
from tests.api.service import as_viewer, fill, service

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
    ("/admin/identities", {"first": "R-01", "second": "hu-77", "deed": "join", "state": "queued"}),
    ("/admin/jobs/j-waiting/cancel", {}),
]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A data folder, well filled; copied for each test."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as opened:
        fill(opened)
        furnish(opened, folder)
    return folder


@pytest.fixture
def catalogue(furnished, tmp_path):
    """The office's catalogue."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as opened:
        yield opened


@pytest.fixture
def office(catalogue, tmp_path):
    """A client of the administrator."""
    return client_of(catalogue, tmp_path)


def client_of(catalogue, folder):
    app = service(catalogue, folder)
    as_viewer(app, BOSS)
    return TestClient(app, follow_redirects=False, headers={"accept-language": "en"})


def entries(catalogue):
    with catalogue.reading() as connection:
        page = audit.entries_page(connection, BOSS, limit=200)
    return [(entry.action, entry.object_id) for entry in page.items]


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def submit(client, path, **fields):
    """Send a form and return the page that its redirect leads to."""
    answer = client.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    return shown(client, answer.headers["location"])


def secret_of(page):
    return re.search(r'<p class="secret"><code>([^<]+)</code>', page).group(1)


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
        ("", {"client_id": "portal-9", "companies": ""}, "organisation id of at least one company"),
        ("", {"client_id": "portal-9", "companies": "no-such"}, "No organisation has the id"),
        ("", {"client_id": "Portal 9", "companies": "hu"}, "A machine's id has"),
        ("/portal-1", {"companies": ""}, "organisation id of at least one company"),
        ("/portal-1", {"companies": "no-such"}, "No organisation has the id"),
        ("/portal-1/keys", {}, "A key needs a scope"),
        ("/portal-1/keys", {"scope": "needs:read", "until": "2020-01-01"}, "over already"),
        ("/portal-1/keys", {"scope": "needs:read", "until": "soon"}, "not a date"),
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


def test_imports_are_listed_with_counts_and_time_and_rejects_page_by_page(office):
    page = shown(office, "/admin/imports")
    assert "3:07" in page
    assert "1,204" in page
    assert "Not finished" in page
    first = shown(office, "/admin/imports/1")
    assert "a date is expected" in first
    assert "Commonest reasons" in first
    rest = re.search(r'rel="next" href="([^"]+)"', first).group(1)
    second = shown(office, rest)
    assert "Commonest reasons" not in second
    assert len(re.findall("needs-2026.csv", first)) == 50
    assert len(re.findall("needs-2026.csv", second)) == 11


def test_an_older_index_version_serves_again_and_is_pinned(office, tmp_path):
    page = submit(office, "/admin/index", version="v000002")
    assert "Serves, pinned" in page
    assert "340 kB" in page
    root = tmp_path / "indexes"
    assert (current_name(root), pinned_name(root)) == ("v000002", "v000002")
    submit(office, "/admin/index", version="v000003")
    assert (current_name(root), pinned_name(root)) == ("v000003", None)


def test_a_version_that_is_not_there_is_refused(office, tmp_path):
    for name in ("v000009", "../../etc"):
        assert office.post("/admin/index", data={"version": name}).status_code == 422
    assert office.post("/admin/index", data={}).status_code == 422
    assert current_name(tmp_path / "indexes") == "v000003"


def test_a_pair_is_joined_undone_and_kept_apart(office, catalogue):
    pair = {"first": "A5012345678", "second": "R-01", "state": "queued"}
    page = shown(office, "/admin/identities")
    assert "Certainty 74 per cent" in page
    assert '<li class="contrary">Different names</li>' in page

    def counts():
        with catalogue.reading() as connection:
            return count_pairs(connection)

    submit(office, "/admin/identities", deed="join", **pair)
    assert counts() == {"queued": 1, "joined": 1, "apart": 0}
    assert "Decided by hand" in shown(office, "/admin/identities?state=joined")
    submit(office, "/admin/identities", deed="undo", **pair | {"state": "joined"})
    submit(office, "/admin/identities", deed="apart", **pair)
    assert counts() == {"queued": 1, "joined": 0, "apart": 1}


def test_a_waiting_job_stops_at_once_and_a_running_one_is_asked_to(office):
    page = submit(office, "/admin/jobs/j-waiting/cancel")
    assert page.count("Stopped") == 2  # the tab and the job
    assert "was asked to stop" in submit(office, "/admin/jobs/j-running/cancel")
    assert office.post("/admin/jobs/j-done/cancel").status_code == 409
    assert office.post("/admin/jobs/nobody/cancel").status_code == 404
    assert "j-failed" in shown(office, "/admin/jobs?state=failed")
    assert "j-done" not in shown(office, "/admin/jobs?state=failed")


def test_the_trail_is_filtered_and_paged(office, catalogue):
    for number in range(60):
        audit.note(catalogue, BOSS, "look", "need", f"N-{number}")
    first = shown(office, "/admin/audit?action=look")
    assert "N-59" in first
    assert "create user" not in first
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))
    second = shown(office, older)
    assert "action=look" in older
    assert "N-9<" in second.replace("\n", "")
    assert "No entry fits." in shown(office, "/admin/audit?actor=person:nobody")
    assert "No entry fits." in shown(office, "/admin/audit?until=2020-01-01")
    assert office.get("/admin/audit?since=soon").status_code == 422


def test_the_page_says_whether_the_trail_is_whole(office, catalogue):
    assert "The trail is whole" in shown(office, "/admin/audit")
    with catalogue.writing() as connection:
        connection.execute(update(audit.ENTRY).where(audit.ENTRY.c.entry_id == 3).values(role="ip"))
    assert "entry 3 is not as it was written" in shown(office, "/admin/audit")
    with catalogue.writing() as connection:
        connection.execute(delete(audit.ENTRY).where(audit.ENTRY.c.entry_id == 2))
    assert "entry 2 is missing" in shown(office, "/admin/audit")


def test_the_trail_as_a_table_holds_no_formula_and_every_entry(office, catalogue):
    audit.note(catalogue, BOSS, "look", "need", FORMULA)
    answer = office.get("/admin/audit.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [int(row["entry_id"]) for row in rows] == list(range(len(rows), 0, -1))
    assert rows[0]["action"] == "export audit trail"
    assert rows[1]["object_id"] == f"'{FORMULA}"


def test_the_trail_as_lines_begins_with_its_head(office, catalogue):
    first, *rest = map(json.loads, office.get("/admin/audit.jsonl").text.splitlines())
    with catalogue.reading() as connection:
        head = audit.head_of(connection)
    assert (first["head"], first["entries"], len(rest)) == (head.hash, head.entries, head.entries)


def test_markup_in_what_is_entered_stays_text(office):
    hostile = "<script>alert(1)</script>"
    person = {"login": "ito", "role": "viewer", "name": hostile}
    machine = {"client_id": "portal-7", "companies": "hu", "name": hostile}
    for path, fields in [("/admin/people", person), ("/admin/machines", machine)]:
        place = office.post(path, data=fields).headers["location"]
        page = office.get(place).text
        assert hostile not in page
        assert html.escape(hostile) in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_empty_office_has_a_page_for_each_section(tmp_path, language):
    with open_catalogue(f"sqlite:///{tmp_path / 'empty.sqlite'}") as empty:
        client = client_of(empty, tmp_path / "empty")
        for section in SECTIONS:
            answer = client.get(section.path, headers={"accept-language": language})
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text


def test_nobody_reads_what_a_job_was_asked(office, catalogue):
    with catalogue.reading() as connection:
        asked = connection.execute(Job.__table__.select()).mappings().first()
    assert SECRET_ROW in json.loads(asked["request"])["text"]
    assert SECRET_ROW not in shown(office, "/admin/jobs")


def test_the_pages_stylesheet_is_served(office):
    assert office.get("/static/admin.css").status_code == 200
    assert Path("enmusubi/api/static/admin.css").name in shown(office, "/admin")
