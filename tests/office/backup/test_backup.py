"""A backup carries everything from one database to another and back, equal row for row."""

import json
import os
import pty
import signal
import stat
import subprocess
import sys
import time
import zipfile

import pytest
from typer.testing import CliRunner

from catalogue.database.schema import tables_in_order
from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import RESEARCHERS, Draft, Rejection
from catalogue.records.import_runs import begin_run, store_rejections
from cli.main import build_app
from enmusubi.errors import InputError
from enmusubi.messages import Message
from enmusubi.settings import Settings
from office.backup.archive import member
from office.backup.restoring import SIGNED_IN, restore_backup
from office.backup.writing import write_backup
from tests.support.worlds import furnish
from tests.support.worlds.whole import NOW, content


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


def test_there_and_back_again_equal_row_for_row_and_nobody_signed_in(
    catalogue_url, postgres_url, settings, tmp_path
):
    with open_catalogue(catalogue_url) as first, open_catalogue(postgres_url) as other:
        furnish("whole", first, tmp_path)
        before = content(first)
        assert all(before.values())
        written = write_backup(first, settings, tmp_path / "one.zip")
        assert restore_backup(other, settings, tmp_path / "one.zip", replace=True) == written
        kept = before | {name: [] for name in SIGNED_IN}
        assert content(other) == kept
        write_backup(other, settings, tmp_path / "two.zip")
        restore_backup(first, settings, tmp_path / "two.zip", replace=True)
        assert content(first) == kept
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "two.zip") as two:
        for table in (table for table in tables_in_order() if table.name not in SIGNED_IN):
            assert one.read(member(table.name)) == two.read(member(table.name))
    assert stat.S_IMODE((tmp_path / "one.zip").stat().st_mode) == 0o600


def test_numbers_go_on_after_a_restore(catalogue, postgres_url, settings, tmp_path):
    furnish("whole", catalogue, tmp_path)
    write_backup(catalogue, settings, tmp_path / "b.zip")
    rejection = Rejection("a", Message("a"), "a", "a", "a", 1)
    with open_catalogue(postgres_url) as other:
        restore_backup(other, settings, tmp_path / "b.zip", replace=True)
        with other.writing() as connection:
            run = begin_run(connection, "g", "general", NOW, restart=False)
            store_rejections(connection, run, [(rejection, None)])
        found = content(other)
    assert [len(found[name]) for name in ("import_run", "rejection")] == [2, 2]


def test_imports_go_on_after_a_restore(catalogue, postgres_url, settings, tmp_path):
    furnish("whole", catalogue, tmp_path)
    write_backup(catalogue, settings, tmp_path / "b.zip")
    with open_catalogue(postgres_url) as other:
        restore_backup(other, settings, tmp_path / "b.zip", replace=True)
        more = Draft(RESEARCHERS, {"researcher_id": "r9", "name_en": "New"})
        assert other.write([more], source="office")[0].change == "added"
        same = Draft(RESEARCHERS, {"researcher_id": "r2", "name_en": "Jiro “J.” Sato 🧵"})
        assert other.write([same], source="office")[0].change == "unchanged"


def test_a_catalogue_with_data_is_replaced_only_when_told_so(catalogue, settings, tmp_path):
    furnish("whole", catalogue, tmp_path)
    write_backup(catalogue, settings, tmp_path / "b.zip")
    catalogue.write([Draft(RESEARCHERS, {"researcher_id": "x", "name_en": "X"})], source="t")
    before = content(catalogue)
    with pytest.raises(InputError, match=r"not empty.*--replace"):
        restore_backup(catalogue, settings, tmp_path / "b.zip")
    assert content(catalogue) == before
    restore_backup(catalogue, settings, tmp_path / "b.zip", replace=True)
    assert "x" not in {row[0] for row in content(catalogue)["researcher"]}


def test_an_existing_file_is_not_overwritten(catalogue, settings, tmp_path):
    path = tmp_path / "b.zip"
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        write_backup(catalogue, settings, path)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.glob(".backup*")] == []


@pytest.fixture
def enmusubi(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENMUSUBI_DATABASE_URL", raising=False)

    def call(*arguments, data="data", code=0):
        monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / data))
        result = CliRunner().invoke(build_app(arguments), arguments)
        assert result.exit_code == code, result.output
        return result.stdout

    return call


def test_the_commands_carry_a_catalogue_to_another_folder(enmusubi, tmp_path):
    (tmp_path / "people.csv").write_text("researcher_id,name_en\nr1,Hana Mori\n", "utf-8")
    url = "postgresql://office:hush@db.example.org/enmusubi"
    (tmp_path / "enmusubi.toml").write_text(f'language = "ja"\n# database_url = "{url}"\n', "utf-8")
    enmusubi("import", "general", "people.csv")
    assert "カタログと同じ機密扱い" in enmusubi("backup", "b.zip")
    assert json.loads(enmusubi("backup", "c.zip", "--json"))["tables"]["researcher"] == 1
    told = enmusubi("restore", "b.zip", data="other")
    assert "`enmusubi index`" in told
    assert "Hana Mori" in enmusubi("show", "r1", data="other")
    kept = (tmp_path / "other" / "restored" / "settings.toml").read_text("utf-8")
    assert 'language = "ja"' in kept
    assert "hush" not in kept


@pytest.mark.exhaustive("postgresql")
def test_a_restore_that_is_killed_leaves_what_was_there(
    catalogue_url, settings, tmp_path, exhaustive
):
    """Killed at some moments after it began to replace; most of them in the transaction."""
    people = [
        Draft(RESEARCHERS, {"researcher_id": f"p{n}", "name_en": f"N {n}"}) for n in range(1200)
    ]
    with open_catalogue(catalogue_url) as catalogue:
        furnish("whole", catalogue, tmp_path)
        catalogue.write(people, source="big")
        write_backup(catalogue, settings, tmp_path / "b.zip")
        catalogue.write([Draft(RESEARCHERS, {"researcher_id": "x", "name_en": "X"})], source="t")
        before = content(catalogue)
    variables = {
        **os.environ,
        "ENMUSUBI_DATABASE_URL": catalogue_url,
        "ENMUSUBI_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "cli.main", "restore", "b.zip", "--replace"]
    killed = 0
    for delay in (0.0, 0.05, 0.1, 0.2, 0.4) if exhaustive else (0.0, 0.2):
        terminal, its_end = pty.openpty()  # bars are shown at once there
        process = subprocess.Popen(
            command, env=variables, cwd=tmp_path, stderr=its_end, stdout=subprocess.DEVNULL
        )
        os.close(its_end)
        os.read(terminal, 1)  # the first bar: it is at work
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        os.close(terminal)
        with open_catalogue(catalogue_url) as catalogue:
            after = content(catalogue)
        assert after == before or len(after["researcher"]) == len(before["researcher"]) - 1
    assert killed >= 1
