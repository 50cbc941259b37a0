"""`enmusubi dormant`: closed needs that new seeds may suit, on the terminal."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from catalogue.database.models import StoredNeed
from catalogue.database.outbound_models import DormantFinding
from catalogue.records.catalogue import open_catalogue


@pytest.fixture
def dormant(office, tmp_path):
    """An office whose need was closed, and for which a seed was found since."""
    found = {"need_id": "n-1", "researcher_id": "r-mori", "seed_id": "s-r-mori"}
    found |= {"probability": 0.62, "found_at": datetime(2031, 4, 1, tzinfo=UTC), "noted_by": ""}
    with (
        open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}") as catalogue,
        catalogue.writing() as connection,
    ):
        connection.execute(insert(DormantFinding).values(**found))
        values = {"status": "closed", "manager": "kato", "title": "Ripe fruit"}
        connection.execute(update(StoredNeed).values(**values))
    return office


def test_news_are_listed_with_who_was_found_by_what(dormant, monkeypatch):
    code, printed, told = dormant("dormant")
    assert code == 0 and "Ripe fruit" in printed and "Eri Mori" in printed, told
    assert "62" in printed and "s-r-mori" in printed and "2031-04-01" in printed
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    assert "森 絵里" in dormant("dormant", "--manager", "kato")[1]


def test_json_is_as_the_api_answers(dormant):
    [one] = json.loads(dormant("dormant", "--json")[1])
    assert (one["need_id"], one["manager"]) == ("n-1", "kato")
    assert one["people"][0]["seeds"][0]["seed_id"] == "s-r-mori"
    assert json.loads(dormant("dormant", "--json", "--manager", "abe")[1]) == []
