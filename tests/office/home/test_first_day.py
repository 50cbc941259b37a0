"""On the first day of the demonstration something waits for every role of the office."""

from pathlib import Path

import pytest

from catalogue.database.viewer import (
    CHIEF,
    FINANCE,
    HR,
    IP,
    LEGAL,
    LOCAL_VIEWER,
    OFFICE_ROLES,
    PROJECT,
    Viewer,
)
from catalogue.demonstration.loading import (
    SCREENING_FILES,
    demonstration_suits,
    import_demonstration,
)
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.settings import Settings
from office.access.scoped import reading_as, writing_as
from office.cases.demonstration import make_demonstration_cases
from office.cases.exporting import export_cases
from office.cases.listing import CaseFilter
from office.contracts.checklists import SETTLED, checklist_of, save_checklist
from office.contracts.waiting import open_contracts
from office.estimates.demonstration import make_demonstration_estimates
from office.home.overview import Home, home_of
from office.home.queues import (
    AWAY_SOON,
    ENDING_SOON,
    MEMBERS_ENDING,
    OPEN_CONTRACTS,
    OPEN_IP,
)
from office.members.demonstration import make_demonstration_members
from office.screening.demonstration import make_demonstration_absences
from office.screening.importing import import_screening

PATENTS, LAW = Viewer("chizai", IP), Viewer("houmu", LEGAL)


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory):
    """The demonstration without its index, and its settings."""
    folder = tmp_path_factory.mktemp("first-day")
    settings = Settings(data_dir=folder)
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as catalogue:
        import_demonstration(catalogue)
        for path in SCREENING_FILES:
            import_screening(catalogue, LOCAL_VIEWER, path)
        assert make_demonstration_absences(catalogue) == 4
        assert make_demonstration_absences(catalogue) == 0
        make_demonstration_cases(catalogue, settings, demonstration_suits())
        make_demonstration_estimates(catalogue, settings)
        make_demonstration_members(catalogue)
        yield catalogue, settings


def home(catalogue: Catalogue, viewer: Viewer) -> Home:
    return home_of(catalogue, viewer, Path("none"))


def test_something_waits_for_every_role(first_day) -> None:
    catalogue, _ = first_day
    waiting = {}
    for role in OFFICE_ROLES:
        found = home(catalogue, Viewer(role, role))
        waiting[role] = {one.kind for one in (*found.cases, *found.queue)}
        waiting[role] |= {"estimates"} if found.estimates else set()
    assert waiting[CHIEF] >= {"to_decide", "escalated", MEMBERS_ENDING}
    assert "to_decide" in waiting[PROJECT] and waiting[IP] == {OPEN_IP}
    assert waiting[LEGAL] >= {"to_decide", OPEN_CONTRACTS, MEMBERS_ENDING}
    assert waiting[FINANCE] >= {"estimates"} and waiting[HR] == {AWAY_SOON, ENDING_SOON}


def test_a_contract_waits_until_its_points_are_settled(first_day) -> None:
    catalogue, _ = first_day
    number = home(catalogue, PATENTS).queue[0].items[0].object_id
    case, kind = int(number), "joint_research"
    with writing_as(catalogue, PATENTS) as connection:
        items = checklist_of(connection, PATENTS, case, kind).items
        said = {one.item.id: (SETTLED, "") for one in items if one.item.is_ip}
        save_checklist(connection, PATENTS, case, kind, said, expected_version=None)
    with reading_as(catalogue, LAW) as connection:
        assert case not in {one.case_id for one in open_contracts(connection, PATENTS)}
        assert case in {one.case_id for one in open_contracts(connection, LAW)}
    with writing_as(catalogue, LAW) as connection:
        said = {one.item.id: (SETTLED, "") for one in items}
        save_checklist(connection, LAW, case, kind, said, expected_version=None)
        assert case not in {one.case_id for one in open_contracts(connection, LAW)}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_files_say_who_manages_a_case_where_there_is_no_account(first_day, language) -> None:
    file = export_cases(
        first_day[0], LOCAL_VIEWER, CaseFilter(), first_day[1], ending="csv", language=language
    )
    text = file.content.decode("utf-8-sig")
    assert {"ja": "この端末の利用者", "en": "this computer's user"}[language] in text
    assert ",local," not in text
