"""`enmusubi clearances`: what waits for legal, IP or the chief, on the terminal."""

import json
from datetime import UTC, date, datetime

from sqlalchemy import insert

from catalogue.database.screening_models import Clearance
from catalogue.records.catalogue import open_catalogue


def ask(folder):
    now = datetime.now(UTC)
    row = {"need_id": "n-1", "rule_id": "competitor_work", "role": "legal", "asked_by": "houmu"}
    row |= {"asked_at": now, "decision": "", "decided_by": "", "reason": "", "revoked_by": ""}
    cleared = {
        "decision": "cleared",
        "decided_by": "houmu",
        "decided_at": now,
        "reason": "確認した",
    }
    with (
        open_catalogue(f"sqlite:///{folder / 'data' / 'catalogue.sqlite'}") as catalogue,
        catalogue.writing() as connection,
    ):
        for person, more in (
            ("r-mori", {}),
            ("r-sato", {**cleared, "valid_until": date(2031, 4, 1)}),
        ):
            values = {**row, "researcher_id": person, "evidence": "seed:s-r-mori", **more}
            connection.execute(insert(Clearance).values(**values))


def test_what_waits_is_listed_with_whose_decision_it_is(office, tmp_path, monkeypatch):
    ask(tmp_path)
    code, printed, told = office("clearances")
    assert code == 0 and "Eri Mori" in printed and "waits for a decision" in printed, told
    assert "Ken Sato" not in printed
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "ja")
    _, printed, _ = office("clearances", "n-1", "--which", "all")
    assert "確認待ち" in printed and "確認済み" in printed and "法務担当" in printed
    assert "2031-04-01" in printed and "確認した" not in printed


def test_json_is_as_the_api_answers(office, tmp_path):
    ask(tmp_path)
    code, printed, _ = office("clearances", "n-1", "--which", "cleared", "--json")
    [one] = json.loads(printed)
    assert code == 0 and (one["researcher_id"], one["reason"]) == ("r-sato", "確認した")
    assert json.loads(office("clearances", "n-none", "--json")[1]) == []
    assert office("clearances", "--which", "unread")[0] == 2
