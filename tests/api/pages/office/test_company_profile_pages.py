"""Companies on pages: profiles, their import, a technology's companies; needs of a person; spread lists."""

from api.pages.rendering import NOTICES
from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH
from tests.support.worlds.pages import HEAD, HUSHED, SATO, TANAKA

GIVEN = {"name_ja": "月下化成", "business_ja": "食品を包む薄い膜を作る。", "fields": "食品・栄養"}
TABLE = "企業名,事業内容\n月見鉄工,鉄を鍛える。\n,名前のない会社\n".encode()


def test_a_profile_is_written_found_by_a_technology_and_taken_away(act):
    client = act(SATO)
    refused = client.post("/company-profiles", data={"name_ja": "月下化成", "homepage": "ftp://x"})
    assert refused.status_code == 422 and 'value="ftp://x"' in refused.text
    assert client.post("/company-profiles", data=GIVEN).status_code in {200, 303}
    listed = client.get("/company-profiles", params={"name": "月下"}).text
    assert "月下化成" in listed and 'href="/company-profiles/1"' in listed

    found = client.post("/company-profiles/find", data={"technology": "薄い膜"}).text
    assert (
        "Company profile" in found and 'href="/company-profiles/1"' in found and "薄い膜" in found
    )
    empty = client.post("/company-profiles/find", data={"technology": "!"})
    assert empty.status_code == 400 and 'aria-invalid="true"' in empty.text

    changed = client.post(
        "/company-profiles/1", data={**GIVEN, "business_ja": "", "products_ja": "袋"}
    )
    assert changed.status_code in {200, 303}
    assert "袋" in client.get("/company-profiles/1").text
    client.post("/company-profiles/1/remove")
    assert "Bring it back" in client.get("/company-profiles/1").text
    assert 'href="/company-profiles/1"' not in client.get("/company-profiles").text
    client.post("/company-profiles/1/restore")
    assert 'href="/company-profiles/1"' in client.get("/company-profiles").text


def test_an_imported_table_tells_what_was_not_taken_by_row_and_field(act):
    client = act(SATO)
    page = client.post("/company-profiles/import", files={"file": ("企業.csv", TABLE)}).text
    assert "added: 1" in page and "row 3" in page and "Name in Japanese" in page
    other = client.post("/company-profiles/import", files={"file": ("x.pdf", b"%PDF")})
    assert other.status_code == 400 and "Nothing was imported" in other.text


def test_a_persons_needs_and_a_technologys_companies_name_no_need_that_is_hidden(act):
    client = act(TANAKA)
    for path in ("/researchers/R-01/needs", "/researchers/R-02/needs"):
        assert HUSHED not in client.get(path).text
    asked = {"technology": "接着剤の配合"}
    hidden = f'href="{CLOSED_PATH}"'
    assert hidden not in client.post("/company-profiles/find", data=asked).text
    assert hidden in act(HEAD).post("/company-profiles/find", data=asked).text
    assert "Open needs that fit" in client.get("/researchers/R-01").text


def test_a_list_is_spread_as_its_reader_chooses_and_says_what_that_costs(act):
    client = act(SATO)
    text = "薄い膜を探しています。 A thin film for food packaging."  # two people fit it
    asked = {"need": text, "spread": "wide"}
    page = client.post("/", data=asked).text
    assert "Wide: expected suitable people" in page and "people who came in: 0" in page
    assert "never moved up" in page
    assert '<option value="wide" selected>' in page
    assert "Wide: expected suitable people" in client.post("/print", data=asked).text
    assert "spread-effect" not in client.post("/", data={"need": text}).text
    assert client.post("/", data={**asked, "spread": "wild"}).status_code == 422
    client.post("/", data={**asked, "do": "save", "search_name": "広く"})
    number = client.get("/searches").text.split("/searches/", 1)[1].split("/", 1)[0]
    assert '<option value="wide" selected>' in client.post(f"/searches/{number}/run").text
    answer = client.post("/v1/matches", json={"need_text": text, "spread": "wide"}).json()
    assert answer["spread"]["level"] == "wide" and answer["matches"][0]["plain_rank"]


def test_the_kind_of_a_need_is_set_by_who_changes_it(act):
    client = act(HEAD)
    saved = client.post(f"{OPEN_PATH}/kind", data={"kind": "disruptive"})
    assert NOTICES["saved"] in saved.text or saved.status_code == 303
    assert '<option value="disruptive" selected>' in client.get(OPEN_PATH).text
    assert client.post(f"{OPEN_PATH}/kind", data={"kind": "odd"}).status_code == 422


def test_dormant_needs_have_a_page_that_is_empty_at_first(act):
    assert "No new seed was found" in act(SATO).get("/dormant").text
