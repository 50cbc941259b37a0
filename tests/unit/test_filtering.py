"""Filters decide before the search who may be matched and by which passages."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from enmusubi.matcher.errors import InputError
from enmusubi.matcher.filtering import Allowed, apply_filters
from enmusubi.matcher.records import Filters
from enmusubi.matcher.snapshot import Snapshot

PEOPLE = [
    # institution_ja, institution_en, department_ja, department_en
    ("星見野大学", "Hoshimino University", "工学部", "Faculty of Engineering"),
    ("星見野大学", "Hoshimino University", "農学部", "Faculty of Agriculture"),
    ("", "Kitahama Institute", "", "Engineering Research Center"),
    ("星見野大学", "", "工学部", ""),  # nobody's seed
]
SEEDS = [("paper", 2020), ("patent", 2024), ("grant", None), ("paper", 2024)]
AUTHORSHIPS = [(0, 0), (1, 1), (2, 2), (3, 0), (3, 1)]
SEED_OF_PASSAGE = [0, 0, 1, 2, 3]


@pytest.fixture
def snapshot() -> Snapshot:
    nothing: Any = None
    columns = ["institution_ja", "institution_en", "department_ja", "department_en"]
    kinds, years = zip(*SEEDS, strict=True)
    return Snapshot(
        version="v000001",
        manifest={},
        dense=nothing,
        lexical=nothing,
        sentence_vectors=nothing,
        profiles=nothing,
        means={},
        passages=pd.DataFrame({"seed_row": SEED_OF_PASSAGE}),
        seeds=pd.DataFrame({"kind": kinds, "year": pd.array(years, dtype="Int64")}),
        researchers=pd.DataFrame(PEOPLE, columns=columns),
        authorships=pd.DataFrame(AUTHORSHIPS, columns=["seed_row", "researcher_row"]),
    )


def people(allowed: Allowed) -> list[int]:
    return [int(row) for row in np.flatnonzero(allowed.researchers)]


def passages(allowed: Allowed) -> list[int] | None:
    return None if allowed.passages is None else [int(row) for row in allowed.passages]


def test_without_filters_everyone_with_a_seed_and_every_passage_is_left(
    snapshot: Snapshot,
) -> None:
    allowed = apply_filters(Filters(), snapshot)

    assert (people(allowed), passages(allowed)) == ([0, 1, 2], None)


@pytest.mark.parametrize("part", ["星見野", "hoshimino", " HOSHIMINO univ ", "星見野大学"])
def test_an_institution_is_named_in_either_script_and_any_case(
    snapshot: Snapshot, part: str
) -> None:
    allowed = apply_filters(Filters(institutions=[part]), snapshot)

    assert (people(allowed), passages(allowed)) == ([0, 1], [0, 1, 2, 4])


def test_several_departments_leave_those_of_either(snapshot: Snapshot) -> None:
    allowed = apply_filters(Filters(departments=["農学", "research center"]), snapshot)

    assert (people(allowed), passages(allowed)) == ([1, 2], [2, 3, 4])


def test_filters_of_two_kinds_hold_together(snapshot: Snapshot) -> None:
    filters = Filters(institutions=["Hoshimino"], departments=["Engineering"], kinds=["paper"])

    allowed = apply_filters(filters, snapshot)

    assert (people(allowed), passages(allowed)) == ([0], [0, 1, 4])


def test_a_name_is_searched_as_it_stands_and_never_as_a_pattern(snapshot: Snapshot) -> None:
    assert people(apply_filters(Filters(institutions=[".*"]), snapshot)) == []
    assert people(apply_filters(Filters(institutions=["("]), snapshot)) == []


def test_blank_names_filter_nothing(snapshot: Snapshot) -> None:
    assert passages(apply_filters(Filters(institutions=["", "  "]), snapshot)) is None


def test_kinds_leave_their_seeds_and_their_people(snapshot: Snapshot) -> None:
    allowed = apply_filters(Filters(kinds=["patent", "grant"]), snapshot)

    assert (people(allowed), passages(allowed)) == ([1, 2], [2, 3])


def test_since_leaves_out_older_seeds_and_those_without_a_year(snapshot: Snapshot) -> None:
    allowed = apply_filters(Filters(since=2024), snapshot)

    assert (people(allowed), passages(allowed)) == ([0, 1], [2, 4])


def test_an_unknown_kind_is_an_error_that_names_the_known_ones(snapshot: Snapshot) -> None:
    message = r"Unknown kind of seed: novel\. Known are course, grant, note, paper, patent, profile"

    with pytest.raises(InputError, match=message):
        apply_filters(Filters(kinds=["paper", "novel"]), snapshot)


def test_a_known_kind_that_no_seed_has_leaves_nobody(snapshot: Snapshot) -> None:
    allowed = apply_filters(Filters(kinds=["course"]), snapshot)

    assert (people(allowed), passages(allowed)) == ([], [])
