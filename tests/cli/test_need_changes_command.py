"""`enmusubi need changes`: what would change a researcher's place, for people and for programs."""

import json

from cli.changes import print_changes
from matcher.records import ResearcherCard
from office.counterfactuals import ADDED, RECENT, Change, Counterfactuals, Effect, ListPlace


def test_each_change_is_told_with_its_effect(office):
    code, out, err = office("need", "changes", "n-1", "r-mori")
    assert (code, err) == (0, "")
    assert "Eri Mori, today: rank 1 (" in out and "with work since" in out
    assert "without this work: " in out and "not among the first hundred" in out


def test_it_is_told_in_japanese(office, monkeypatch):
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    _, out, _ = office("need", "changes", "n-1", "r-mori")
    assert "森 絵里　現在の順位：1位（" in out and "年以降の業績に限ると" in out
    assert "この業績がなければ：" in out and "100位圏外" in out and "上位10名から外れる" in out


def test_json_is_as_the_api_answers(office):
    code, out, _ = office("need", "changes", "n-1", "r-mori", "--json")
    found = json.loads(out)
    assert code == 0 and (found["need_id"], found["before"]["rank"]) == ("n-1", 1)
    kinds = {effect["changes"][0]["kind"] for effect in found["effects"]}
    assert {"withdrawn", "recent"} <= kinds and found["together"] is None


def test_an_unknown_need_or_researcher_is_an_error(office):
    code, out, err = office("need", "changes", "n-none", "r-mori")
    assert (code, out) == (1, "") and "No need has that id" in err
    code, out, err = office("need", "changes", "n-1", "r-none")
    assert (code, out) == (1, "") and "in no list of this need" in err


def test_changes_that_bring_somebody_in_together_are_told(capsys):
    before = ListPlace(40, 0.2, "weak")
    added, recent = Change(ADDED, term="barrier film", language="en"), Change(RECENT, since=2016)
    effects = (
        Effect((added,), ListPlace(20, 0.3, "possible"), before),
        Effect((recent,), before, before),
    )
    together = Effect((added, recent), ListPlace(9, 0.5, "good"), before)
    found = Counterfactuals(ResearcherCard("r-1", name_ja="森"), before, effects, together)
    print_changes(found)
    lines = capsys.readouterr().out
    assert "(+20)" in lines and lines.count("barrier film") == 2
    print_changes(Counterfactuals(found.researcher, before, effects))
    assert "(+20)" in capsys.readouterr().out
