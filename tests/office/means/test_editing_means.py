"""The table of means on the page: edited by the chief in versions, and back to what ships."""

import pytest

from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError, UnknownIdError
from office.access.scoped import reading_as, writing_as
from office.means.editing import edit_row, edits_of, means_table, plain_row, reset_row
from office.means.recommending import MeansWanted, means_rules, recommend
from tests.support.worlds import copied
from tests.support.worlds.screened import HEAD, SATO

ASKED = MeansWanted(aim="technology", horizon="long", maturity="idea")


@pytest.fixture
def catalogue(tmp_path):
    """An office with a chief."""
    with open_catalogue(copied("screened", tmp_path)) as opened:
        yield opened


def edit(catalogue, name, row, version, viewer=HEAD):
    with writing_as(catalogue, viewer) as connection:
        return edit_row(connection, viewer, name, row, expected_version=version)


def first(catalogue):
    with reading_as(catalogue, SATO) as connection:
        return recommend(ASKED, means_table(connection, None))[0].rule.name


def test_an_edit_counts_at_once_and_the_shipped_row_comes_back(catalogue):
    assert first(catalogue) == "joint_research"
    with reading_as(catalogue, HEAD) as connection:
        row = plain_row(connection, "m_and_a", None)
    everything = {"aim": ["technology"], "horizon": ["long"], "maturity": ["idea"]}
    here = {"horizon": ["short"], "aim": ["market"]}
    assert edit(catalogue, "m_and_a", {**row, **everything}, 0) == 1
    with reading_as(catalogue, HEAD) as connection:
        joint = plain_row(connection, "joint_research", None)
    assert edit(catalogue, "joint_research", {**joint, **here}, 0) == 1
    assert first(catalogue) == "m_and_a"
    with pytest.raises(StaleVersionError):
        edit(catalogue, "m_and_a", row, 0)
    for wrong in ({"aim": []}, {"aim": ["fame"]}, {"next": ["m_and_a"]}, {"watch_ja": " "}):
        with pytest.raises(InputError):
            edit(catalogue, "m_and_a", {**row, **wrong}, 1)
    with pytest.raises(UnknownIdError):
        edit(catalogue, "barter", row, 0)
    with pytest.raises(ForbiddenError):
        edit(catalogue, "m_and_a", row, 1, viewer=SATO)
    weights = dict.fromkeys(means_rules().weights, 0) | {"area": 5}
    with pytest.raises(InputError, match="above 0"):
        edit(catalogue, "weights", dict.fromkeys(weights, 0), 0)
    assert edit(catalogue, "weights", weights, 0) == 1
    with writing_as(catalogue, HEAD) as connection:
        assert reset_row(connection, HEAD, "m_and_a", expected_version=1) == 2
        reset_row(connection, HEAD, "joint_research", expected_version=1)
        reset_row(connection, HEAD, "weights", expected_version=1)
        assert edits_of(connection)["m_and_a"].content is None
    assert first(catalogue) == "joint_research"


def test_a_changed_file_is_read_anew_without_a_restart(tmp_path):
    own = tmp_path / "means.toml"
    own.write_text("[weights]\naim = 1\n", "utf-8")
    assert means_rules(own).weights["aim"] == 1
    own.write_text("[weights]\naim = 42\n", "utf-8")
    assert means_rules(own).weights["aim"] == 42
