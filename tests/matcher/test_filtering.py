"""Filters decide before the search who may be matched and by which passages."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from enmusubi.errors import InputError
from matcher.filtering import Allowed, apply_filters
from matcher.records import Filters
from matcher.snapshot import Snapshot
from matcher.tables import (
    AUTHORSHIP_KINDS,
    PASSAGE_KINDS,
    RESEARCHER_KINDS,
    STORED_SEED_KINDS,
    table_of,
)

PEOPLE = [
    # institution_ja, institution_en, department_ja, department_en, position_ja, position_en
    ("星見野大学", "Hoshimino University", "工学部", "Faculty of Engineering", "教授", "Professor"),
    ("星見野大学", "Hoshimino University", "農学部", "Faculty of Agriculture", "准教授", ""),
    ("", "Kitahama Institute", "", "Engineering Research Center", "", "Associate Professor"),
    ("星見野大学", "", "工学部", "", "助教", ""),  # nobody's seed
]
SEEDS = [
    ("paper", 2020, "public", "kaken:30010; openalex:T10123"),
    ("patent", 2024, "public", "ipc:C08L 1/02; fterm:4F100"),
    ("grant", None, "public", "kaken:30020"),
    ("paper", 2024, "public", ""),
]
AUTHORSHIPS = [(0, 0), (1, 1), (2, 2), (3, 0), (3, 1)]
SEED_OF_PASSAGE = [0, 0, 1, 2, 3]
LANGUAGES = ["en", "ja", "ja", "en", "en"]


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of(SEEDS)


def snapshot_of(seeds: list[tuple[str, int | None, str, str]]) -> Snapshot:
    nothing: Any = None
    names = ("institution", "department", "position")
    columns = [f"{name}_{language}" for name in names for language in ("ja", "en")]
    frame = pd.DataFrame(seeds, columns=["kind", "year", "visibility", "field_codes"])
    return Snapshot(
        version="v000001",
        manifest={},
        dense=nothing,
        lexical=nothing,
        sentence_vectors=nothing,
        profiles=nothing,
        means={},
        passages=table_of(PASSAGE_KINDS, {"seed_row": SEED_OF_PASSAGE, "lang": LANGUAGES}),
        sentences=nothing,
        seeds=table_of(STORED_SEED_KINDS, {name: list(frame[name]) for name in frame}),
        researchers=table_of(
            RESEARCHER_KINDS, dict(zip(columns, zip(*PEOPLE, strict=True), strict=True))
        ),
        authorships=table_of(
            AUTHORSHIP_KINDS,
            dict(zip(("seed_row", "researcher_row"), zip(*AUTHORSHIPS, strict=True), strict=True)),
        ),
    )


def people(allowed: Allowed) -> list[int]:
    return [int(row) for row in np.flatnonzero(allowed.researchers)]


def passages(allowed: Allowed) -> list[int] | None:
    return None if allowed.passages is None else allowed.passages.rows().tolist()


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
    message = r"Unknown kind of seed: novel\. Known are award, course, grant, note, paper, patent"

    with pytest.raises(InputError, match=message):
        apply_filters(Filters(kinds=["paper", "novel"]), snapshot)


def test_a_known_kind_that_no_seed_has_leaves_nobody(snapshot: Snapshot) -> None:
    allowed = apply_filters(Filters(kinds=["course"]), snapshot)

    assert (people(allowed), passages(allowed)) == ([], [])


def test_a_position_is_named_in_either_script(snapshot: Snapshot) -> None:
    assert people(apply_filters(Filters(positions=["教授"]), snapshot)) == [0, 1]
    assert people(apply_filters(Filters(positions=["professor"]), snapshot)) == [0, 2]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("ipc:C08", [2]),
        ("C08", [2]),
        ("ipc:c08l1/02", [2]),
        ("ＩＰＣ：Ｃ０８", [2]),
        ("4F100", [2]),
        ("kaken:300", [0, 1, 3]),
        ("30010", [0, 1]),
        ("kaken:", [0, 1, 3]),
        ("08L", []),
        (".", []),
        ("ipc:C08L 1/02; fterm", []),
    ],
)
def test_a_field_is_named_by_how_its_code_begins(
    snapshot: Snapshot, field: str, expected: list[int]
) -> None:
    assert passages(apply_filters(Filters(fields=[field]), snapshot)) == expected


def test_several_fields_leave_those_of_either_and_blank_ones_filter_nothing(
    snapshot: Snapshot,
) -> None:
    assert passages(apply_filters(Filters(fields=["30010", "30020"]), snapshot)) == [0, 1, 3]
    assert passages(apply_filters(Filters(fields=["", " "]), snapshot)) is None


def test_until_leaves_out_newer_seeds_and_those_without_a_year(snapshot: Snapshot) -> None:
    assert passages(apply_filters(Filters(until=2023), snapshot)) == [0, 1]
    assert passages(apply_filters(Filters(since=2021, until=2024), snapshot)) == [2, 4]
    assert passages(apply_filters(Filters(since=2024, until=2020), snapshot)) == []


def test_a_language_leaves_the_passages_in_it_and_whose_seeds_have_some(
    snapshot: Snapshot,
) -> None:
    japanese = apply_filters(Filters(languages=["ja"]), snapshot)
    english = apply_filters(Filters(languages=["en"]), snapshot)

    assert (people(japanese), passages(japanese)) == ([0, 1], [1, 2])
    assert (people(english), passages(english)) == ([0, 1, 2], [0, 3, 4])
    assert passages(apply_filters(Filters(languages=["ja", "en"]), snapshot)) is None


def test_an_unknown_language_or_visibility_is_an_error_that_names_the_known_ones(
    snapshot: Snapshot,
) -> None:
    with pytest.raises(InputError, match=r"Unknown language: de\. Known are en, ja"):
        apply_filters(Filters(languages=["de"]), snapshot)
    with pytest.raises(InputError, match=r"visibility: secret\. Known are confidential, internal"):
        apply_filters(Filters(visibilities=["secret"]), snapshot)


@pytest.mark.parametrize("filters", [Filters(), Filters(visibilities=()), Filters(kinds=["paper"])])
def test_only_public_seeds_are_matched_unless_others_are_named(filters: Filters) -> None:
    hidden = [(kind, year, "confidential", codes) for kind, year, _, codes in SEEDS[:3]]
    allowed = apply_filters(filters, snapshot_of([*hidden, SEEDS[3]]))

    assert (people(allowed), passages(allowed)) == ([0, 1], [4])


def test_other_visibilities_are_matched_where_they_are_named() -> None:
    levels = ("public", "internal", "confidential", "internal")
    mixed = snapshot_of([(k, y, v, c) for (k, y, _, c), v in zip(SEEDS, levels, strict=True)])

    internal = apply_filters(Filters(visibilities=["internal"]), mixed)
    both = apply_filters(Filters(visibilities=["public", "internal"]), mixed)

    assert (people(internal), passages(internal)) == ([0, 1], [2, 4])
    assert passages(both) == [0, 1, 2, 4]
