"""A need that is written down with the name of a hidden company neither tells of it nor joins it."""

import json

import pytest
from sqlalchemy import select

from catalogue.database.viewer import CHIEF, PROJECT, Viewer
from catalogue.records.catalogue import open_catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.drafts import ORGANISATIONS, Draft, organisation_id
from office.access.audit import ENTRY
from office.access.scoped import writing_as
from office.needs.editing import change_need, create_need

CHIEF_OF_ALL, KATO = Viewer("mori", CHIEF), Viewer("kato", PROJECT)
SECRET = {"text": "塗膜を薄くしたい", "area": "competitive", "confidentiality": "confidential",
          "company": "黒瀬工業株式会社"}  # fmt: skip
PLAIN = {"text": "さびにくい塗料を探す", "area": "non-competitive", "confidentiality": "public"}
ALL = {"max_chars": 20_000}


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request, tmp_path):
    """A catalogue with a company that only the chief knows."""
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    with open_catalogue(url) as opened:
        yield opened


def created(catalogue, viewer, **fields):
    with writing_as(catalogue, viewer) as connection:
        return create_need(connection, viewer, {**PLAIN, **fields}, **ALL)


def test_the_name_of_a_hidden_company_makes_another_one_and_administrators_are_told(catalogue):
    hidden = created(catalogue, CHIEF_OF_ALL, **SECRET).organisation_id
    named, unknown = "黒瀬工業（株）", "白瀬工業（株）"
    mine = created(catalogue, KATO, company=named)
    other = created(catalogue, KATO, company=unknown)
    assert mine.organisation_id != hidden
    assert mine.company == named  # as it was typed, not as the hidden one is called
    assert len(mine.organisation_id) == len(other.organisation_id)
    assert created(catalogue, KATO, company=named).organisation_id == mine.organisation_id
    assert created(catalogue, CHIEF_OF_ALL, **SECRET).organisation_id == hidden
    with writing_as(catalogue, KATO) as connection:
        moved = change_need(connection, KATO, other.need_id, {"company": named}, **ALL)
    assert moved.organisation_id == mine.organisation_id
    with catalogue.reading() as connection:
        query = select(ENTRY.c.object_id, ENTRY.c.detail).where(ENTRY.c.action == "possible twin")
        [(twin, told)] = connection.execute(query).all()
        assert (twin, json.loads(told)["others"]) == (mine.organisation_id, [hidden])
        assert check_catalogue(connection) == []


def test_a_company_with_nothing_secret_is_joined(catalogue):
    known = {"organisation_id": "ror-1", "name_ja": "青波化学株式会社", "kind": "company"}
    catalogue.write([Draft(ORGANISATIONS, known)], source="ror")
    assert created(catalogue, KATO, company="青波化学株式会社").organisation_id == "ror-1"
    made = created(catalogue, KATO, company="新しい会社株式会社").organisation_id
    assert created(catalogue, KATO, company="新しい会社（株）").organisation_id == made


def test_no_id_tells_whether_a_hidden_company_has_the_name(catalogue):
    hidden = created(catalogue, CHIEF_OF_ALL, **SECRET).organisation_id
    for name in ("黒瀬工業株式会社", "白瀬工業株式会社"):
        made = created(catalogue, KATO, company=name).organisation_id
        assert made not in {hidden, organisation_id(name)}, name  # anybody can make the latter
