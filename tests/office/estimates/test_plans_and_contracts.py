"""A plan from draft to kept versions, where a case stands, and contracts: rights and secrecy."""

import io
import json
from datetime import date
from itertools import pairwise

import pytest
from docx import Document
from sqlalchemy import update

from catalogue.database.screening_models import SHARES
from catalogue.records.drafts import SEEDS, Draft
from enmusubi.errors import ForbiddenError, InputError, StaleVersionError, UnknownIdError
from enmusubi.estimate_settings import EstimateSettings
from office.access.scoped import reading_as
from office.cases.documents import DocumentDraft, add_document
from office.cases.kept import case_of
from office.contracts.checklists import (
    checklist_of,
    contract_items,
    contract_sources,
    save_checklist,
)
from office.contracts.made import MADE, contracts_made
from office.contracts.templates import (
    add_template,
    contract_again,
    fill_template,
    templates_of,
    withdraw_template,
)
from office.estimates.kept import save_estimate
from office.maturity.amounts import round_yen
from office.maturity.standing import (
    CaseFacts,
    maturity_rules,
    set_standing,
    standing,
    standing_of,
    steps_ahead,
)
from office.plans.kept import read_plan, save_plan
from office.plans.plan_docx import plan_as_docx
from office.plans.words import HEADINGS, SECTIONS
from office.privacy.holdings import without_person
from tests.office.cases.steps import decide, doing, opened, timeline, trail
from tests.office.estimates.test_estimates import FIRST
from tests.support.worlds.screened import CLOSED, COMPANY, HEAD, LAW, MONEY, SATO, interest

DAY = date(2026, 6, 1)


def plan_of(catalogue, settings, case_id, viewer=SATO, *, language="ja", version=None):
    with reading_as(catalogue, viewer) as connection:
        return read_plan(connection, viewer, case_id, language, settings, version)


def word_file(*lines, properties=None):
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.core_properties.title = properties or ""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def text_of(content):
    return "\n".join(one.text for one in Document(io.BytesIO(content)).paragraphs)


def test_a_plan_is_drafted_from_what_is_known_edited_and_kept_in_versions(catalogue, settings):
    with catalogue.writing() as connection:
        interest(connection, "R-5", COMPANY, SHARES)
    case = opened(catalogue, manager="sato", researcher_ids=("R-5", "R-6"), lead="R-5",
                  means="joint_research")  # fmt: skip
    doing(catalogue, SATO, save_estimate, case.case_id, FIRST)
    read = plan_of(catalogue, settings, case.case_id)
    said = {one.name: one.text for one in read.plan.sections}
    assert tuple(said) == SECTIONS and all(said.values())
    assert read.plan.version == 0
    assert COMPANY in said["outline"] and "共同研究" in said["means"]
    assert "1,372,800" in said["estimate"] and "13,728,000" in said["stages"]
    assert (
        "内密" not in said["screens"] and "株" not in said["screens"]
    )  # declared interests stay neutral

    kept = doing(
        catalogue, SATO, save_plan, case.case_id, "ja", {"risks": "膜が破れる。", "need": said["need"]},
        settings, expected_version=0,
    )  # fmt: skip
    edited = [one.name for one in kept.sections if one.is_edited]
    assert (kept.version, edited, kept.estimate_version) == (1, ["risks"], 1)
    with pytest.raises(StaleVersionError):
        doing(catalogue, SATO, save_plan, case.case_id, "ja", {}, settings, expected_version=0)
    doing(catalogue, SATO, save_estimate, case.case_id, FIRST, estimate_id=kept.estimate_id)
    assert plan_of(catalogue, settings, case.case_id).outdated == ("estimate",)
    second = doing(
        catalogue, SATO, save_plan, case.case_id, "ja", {}, settings, anew=("estimate", "risks"),
    )  # fmt: skip
    assert second.estimate_version == 2
    assert not any(one.is_edited for one in second.sections)
    first = plan_of(catalogue, settings, case.case_id, version=1).plan
    assert next(one.text for one in first.sections if one.name == "risks") == "膜が破れる。"
    with pytest.raises(UnknownIdError):
        plan_of(catalogue, settings, case.case_id, version=9)
    with pytest.raises(ForbiddenError):
        doing(catalogue, MONEY, save_plan, case.case_id, "ja", {}, settings)
    parts = {p.researcher_id for one in second.sections if one.name == "team" for p in one.parts}
    assert parts == {"R-5", "R-6"}  # so that somebody who is forgotten is taken out
    assert "膜が破れる" not in str(trail(catalogue))

    for language in ("ja", "en"):
        plan = plan_of(catalogue, settings, case.case_id, language=language).plan
        text = text_of(plan_as_docx(plan, "題", DAY, is_closed=True))
        assert all(HEADINGS[language][name] in text for name in SECTIONS)
        assert COMPANY in text and "1,372,800" in text


def test_what_the_university_keeps_to_itself_is_core_and_what_is_out_periphery(catalogue, settings):
    values = {"seed_id": "S-inside", "kind": "note", "title": "未公開の測定法", "text": "膜の測り方。",
              "lang": "ja", "visibility": "internal"}  # fmt: skip
    catalogue.write([Draft(SEEDS, values, people=("R-1",))], source="made up")
    case = opened(catalogue, manager="sato", researcher_ids=("R-1", "R-4"), lead="R-1")
    for language, core, periphery in (
        ("ja", "学内限定の成果1件（未公開の測定法）は中核", "公開済みの成果3件は周辺"),
        ("en", "works kept inside the university, 1 (未公開の測定法)", "public works, 3,"),
    ):
        plan = plan_of(catalogue, settings, case.case_id, HEAD, language=language).plan
        [means] = [one for one in plan.sections if one.name == "means"]
        assert core in means.text and periphery in means.text
        assert {p.researcher_id for p in means.parts} == {"", "R-1"}  # of R-4 all is confidential
        assert "S-hidden" not in means.text


def test_a_closed_need_is_in_no_plan_of_who_may_not_see_it(catalogue, settings):
    case = opened(catalogue, HEAD, need_id=CLOSED)
    assert plan_of(catalogue, settings, case.case_id, HEAD).plan.sections
    for ask in (plan_of,):
        with pytest.raises(UnknownIdError):
            ask(catalogue, settings, case.case_id, MONEY)


@pytest.mark.parametrize(
    ("facts", "rule", "step"),
    [
        (CaseFacts("discovery", granted=9, patents=9), "idea", "seed"),
        (CaseFacts("dialogue"), "idea", "seed"),
        (CaseFacts("nda", patents=3), "idea", "seed"),
        (CaseFacts("nda", patents=1, granted=1), "granted_patent", "module"),
        (CaseFacts("small_prototype"), "small_prototype", "module"),
        (CaseFacts("small_prototype", frozenset({"report"})), "reported_prototype", "unit"),
        (CaseFacts("full_prototype"), "full_prototype", "unit"),
        (CaseFacts("deployment"), "deployed", "sale"),
    ],
)
def test_each_rule_of_maturity_holds_where_it_should(facts, rule, step):
    found = standing(facts, maturity_rules())
    assert (found.id, found.step) == (rule, step)
    assert found.reason["ja"] and found.reason["en"]


def test_a_step_costs_ten_times_the_one_before_and_a_hand_goes_before_the_rules(catalogue):
    rules = maturity_rules()
    ahead = steps_ahead("seed", rules, 2_000_000)
    assert [one.own_jpy for one in ahead] == [2 * 10**6, None, None, None]
    assert [one.about_jpy for one in ahead] == [None, 2 * 10**7, 2 * 10**8, 2 * 10**9]
    assert [b.step.low_jpy / a.step.low_jpy for a, b in pairwise(ahead)] == [10] * 3
    assert [one.about_jpy for one in steps_ahead("unit", rules, None)] == [None, None]
    # the sum of a case that pays a part of its step tells nothing of the steps ahead
    for own, stands in ((400_000, "below"), (2_000_000, "within"), (12_700_000, "above")):
        ahead = steps_ahead("seed", rules, own)
        assert ahead[0].own_stands == stands
        assert all(one.about_jpy for one in ahead[1:]) == (stands == "within")
    [sale] = steps_ahead("sale", rules, 12_700_000)
    assert (sale.own_jpy, sale.own_stands, sale.about_jpy) == (12_700_000, "below", None)
    assert round_yen(5 * 10**9, "ja") == "50億円" and round_yen(5 * 10**9, "en") == "5 billion yen"
    assert (
        round_yen(25_000_000, "ja") == "2,500万円"
        and round_yen(2_500_000, "en") == "2.5 million yen"
    )
    assert round_yen(12_345_678, "ja") == "12,345,678円"
    case = opened(catalogue, manager="sato", researcher_ids=("R-5",))
    with pytest.raises(InputError, match="missing"):
        doing(catalogue, SATO, set_standing, case.case_id, "unit", "")
    doing(catalogue, SATO, set_standing, case.case_id, "unit", "試作品が動いている")
    doing(catalogue, SATO, add_document, case.case_id, DocumentDraft("report", "結果"),
          expected_version=None)  # fmt: skip
    with reading_as(catalogue, SATO) as connection:
        now = standing_of(connection, SATO, case_of(connection, SATO, case.case_id), rules)
    assert (now.step, now.is_by_hand, now.set_by, now.rule.id) == ("unit", True, "sato", "idea")
    doing(catalogue, SATO, set_standing, case.case_id, "", "")
    decide(catalogue, HEAD, case.case_id, "go", to_stage="small_prototype", reason="急ぐ")
    with reading_as(catalogue, SATO) as connection:
        now = standing_of(connection, SATO, case_of(connection, SATO, case.case_id), rules)
    assert (now.step, now.is_by_hand, now.rule.id) == ("unit", False, "reported_prototype")


def test_a_checklist_has_the_items_of_its_area_and_legal_settles_them(catalogue):
    open_case, closed = opened(catalogue, manager="sato"), opened(catalogue, HEAD, need_id=CLOSED)
    with reading_as(catalogue, HEAD) as connection:
        ours = checklist_of(connection, HEAD, open_case.case_id, "joint_research")
        theirs = checklist_of(connection, HEAD, closed.case_id, "joint_research")
    ids, closed_ids = ({one.item.id for one in found.items} for found in (ours, theirs))
    both = {"ownership", "background", "exclusivity", "exit", "cost", "students"}
    assert both <= ids & closed_ids
    assert {"open", "consortium"} == ids - closed_ids
    assert {"publication", "freedom", "teams"} == closed_ids - ids
    for kind in ("nda", "joint_research", "licence"):
        for item in contract_items(kind):
            assert item.sources and set(item.sources) <= set(contract_sources())
    save = {"exit": ("settled", "半年前の通知")}
    number = (open_case.case_id, "joint_research")
    kept = doing(catalogue, LAW, save_checklist, *number, save, expected_version=0)
    assert (kept.version, kept.open) == (1, len(ids) - 1)
    with pytest.raises(StaleVersionError):
        doing(catalogue, SATO, save_checklist, *number, save, expected_version=0)
    with pytest.raises(ForbiddenError):
        doing(catalogue, MONEY, save_checklist, *number, save, expected_version=1)
    for wrong in ({"teams": ("settled", "")}, {"exit": ("perhaps", "")}):
        with pytest.raises(InputError):
            doing(catalogue, SATO, save_checklist, *number, wrong, expected_version=1)
    doing(catalogue, SATO, save_checklist, *number, {"cost": ("open", "x")}, expected_version=1)
    with reading_as(catalogue, SATO) as connection:
        again = checklist_of(connection, SATO, *number)
    assert {one.item.id: one.note for one in again.items if one.note} == {
        "exit": "半年前の通知", "cost": "x",
    }  # fmt: skip


def test_a_template_is_filled_and_its_unknown_fields_are_named(catalogue, settings):
    case = opened(catalogue, manager="sato", researcher_ids=("R-5",), lead="R-5")
    doing(catalogue, SATO, save_estimate, case.case_id, FIRST)
    content = word_file(
        "{{ university }}と{{ company }}", "{%p if is_competitive %}", "公表は承諾を要する",
        "{%p endif %}", "総額 {{ total_jpy }} 円", properties="{{ title }}",
    )  # fmt: skip
    with pytest.raises(ForbiddenError):
        doing(catalogue, MONEY, add_template, "nda", "ja", "標準", content)
    with pytest.raises(InputError, match=r"compnay.*company"):
        doing(catalogue, LAW, add_template, "nda", "ja", "標準", word_file("{{ compnay }}"))
    kept = doing(catalogue, LAW, add_template, "nda", "ja", "標準", content)
    assert kept.fields == ("company", "is_competitive", "title", "total_jpy", "university")
    made = doing(catalogue, SATO, fill_template, case.case_id, kept.template_id, settings, DAY)
    text = text_of(made.content)
    assert (
        text == f"＿＿＿と{COMPANY}\n総額 1,372,800 円"
    )  # a blank that one sees, and no line of `if`
    assert made.empty == ("university",)
    named = settings.model_copy(update={"estimates": EstimateSettings(university="<縁> & 大学")})
    again = doing(catalogue, SATO, fill_template, case.case_id, kept.template_id, named, DAY)
    assert "<縁> & 大学" in text_of(again.content) and again.empty == ()
    assert [one.kind for one in timeline(catalogue, case.case_id)][:2] == ["contract"] * 2
    same = doing(catalogue, MONEY, fill_template, case.case_id, kept.template_id, named, DAY)
    assert same.name == again.name == f"nda-{case.case_id}-v2.docx"  # nothing new was said
    assert [one.kind for one in timeline(catalogue, case.case_id)][:2] == ["contract"] * 2
    assert timeline(catalogue, case.case_id)[0].detail["made"] == 2
    doing(catalogue, LAW, withdraw_template, kept.template_id)
    with reading_as(catalogue, LAW) as connection:
        assert templates_of(connection, LAW) == []
    with pytest.raises(UnknownIdError):
        doing(catalogue, SATO, fill_template, case.case_id, kept.template_id, settings, DAY)
    with reading_as(catalogue, MONEY) as connection:
        newest, first = contracts_made(connection, MONEY, case)
        old = contract_again(connection, MONEY, case.case_id, first.contract_id)
        assert text_of(old.content) == text and old.name == made.name
        assert (newest.version, newest.made_by, newest.template) == (2, "sato", "標準")


def test_a_made_contract_is_of_its_case_alone_and_forgets_who_is_forgotten(catalogue, settings):
    case = opened(catalogue, HEAD, need_id=CLOSED, researcher_ids=("R-5", "R-6"), lead="R-5")
    other = opened(catalogue, manager="sato")
    content = word_file("{{ lead }}({{ lead_affiliation }}) {{ researchers }} {{ company }}")
    kept = doing(catalogue, LAW, add_template, "licence", "en", "Plain", content)
    made = doing(catalogue, HEAD, fill_template, case.case_id, kept.template_id, settings, DAY)
    assert "Emi Kondo" in text_of(made.content)
    with reading_as(catalogue, HEAD) as connection:
        [one] = contracts_made(connection, HEAD, case)
    for viewer, number in ((MONEY, case.case_id), (SATO, other.case_id)):
        with pytest.raises(UnknownIdError), reading_as(catalogue, viewer) as connection:
            contract_again(connection, viewer, number, one.contract_id)
    with catalogue.writing() as connection:
        left = without_person(json.loads(one.content), frozenset({"R-5"}))
        connection.execute(update(MADE).values(content=json.dumps(left)))
    with reading_as(catalogue, HEAD) as connection:
        again = contract_again(connection, HEAD, case.case_id, one.contract_id)
    assert "Emi Kondo" not in text_of(again.content) and "Fumi Ogawa" in text_of(again.content)
