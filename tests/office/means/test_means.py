"""Means: a test for each row of the table, the order by hand, the chain, an office's own rows."""

from dataclasses import replace

import pytest

from catalogue.database.case_models import MEANS
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import SettingsError
from office.access.scoped import reading_as
from office.means.recommending import MeansWanted, means_rules, recommend, wanted_of
from office.needs.reading import need_of
from tests.support.worlds import copied
from tests.support.worlds.screened import NEED, SATO

RULES = means_rules()
FIRST = {  # what is wished of each, so that it comes first
    "consulting": MeansWanted("technology", "short", "low", "low", "low", "idea"),
    "licence_in": MeansWanted("technology", "short", "high", "medium", "low", "product"),
    "licence_out": MeansWanted("revenue", "short", "low", "low", "low", "product", "non-competitive"),
    "alliance": MeansWanted("market", "short", "medium", "medium", "medium", "product"),
    "accelerator": MeansWanted("market", "short", "low", "low", "high", "idea", "non-competitive"),
    "cvc": MeansWanted("market", "medium", "low", "high", "high", "prototype"),
    "joint_research": MeansWanted("technology", "long", "medium", "medium", "medium", "idea"),
    "joint_venture": MeansWanted("revenue", "long", "high", "high", "high", "product", "competitive"),
    "m_and_a": MeansWanted("technology", "short", "high", "high", "high", "product", "competitive"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANS)
def test_each_means_is_first_for_what_it_is_for(name):
    best = recommend(FIRST[name], RULES)[0]
    assert (best.rule.name, best.speaks_against) == (name, ())
    assert best.score == 1.0


@pytest.mark.parametrize("name", MEANS)
def test_each_row_is_as_the_seed_of_the_project_says(name):
    rule = RULES.means[name]
    horizons = {
        "licence_out": "short", "licence_in": "short", "accelerator": "short medium",
        "joint_research": "medium long", "alliance": "short", "cvc": "medium",
        "joint_venture": "medium long", "m_and_a": "short", "consulting": "short",
    }  # fmt: skip
    assert rule.fits["horizon"] == tuple(horizons[name].split())
    hard = {"joint_venture": "high", "m_and_a": "high", "licence_out": "low", "consulting": "low"}
    assert rule.difficulty == hard.get(name, "medium")
    assert all(rule.watch.values()) and all(rule.figures.values())


def test_the_order_is_the_share_of_the_weights_for_and_against():
    found = {one.rule.name: one for one in recommend(MeansWanted("revenue", "long"), RULES)}
    venture, research = found["joint_venture"], found["joint_research"]
    assert (venture.score, venture.speaks_for) == (1.0, ("aim", "horizon"))
    assert research.score == pytest.approx((2 - 3) / 5)  # the horizon for it, the aim against
    assert research.speaks_against == ("aim",)
    none = recommend(MeansWanted(), RULES)
    assert [one.rule.name for one in none] == list(RULES.means)  # nothing asked: the table's order
    assert {one.score for one in none} == {0.0}
    assert recommend(MeansWanted(aim="fame"), RULES) == none


def test_an_accelerator_leads_to_cvc_and_on_to_an_alliance_or_a_joint_venture():
    def chain(**wanted):
        found = recommend(MeansWanted(**wanted), RULES)
        return next(one.chain for one in found if one.rule.name == "accelerator")

    assert chain() == ("cvc", "alliance")
    assert chain(control="high") == ("cvc", "joint_venture")


def test_a_need_answers_what_it_says_and_what_is_asked_counts_first(tmp_path):
    with (
        open_catalogue(copied("screened", tmp_path)) as catalogue,
        reading_as(catalogue, SATO) as connection,
    ):
        need = need_of(connection, SATO, NEED)
    told = replace(need, budget_jpy=50_000_000, horizon="2027年3月")
    wanted = wanted_of(told, MeansWanted(area="competitive"))
    assert (wanted.area, wanted.capital, wanted.horizon) == ("competitive", "medium", "short")
    assert wanted_of(need, MeansWanted()).area == "non-competitive"


def test_an_office_changes_rows_by_a_file_of_its_own(tmp_path):
    own = tmp_path / "means.toml"
    own.write_text('[means.cvc]\nhorizon = ["long"]\n[weights]\naim = 0\n', "utf-8")
    rules = means_rules(own)
    assert (rules.means["cvc"].fits["horizon"], rules.weights["aim"]) == (("long",), 0)
    assert rules.means["cvc"].kind == RULES.means["cvc"].kind
    for wrong in ('[means.cvc]\nhorizon = ["soon"]\n', "[means.guess]\nnext = []\n", "[[["):
        bad = tmp_path / f"{abs(hash(wrong))}.toml"
        bad.write_text(wrong, "utf-8")
        with pytest.raises(SettingsError):
            means_rules(bad)
