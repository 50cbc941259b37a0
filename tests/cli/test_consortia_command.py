"""`enmusubi consortia`: what the office reads of themes that companies share."""

import json

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, Draft
from tests.support.worlds.screened import rivals

TEXT = "We look for a soft hand that picks ripe fruit without bruises."
NAMES = {"aonami": "Aonami Farm Machines", "shirahama": "Shirahama Robots"}


def test_a_theme_is_told_by_numbers_and_shared_words_with_competitors_who_meet(office, tmp_path):
    code, printed, told = office("consortia")
    assert code == 0 and "ask for the same thing yet" in printed, told
    assert json.loads(office("consortia", "--json")[1]) == []
    open_one = {"area": "non-competitive", "confidentiality": "public"}
    closed = {"area": "non-competitive", "confidentiality": "confidential"}
    drafts = [
        *(
            Draft(ORGANISATIONS, {"organisation_id": key, "name_en": name, "kind": "company"})
            for key, name in NAMES.items()
        ),
        *(
            Draft(NEEDS, {"need_id": f"n-{key}", "organisation_id": key, "text": TEXT, **open_one})
            for key in NAMES
        ),
        Draft(NEEDS, {"need_id": "n-shut", "organisation_id": "aonami", "text": TEXT, **closed}),
    ]
    path = tmp_path / "data" / "catalogue.sqlite"
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        catalogue.write(drafts, source="test")
        with catalogue.writing() as connection:
            rivals(connection, *NAMES.values())
    code, printed, told = office("consortia")
    assert code == 0, told
    [row] = [line.replace("│", " ").split() for line in printed.splitlines() if "│" in line]
    assert row[:3] == ["1", "2", "2"] and row[-1] == "1", printed
    for name in (*NAMES.values(), *NAMES, "n-shut", TEXT):
        assert name not in printed
    [theme] = json.loads(office("consortia", "--json")[1])
    assert sorted(theme["need_ids"]) == ["n-aonami", "n-shirahama"]
    assert theme["meetings"] == [
        {"organisation_ids": ["aonami", "shirahama"], "relation": "competitor", "field_id": ""}
    ]
