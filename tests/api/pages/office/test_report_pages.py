"""The pages of past nights: who reads what of a report, and that no name leads elsewhere."""

import json
import shutil
from datetime import date

import pytest

from catalogue.records.drafts import NEEDS, Draft
from matcher.explaining.words import GROUP_LABELS
from tests.api.pages.office.steps import audited
from tests.support.worlds.pages import CLOSED_NEED, HEAD, HUSHED, OPEN_NEED, PATENTS, SATO, TANAKA


@pytest.fixture
def nights(served, catalogue):
    """A function that writes a night after the last one: the open need's list has R-01 and R-02."""
    root = served[1].state.services.settings.reports_dir
    folder = root / "2026-11-22"

    def write(people: dict[str, tuple[str, str]], *, fits_nobody: bool, more: int = 0) -> None:
        listed = [
            {"researcher_id": f"R-0{n}", "seeds": [seed], "strength": strength, "probability": 0.4,
             "key_seed": seed, "reasons": ["meaning"]}
            for n, (strength, seed) in enumerate(people.values(), start=1)
        ]  # fmt: skip
        need = {"researchers": listed, "error": None, "matched": True, "fits_nobody": fits_nobody}
        needs = {OPEN_NEED: need}
        for number in range(more):
            row = {"need_id": f"N-many-{number:02}", "title": f"題 {number}", "text": "膜",
                   "area": "non-competitive", "confidentiality": "public",
                   "posted_on": date(2026, 11, 1)}  # fmt: skip
            catalogue.write([Draft(NEEDS, row)], source="test")
            needs[row["need_id"]] = need
        run = {"format": 1, "name": folder.name, "date": folder.name, "previous": "2026-11-19",
               "index_version": "v1", "model": "m", "top": 5, "needs": needs}  # fmt: skip
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(run), "utf-8")

    yield write
    shutil.rmtree(folder, ignore_errors=True)


def test_a_report_shows_the_needs_that_its_reader_may_see_and_marks_what_is_new(act, catalogue):
    client = act(SATO)
    assert "/reports/2026-11-20" in client.get("/reports").text
    page = client.get("/reports/2026-11-20?view=all").text
    assert "新しい接着剤" in page and "Hana Mori" in page
    assert "2 new researchers" in page and "no longer in the catalogue" in page
    assert HUSHED not in page
    assert audited(catalogue, "read") == [("person:sato", "2026-11-20", '{"needs": 2}')]
    tanaka = act(TANAKA).get("/reports/2026-11-20?view=all").text
    assert "新しい接着剤" not in tanaka and CLOSED_NEED not in tanaka
    assert tanaka.count('class="sheet night-need"') == 1


def test_a_report_says_who_is_new_how_strong_and_by_which_work(act, nights):
    nights({"n-1": ("strong", "S-01"), "n-2": ("weak", "S-hidden")}, fits_nobody=False)
    page = act(SATO).get("/reports/2026-11-22?view=all").text
    line = page[page.index("Hana Mori") :]
    assert '<strong class="badge strong">Strong</strong>' in line and "New in the list" in line
    assert "食品包装の薄い膜に関する研究 第 1 報" in line and GROUP_LABELS["en"]["meaning"] in line
    assert "未公開の膜" not in page, "a seed that the reader may not see is named"
    assert "Show the 1 researcher who is less likely to fit" in page


def test_a_report_says_that_nobody_fits_and_lists_such_needs_apart(act, nights):
    nights({"n-1": ("weak", "S-01"), "n-2": ("weak", "")}, fits_nobody=True)
    client = act(SATO)
    page = client.get("/reports/2026-11-22?view=nobody").text
    assert "The nearest researchers</h3>" in page
    assert "Nobody here fits “酸素を通さない薄い膜” well. The nearest are listed" in page
    assert "新しい接着剤" not in page
    assert (
        "No need of this night is like that." in client.get("/reports/2026-11-22?view=failed").text
    )


def test_a_report_of_many_needs_comes_in_pages(act, nights):
    nights({"n-1": ("good", "S-01")}, fits_nobody=False, more=45)
    client = act(SATO)
    sizes = []
    for number in range(1, 6):
        page = client.get(f"/reports/2026-11-22?view=all&page={number}")
        assert len(page.content) < 100_000
        sizes.append(page.text.count('class="sheet night-need"'))
    assert sizes == [12, 12, 12, 10, 0]


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
