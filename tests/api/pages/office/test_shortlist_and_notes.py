"""The pages of the shortlist and of notes: kept, exported, removed, and whose they are."""

import io
import json

import openpyxl

from office import notes
from tests.api.pages.office.steps import CLOSED_PATH, audited
from tests.support.worlds import pages as office
from tests.support.worlds.pages import CLOSED_NEED, HEAD, SATO, TANAKA


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
