"""Export control as rules of screening: what stops a release, and what stands beside a person."""

import json
from datetime import date

import pytest

from catalogue.database.viewer import LEGAL
from catalogue.records.drafts import NEEDS, SEEDS, Draft
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.translation import translations
from office.screening.export_control_rules import ITEMS
from office.screening.export_control_topics import load_topics
from office.screening.screening import OF_NEED
from tests.office.screening.steps import of_rule, rules_of, screened
from tests.support.worlds.screened import HEAD, NEED, SATO

SENSITIVE = "N-sonar"
TEXT = "港の警備に使うソナーを海外子会社で作りたい。"


@pytest.fixture
def sensitive(office):
    """A need on sonar, and two people with work on it: one public, one confidential."""
    need = {
        "need_id": SENSITIVE,
        "title": "音響",
        "text": TEXT,
        "constraints": "軍用にも使う。",
        "area": "non-competitive",
        "confidentiality": "public",
        "organisation_id": "aonami",
        "posted_on": date(2026, 5, 1),
    }

    def seed(seed_id, person, visibility, text):
        values = {"seed_id": seed_id, "kind": "paper", "title": "研究", "text": text, "year": 2024}
        return Draft(SEEDS, {"visibility": visibility, "lang": "ja", **values}, people=(person,))

    drafts = [
        Draft(NEEDS, need),
        seed("S-sonar", "R-5", "public", "曳航アレイのソナー。"),
        seed("S-secret", "R-6", "confidential", "水中音響の未発表データ。"),
        seed("S-laser", "R-7", "public", "フェムト秒レーザーの発振。"),
    ]
    assert [o for o in office.write(drafts, source="test") if o.change == "refused"] == []
    return office


def test_a_need_that_touches_the_lists_stops_until_legal_clears_it(sensitive):
    found = screened(sensitive, need_id=SENSITIVE)[OF_NEED]

    listed, end_use = of_rule(found, "export_listed"), of_rule(found, "export_end_use")
    assert listed.stops and end_use.stops and listed.role == end_use.role == LEGAL
    assert listed.evidence == ("topic:underwater-acoustics",)
    assert of_rule(found, "export_circumstances").verdict == "note"


def test_reasons_name_items_in_both_languages_and_never_the_text(sensitive):
    reason = of_rule(screened(sensitive, need_id=SENSITIVE)[OF_NEED], "export_listed").reason

    assert str(reason) == "The need may touch the export control lists: 10 Sensors and lasers."
    said = reason.said(translations("ja"))
    assert said == "ニーズが輸出管理のリスト規制に関わる可能性があります：10の項（センサー等）。"
    assert "ソナー" not in repr(reason)


def test_work_on_the_same_topic_is_noted_and_asked_about_where_it_is_not_public(sensitive):
    found = screened(sensitive, HEAD, SENSITIVE)

    assert rules_of(found["R-5"]) == {"export_work": "note"}
    assert of_rule(found["R-5"], "export_work").evidence == ("seed:S-sonar",)
    assert rules_of(found["R-6"]) == {"export_unpublished": "ask"}
    assert rules_of(found["R-7"]) == {}


def test_work_that_the_viewer_may_not_see_changes_nothing(sensitive):
    assert rules_of(screened(sensitive, SATO, SENSITIVE)["R-6"]) == {}


def test_an_ordinary_need_looks_at_nobodys_work(sensitive):
    found = screened(sensitive, HEAD, NEED)

    assert not [one for of in found.values() for one in of if one.rule_id.startswith("export")]


def test_an_office_may_switch_the_rules_off(sensitive):
    off = ScreeningSettings(off=("export_listed", "export_end_use", "export_circumstances"))
    found = screened(sensitive, need_id=SENSITIVE, settings=off)

    assert rules_of(found[OF_NEED]) == {}


def test_an_office_adds_topics_by_a_setting(sensitive, tmp_path):
    own = tmp_path / "own.json"
    film = {"id": "films", "items": ["5"], "name_ja": "膜", "name_en": "Films", "terms": ["薄い膜"]}
    own.write_text(json.dumps({"topics": [film]}), "utf-8")
    settings = ScreeningSettings(export_control_topics=own)

    found = screened(sensitive, need_id=NEED, settings=settings)[OF_NEED]
    assert of_rule(found, "export_listed").evidence == ("topic:films",)


def test_every_item_has_a_word():
    assert list(ITEMS) == [item.id for item in load_topics().items]
