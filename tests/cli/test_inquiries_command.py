"""`enmusubi inquiries`: letters and answers on the terminal."""

import json
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from catalogue.database.inquiry_models import Inquiry
from catalogue.records.catalogue import open_catalogue


def test_letters_are_listed_with_what_was_answered(office, tmp_path):
    now = datetime.now(UTC)
    empty = (
        "address",
        "token_hash",
        "reminder_hash",
        "revoked_by",
        "who_else",
        "remark",
        "noted_by",
    )
    row = {
        **dict.fromkeys(empty, ""),
        "need_id": "n-1",
        "researcher_id": "r-mori",
        "language": "ja",
    }
    row |= {"message": "お尋ねします。", "asked_by": "sato", "asked_at": now, "answer": ""}
    answered = {"answer": "not_now", "answered_at": now, "not_before": date(2031, 4, 1)}
    with (
        open_catalogue(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite'}") as catalogue,
        catalogue.writing() as connection,
    ):
        for more in ({}, answered):
            values = {**row, "expires_at": now + timedelta(days=21), **more}
            connection.execute(insert(Inquiry).values(**values))
    code, printed, told = office("inquiries")
    assert code == 0 and "waiting" in printed and "not now" in printed, told
    assert "2031-04-01" in printed and "お尋ね" not in printed
    code, printed, _ = office("inquiries", "n-1", "--which", "answered", "--json")
    [one] = json.loads(printed)
    assert code == 0 and (one["state"], one["answer"]) == ("answered", "not_now")
    assert office("inquiries", "--which", "unread")[0] == 2
