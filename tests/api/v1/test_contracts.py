"""Contracts over the API: a template of the office's is filled for a case, kept, and taken as a Word file."""

import io

import pytest
from docx import Document

from office.contracts.templates import add_template, withdraw_template
from tests.api.v1.test_cases import CASES, opened
from tests.support.worlds.companies import ABE, KATO, UEDA

TEMPLATES = "/v1/contract-templates"


def word_file(text):
    document, content = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(content)
    return content.getvalue()


@pytest.fixture
def template_id(office):
    content = word_file("{{ company }} と {{ university }}、{{ case_number }}")
    with office.catalogue.writing() as connection:
        return add_template(connection, ABE, "nda", "ja", "当室の雛形", content).template_id


def text_of(answer):
    return "\n".join(one.text for one in Document(io.BytesIO(answer.content)).paragraphs)


def test_a_template_is_filled_kept_and_taken_as_a_file(office, template_id):
    case = opened(office).headers["location"]
    [listed] = office.get(KATO, TEMPLATES).json()["templates"]
    assert (listed["template_id"], listed["name"]) == (template_id, "当室の雛形")
    body, key = {"template_id": template_id}, {"Idempotency-Key": "c-1"}
    made = office.ask(KATO, "POST", f"{case}/contracts", json=body, headers=key)
    assert made.status_code == 201, made.text
    said = made.json()
    assert (said["kind"], said["version"], said["made_by"]) == ("nda", 1, "kato")
    assert said["empty"] == ["university"]
    again = office.ask(KATO, "POST", f"{case}/contracts", json=body, headers=key)
    assert again.json() == said and again.headers["idempotent-replayed"] == "true"
    same = office.ask(KATO, "POST", f"{case}/contracts", json=body)
    assert (same.status_code, same.json()) == (200, said)  # the same once more is no new version
    assert office.get(KATO, f"{case}/contracts").json()["contracts"] == [said]
    assert made.headers["location"] == said["link"]
    file = office.get(KATO, said["link"])
    assert "青波フーズ" in text_of(file)
    assert file.headers["content-disposition"].endswith('-v1.docx"')
    with office.catalogue.writing() as connection:
        withdraw_template(connection, ABE, template_id)
    assert office.get(KATO, TEMPLATES).json()["templates"] == []
    assert office.get(KATO, said["link"]).status_code == 200  # what was made stays
    assert office.ask(KATO, "POST", f"{case}/contracts", json=body).status_code == 404
    assert office.get(KATO, f"{case}/contracts/99/file").status_code == 404
    assert office.get(KATO, f"{CASES}/999/contracts").status_code == 404


def test_a_contract_that_leaves_is_in_the_audit_trail(office, template_id):
    case = opened(office).headers["location"]
    made = office.ask(UEDA, "POST", f"{case}/contracts", json={"template_id": template_id})
    assert ("export", "case") not in [(one[1], one[2]) for one in office.trail()]
    assert office.get(UEDA, made.json()["link"]).status_code == 200
    assert ("export", "case") in [(one[1], one[2]) for one in office.trail()]
