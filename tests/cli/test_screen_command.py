"""`enmusubi screen`: what it finds, and the tables that it takes."""

import json


def test_a_need_is_screened_and_tables_are_taken(office, tmp_path):
    table = tmp_path / "interests.csv"
    table.write_text(
        "研究者番号,企業名,種別,備考\nr-mori,どこか工業,株式,\nr-nobody,どこか工業,株式,\n", "utf-8"
    )
    code, printed, told = office("screen", "--import", str(table))
    assert code == 0, told
    assert "interests: 2 rows read, 1 added, 0 changed, 0 known already, 1 not taken." in printed
    assert "row 3" in printed and "r-nobody" not in printed
    code, printed, _ = office("screen", "n-1")
    assert code == 0 and "findings stop a release." in printed
    code, printed, _ = office("screen", "n-1", "r-mori", "--json")
    assert code == 0 and {one["researcher_id"] for one in json.loads(printed)} <= {"", "r-mori"}


def test_it_wants_a_need_or_a_file(office):
    assert office("screen")[0] == 2
    code, _, told = office("screen", "no-such-need")
    assert code == 1 and "No need has that id" in told
