"""`enmusubi case`: the ledger from the command line."""

import json


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


def test_cases_come_from_a_file_and_clocks_are_looked_at(office, tmp_path):
    table = tmp_path / "cases.csv"
    table.write_text("題名,企業,段階\n膜の件,どこか工業,対話\n件,どこか工業,いつか\n", "utf-8")
    code, printed, told = office("case", "import", str(table))
    assert code == 0, told
    assert "2 rows read, 1 cases added, 1 rows not taken." in printed and "row 3" in printed
    assert "0 cases are due soon, 0 overdue" in office("case", "clocks")[1]
