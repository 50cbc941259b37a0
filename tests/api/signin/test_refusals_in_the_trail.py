"""Refused keys, tokens, roles and rates are in the audit trail, a few entries for a flood of them."""

import json
import time

import pytest
from sqlalchemy import select

from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import StorageError
from office.access import refusals as refusals_module
from office.access.audit import ENTRY
from office.access.refusals import Refusals
from tests.api.signin.conftest import browser


def entries(catalogue, action):
    with catalogue.reading() as connection:
        query = select(ENTRY).where(ENTRY.c.action == action).order_by(ENTRY.c.entry_id)
        return [
            (row["object_kind"], json.loads(row["detail"]))
            for row in connection.execute(query).mappings()
        ]


def test_what_was_refused_is_counted_and_written_in_a_few_entries(app_of, person, catalogue):
    app, login = app_of(), person("viewer")
    visitor = browser(app)
    for number in range(40):
        sent = {"authorization": f"Bearer enm_aaaaaaaaaaaa_{number}"}
        assert visitor.client.get("/v1/needs", headers=sent).status_code == 401
    visitor.client.get("/v1/needs", headers={"authorization": "Bearer unknown"})
    visitor.client.post("/oauth/token", data={"grant_type": "client_credentials"})
    visitor.get("/needs")  # knows nobody, and was not refused anything
    visitor.sign_in(login)
    assert visitor.get("/admin").status_code == 403
    written = app.state.refusals.write()
    found = dict(entries(catalogue, "refuse")[-written:])
    assert set(found) == {"key", "token", "oauth2", "role"}
    assert found["key"] == {"count": 40, "who": ["192.0.2.7 ×40"], "others": 0}
    assert found["role"]["who"] == [f"person:{login} ×1"]
    assert "enm_" not in json.dumps(found)
    assert app.state.refusals.write() == 0


def test_a_flood_from_many_addresses_is_one_entry(catalogue):
    refusals = Refusals(catalogue)
    for number in range(5_000):
        refusals.note("rate", f"192.0.{number % 256}.{number // 256}")
    assert refusals.write() == 1
    kind, said = entries(catalogue, "refuse")[-1]
    assert (kind, said["count"], len(said["who"])) == ("rate", 5_000, 20)


def test_what_was_counted_is_written_soon_and_at_the_end_and_is_kept_where_it_cannot_be(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(refusals_module, "FIRST_WINDOW_S", 0.2)
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        refusals = Refusals(catalogue)
        refusals.start()
        refusals.note("key", "192.0.2.1")
        ends = time.monotonic() + 20
        while not entries(catalogue, "refuse") and time.monotonic() < ends:
            time.sleep(0.05)
        assert [said["count"] for _, said in entries(catalogue, "refuse")] == [
            1
        ]  # a kill loses no more
        refusals.note("key", "192.0.2.1")
        with monkeypatch.context() as away:
            away.setattr(refusals_module.audit, "record", gone)
            with pytest.raises(StorageError):
                refusals.write()
        refusals.note("key", "192.0.2.1")
        refusals.stop()
        assert entries(catalogue, "refuse")[-1][1]["count"] == 2


def gone(*_, **__):
    raise StorageError("full")
