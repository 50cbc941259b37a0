"""`enmusubi refresh` from the outside."""

import json
import sqlite3

import pytest

from cli.main import run


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENMUSUBI_DATABASE_URL", raising=False)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))


def test_rows_of_another_version_are_made_anew_and_the_trail_knows_of_it(put, tmp_path, capsys):
    people = put("people.csv", "researcher_id,name_ja,department_ja\nr1,森 花,工学部\n")
    assert run(["import", "general", str(people)]) == 0
    with sqlite3.connect(tmp_path / "data" / "catalogue.sqlite") as database:
        database.execute("UPDATE researcher SET department_ja = '旧'")
    database.close()
    capsys.readouterr()
    assert run(["refresh"]) == 0
    printed = capsys.readouterr().out
    assert "researchers: 1 rows, 1 changed, 0 found by other names than before" in printed
    assert "enmusubi index" in printed
    assert run(["refresh", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"]["researchers"] == 0
    with sqlite3.connect(tmp_path / "data" / "catalogue.sqlite") as database:
        found = database.execute("SELECT actor, action FROM audit_entry").fetchall()
    database.close()
    assert [action for actor, action in found if actor.startswith("operator:")][
        -1
    ] == "refresh rows"
