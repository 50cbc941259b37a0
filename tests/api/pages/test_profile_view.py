"""What is made of a researcher's seeds for their page: the chart, fields, links and facets."""

from api.pages.charts import Bar
from api.pages.profile_view import (
    CHART_YEARS,
    OtherId,
    YearRow,
    facets,
    fields_of,
    other_ids,
    year_chart,
)


def test_a_chart_stacks_the_kinds_of_a_year_to_the_height_of_its_share():
    chart = year_chart({(2019, "paper"): 1, (2019, "award"): 1, (2021, "paper"): 4})
    assert chart is not None
    assert (chart.first, chart.last, chart.highest, chart.width) == (2019, 2021, 4, 30)
    assert chart.bars == (
        Bar("paper", 21, 0.0, 100.0),
        Bar("paper", 1, 75.0, 25.0),
        Bar("other", 1, 50.0, 25.0),
    )
    assert chart.rows == (YearRow(2021, (4, 0, 0, 0)), YearRow(2019, (1, 0, 0, 1)))
    assert chart.groups == ("paper", "other")


def test_years_long_ago_and_seeds_without_a_year_are_told_in_words():
    chart = year_chart({(1950, "paper"): 3, (2020, "patent"): 1, (None, "grant"): 2})
    assert chart is not None
    assert (chart.first, chart.earlier, chart.undated) == (2020 - CHART_YEARS + 1, 3, 2)
    assert len(chart.bars) == 1
    assert [row.year for row in chart.rows] == [2020, 1950]
    assert chart.highest == 1


def test_without_years_there_is_no_chart():
    assert year_chart({}) is None
    assert year_chart({(None, "paper"): 2}) is None


def test_fields_are_counted_once_a_seed_and_unknown_codes_are_left_out():
    found = fields_of(["ipc:C08L 1/02; ipc:C08L 1/04", "ipc:C08L 1/02", "openalex:T1", " ; "])
    assert [count for _, count in found] == [2]
    assert found[0][0].name_en and found[0][0].name_ja


def test_what_somebody_is_known_for_comes_before_what_codes_say():
    codes = ["ipc:C08L 1/02", "ipc:C08L 1/04"]
    [(polymers, _)] = fields_of(codes)
    found = fields_of(codes, ["food-science", "no such field"])
    assert [(field.id, count) for field, count in found] == [("food-science", 0), (polymers.id, 2)]
    assert fields_of(codes, ["food-science", polymers.id]) == found
    assert fields_of([], [polymers.id]) == [(polymers, 0)]


def test_ids_lead_to_their_systems_where_these_have_pages():
    ids = {"kaken_id": "12345678", "orcid": "0000-0002-1825-0097", "erad_id": "1", "x": "y"}
    assert other_ids(ids) == [
        OtherId("ORCID", "0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        OtherId("KAKEN", "12345678", ""),
        OtherId("e-Rad", "1", ""),
    ]
    [hostile] = other_ids({"researchmap_id": '"><script>/../x'})
    assert hostile.url == "https://researchmap.jp/%22%3E%3Cscript%3E%2F..%2Fx"


def test_facets_count_kinds_and_years():
    counts = {(2019, "paper"): 1, (2020, "paper"): 2, (2020, "award"): 1, (None, "grant"): 1}
    kinds, years = facets(counts)
    assert kinds == [("paper", 3), ("award", 1), ("grant", 1)]
    assert years == [(2020, 3), (2019, 1)]
