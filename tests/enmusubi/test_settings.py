"""Settings come from the environment, then a file, then defaults, and say what is wrong."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from enmusubi.errors import SettingsError
from enmusubi.language_setting import SETTINGS_FILE_VARIABLE
from enmusubi.settings import (
    Settings,
    load_settings,
    local_time,
    time_zone_in_force,
)


@pytest.fixture(autouse=True)
def empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_goes_before_the_file_and_the_file_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "enmusubi.toml").write_text('language = "ja"\n[server]\nport = 9000\n')
    monkeypatch.setenv("ENMUSUBI_SERVER__PORT", "9001")

    settings = load_settings()

    assert (settings.server.port, settings.language) == (9001, "ja")
    assert settings.encoder.model == "default"


def test_another_settings_file_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "office.toml").write_text('[nightly]\ntop = 7\ninbox = "in"\n')
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(tmp_path / "office.toml"))

    assert load_settings().nightly.top == 7
    assert load_settings().nightly.inbox == Path("in")


def test_a_named_file_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, "nowhere.toml")

    with pytest.raises(SettingsError, match=r"ENMUSUBI_SETTINGS names nowhere\.toml, which is not"):
        load_settings()


def test_every_wrong_field_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENMUSUBI_SERVER__PORT", "hunter2")
    monkeypatch.setenv("ENMUSUBI_LANGUAGE", "fr")

    with pytest.raises(SettingsError, match=r"See docs/settings\.md") as refusal:
        load_settings()

    message = str(refusal.value)
    assert "server.port: " in message
    assert "language: " in message
    assert "hunter2" not in message


def test_a_misspelt_field_of_a_section_is_told(tmp_path: Path) -> None:
    (tmp_path / "enmusubi.toml").write_text("[need]\nmax_char = 1000\n")

    with pytest.raises(SettingsError, match=r"need\.max_char: Extra inputs are not permitted"):
        load_settings()


@pytest.mark.parametrize("content", [b"not = = toml", b"\xff\xfe\x00", b"[server"])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "enmusubi.toml").write_bytes(content)

    with pytest.raises(SettingsError, match=r"enmusubi\.toml cannot be read"):
        load_settings()


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    with pytest.raises(ValidationError, match="frozen"):
        settings.language = "ja"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        settings.need.max_chars = 5  # type: ignore[misc]


def test_places_follow_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    assert settings.catalogue_url == f"sqlite:///{tmp_path}/catalogue.sqlite"
    assert settings.mlflow_uri == f"sqlite:///{tmp_path}/mlflow.sqlite"
    assert (settings.index_dir, settings.reports_dir) == (
        tmp_path / "indexes",
        tmp_path / "reports",
    )
    assert Settings(database_url="postgresql://db/x").catalogue_url == "postgresql://db/x"


NOON = datetime(2031, 4, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "environment", "language", "in_japanese", "in_english"),
    [
        ("auto", "", "ja", "21:00", "21:00"),
        ("auto", "", "en", "21:00", "12:00"),
        ("auto", "America/Lima", "ja", "07:00", "07:00"),
        ("Europe/Berlin", "America/Lima", "ja", "14:00", "14:00"),
    ],
)
def test_times_are_told_in_the_zone_of_the_office(  # noqa: PLR0917
    zone: str,
    environment: str,
    language: str,
    in_japanese: str,
    in_english: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nothing is named the computer's clock counts, which tests keep at UTC."""
    if environment:
        monkeypatch.setenv("TZ", environment)
    else:
        monkeypatch.delenv("TZ", raising=False)
    settings = load_settings(time_zone=zone, language=language)

    with time_zone_in_force(settings):
        told = [f"{local_time(NOON, reader):%H:%M}" for reader in ("ja", "en")]
        midnight = local_time(datetime(2031, 4, 1), "ja")

    assert told == [in_japanese, in_english]
    assert f"{midnight:%H:%M}" == "00:00"
    assert os.environ.get("TZ", "") == environment


def test_a_time_zone_that_nobody_knows_is_told() -> None:
    with pytest.raises(SettingsError, match=r"time_zone: .*not a time zone"):
        load_settings(time_zone="Mars/Olympus")
