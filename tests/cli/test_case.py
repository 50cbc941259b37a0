"""`enmusubi case`: the ledger from the command line."""

import io
import json

from docx import Document

from catalogue.database.viewer import CHIEF, Viewer
from catalogue.records.catalogue import open_catalogue
from office.contracts.templates import add_template

HEAD = Viewer("head", CHIEF)


def test_a_case_is_opened_listed_decided_and_shown(office):
    code, printed, told = office("case", "open", "n-1", "r-mori", "--lead", "r-mori", "--json")
    assert code == 0, told
    number = str(json.loads(printed)["case_id"])
    code, printed, _ = office("case", "list", "--json")
    assert code == 0 and [one["gate"] for one in json.loads(printed)] == ["dialogue"]
    assert office("case", "list", "--due", "overdue")[0] == 0
    code, _, told = office("case", "decide", number, "go")
    assert code == 1 and "criteria are not met" in told
    code, printed, told = office("case", "decide", number, "go", "--all-met")
    assert code == 0 and f"Case {number}: dialogue, running." in printed, told
    code, printed, _ = office("case", "show", number)
    assert code == 0 and "decided dialogue go" in printed
    stop = ("case", "decide", number, "stop", "--code", "too_early", "--reason", "まだ早い")
    assert office(*stop)[0] == 0
    assert "まだ早い" in office("case", "show", number, "--json")[1]
    assert office("case", "show", "99")[0] == 1


def test_odds_and_an_estimate_are_printed_as_objects(office, tmp_path):
    office("case", "open", "n-1", "r-mori", "--lead", "r-mori")
    code, printed, told = office("kpi", "odds", "1", "--json")
    assert code == 0, told
    said = json.loads(printed)
    assert set(said) == {"odds", "cases", "record"}
    assert said["odds"][0]["stage"] == "dialogue"
    body = tmp_path / "estimate.json"
    line = {"kind": "people", "text": "教授", "unit_jpy": 9000, "quantity": "10.5"}
    body.write_text(json.dumps({"title": "膜", "lines": [line]}), "utf-8")
    code, printed, told = office("case", "estimate", "write", "1", str(body), "--json")
    assert code == 0 and json.loads(printed)["total"]["total_jpy"] == 135_135, told
    printed = office("case", "estimate", "show", "1", "1", "--json")[1]
    assert json.loads(printed)["version"] == 1
    assert len(json.loads(office("case", "estimate", "list", "1", "--json")[1])) == 1


def test_a_template_is_filled_for_a_case(office, tmp_path):
    office("case", "open", "n-1", "r-mori", "--lead", "r-mori")
    assert "nothing to list" in office("case", "contract", "templates")[1]
    document, content = Document(), io.BytesIO()
    document.add_paragraph("{{ company }} {{ case_number }}")
    document.save(content)
    url = f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}"
    with open_catalogue(url) as catalogue, catalogue.writing() as connection:
        add_template(connection, HEAD, "nda", "en", "Ours", content.getvalue())
    assert "Ours" in office("case", "contract", "templates")[1]
    file = tmp_path / "nda.docx"
    code, printed, told = office("case", "contract", "fill", "1", "1", str(file))
    assert code == 0 and "Kept as version 1." in printed, told
    first = [one.text for one in Document(str(file)).paragraphs]
    [listed] = json.loads(office("case", "contract", "list", "1", "--json")[1])
    assert (listed["kind"], listed["version"]) == ("nda", 1)
    again = tmp_path / "again.docx"
    assert office("case", "contract", "export", "1", "1", str(again))[0] == 0
    assert [one.text for one in Document(str(again)).paragraphs] == first
    assert office("case", "contract", "fill", "1", "7", str(file))[0] == 1


def test_cases_come_from_a_file_and_clocks_are_looked_at(office, tmp_path):
    table = tmp_path / "cases.csv"
    table.write_text("題名,企業,段階\n膜の件,どこか工業,対話\n件,どこか工業,いつか\n", "utf-8")
    code, printed, told = office("case", "import", str(table))
    assert code == 0, told
    assert "2 rows read, 1 cases added, 1 rows not taken." in printed and "row 3" in printed
    assert "0 cases are due soon, 0 overdue" in office("case", "clocks")[1]
