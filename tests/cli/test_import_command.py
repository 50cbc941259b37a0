"""`enmusubi import` from the outside: what it prints and how it ends."""

import json

import pytest

from cli.main import run

PEOPLE = "researcher_id,name_ja,name_en,orcid\nr1,森 花,,\nr2,,,\nr3,佐藤,,0000\n"


@pytest.fixture(autouse=True)
def _own_data_dir(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENMUSUBI_DATABASE_URL", raising=False)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))


def test_the_report_names_what_went_in_and_what_did_not(put, capsys):
    assert run(["import", "general", str(put("people.csv", PEOPLE))]) == 0
    printed = capsys.readouterr().out
    assert "researchers" in printed
    assert "3 rows read, 1 rejected." in printed
    assert "people.csv, row 3, row name_ja: empty" in printed
    assert "people.csv, row 4, value orcid: not an ORCID iD" in printed
    assert "enmusubi index" in printed


def test_the_report_can_be_read_by_a_program(put, capsys):
    assert run(["import", "general", str(put("people.csv", PEOPLE)), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["read"], report["added"], report["rejected"]) == (3, 2, 1)
    assert report["tables"]["researchers"] == {
        "added": 2,
        "updated": 0,
        "merged": 0,
        "unchanged": 0,
    }
    assert report["rejections"][0]["row"] == 3


def test_a_second_import_says_that_nothing_changed(put, capsys):
    path = str(put("people.csv", PEOPLE))
    run(["import", "general", path])
    capsys.readouterr()
    assert run(["import", "general", path, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["updated"], report["unchanged"]) == (0, 0, 2)


def test_a_mapping_can_be_given(put, capsys):
    mapping = 'table = "researchers"\n[columns]\nresearcher_id = "番号"\nname_ja = "氏名"\n'
    path = put("名簿.csv", "番号,氏名\n7,森 花\n", "cp932")
    arguments = ["import", "general", str(path), "--mapping", str(put("m.toml", mapping))]
    assert run(arguments) == 0
    assert "1 rows read, 0 rejected." in capsys.readouterr().out


def test_it_fails_when_every_row_is_rejected(put):
    assert run(["import", "general", str(put("p.csv", "researcher_id,name_en\n,A\n"))]) == 1


def test_it_fails_with_one_message_when_a_file_cannot_be_read(put, capsys):
    assert run(["import", "general", str(put("people.xlsx", b"broken"))]) == 1
    assert "people.xlsx is not an .xlsx workbook" in capsys.readouterr().err


def test_it_fails_when_one_of_several_files_cannot_be_read(put, capsys):
    paths = [str(put("people.xlsx", b"broken")), str(put("people.csv", PEOPLE))]
    assert run(["import", "general", *paths]) == 1
    assert "people.xlsx, file: " in capsys.readouterr().out


def test_wrong_usage_is_told_apart():
    assert run(["import", "general"]) == 2


def test_file_names_that_look_like_markup_are_printed_as_they_are(put, capsys):
    assert run(["import", "general", str(put("[red]x.csv", PEOPLE))]) == 0
    assert "[red]x.csv, row 3" in capsys.readouterr().out
