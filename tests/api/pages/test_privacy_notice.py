"""The privacy notice is for everybody, in both languages; the office edits it, letters lead to it."""

import re
from datetime import UTC, datetime

from office.mail.inquiry_mail import with_link
from tests.api.signin.conftest import (  # noqa: F401 - fixtures
    app_of,
    browser,
    catalogue,
    person,
    quick_passwords,
    users,
)

NEW = {"text_ja": "# 新しい案内\n\n- 氏名\n- 所属", "text_en": "# New notice\n\nNames alone."}


def test_it_is_read_without_an_account_edited_by_the_office_and_kept_in_versions(app_of, person):  # noqa: F811
    app, stranger = app_of(), browser(app_of())
    person()
    stranger.client.headers["accept-language"] = "ja"
    first = stranger.get("/privacy")
    assert first.status_code == 200
    assert "<h2>研究者の権利</h2>" in first.text
    assert "初期の文章です" in first.text
    assert 'href="/privacy"' in stranger.get("/login").text

    staff, office = browser(app), browser(app)
    staff.sign_in(person("viewer"))
    assert staff.get("/privacy/edit").status_code == 403
    office.sign_in(person("legal"))
    token = office.token("/privacy/edit")
    missing = office.post("/privacy/edit", {"csrf_token": token, **NEW, "text_en": " "})
    assert (missing.status_code, "新しい案内" in missing.text) == (422, True)
    assert office.post("/privacy/edit", {"csrf_token": token, **NEW}).status_code == 303
    assert office.post("/privacy/edit", {"csrf_token": token, **NEW}).status_code == 303  # no other
    stranger.client.headers["accept-language"] = "en"
    shown = stranger.get("/privacy").text
    assert "<h2>New notice</h2>" in shown
    changed = {**NEW, "text_en": "Other <b>words</b>"}
    office.post("/privacy/edit", {"csrf_token": token, **changed})
    assert "Other &lt;b&gt;words" in stranger.get("/privacy").text
    assert "New notice" in stranger.get("/privacy?version=1").text
    assert stranger.get("/privacy?version=3").status_code == 404
    listed = office.get("/privacy/edit").text
    assert re.findall(r'href="/privacy\?version=(\d)"', listed) == ["2", "1"]


def test_a_letter_to_a_researcher_leads_to_it():
    told = with_link(
        "本文", "https://x.example/answers/abc", datetime(2026, 12, 1, tzinfo=UTC), "ja"
    )
    assert told.endswith("https://x.example/privacy")
