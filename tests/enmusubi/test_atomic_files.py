"""Files and folders that are whole or not there."""

import stat

import pytest

from enmusubi.atomic_files import PRIVATE, published_folder, replaced_file, write_atomically


def test_a_file_takes_the_place_of_an_older_one_as_a_whole(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (b"new", ["a.json"])


def test_an_error_leaves_the_older_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    with pytest.raises(ZeroDivisionError), replaced_file(path) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (b"old", ["a.json"])


def test_what_a_killed_writer_left_is_overwritten_and_its_mode_forgotten(tmp_path):
    path = tmp_path / "backup.zip"
    (tmp_path / ".backup.zip.new").write_bytes(b"half")
    with replaced_file(path, mode=PRIVATE) as stream:
        stream.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == PRIVATE
    assert [p.name for p in tmp_path.iterdir()] == ["backup.zip"]


def test_a_folder_appears_with_all_its_files_or_not_at_all(tmp_path):
    folder, staging = tmp_path / "report", tmp_path / ".staging-report"
    with pytest.raises(ZeroDivisionError), published_folder(folder, staging) as half:
        (half / "a").write_text("a")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    staging.mkdir()
    (staging / "left").write_text("by a killed writer")
    with published_folder(folder, staging) as whole:
        (whole / "a").write_text("a")
        assert not folder.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    assert [p.name for p in folder.iterdir()] == ["a"]
