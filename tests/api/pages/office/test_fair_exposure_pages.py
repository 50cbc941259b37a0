"""Fair exposure among equals as people see it: said on the list, the same on page, in file and API."""

import io

import openpyxl
import pypdf
import pytest

from enmusubi.settings import MatchingSettings
from tests.support.worlds.pages import SATO

TEXTS = [f"膜 oxygen {'x' * n}" for n in range(1, 9)]  # each person has one of the words
NAMES = ("森 花", "Ada Lindqvist")


def text_of_pdf(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(page.extract_text().replace("\0", "") for page in pages)


def text_of_workbook(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return " ".join(str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row)


READERS = {
    "csv": lambda content: content.decode("utf-8-sig"),
    "xlsx": text_of_workbook,
    "pdf": text_of_pdf,
    "brief": text_of_pdf,
}


@pytest.fixture
def fair(served, monkeypatch):
    matching = served[1].state.services.matching
    changed = {"matching": MatchingSettings(fair_exposure=True)}
    monkeypatch.setattr(matching, "settings", matching.settings.model_copy(update=changed))


def first_of(text):
    return min(NAMES, key=text.index)


def test_equals_share_places_and_page_file_and_api_agree(act, fair):
    client, seen = act(SATO), set()
    for text in TEXTS:
        page = client.post("/", data={"need": text}).text
        answer = client.post("/v1/matches", json={"need_text": text}).json()
        people = [one["researcher"]["researcher_id"] for one in answer["matches"]]
        file = client.post("/export/csv", data={"need": text}).content.decode("utf-8-sig")
        assert [one["rank"] for one in answer["matches"]] == [1, 2]
        first = NAMES[people[0] == "R-02"]
        assert first_of(page[page.index('id="found-title"') :]) == first_of(file) == first, text
        assert ("drawn by lot" in file) == answer["fair_exposure"]
        assert ('id="evened"' in page) == answer["fair_exposure"] == (first == NAMES[1])
        one = client.post("/v1/matches", json={"need_text": text, "top": 1}).json()["matches"]
        assert [match["researcher"]["researcher_id"] for match in one] == people[:1]
        seen.add(first)
    assert seen == set(NAMES)


def test_every_file_says_that_lots_had_a_part_unless_it_is_in_another_order(act, fair):
    client = act(SATO)
    drawn = next(
        text for text in TEXTS if 'id="evened"' in client.post("/", data={"need": text}).text
    )
    for ending, read in READERS.items():
        file = client.post(f"/export/{ending}", data={"need": drawn}).content
        assert "drawn by lot" in " ".join(read(file).split()), ending
        named = client.post(f"/export/{ending}", data={"need": drawn, "sort": "name"}).content
        assert ("drawn by lot" in " ".join(read(named).split())) == (ending == "brief"), ending


def test_paper_says_it_too_and_reverse_ranks_say_that_they_count_by_probability(act, fair):
    client = act(SATO)
    drawn = next(
        text
        for text in TEXTS
        if client.post("/v1/matches", json={"need_text": text}).json()["fair_exposure"]
    )
    assert 'id="evened"' in client.post("/print", data={"need": drawn}).text
    assert "counts by probability alone" in client.get("/researchers/R-01/needs").text
    assert client.get("/v1/researchers/R-01/needs").json()["lists_reordered"]
    asked = {"technology_text": "薄い膜を作る技術"}
    assert client.post("/v1/companies/search", json=asked).json()["lists_reordered"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_file_of_a_spread_list_says_what_spread_it(act, language):
    client = act(SATO)
    text = "薄い膜を探しています。 A thin film for food packaging."  # two people fit it
    said = {"ja": "並び順は「幅広く」", "en": "The order is “Wide”"}[language]
    for ending, read in READERS.items():
        asked = {"need": text, "spread": "wide"}
        headers = {"accept-language": language}
        file = client.post(f"/export/{ending}", data=asked, headers=headers).content
        assert said in " ".join(read(file).split()), ending
        plain = client.post(f"/export/{ending}", data={"need": text}, headers=headers).content
        assert said not in " ".join(read(plain).split()), ending


def test_without_the_setting_nothing_of_it_happens(act):
    page = act(SATO).post("/", data={"need": TEXTS[0]}).text
    assert 'id="evened"' not in page
    assert first_of(page[page.index('id="found-title"') :]) == NAMES[0]
    assert "counts by probability alone" not in act(SATO).get("/researchers/R-01/needs").text
