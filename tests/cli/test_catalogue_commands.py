"""`enmusubi identities`, `works`, `show`, and the options of `import`, as a user types them."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from catalogue.records.catalogue import open_catalogue
from catalogue.records.import_runs import begin_run
from cli.main import build_app, run
from cli.wiring import operator
from enmusubi.settings import load_settings
from office.access import audit

PEOPLE = (
    "researcher_id,name_ja,name_en,orcid\n"
    "HU-1,森 花,Hana Mori,0000-0002-1825-0097\nHU-2,森 花,Hana Mori,0000-0002-1825-0097\n"
)
SEEDS = "seed_id,kind,title,researcher_ids\ns1,paper,On clay,HU-1\ns2,paper,On cellulose,HU-1\n"


@pytest.fixture
def enmusubi(tmp_path, monkeypatch):
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code=0, text=None):
        result = CliRunner().invoke(build_app(arguments), arguments, input=text)
        assert result.exit_code == code, result.output
        return result.stdout

    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "seeds.csv").write_text(SEEDS, "utf-8")
    call("import", "general", "people.csv", "seeds.csv")
    return call


def test_the_queue_is_listed_and_decided(enmusubi):
    assert "same orcid" in " ".join(enmusubi("identities").split())
    assert "HU-1 and HU-2 are one researcher now: HU-1" in enmusubi(
        "identities", "join", "HU-1", "HU-2"
    )
    found = json.loads(enmusubi("identities", "list", "--state", "joined", "--json"))
    assert found["counts"] == {"queued": 0, "joined": 1, "apart": 0}
    assert found["pairs"][0]["second_id"] == "HU-2"
    assert "the pair is queued" in enmusubi("identities", "undo", "HU-1", "HU-2")
    assert "stay apart" in enmusubi("identities", "apart", "HU-1", "HU-2")
    assert "No pair is queued" in enmusubi("identities")


def trail():
    """Return what the trail says of commands: who, what, to which object, in which detail."""
    with (
        open_catalogue(load_settings().catalogue_url) as catalogue,
        catalogue.reading() as connection,
    ):
        assert audit.verify(connection).is_whole
        found = audit.entries_page(connection, operator()).items
    return [(one.actor, one.action, one.object_id, dict(one.detail)) for one in found[::-1]]


def test_imports_and_decisions_are_in_the_trail_with_who_made_them(enmusubi):
    enmusubi("import", "general", "people.csv", "--dry-run")
    enmusubi("identities", "join", "HU-1", "HU-2")
    enmusubi("identities", "undo", "HU-1", "HU-2")
    enmusubi("identities", "apart", "HU-1", "HU-2")
    enmusubi("identities")
    told = {"format": "general", "files": 2, "sync": False, "resumed": False}
    other = {"other": "HU-2"}
    assert trail() == [
        (operator().owner, "import", "1", told),
        (operator().owner, "join researchers", "HU-1", other),
        (operator().owner, "undo decision on researchers", "HU-1", other),
        (operator().owner, "keep apart researchers", "HU-1", other),
    ]
    assert operator().owner.startswith("operator:")


def test_what_was_not_decided_is_not_in_the_trail(enmusubi, capsys):
    before = trail()
    assert run(["identities", "join", "HU-1", "nobody"]) == 1
    assert trail() == before


def test_a_decision_without_two_ids_is_wrong_usage(enmusubi):
    enmusubi("identities", "join", "HU-1", code=2)


def test_an_unknown_id_is_one_message(enmusubi, capsys):
    assert run(["identities", "join", "HU-1", "nobody"]) == 1
    assert capsys.readouterr().err.startswith(
        "error: No source has a researcher with the id 'nobody'"
    )


def test_works_are_listed_and_chosen(enmusubi):
    assert "2 works." in enmusubi("works", "HU-1")
    told = enmusubi("works", "HU-1", "--represent", "s1", "--withdraw", "s2")
    assert "On clay  [representative]" in told
    assert json.loads(enmusubi("works", "HU-1", "--json"))["s2"]["choice"] == "withdrawn"
    assert "[withdrawn]" not in enmusubi("works", "HU-1", "--clear", "s2")


def test_show_says_where_each_field_came_from(enmusubi):
    told = enmusubi("show", "s1")
    assert "On clay" in told
    assert "general:seeds.csv (s1)" in told
    found = json.loads(enmusubi("show", "HU-1", "--json"))
    assert found["fields"]["name_en"]["source"] == "general:people.csv"


def test_standard_input_is_imported_and_tried_first(enmusubi):
    row = '{"researcher_id": "HU-3", "name_en": "Jiro Sato"}\n'
    told = enmusubi("import", "general", "-", "--dry-run", text=row)
    assert "Nothing was kept: this was a dry run." in told
    report = json.loads(enmusubi("import", "general", "-", "--json", text=row))
    assert (report["added"], report["dry_run"]) == (1, False)


def test_rejected_rows_are_named_with_their_file(enmusubi, tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE + ",Nobody,,\n", "utf-8")
    told = enmusubi("import", "general", "people.csv")
    assert "people.csv, row 4, row researcher_id: empty" in told
    assert (tmp_path / "data" / "rejects" / "people.csv.rejects.csv").is_file()
    assert "mend them there and import that file" in told


def test_doctor_tells_of_the_queue_of_stopped_imports_and_of_faults(enmusubi, tmp_path):
    url = f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}"
    with open_catalogue(url) as catalogue, catalogue.writing() as connection:
        begin_run(connection, "f", "openalex", datetime(2026, 1, 2, tzinfo=UTC), restart=False)
    told = enmusubi("doctor", "--deep", code=1)
    assert "1 pair may be one person" in told
    assert "an import of openalex stopped half-way, 2026-01-02" in told
    assert "every row is what its sources say" in told
    with open_catalogue(url) as catalogue, catalogue.writing() as connection:
        connection.exec_driver_sql("UPDATE seed SET title = 'Something else' WHERE seed_id = 's1'")
    assert "s1" in enmusubi("doctor", "--deep", code=1)
