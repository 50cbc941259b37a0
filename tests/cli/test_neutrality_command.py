"""`enmusubi neutrality`: who was talked to first, by department and former industry of managers."""

import json
from datetime import date

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.judgements.judgements import Judgement, record_judgement
from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, Draft
from office.access.scoped import writing_as
from tests.support.worlds.screened import employer


def test_it_prints_tables_and_json(office, tmp_path):
    with open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}") as catalogue:
        catalogue.write(
            [
                Draft(RESEARCHERS, {"researcher_id": "R-9", "name_en": "Ada Lind",
                                    "department_en": "Packaging Science"}),
                Draft(NEEDS, {"need_id": "N-9", "text": "A thin film.", "manager": "sato"}),
            ],
            source="test",
        )  # fmt: skip
        with writing_as(catalogue, LOCAL_VIEWER) as connection:
            employer(connection, "sato", "架空電機株式会社", date(2019, 3, 31))
            said = Judgement("N-9", "R-9", "suitable", stage="dialogue", judged_by="sato")
            record_judgement(connection, said)
    code, printed, told = office("neutrality")
    assert code == 0, told
    assert "Packaging Science" in printed and "Industry not entered" in printed
    code, printed, _ = office("neutrality", "--json")
    found = json.loads(printed)
    assert (code, found["origins"][0]["first_contacts"]) == (0, 1)
    assert found["departments"][0]["first_contacts"] == 1


def test_an_office_without_lists_and_contacts_is_told_so(office):
    code, printed, told = office("neutrality")
    assert code == 0 and "nothing to list" in printed + told
