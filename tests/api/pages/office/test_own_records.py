"""What the office recorded of a researcher stands on their own page, and there for them alone."""

from datetime import date

import pytest

from catalogue.database.viewer import VIEWER, Viewer
from tests.support.worlds.pages import COMPANY, GUEST, HEAD, LAW, SATO
from tests.support.worlds.screened import interest, limit

OWN = Viewer("mori", VIEWER, researcher_id="R-01", name="森 花")
PAGE, SECRET = "/researchers/R-01", "株式の内訳は別紙"


@pytest.fixture
def recorded(catalogue):
    with catalogue.writing() as connection:
        interest(connection, "R-01", COMPANY, "shares", amount_jpy=300_000, remark=SECRET,
                 since=date(2024, 4, 1))  # fmt: skip
        interest(connection, "R-02", "他人の株式会社", "startup")
        limit(connection, "R-01", "teaching", amount=6)
    return catalogue


def test_a_researcher_reads_what_is_recorded_of_them_in_both_languages(act, recorded):
    client = act(OWN)
    page = client.get(PAGE).text
    assert "What the office recorded of you" in page
    assert f"{COMPANY}: shares, from 2024-04-01 on, 300,000 yen" in page and SECRET in page
    assert "lessons a week: 6, without dates" in page
    assert "他人の株式会社" not in page
    japanese = client.get(PAGE, headers={"accept-language": "ja"}).text
    assert f"{COMPANY}：株式、2024-04-01から、300,000円" in japanese
    assert "週の授業コマ数：6、期間の記載なし" in japanese


def test_nobody_else_reads_it_there_and_they_read_nobody_elses(act, recorded):
    for viewer in (SATO, HEAD, LAW, GUEST):
        page = act(viewer).get(PAGE).text
        assert SECRET not in page and "What the office recorded of you" not in page, viewer
    other = act(OWN).get("/researchers/R-02").text
    assert "What the office recorded of you" not in other and "他人の株式会社" not in other


def test_what_is_not_recorded_is_said(act):
    assert act(OWN).get(PAGE).text.count("None is recorded.") == 2
