"""`enmusubi demo`: the whole way, twice, and never over data of one's own."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.outcomes import Outcome, failure


def test_the_demonstration_is_imported_screened_indexed_and_matched(
    enmusubi: Callable[..., Outcome],
) -> None:
    code, out, _ = enmusubi("demo", "--top", "2")

    assert code == 0
    assert "N-02" in out and "N-09" in out and "make serve" in out
    assert enmusubi("team", "N-02")[0] == 0  # on what the demonstration left
    assert enmusubi("screen", "N-02")[0] == 0


def test_made_up_people_do_not_mix_with_others(
    enmusubi: Callable[..., Outcome], tmp_path: Path
) -> None:
    people = tmp_path / "researchers.csv"
    people.write_text("researcher_id,name_en\nR-1,Ada Lindqvist\n", "utf-8")
    assert enmusubi("import", "general", str(people))[0] == 0

    assert "must not mix" in failure(enmusubi("demo"))
