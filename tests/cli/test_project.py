"""`enmusubi project`: projects from the command line."""

import json

from sqlalchemy import update

from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from office.cases.kept import CASES


def test_a_project_is_listed_shown_fed_from_a_file_and_its_milestone_reached(office, tmp_path):
    code, printed, told = office("case", "open", "n-1", "r-mori", "--json")
    assert code == 0, told
    number = str(json.loads(printed)["case_id"])
    assert office("project", "show", number)[0] == 1  # not yet
    with open_catalogue(load_settings().catalogue_url) as catalogue, catalogue.writing() as writing:
        writing.execute(update(CASES).values(stage="small_prototype"))
    table = tmp_path / "money.csv"
    table.write_text("費目名,予算額,支出額,支出日\n旅費,300000,,\n旅費,,4000,\n", "utf-8")
    code, printed, told = office("project", "import", number, str(table))
    assert code == 0, told
    assert "2 rows read: 1 lines of the budget and 0 payments added, 1 rows not taken." in printed
    assert "row 3" in printed
    code, printed, _ = office("project", "list", "--json")
    assert code == 0 and json.loads(printed)[0]["budget_jpy"] == 300_000
    assert "300,000" in office("project", "list")[1]
    assert "There is no project" not in office("project", "people")[1]
    assert "Spent 0 percent" in office("project", "show", number)[1]
    assert office("project", "reach", number, "1")[0] == 1  # there is none
