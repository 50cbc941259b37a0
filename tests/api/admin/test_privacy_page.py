"""The administrator's page of researchers' rights: shown, opted out, taken back, forgotten."""

import pytest
from fastapi.testclient import TestClient

from catalogue.database.viewer import ADMINISTRATOR, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue
from tests.support.service import as_viewer, service

ROOT, HEAD = Viewer("root", ADMINISTRATOR), Viewer("head", CHIEF)
ENGLISH = {"accept-language": "en"}
ASKED = {"need_text": "食品包装の薄い膜"}


@pytest.fixture
def office(catalogue: Catalogue, tmp_path: object) -> TestClient:
    app = service(catalogue, tmp_path)  # type: ignore[arg-type]
    as_viewer(app, ROOT)
    return TestClient(app)


def listed(office: TestClient) -> list[str]:
    """Return whom a list has, by an index that has everybody."""
    as_viewer(office.app, HEAD)  # type: ignore[arg-type]
    found = office.post("/v1/matches", json=ASKED).json()["matches"]
    as_viewer(office.app, ROOT)  # type: ignore[arg-type]
    assert [one["rank"] for one in found] == list(range(1, len(found) + 1))
    return [one["researcher"]["researcher_id"] for one in found]


def test_who_opts_out_is_in_no_list_at_once_and_may_come_back(office: TestClient) -> None:
    assert "R-01" in listed(office)
    page = office.post(
        "/admin/privacy", data={"action": "opt-out", "researcher_id": "R-01"}, headers=ENGLISH
    )
    assert "neither matched nor listed" in page.text
    assert "R-01" in page.text
    assert "R-01" not in listed(office)
    assert "除外" in office.get("/admin/privacy", headers={"accept-language": "ja"}).text
    office.post("/admin/privacy", data={"action": "opt-in", "researcher_id": "R-01"})
    assert "R-01" in listed(office)


def test_forgetting_asks_twice_and_is_for_good(office: TestClient) -> None:
    asked = {"action": "forget", "researcher_id": "R-01"}
    once = office.post("/admin/privacy", data={**asked, "again": "R-02"}, headers=ENGLISH)
    assert once.status_code == 422
    assert "type the same id twice" in once.text
    assert 'value="R-01"' in once.text
    shown = office.post("/admin/privacy/export", data={"researcher_id": "R-01"})
    assert shown.json()["stored"]["researcher"][0]["name_ja"] == "森 花"
    done = office.post("/admin/privacy", data={**asked, "again": "R-01"}, headers=ENGLISH)
    assert "was forgotten" in done.text
    assert "R-01" not in listed(office)
    unknown = office.post("/admin/privacy/export", data={"researcher_id": "R-01"}, headers=ENGLISH)
    assert unknown.status_code == 404
