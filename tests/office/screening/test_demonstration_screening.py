"""The demonstration's made-up interests, groups, competitors and limits are taken whole, and show at once."""

from datetime import date

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.demonstration.loading import SCREENING_FILES, import_demonstration
from enmusubi.screening_settings import ScreeningSettings
from office.access.scoped import reading_as
from office.needs.reading import need_of
from office.screening.importing import import_screening
from office.screening.rule_book import rule_book
from office.screening.screening import screen
from tests.office.screening.steps import rules_of

EXPECTED = {  # of the best people of these needs
    ("N-02", "HU-0903"): {"interest_fees": "ask"},
    ("N-05", "HU-0504"): {"interest_shares": "ask"},
    ("N-06", "HU-0701"): {"interest_family": "ask"},
    ("N-08", "HU-0103"): {"interest_chair": "ask"},
    ("N-08", "HU-0801"): {"capacity_teaching": "note"},
    ("N-08", "HU-0306"): {"capacity_end": "note"},
    ("N-09", "HU-0503"): {"capacity_later": "note"},
    ("N-11", "HU-0905"): {"interest_fees": "note"},
    ("N-12", "HU-0206"): {"interest_startup": "block"},
}


def test_the_tables_are_taken_whole_and_flags_appear_at_once(catalogue):
    import_demonstration(catalogue)
    taken = [r for path in SCREENING_FILES for r in import_screening(catalogue, LOCAL_VIEWER, path)]
    assert [(one.kind, one.added, one.rejections) for one in taken] == [
        ("interests", 6, ()), ("groups", 2, ()), ("competitors", 2, ()), ("limits", 4, ()),
    ]  # fmt: skip
    again = [r for path in SCREENING_FILES for r in import_screening(catalogue, LOCAL_VIEWER, path)]
    assert sum(one.added + one.changed for one in again) == 0
    book = rule_book(ScreeningSettings())
    for (need_id, person), expected in EXPECTED.items():
        with reading_as(catalogue, LOCAL_VIEWER) as connection:
            need = need_of(connection, LOCAL_VIEWER, need_id)
            found = screen(connection, LOCAL_VIEWER, need, [person], book, today=date(2026, 12, 1))
        told = {name: verdict for name, verdict in rules_of(found[person]).items()
                if not name.startswith("export_")}  # fmt: skip
        assert told == expected, (need_id, person)
