"""Secrets lie sealed in the catalogue and its backup; their keys lie beside it, are changed, and missed."""

import stat
import zipfile
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from catalogue.database.sign_in_models import SecondFactor
from catalogue.database.viewer import ADMINISTRATOR, ANALYST, CHIEF, Viewer
from catalogue.records.catalogue import Catalogue, open_catalogue
from enmusubi.errors import InputError, SealError, WrongPasswordError
from enmusubi.sealing import KEPT_KEYS, SealingKeys
from enmusubi.settings import Settings
from office.accounts.machines import Machines
from office.accounts.sealed_secrets import change_key, look_at_secrets, seal_secrets
from office.accounts.second_factors import SecondFactors
from office.accounts.users import Users
from office.backup.restoring import restore_backup
from office.backup.writing import write_backup
from office.diagnosis import MISSING, NOTE, OK, check_secrets
from office.webhooks.webhooks import WEBHOOK, create_webhook

OPERATOR = Viewer("operator", ADMINISTRATOR)
MORI, PORTAL = Viewer("mori", CHIEF), Viewer("portal", ADMINISTRATOR)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path):
    """An empty catalogue with one account and one machine."""
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    with open_catalogue(url) as opened:
        Users(opened).create(OPERATOR, "mori", role=CHIEF)
        Machines(opened).create(OPERATOR, "portal", role=ANALYST)
        yield opened


def settings_in(tmp_path: Path, catalogue: Catalogue) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", database_url=catalogue._engine.url.render_as_string(False)
    )


def kept(catalogue: Catalogue) -> list[str]:
    with catalogue.reading() as connection:
        found = [connection.execute(select(t.c.secret)).scalars() for t in _tables()]
        return [secret for one in found for secret in one]


def _tables():
    return SecondFactor.__table__, WEBHOOK


def with_secrets(catalogue: Catalogue, sealing: SealingKeys) -> tuple[str, str]:
    factors = SecondFactors(catalogue, sealing)
    app = factors.begin_app("mori")
    factors.confirm_app(MORI, pyotp.TOTP(app).now(), "phone")
    with catalogue.writing() as connection:
        _, hook = create_webhook(connection, PORTAL, "https://portal.example/hook", sealing)
    return app, hook


def test_no_secret_lies_open_in_the_catalogue_or_its_backup_and_the_key_is_in_neither(
    catalogue, tmp_path
):
    settings = settings_in(tmp_path, catalogue)
    app, hook = with_secrets(catalogue, settings.sealing)
    key = settings.sealing.path
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not {app, hook} & set(kept(catalogue))
    assert check_secrets(settings, catalogue).state == OK
    write_backup(catalogue, settings, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (app, hook, key.read_text().strip()):
        assert secret.encode() not in whole
    key.chmod(0o644)
    assert check_secrets(settings, catalogue).state == MISSING


def test_what_an_older_version_kept_counts_and_is_sealed_in_every_page(catalogue, tmp_path):
    settings = settings_in(tmp_path, catalogue)
    app, _ = with_secrets(catalogue, settings.sealing)
    with catalogue.writing() as connection:
        connection.execute(update(SecondFactor).values(secret=app, counter=0))
    assert SecondFactors(catalogue, settings.sealing).prove("mori", pyotp.TOTP(app).now()) == "totp"
    assert check_secrets(settings, catalogue).state == NOTE
    assert seal_secrets(catalogue, settings.sealing) == 1
    assert look_at_secrets(catalogue, settings.sealing).plain == 0
    assert seal_secrets(catalogue, settings.sealing) == 0
    pages = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(app.encode() in page for page in pages)
    with catalogue.writing() as connection:
        connection.execute(update(SecondFactor).values(counter=0))
    assert SecondFactors(catalogue, settings.sealing).prove("mori", pyotp.TOTP(app).now()) == "totp"


def test_a_key_is_changed_and_what_it_sealed_goes_on(catalogue, tmp_path):
    settings = settings_in(tmp_path, catalogue)
    with_secrets(catalogue, settings.sealing)
    before = kept(catalogue)
    first = settings.sealing.path.read_text()
    for _ in range(KEPT_KEYS):
        assert change_key(catalogue, settings.sealing, OPERATOR, settings.data_dir) == 2
    assert not set(before) & set(kept(catalogue))
    assert first not in settings.sealing.path.read_text()
    assert stat.S_IMODE(settings.sealing.path.stat().st_mode) == 0o600
    assert check_secrets(settings, catalogue).state == OK


def test_keys_of_the_settings_change_with_an_old_one_beside_the_new_one(catalogue, tmp_path):
    old, new = "o" * 40, "n" * 40
    with_secrets(catalogue, SealingKeys(tmp_path, old))
    both = SealingKeys(tmp_path, f"{new} {old}")
    assert change_key(catalogue, both, OPERATOR, tmp_path) == 2
    assert look_at_secrets(catalogue, SealingKeys(tmp_path, new)).lost == 0
    assert look_at_secrets(catalogue, SealingKeys(tmp_path, old)).lost == 2
    assert not (tmp_path / "secrets.key").exists()


def test_where_the_key_is_gone_doctor_says_so_and_a_recovery_code_still_counts(catalogue, tmp_path):
    settings = settings_in(tmp_path, catalogue)
    factors = SecondFactors(catalogue, settings.sealing)
    app = factors.begin_app("mori")
    [code, *_] = factors.confirm_app(MORI, pyotp.TOTP(app).now(), "phone")
    write_backup(catalogue, settings, tmp_path / "backup.zip")
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    restore_backup(catalogue, elsewhere, tmp_path / "backup.zip", replace=True)
    there = SecondFactors(catalogue, elsewhere.sealing)
    with pytest.raises(SealError):
        there.prove("mori", pyotp.TOTP(app).now())
    assert there.prove("mori", code) == "recovery"
    told = check_secrets(elsewhere, catalogue)
    assert (told.state, told.detail.values["lost"]) == (MISSING, 1)
    with pytest.raises(InputError, match="cannot be opened"):
        change_key(catalogue, elsewhere.sealing, OPERATOR, elsewhere.data_dir)
    with pytest.raises(WrongPasswordError):
        factors.prove("mori", "000000")


def test_a_sealed_secret_opens_for_its_own_row_alone(tmp_path):
    sealing = SealingKeys(tmp_path)
    sealed = sealing.seal("JBSWY3DPEHPK3PXP", "second_factor.secret:a")
    assert sealing.open(sealed, "second_factor.secret:a") == "JBSWY3DPEHPK3PXP"
    for altered, about in ((sealed, "second_factor.secret:b"), (f"{sealed[:-6]}AAAAA=", "a")):
        with pytest.raises(SealError):
            sealing.open(altered, about)
