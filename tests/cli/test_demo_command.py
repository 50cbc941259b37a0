"""`enmusubi demo`: the whole way, twice, and never over data of one's own."""

from collections.abc import Callable
from pathlib import Path

from catalogue.database.viewer import LOCAL_VIEWER
from catalogue.records.catalogue import open_catalogue
from enmusubi.settings import load_settings
from office.access.scoped import reading_as
from office.members.treatment import Treatment, treatment
from tests.cli.outcomes import Outcome, failure


def test_the_demonstration_is_imported_screened_indexed_and_matched(
    enmusubi: Callable[..., Outcome],
) -> None:
    code, out, _ = enmusubi("demo", "--top", "2")

    assert code == 0
    assert "N-02" in out and "N-09" in out and "make serve" in out
    assert enmusubi("team", "N-02")[0] == 0  # on what the demonstration left
    assert enmusubi("screen", "N-02")[0] == 0

    # what members got shows numbers on the first day, and nothing is made twice
    first, again = (treated(enmusubi), treated(enmusubi, "demo", "--top", "1"))
    assert first == again
    assert len(first.members) == 8 and sum(one.needs for one in first.members) >= 20
    assert all(one.with_list and one.people_a_list and one.first_chance for one in first.members)
    assert first.days_to_list and first.people_a_list and first.first_chance
    assert {first.stands_out(one, "days_to_list") for one in first.members} >= {"", "more"}
    assert any(one.contacted for one in first.members)


def treated(enmusubi: Callable[..., Outcome], *command: str) -> Treatment:
    if command:
        assert enmusubi(*command)[0] == 0
    settings = load_settings()
    with (
        open_catalogue(settings.catalogue_url) as catalogue,
        reading_as(catalogue, LOCAL_VIEWER) as connection,
    ):
        return treatment(connection, LOCAL_VIEWER, settings.cases)


def test_made_up_people_do_not_mix_with_others(
    enmusubi: Callable[..., Outcome], tmp_path: Path
) -> None:
    people = tmp_path / "researchers.csv"
    people.write_text("researcher_id,name_en\nR-1,Ada Lindqvist\n", "utf-8")
    assert enmusubi("import", "general", str(people))[0] == 0

    assert "must not mix" in failure(enmusubi("demo"))
