"""`enmusubi nda`: NDAs recorded, listed and withdrawn on the terminal."""

import json

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import ORGANISATIONS, Draft


def test_one_is_recorded_listed_and_withdrawn(office, tmp_path):
    company = {"organisation_id": "kasumi", "name_ja": "霞野化学株式会社", "kind": "company"}
    with open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}") as catalogue:
        catalogue.write([Draft(ORGANISATIONS, company)], source="test")
    code, printed, told = office("nda", "add", "霞野化学", "--signed", "2026-04-01")
    assert code == 0 and "NDA 1 is recorded." in printed, told
    code, printed, _ = office("nda", "add", "霞野化学", "--signed", "2026-04-01")
    assert code == 0 and "known already" in printed
    code, printed, _ = office("nda", "list", "--json")
    [one] = json.loads(printed)
    assert code == 0 and (one["signed_on"], one["state"]) == ("2026-04-01", "holds")
    code, printed, _ = office("nda", "list")
    assert code == 0 and "2026-04-01" in printed and "holds" in printed
    assert office("nda", "withdraw", "1")[0] == 0
    code, _, told = office("nda", "withdraw", "1")
    assert code == 1 and "withdrawn already" in told
    code, _, told = office("nda", "add", "無名商会", "--signed", "2026-04-01")
    assert code == 1 and "No company has that id" in told
    assert office("nda", "add", "霞野化学", "--signed", "soon")[0] == 2
