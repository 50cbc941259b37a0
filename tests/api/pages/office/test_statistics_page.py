"""The page of statistics: charts that are tables, too, CSV, and who reads it; the analyst's reports."""

import csv
import io
import re
from dataclasses import replace

import pytest

from catalogue.database.judgement_models import NIGHTLY
from catalogue.judgements.shown_lists import record_shown
from tests.api.pages.office.steps import audited
from tests.support.worlds.pages import (
    CLOSED_NEED,
    GUEST,
    HEAD,
    NUMBERS,
    OPEN_NEED,
    ROOT,
    SATO,
    match_list,
)


@pytest.fixture
def counted(act, catalogue):
    """The office with a field for the open need and two judgements."""
    found = replace(match_list(OPEN_NEED, "R-01"), fields=("food-science",))
    record_shown(catalogue, found, NIGHTLY)
    client = act(SATO)
    client.post("/", data={"need_id": OPEN_NEED, "do": "suits R-01"})
    refused = {"need_id": OPEN_NEED, "do": "refuses R-02", "reason": "wrong_field"}
    assert client.post("/", data=refused).status_code == 200
    return act


def test_charts_say_what_they_show_and_are_tables_too(counted):
    page = counted(NUMBERS).get("/statistics").text
    row = page[page.index('<th scope="row">Food and nutrition') :]
    numbers = re.findall(r'<td class="number">([^<]*)</td>', row[: row.index("</tr>")])
    assert numbers[:5] == ["1", "1", "1", "1", "100%"]
    assert "A bar is the number of needs." in page and "A column is how many" in page
    assert 'role="img" aria-label="Judgements by month' in page
    assert '<rect class="g-suits"' in page and '<rect class="g-not"' in page
    assert "<b>1 / 2</b>" in page and "Wrong field" in page


@pytest.mark.parametrize("name", ["fields", "months", "reasons"])
def test_each_table_leaves_as_csv_and_that_is_noted(counted, catalogue, name):
    answer = counted(NUMBERS).get(f"/statistics/{name}.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="enmusubi-{name}.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1 and len(rows) > 1
    expected = {"fields": "Food and nutrition", "reasons": "Wrong field"}
    assert rows[1][0] == expected.get(name, rows[1][0])
    exports = [o for actor, o, _ in audited(catalogue, "export") if actor == "person:numbers"]
    assert exports == [name]


def test_an_empty_office_is_told_what_to_do(act):
    page = act(HEAD).get("/statistics").text
    assert "Nobody was judged yet. Judgements are given in the lists of needs." in page
    assert act(HEAD).get("/statistics/needs.csv").status_code == 404


def test_the_analyst_reads_reports_of_public_needs_and_viewers_read_neither(act):
    page = act(NUMBERS).get("/reports/2026-11-20?view=all").text
    assert OPEN_NEED in page and CLOSED_NEED not in page and "新しい接着剤" not in page
    assert act(NUMBERS).get("/reports/2026-11-20/files/page").status_code == 403
    for viewer in (GUEST, ROOT):
        assert act(viewer).get("/statistics").status_code == 403
        assert act(viewer).get("/reports/2026-11-20").status_code == 403


def test_the_chief_reads_how_attention_is_shared(act):
    page = act(HEAD).get("/statistics/neutrality")
    assert page.status_code == 200 and "Attention per merit" in page.text
    assert "Materials Engineering" in page.text
    ja = act(HEAD).get("/statistics/neutrality", headers={"accept-language": "ja"}).text
    assert "材料工学科" in ja and "紹介機会÷見込み" in ja
    assert "/statistics/neutrality" in act(HEAD).get("/statistics").text
    assert "/statistics/neutrality" not in act(NUMBERS).get("/statistics").text
    assert act(NUMBERS).get("/statistics/neutrality").status_code == 403
