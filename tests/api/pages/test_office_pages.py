"""The office's pages over HTTP, as several roles: what they show, what they change, what they keep back."""

import io
import json
import re
import sqlite3
from contextlib import closing

import openpyxl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalogue.database.service_models import AuditEntry
from catalogue.database.viewer import Viewer
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import Settings
from office import alerts, notes, saved_searches, shortlists
from office.matching import ViewerMatching
from office.needs.reading import need_of
from office.saved_searches import SearchDraft
from tests.support.service import as_viewer, service
from tests.support.worlds import copied
from tests.support.worlds import pages as office
from tests.support.worlds.pages import CLOSED_NEED, HEAD, HUSHED, OPEN_NEED, PATENTS, SATO, TANAKA

CLOSED_PATH = f"/needs/{CLOSED_NEED}"
OPEN_PATH = f"/needs/{OPEN_NEED}"
ODD_PATH = "/needs/N%2F2%20%25"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The office, the application around it, and its client: made once, for that takes longest."""
    folder = tmp_path_factory.mktemp("office")
    with open_catalogue(copied("pages", folder)) as catalogue:
        app = service(catalogue, folder)
        with (
            TestClient(app, headers={"accept-language": "en"}) as client,
            closing(sqlite3.connect(folder / "kept.sqlite")) as kept,
            closing(sqlite3.connect(folder / "catalogue.sqlite")) as live,
        ):
            live.backup(kept)
            yield catalogue, app, client, lambda: kept.backup(live)


@pytest.fixture
def catalogue(served):
    """The catalogue of the office as it was furnished."""
    served[3]()
    return served[0]


@pytest.fixture
def act(catalogue, served):
    """A function that returns the client of a viewer, in English."""
    _, app, client, _ = served
    client.cookies.clear()

    def become(viewer: Viewer) -> TestClient:
        as_viewer(app, viewer)
        return client

    return become


def audited(catalogue, action: str) -> list[tuple[str, str, str]]:
    with catalogue.reading() as connection:
        query = select(AuditEntry.actor, AuditEntry.object_id, AuditEntry.detail)
        return [tuple(row) for row in connection.execute(query.where(AuditEntry.action == action))]


def version_of(catalogue, need_id: str) -> str:
    with catalogue.reading() as connection:
        return need_of(connection, HEAD, need_id).version


def form_of(page: str) -> dict[str, str]:
    """Return the fields of a need's form as a browser would send them back."""
    fields = dict(re.findall(r'<input(?:[^>]*?) name="(\w+)"[^>]*? value="([^"]*)"', page))
    fields |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


# researchers


def test_researchers_are_found_by_a_part_of_their_name_in_either_script(act):
    client = act(SATO)
    for query in ("name=花", "name=hana", "department=材料", "institution=hoshigano&name=mori"):
        page = client.get(f"/researchers?{query}").text
        assert 'href="/researchers/R-01"' in page
        assert "Lindqvist" not in page
    assert "Nobody was found" in client.get("/researchers?name=nobody").text


def test_all_researchers_are_paged_and_none_is_lost(act):
    client = act(SATO)
    found, address = [], "/researchers"
    while address:
        page = client.get(address).text
        found += re.findall(r'<h2><a href="/researchers/([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found)) == 38


def test_a_profile_shows_names_ids_fields_work_and_the_years_as_a_chart_and_a_table(act):
    page = act(SATO).get("/researchers/R-01").text
    assert "Hana Mori" in page and "森 花" in page
    for link in (
        "https://orcid.org/0000-0002-1825-0097",
        "https://researchmap.jp/hana_mori",
        "https://nrid.nii.ac.jp/nrid/1000012345678/",
    ):
        assert f'href="{link}"' in page
    assert page.count('<rect class="g-paper"') > 5
    assert 'aria-label="Seeds by year, from 2004 to 2023, at most 2 in a year.' in page
    assert re.search(r'<th scope="row">2004</th><td class="number">2</td>', page)
    assert office.COMPANY in page
    assert "Works with companies: 5" in page


def test_a_profile_names_the_fields_that_the_index_knows_somebody_for(act, served):
    served[1].state.services.live.get()
    client = act(SATO)
    assert "<li>Food and nutrition" in client.get("/researchers/R-01").text
    assert "No field can be told from the seeds." in client.get("/researchers/R-15").text


def test_seeds_are_narrowed_down_by_kind_and_year_and_paged(act):
    client = act(SATO)
    patents = client.get("/researchers/R-01?kind=patent").text
    assert len(re.findall(r'class="seed-title"', patents)) == 6
    one_year = client.get("/researchers/R-01?kind=paper&year=2004").text
    assert len(re.findall(r'class="seed-title"', one_year)) == 2
    whole = client.get("/researchers/R-01").text
    assert len(re.findall(r'class="seed-title"', whole)) == 20
    following = re.search(r'href="([^"#]+)#seeds" rel="next"', whole)[1].replace("&amp;", "&")
    assert len(re.findall(r'class="seed-title"', client.get(following).text)) == 20


def test_confidential_seeds_are_shown_to_those_alone_who_may_see_them(act):
    assert "未公開の膜" in act(HEAD).get("/researchers/R-01").text
    for viewer in (SATO, office.LAW, office.NUMBERS, office.GUEST):
        page = act(viewer).get("/researchers/R-01").text
        assert "未公開" not in page
        assert "2024" not in page.split("Seeds over the years")[1].split("<h2")[0]


def test_a_profile_names_the_matched_needs_that_the_viewer_may_see(act):
    sato = act(SATO).get("/researchers/R-01").text
    assert "新しい接着剤" in sato and "Rank 2" in sato
    head = act(HEAD).get("/researchers/R-01").text
    assert "Rank 1" in head.split("酸素を通さない薄い膜</a>")[1][:200]
    tanaka = act(TANAKA).get("/researchers/R-01").text
    assert "新しい接着剤" not in tanaka and "酸素を通さない薄い膜" in tanaka


def test_hostile_names_are_escaped_everywhere(act):
    client = act(SATO)
    shortlist_form = {"researcher_id": "R-03", "need_id": office.PLAIN_NEED}
    client.post("/shortlist", data=shortlist_form)
    client.post("/notes", data={**shortlist_form, "text": office.HOSTILE})
    for path in ("/researchers", "/researchers/R-03", "/needs", ODD_PATH, "/shortlist"):
        page = client.get(path).text
        assert "&lt;script&gt;alert" in page, path
        assert "<script>alert" not in page, path


def test_an_unknown_researcher_is_a_404_page(act):
    page = act(SATO).get("/researchers/nobody")
    assert page.status_code == 404
    assert "<!doctype html>" in page.text


# shortlist and notes


def test_a_researcher_is_kept_from_the_profile_listed_exported_and_removed(act, catalogue):
    client = act(SATO)
    form = {"researcher_id": "R-01", "need_id": CLOSED_NEED, "back": "researcher"}
    answer = client.post("/shortlist", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/researchers/R-01")
    page = client.get("/shortlist").text
    assert "新しい接着剤" in page and "Hana Mori" in page
    csv = client.get("/shortlist/export.csv")
    assert (
        csv.content.decode("utf-8-sig").splitlines()[1].startswith("新しい接着剤,森 花,Hana Mori")
    )
    book = openpyxl.load_workbook(io.BytesIO(client.get("/shortlist/export.xlsx").content))
    assert book.active["A2"].value == "新しい接着剤"
    assert [json.loads(d) for _, _, d in audited(catalogue, "export")] == [
        {"format": "csv", "researchers": 1}, {"format": "xlsx", "researchers": 1},
    ]  # fmt: skip
    client.post("/shortlist/remove", data={"researcher_id": "R-01", "need_id": CLOSED_NEED})
    assert "Your shortlist is empty." in client.get("/shortlist").text


def test_a_form_leads_to_pages_of_this_service_alone(act):
    client = act(SATO)
    for back in ("//elsewhere.example", "https://elsewhere.e", "need\r\nX: 1"):
        form = {"researcher_id": "R-01", "back": back}
        answer = client.post("/shortlist", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/shortlist"


def test_exports_are_for_those_who_may_export(act):
    assert act(office.GUEST).get("/shortlist/export.csv").status_code == 403
    assert "export.csv" not in act(office.GUEST).get("/shortlist").text
    assert act(SATO).get("/shortlist/export.sh").status_code == 422


def test_notes_are_written_read_and_deleted_by_their_author(act, catalogue):
    client = act(SATO)
    form = {"researcher_id": "R-01", "need_id": CLOSED_NEED, "text": "電話した。", "back": "need"}
    answer = client.post("/notes", data=form, follow_redirects=False)
    assert answer.headers["location"] == CLOSED_PATH
    assert "電話した。" in client.get(CLOSED_PATH).text
    assert "電話した。" not in act(TANAKA).get("/researchers/R-01").text
    [note] = notes.notes_of(catalogue, SATO)
    assert act(HEAD).post(f"/notes/{note.note_id}/delete").status_code == 403
    act(SATO).post(f"/notes/{note.note_id}/delete", data={"back": "need"})
    assert notes.notes_of(catalogue, SATO) == []


# needs


def test_the_list_of_needs_is_filtered_and_shows_what_may_be_seen(act):
    client = act(SATO)
    assert CLOSED_PATH in client.get("/needs").text
    assert CLOSED_PATH not in client.get("/needs?area=non-competitive").text
    mine = client.get("/needs?mine=1&area=any&status=open").text
    assert OPEN_PATH in mine and ODD_PATH not in mine
    for viewer in (TANAKA, PATENTS, office.NUMBERS):
        page = act(viewer).get("/needs?status=any").text
        assert CLOSED_PATH not in page and OPEN_PATH in page
    assert "No need that you may see" in act(SATO).get("/needs?status=closed").text


@pytest.mark.parametrize("viewer", [TANAKA, PATENTS, office.GUEST], ids=lambda v: v.viewer_id)
def test_a_need_that_may_not_be_seen_looks_like_one_that_is_not_there(act, viewer):
    client = act(viewer)
    hidden, missing = client.get(CLOSED_PATH), client.get("/needs/nothing")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text.replace(CLOSED_NEED, "nothing") == missing.text
    for action in ("close", "reopen", "guests", "guests/remove", "releases"):
        form = {"user_id": viewer.viewer_id}
        assert client.post(f"{CLOSED_PATH}/{action}", data=form).status_code in {403, 404}
    assert client.get(f"{CLOSED_PATH}/change").status_code in {403, 404}


def test_reading_a_need_of_a_closed_circle_is_noted_and_an_open_one_is_not(act, catalogue):
    client = act(SATO)
    client.get(OPEN_PATH)
    client.get(CLOSED_PATH)
    read = audited(catalogue, "read")
    assert [(actor, need) for actor, need, _ in read] == [("person:sato", CLOSED_NEED)]


def test_a_need_is_written_down_and_shown(act, catalogue):
    client = act(SATO)
    form = form_of(client.get("/needs/new").text)
    assert (form["confidentiality"], form["manager"]) == ("confidential", "sato")
    form |= {
        "title": "新しい塗料", "text": "さびにくい塗料を探しています。", "company": "架空塗装株式会社",
        "budget_jpy": "1,200,000円", "area": "non-competitive",
    }  # fmt: skip
    answer = client.post("/needs/new", data=form, follow_redirects=False)
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "新しい塗料" in page and "架空塗装株式会社" in page and "1,200,000" in page
    assert "塗料" not in answer.headers["location"]
    [(_, _, detail)] = audited(catalogue, "create")
    assert "塗" not in detail


def test_what_cannot_be_saved_comes_back_with_what_was_entered(act):
    client = act(SATO)
    form = {"title": "塗料", "text": "さびにくい塗料", "budget_jpy": "a lot", "area": "secret"}
    page = client.post("/needs/new", data={**form, "confidentiality": "public"})
    assert page.status_code == 422
    assert 'value="a lot" aria-invalid="true"' in page.text
    assert re.search(r'name="area" aria-invalid="true"', page.text)
    assert 'value="塗料"' in page.text
    empty = client.post("/needs/new", data={"title": "", "text": " ", "confidentiality": "public"})
    assert empty.status_code == 400
    assert "cannot be saved like this" in empty.text


def test_a_need_is_changed_by_its_manager(act, catalogue):
    client = act(SATO)
    form = form_of(client.get(f"{OPEN_PATH}/change").text)
    assert form["company"] == office.COMPANY
    form |= {"title": "別の題名", "company": ""}
    answer = client.post(f"{OPEN_PATH}/change", data=form, follow_redirects=False)
    assert answer.headers["location"] == OPEN_PATH
    page = client.get(OPEN_PATH).text
    assert "別の題名" in page and "Company unknown" in page
    [(actor, _, detail)] = audited(catalogue, "change")
    assert actor == "person:sato"
    assert json.loads(detail)["fields"] == ["organisation_id", "title"]


def test_sending_a_form_back_as_it_was_changes_nothing(act, catalogue):
    client = act(SATO)
    for path in (OPEN_PATH, CLOSED_PATH):
        client.post(f"{path}/change", data=form_of(client.get(f"{path}/change").text))
    assert audited(catalogue, "change") == []


def test_a_lost_update_shows_both_and_saves_only_when_asked_again(act):
    first = form_of(act(SATO).get(f"{OPEN_PATH}/change").text)
    second = form_of(act(HEAD).get(f"{OPEN_PATH}/change").text)
    act(HEAD).post(f"{OPEN_PATH}/change", data={**second, "horizon": "三年以内"})
    clash = act(SATO).post(f"{OPEN_PATH}/change", data={**first, "horizon": "半年以内"})
    assert clash.status_code == 412
    assert "Somebody else changed this need" in clash.text
    assert "三年以内" in clash.text and 'value="半年以内"' in clash.text
    assert clash.text.count("Somebody else wrote:") == 1
    assert "三年以内" in act(SATO).get(OPEN_PATH).text
    act(SATO).post(f"{OPEN_PATH}/change", data=form_of(clash.text))
    assert "半年以内" in act(SATO).get(OPEN_PATH).text


def test_a_need_is_closed_and_opened_again(act, catalogue):
    client = act(SATO)
    version = version_of(catalogue, OPEN_NEED)
    client.post(f"{OPEN_PATH}/close", data={"version": version})
    assert "Open the need again" in client.get(OPEN_PATH).text
    stale = client.post(f"{OPEN_PATH}/reopen", data={"version": version})
    assert stale.status_code == 412
    client.post(f"{OPEN_PATH}/reopen", data={"version": version_of(catalogue, OPEN_NEED)})
    assert "Close the need" in client.get(OPEN_PATH).text


def test_an_ip_manager_is_asked_in_sees_the_need_and_is_asked_out_again(act):
    assert act(PATENTS).get(CLOSED_PATH).status_code == 404
    act(SATO).post(f"{CLOSED_PATH}/guests", data={"user_id": "chizai"})
    seen = act(PATENTS).get(CLOSED_PATH)
    assert HUSHED in seen.text
    assert "/change" not in seen.text and "guests/remove" not in seen.text
    assert act(PATENTS).post(f"{CLOSED_PATH}/guests", data={"user_id": "houmu"}).status_code == 403
    act(SATO).post(f"{CLOSED_PATH}/guests/remove", data={"user_id": "chizai"})
    assert act(PATENTS).get(CLOSED_PATH).status_code == 404


def test_a_list_is_released_and_revoked(act, catalogue):
    client = act(SATO)
    answer = client.post(f"{OPEN_PATH}/releases", data={"top": "1"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, OPEN_PATH)
    page = client.get(OPEN_PATH).text
    [release_id] = re.findall(r'action="/releases/(\d+)/revoke"', page)
    assert act(TANAKA).post(f"/releases/{release_id}/revoke").status_code == 403
    act(SATO).post(f"/releases/{release_id}/revoke")
    assert "Revoked" in client.get(OPEN_PATH).text
    assert len(audited(catalogue, "release")) == len(audited(catalogue, "revoke")) == 1


def test_those_on_the_shortlist_are_released_alone(act, catalogue):
    client = act(SATO)
    nobody = client.post(f"{OPEN_PATH}/releases", data={"whom": "shortlist"})
    assert (nobody.status_code, audited(catalogue, "release")) == (422, [])
    shortlists.add_to_shortlist(catalogue, SATO, "R-01", OPEN_NEED)
    client.post(f"{OPEN_PATH}/releases", data={"whom": "shortlist"})
    [(_, _, detail)] = audited(catalogue, "release")
    assert json.loads(detail)["people"] == 1


# saved searches


@pytest.fixture
def search_id(catalogue):
    draft = SearchDraft("包装の膜", "食品包装の薄い膜", alert=True)
    number = saved_searches.save_search(catalogue, SATO, draft)
    seen = office.match_list("", "R-02")
    alerts.note_looked(catalogue, SATO, number, seen)
    return number


class Found:
    """Finds one person anew."""

    def match(self, need, *, top, filters):
        return office.match_list(need.need_id, "R-02", "R-01")


def test_news_of_a_saved_search_are_shown_until_it_is_run(act, catalogue, search_id):
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    with catalogue.writing() as connection:  # the next night finds somebody more
        connection.execute(saved_searches.SEARCHES.update().values(known='["R-02"]'))
    alerts.check_alerts(ViewerMatching(catalogue, Settings()), Found(), 20)
    client = act(SATO)
    page = client.get("/searches").text
    assert "1 new researcher<" in page and "Hana Mori" in page
    ran = client.post(f"/searches/{search_id}/run")
    assert ran.status_code == 200
    assert "Hana Mori" in ran.text
    assert "new researcher" not in client.get("/searches").text


def test_a_saved_search_is_renamed_watched_and_deleted(act, search_id):
    client = act(SATO)
    client.post(f"/searches/{search_id}/rename", data={"name": "別の名"})
    client.post(f"/searches/{search_id}/alert", data={"on": ""})
    page = client.get("/searches").text
    assert "別の名" in page and "Turn the alert on" in page
    assert client.post(f"/searches/{search_id}/rename", data={"name": " "}).status_code == 422
    client.post(f"/searches/{search_id}/delete")
    assert "You have no saved searches." in client.get("/searches").text


def test_others_searches_are_out_of_reach(act, search_id):
    client = act(HEAD)
    assert "包装の膜" not in client.get("/searches").text
    for action in ("run", "rename", "alert", "delete"):
        assert client.post(f"/searches/{search_id}/{action}", data={"name": "x"}).status_code == 404


# reports


def test_a_report_shows_the_needs_that_its_reader_may_see_and_marks_what_is_new(act, catalogue):
    client = act(SATO)
    assert "/reports/2026-11-20" in client.get("/reports").text
    page = client.get("/reports/2026-11-20").text
    assert "新しい接着剤" in page and "Hana Mori" in page
    assert "2 new researchers" in page and "no longer in the catalogue" in page
    assert HUSHED not in page
    assert audited(catalogue, "read") == [("person:sato", "2026-11-20", '{"needs": 2}')]
    tanaka = act(TANAKA).get("/reports/2026-11-20").text
    assert "新しい接着剤" not in tanaka and CLOSED_NEED not in tanaka
    assert "1 need<" in tanaka


def test_the_stored_report_is_the_chiefs_alone(act, catalogue):
    answer = act(HEAD).get("/reports/2026-11-20/files/page")
    assert HUSHED in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    assert act(HEAD).get("/reports/2026-11-20/files/workbook").status_code == 200
    assert [need for _, need, _ in audited(catalogue, "export")] == ["2026-11-20"] * 2
    for viewer in (SATO, PATENTS):
        assert act(viewer).get("/reports/2026-11-20/files/page").status_code == 403
        assert "files/page" not in act(viewer).get("/reports/2026-11-20").text


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-18",
        "..",
        "%2e%2e",
        "..%2f..%2fcatalogue.sqlite",
        "%2e%2e%2freports",
        "a%00b",
        ".staging-x",
    ],
)
def test_no_name_of_a_report_leads_out_of_the_listing(act, name):
    client = act(HEAD)
    assert client.get(f"/reports/{name}").status_code in {200, 404}
    assert "catalogue" not in client.get(f"/reports/{name}").headers.get("content-disposition", "")
    assert client.get(f"/reports/{name}/files/page").status_code == 404
    assert client.get("/reports/2026-11-20/files/run.json").status_code == 404


# roles, languages


PATHS = (
    "/researchers",
    "/researchers/R-01",
    "/needs",
    OPEN_PATH,
    "/shortlist",
    "/searches",
    "/reports",
)


@pytest.mark.parametrize(
    ("viewer", "refused"),
    [
        (HEAD, ()), (SATO, ()), (PATENTS, ()), (office.LAW, ()),
        (office.NUMBERS, ("/reports",)), (office.GUEST, ("/reports",)), (office.ROOT, PATHS),
    ],
    ids=lambda value: getattr(value, "role", ""),
)  # fmt: skip
def test_each_role_sees_its_pages_in_both_languages(act, viewer, refused):
    client = act(viewer)
    for path in PATHS:
        for language in ("ja", "en"):
            page = client.get(path, headers={"accept-language": language})
            assert page.status_code == (403 if path in refused else 200), path
            assert f'<html lang="{language}">' in page.text
            assert len(page.content) < 100_000


def test_empty_pages_say_what_to_do_next(act):
    client = act(office.LAW)
    for path, hint in {
        "/shortlist": "Your shortlist is empty.",
        "/searches": "You have no saved searches.",
        "/needs?status=closed": "Show all needs",
        "/researchers?name=zz": "Show everybody",
    }.items():
        page = client.get(path).text
        assert 'class="empty"' in page and hint in page


def test_forms_that_change_something_carry_the_field_against_forgery(act):
    client = act(SATO)
    for path in (*PATHS, CLOSED_PATH, f"{OPEN_PATH}/change", "/needs/new"):
        page = client.get(path).text
        posts = re.findall(r'<form[^>]* method="post".*?</form>', page, re.S)
        assert all("csrf" in form or "csrf_token" not in page for form in posts), path


def test_no_address_holds_the_text_of_a_need_or_a_companys_name(act):
    client = act(SATO)
    for path in (*PATHS, CLOSED_PATH):
        for address in re.findall(r'(?:href|action)="([^"]*)"', client.get(path).text):
            assert "%E" not in address and not re.search(r"[\u3041-\u9fff]", address), address
