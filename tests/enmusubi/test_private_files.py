"""What the commands write is their user's alone, whatever the umask; secrets may be files of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from enmusubi.private_files import close_files_to_others, close_to_others, open_to_others
from enmusubi.settings import Settings, load_settings
from office.diagnosis import MISSING, OK, check_private, check_settings_file


def test_a_command_leaves_nothing_that_others_can_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    (tmp_path / "people.csv").write_text("researcher_id,name_ja\nR1,森 彩\n,\n")
    command = "from cli.main import main; main()"
    subprocess.run(
        [sys.executable, "-c", command, "import", "general", str(tmp_path / "people.csv")],
        env={
            **os.environ,
            "ENMUSUBI_DATA_DIR": str(data),
            "ENMUSUBI_CACHE_DIR": str(data / "cache"),
        },
        check=False,
        capture_output=True,
        umask=0,
    )
    made = list(data.rglob("*"))
    assert data / "catalogue.sqlite" in made
    assert data.stat().st_mode & 0o777 == 0o700
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_doctor_tells_what_others_can_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o755)
    (settings.data_dir / "x").write_text("x")
    (settings.data_dir / "x").chmod(0o644)
    told = check_private(settings)
    assert (told.state, len(open_to_others(settings.data_dir))) == (MISSING, 2)
    assert "chmod -R go=" in str(told.detail)
    close_to_others(settings.data_dir)
    assert check_private(settings).state == OK
    vectors = settings.cache_dir / "vectors.sqlite"
    settings.cache_dir.mkdir()
    vectors.touch()
    vectors.chmod(0o644)
    told = check_private(settings)
    assert (told.state, "files of the cache" in str(told.detail)) == (MISSING, True)
    close_files_to_others(settings.cache_dir)  # as every command does when it starts
    assert check_private(settings).state == OK


def test_a_secret_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "enmusubi_database_url").write_text("postgresql://enmusubi:from-file@db/enmusubi\n")
    (tmp_path / "enmusubi_sign_in__oidc__client_secret").write_text("kept\n")
    for name in ("CREDENTIALS_DIRECTORY", "ENMUSUBI_SECRETS_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
        settings = load_settings()
        assert settings.database_url == "postgresql://enmusubi:from-file@db/enmusubi"
        assert settings.sign_in.oidc.client_secret.get_secret_value() == "kept"
        monkeypatch.setenv("ENMUSUBI_DATABASE_URL", "sqlite:///mine")
        assert load_settings().database_url == "sqlite:///mine"
        monkeypatch.delenv("ENMUSUBI_DATABASE_URL")
        monkeypatch.delenv(name)


def test_no_command_leaves_a_core_dump() -> None:
    command = (
        "import resource; from enmusubi.private_files import write_privately; write_privately(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(0, 0)"


def test_doctor_tells_of_secrets_that_everybody_can_read(tmp_path: Path) -> None:
    path = tmp_path / "enmusubi.toml"
    path.touch()
    path.chmod(0o644)
    secret = Settings(database_url="postgresql://enmusubi:kept@db/enmusubi")
    assert check_settings_file(Settings(), path).state == OK  # it holds none
    told = check_settings_file(secret, path)
    assert told.state == MISSING
    assert "chmod o=" in str(told.detail)
    assert "kept" not in str(told.detail).replace("keep", "")
    path.chmod(0o640)
    assert check_settings_file(secret, path).state == OK
    assert check_settings_file(secret, tmp_path / "none").state == OK
