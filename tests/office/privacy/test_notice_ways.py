"""The privacy notice by the API and on the command line, beside its page."""

import pytest
from fastapi.testclient import TestClient

from catalogue.database.viewer import CHIEF, PROJECT, Viewer
from catalogue.records.catalogue import open_catalogue
from cli.main import run
from tests.support.service import as_viewer, service

NOTICE = "/v1/privacy-notice"
TEXTS = {"text_ja": "# お知らせ\n\n当室のお知らせ", "text_en": "# Notice\n\nOur notice"}


@pytest.fixture
def app(tmp_path):
    """The application on an empty catalogue."""
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        yield service(catalogue, tmp_path)


def asked_by(app, role):
    as_viewer(app, Viewer("mori", role))
    return TestClient(app, raise_server_exceptions=False)


def test_the_office_edits_the_notice_by_the_api_and_everybody_reads_it(app):
    chief = asked_by(app, CHIEF)
    shipped = chief.get(NOTICE).json()
    assert (shipped["version"], shipped["saved_at"]) == (0, None)
    saved = chief.put(NOTICE, json={**TEXTS, "based_on": 0})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    assert chief.put(NOTICE, json=TEXTS).json()["version"] == 1  # the same texts make none
    other = {"text_ja": "別の文", "text_en": "Another", "based_on": 0}
    assert chief.put(NOTICE, json=other).status_code == 412
    assert [one["version"] for one in chief.get(f"{NOTICE}/versions").json()["items"]] == [1]
    assert chief.get(NOTICE).json()["saved_by"] == "mori"
    assert "Our notice" in chief.get("/privacy", headers={"accept-language": "en"}).text
    assert chief.get(NOTICE, params={"version": 9}).status_code == 404
    manager = asked_by(app, PROJECT)
    assert manager.get(NOTICE).json() == {**chief.get(NOTICE).json(), "saved_by": ""}
    assert manager.put(NOTICE, json=other).status_code == 403
    assert manager.get(f"{NOTICE}/versions").status_code == 403


def test_the_command_line_prints_and_saves_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path))
    ja, en = tmp_path / "ja.txt", tmp_path / "en.txt"
    ja.write_text(TEXTS["text_ja"], "utf-8")
    en.write_text(TEXTS["text_en"], "utf-8")
    save = ["notice", "save", "--ja", str(ja), "--en", str(en)]
    assert run(save) == 0
    assert run(["notice", "show", "--language", "en"]) == 0
    assert TEXTS["text_en"] in capsys.readouterr().out
    assert run(save) == 0
    assert "same" in capsys.readouterr().out
    assert run(["notice", "list"]) == 0
    assert "1" in capsys.readouterr().out
    en.write_bytes(b"\xff\xfe\x00")
    assert run(save) == 1
    assert "UTF-8" in capsys.readouterr().err
