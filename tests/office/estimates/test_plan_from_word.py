"""A plan that was edited in Word is taken back: what was changed there, and nothing of what others wrote."""

import io

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from enmusubi.errors import ForbiddenError, InputError, StaleVersionError, UnknownIdError
from office.plans.plan_docx import plan_as_docx
from office.plans.plan_reading import changes_in, plan_in, save_changes
from office.plans.words import HEADINGS, SECTIONS
from tests.office.cases.steps import doing, opened
from tests.office.estimates.test_plans_and_contracts import DAY, plan_of, word_file
from tests.support.worlds.screened import CLOSED, HEAD, MONEY, SATO


def taken(catalogue, settings, case_id, language="ja", version=None):
    """Return a case's plan as the Word file that the page gives."""
    plan = plan_of(catalogue, settings, case_id, language=language, version=version).plan
    return plan_as_docx(plan, "題", DAY, is_closed=True)


def edited(content, **changes):
    """Return a plan's file with a paragraph put in place of the sections named, headings kept."""
    document = Document(io.BytesIO(content))
    section, said = "", dict(changes)
    names = iter(SECTIONS)
    for paragraph in list(document.paragraphs):
        if paragraph.style.name == "Heading 1":
            section = next(names)
        elif section in changes:
            text = said.pop(section, None)
            if text is None:
                paragraph._element.getparent().remove(paragraph._element)
            else:
                paragraph.text = text
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def back(catalogue, settings, case_id, content, viewer=SATO):
    def save(connection, by):
        changes = changes_in(connection, by, case_id, content, settings)
        return save_changes(connection, by, case_id, changes, settings)

    return doing(catalogue, viewer, save)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_section_that_was_edited_in_word_is_the_next_version_and_others_stay(
    catalogue, settings, language
):
    case = opened(catalogue, manager="sato", researcher_ids=("R-5",), lead="R-5")
    number = case.case_id
    content = taken(catalogue, settings, number, language)
    with pytest.raises(InputError, match="already"):
        back(catalogue, settings, number, content)
    kept = back(catalogue, settings, number, edited(content, risks="膜が破れる。\n代わりを買う。"))
    assert (kept.version, kept.language) == (1, language)
    assert [one.name for one in kept.sections if one.is_edited] == ["risks"]
    [risks] = [one.text for one in kept.sections if one.name == "risks"]
    assert risks == "膜が破れる。\n代わりを買う。"
    parts = {part.researcher_id for one in kept.sections for part in one.parts}
    assert "R-5" in parts  # what nobody edited still knows whom it is about
    again = taken(catalogue, settings, number, language)
    second = back(catalogue, settings, number, edited(again, next="来週会う"))
    said = {one.name: one.text for one in second.sections}
    assert (second.version, said["next"], said["risks"]) == (2, "来週会う", risks)


def test_of_two_who_edit_the_same_section_the_later_is_refused_and_of_others_none(
    catalogue, settings
):
    number = opened(catalogue, manager="sato").case_id
    back(catalogue, settings, number, edited(taken(catalogue, settings, number), next="一"))
    first = taken(catalogue, settings, number)
    back(catalogue, settings, number, edited(first, next="二"))
    with pytest.raises(InputError, match="already"):  # the same file once more
        back(catalogue, settings, number, edited(first, next="二"))
    with pytest.raises(StaleVersionError):
        back(catalogue, settings, number, edited(first, next="三"))
    kept = back(catalogue, settings, number, edited(first, team="二人で"))
    said = {one.name: one.text for one in kept.sections}
    assert (kept.version, said["next"], said["team"]) == (3, "二", "二人で")


def test_tracked_changes_count_as_accepted_and_a_table_is_read_line_by_line(catalogue, settings):
    number = opened(catalogue, manager="sato").case_id
    document = Document(io.BytesIO(edited(taken(catalogue, settings, number), next="見積を")))
    line = next(one for one in document.paragraphs if one.text == "見積を")
    added, gone = OxmlElement("w:ins"), OxmlElement("w:del")
    for change, tag, text in ((added, "w:t", "三社から取る"), (gone, "w:delText", "やめる")):
        run, said = OxmlElement("w:r"), OxmlElement(tag)
        said.text = text
        run.append(said)
        change.append(run)
        line._element.append(change)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "四月", "契約"
    document.element.body.append(document.element.body.find(qn("w:sectPr")))
    content = io.BytesIO()
    document.save(content)
    assert plan_in(content.getvalue()).texts["next"] == "見積を三社から取る\n四月\n契約"


def test_a_file_that_is_no_such_plan_says_why(catalogue, settings):
    number = opened(catalogue, manager="sato").case_id
    other = opened(catalogue, manager="sato", researcher_ids=("R-5",)).case_id
    content = taken(catalogue, settings, number)
    with pytest.raises(InputError, match=f"case {number}"):
        back(catalogue, settings, other, content)
    head = HEADINGS["ja"]["means"]
    lines = [one.text for one in Document(io.BytesIO(content)).paragraphs]
    with pytest.raises(InputError, match=head):
        plan_in(word_file(*(one for one in lines if not one.endswith(head))))
    with pytest.raises(InputError, match="twice"):
        plan_in(word_file(*lines, *(one for one in lines if one.endswith(f". {head}"))))
    with pytest.raises(InputError):
        plan_in(b"no file")
    unnumbered = [one.partition(". ")[2] if one[:1].isdigit() else one for one in lines]
    assert plan_in(word_file(*unnumbered)).version == 0
    assert plan_in(word_file(*lines[3:])).version is None  # nothing above the headings


def test_who_may_not_change_a_case_takes_nothing_back(catalogue, settings):
    number = opened(catalogue, manager="sato").case_id
    content = edited(taken(catalogue, settings, number), next="来週")
    with pytest.raises(ForbiddenError):
        back(catalogue, settings, number, content, viewer=MONEY)
    closed = opened(catalogue, HEAD, need_id=CLOSED).case_id
    plan = plan_of(catalogue, settings, closed, HEAD).plan
    secret = edited(plan_as_docx(plan, "題", DAY, is_closed=True), next="来週")
    with pytest.raises(UnknownIdError):
        back(catalogue, settings, closed, secret, viewer=MONEY)
