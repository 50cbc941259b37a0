"""What holds for every page of the office: roles, languages, forms, addresses."""

import re

import pytest

from tests.api.pages.office.steps import CLOSED_PATH, OPEN_PATH
from tests.support.worlds import pages as office
from tests.support.worlds.pages import HEAD, PATENTS, SATO

PATHS = (
    "/researchers",
    "/researchers/R-01",
    "/needs",
    OPEN_PATH,
    "/shortlist",
    "/searches",
    "/reports",
)


@pytest.mark.parametrize(
    ("viewer", "refused"),
    [
        (HEAD, ()), (SATO, ()), (PATENTS, ()), (office.LAW, ()),
        (office.NUMBERS, ()), (office.GUEST, ("/reports",)), (office.ROOT, PATHS),
    ],
    ids=lambda value: getattr(value, "role", ""),
)  # fmt: skip
def test_each_role_sees_its_pages_in_both_languages(act, viewer, refused):
    client = act(viewer)
    for path in PATHS:
        for language in ("ja", "en"):
            page = client.get(path, headers={"accept-language": language})
            assert page.status_code == (403 if path in refused else 200), path
            assert f'<html lang="{language}">' in page.text
            assert len(page.content) < 100_000


def test_empty_pages_say_what_to_do_next(act):
    client = act(office.LAW)
    for path, hint in {
        "/shortlist": "Your shortlist is empty.",
        "/searches": "You have no saved searches.",
        "/needs?status=closed": "Show all needs",
        "/researchers?name=zz": "Show everybody",
    }.items():
        page = client.get(path).text
        assert 'class="empty"' in page and hint in page


def test_forms_that_change_something_carry_the_field_against_forgery(act):
    client = act(SATO)
    for path in (*PATHS, CLOSED_PATH, f"{OPEN_PATH}/change", "/needs/new"):
        page = client.get(path).text
        posts = re.findall(r'<form[^>]* method="post".*?</form>', page, re.S)
        assert all("csrf" in form or "csrf_token" not in page for form in posts), path


def test_no_address_holds_the_text_of_a_need_or_a_companys_name(act):
    client = act(SATO)
    for path in (*PATHS, CLOSED_PATH):
        for address in re.findall(r'(?:href|action)="([^"]*)"', client.get(path).text):
            assert "%E" not in address and not re.search(r"[\u3041-\u9fff]", address), address
