"""What killed backups and restores left, whole copies of the catalogue, does not lie there for ever."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.records.catalogue import Catalogue
from enmusubi.atomic_files import replaced_file
from enmusubi.settings import Settings
from office.backup.restoring import restore_backup
from office.backup.unfinished import drop_unfinished, scratch_folder
from office.backup.writing import write_backup
from office.privacy.files import backups_in
from office.privacy.rights import finish_forgetting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.fixture
def left(settings: Settings) -> Path:
    """A database that a killed restore left."""
    path = settings.data_dir / ".restore.dead" / "older.sqlite"
    path.parent.mkdir(parents=True)
    path.write_text("everybody")
    return path


def restored(catalogue: Catalogue, settings: Settings) -> None:
    path = settings.data_dir / "backup.zip"
    write_backup(catalogue, settings, path)
    restore_backup(catalogue, settings, path)


@pytest.mark.parametrize("what_follows", [restored, finish_forgetting])
def test_what_a_killed_restore_left_goes_with_the_next_restore_and_at_the_next_start(
    what_follows: Callable[..., object], catalogue: Catalogue, settings: Settings, left: Path
) -> None:
    what_follows(catalogue, settings)
    assert not left.parent.exists()


def test_a_restore_that_runs_keeps_its_folder(settings: Settings, left: Path) -> None:
    with scratch_folder(settings) as folder:
        assert not left.parent.exists()
        drop_unfinished(settings)
        assert folder.exists()
    assert not folder.exists()


def test_a_backup_deletes_what_killed_ones_left_beside_it_but_none_that_is_being_written(
    catalogue: Catalogue, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    killed, another = folder / ".monday.zip.new", folder / ".notes.txt.new"
    for path in (killed, another):
        path.write_text("half")
    assert backups_in([folder]) == [killed]
    with replaced_file(folder / "tuesday.zip") as stream:
        stream.write(b"being written")
        write_backup(catalogue, settings, folder / "wednesday.zip")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [".notes.txt.new", "tuesday.zip", "wednesday.zip"]
