"""The pages of past nights: who reads what of a report, and that no name leads elsewhere."""

import pytest

from tests.api.pages.office.steps import audited
from tests.support.worlds.pages import CLOSED_NEED, HEAD, HUSHED, PATENTS, SATO, TANAKA


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
