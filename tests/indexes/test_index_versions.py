"""Versions are published whole or not at all, and damage is told."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from indexes.errors import DamagedVersionFault, NoVersionFault
from indexes.versions import (
    MANIFEST_NAME,
    Version,
    current_name,
    go_back,
    open_current,
    open_version,
    pinned_name,
    publish,
    staged_version,
    sweep,
    version_folders,
)


def publish_one(root: Path, content: str = "vectors", *, keep: int = 3, **manifest: Any) -> Version:
    with staged_version(root) as staging:
        (staging / "parts").mkdir()
        (staging / "parts" / "a.bin").write_text(content)
        return publish(root, staging, manifest, keep=keep)


def names(root: Path) -> list[str]:
    return [path.name for path in version_folders(root)]


def test_a_published_version_serves_with_its_manifest(tmp_path: Path) -> None:
    published = publish_one(tmp_path, "vectors", state="abc")

    version = open_current(tmp_path)

    assert version.name == published.name == "v000001"
    assert version.manifest["state"] == "abc"
    assert version.manifest["files"]["parts/a.bin"]["bytes"] == len("vectors")
    assert (version.folder / "parts" / "a.bin").read_text() == "vectors"


def test_nothing_published_is_told_apart_from_damage(tmp_path: Path) -> None:
    with pytest.raises(NoVersionFault, match="no index version in"):
        open_current(tmp_path)
    with pytest.raises(NoVersionFault, match="no index version in"):
        open_current(tmp_path / "nowhere")


def test_a_failure_before_publishing_leaves_the_version_before_it(tmp_path: Path) -> None:
    publish_one(tmp_path, "good")

    with pytest.raises(ZeroDivisionError), staged_version(tmp_path) as staging:
        (staging / "half").write_text("half")
        raise ZeroDivisionError

    assert current_name(tmp_path) == "v000001"
    assert [path.name for path in tmp_path.glob(".staging-*")] == []


def test_a_version_is_on_the_disk_before_it_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []  # and whether the version had its name already
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        at = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((at.name, (tmp_path / "v000001").exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)

    publish_one(tmp_path)

    assert {("a.bin", False), ("parts", False), (MANIFEST_NAME, False)} <= set(synced)
    assert (tmp_path.name, True) in synced


def test_a_version_is_not_seen_until_it_is_whole(tmp_path: Path) -> None:
    publish_one(tmp_path, "first")

    with staged_version(tmp_path) as staging:
        (staging / "a").write_text("second")
        assert (current_name(tmp_path), names(tmp_path)) == ("v000001", ["v000001"])
        publish(tmp_path, staging, {}, keep=3)

    assert (current_name(tmp_path), names(tmp_path)) == ("v000002", ["v000001", "v000002"])


def test_only_the_newest_versions_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        publish_one(tmp_path, str(number), keep=2)

    assert names(tmp_path) == ["v000004", "v000005"]
    assert open_current(tmp_path).name == "v000005"


def test_numbers_grow_past_six_digits(tmp_path: Path) -> None:
    (tmp_path / "v999999").mkdir()

    publish_one(tmp_path, keep=1)

    assert names(tmp_path) == ["v1000000"]


def test_a_copy_that_someone_made_of_a_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "v000001-before-the-move").mkdir()

    publish_one(tmp_path, keep=1)

    assert names(tmp_path) == ["v000001"]
    assert (tmp_path / "v000001-before-the-move").is_dir()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"files": []}', '{"files": {"a": 1}}', "\x00\xff"]
)
def test_a_damaged_manifest_is_told(tmp_path: Path, content: str) -> None:
    version = publish_one(tmp_path)
    (version.folder / MANIFEST_NAME).write_bytes(content.encode("latin-1"))

    with pytest.raises(DamagedVersionFault, match="v000001 has no readable manifest"):
        open_current(tmp_path)


def test_a_missing_and_a_shortened_file_are_told(tmp_path: Path) -> None:
    version = publish_one(tmp_path, "long enough")
    part = version.folder / "parts" / "a.bin"
    message = re.escape(f"{part} is missing or cut short")

    part.write_text("short")
    with pytest.raises(DamagedVersionFault, match=message):
        open_current(tmp_path)
    part.unlink()
    with pytest.raises(DamagedVersionFault, match=message):
        open_current(tmp_path)


def test_a_current_version_whose_folder_is_gone_is_damage(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("v000009\n")

    with pytest.raises(DamagedVersionFault, match="v000009 has no readable manifest"):
        open_current(tmp_path)


@pytest.mark.parametrize("content", [b"../elsewhere", b"\xff\xfe\x00", b"v1", b"."])
def test_a_current_that_names_no_version_is_damage(tmp_path: Path, content: bytes) -> None:
    publish_one(tmp_path)
    (tmp_path / "CURRENT").write_bytes(content)

    with pytest.raises(DamagedVersionFault, match="CURRENT does not name a version"):
        open_current(tmp_path)


def test_what_a_killed_run_left_is_swept_and_versions_stay(tmp_path: Path) -> None:
    publish_one(tmp_path)
    left = tmp_path / ".staging-killed"
    left.mkdir()
    (left / "half.bin").write_text("half")

    sweep(tmp_path)

    assert not left.exists()
    assert open_current(tmp_path).name == "v000001"


def test_the_manifest_records_checksums(tmp_path: Path) -> None:
    version = publish_one(tmp_path, "abc")

    stored = json.loads((version.folder / MANIFEST_NAME).read_text("utf-8"))

    assert stored["files"]["parts/a.bin"]["sha256"].startswith("ba7816bf8f01cfea")


def three_versions(root: Path) -> list[Version]:
    return [publish_one(root, content) for content in ("one", "two", "three")]


def test_going_back_lets_the_older_version_serve_pinned(tmp_path: Path) -> None:
    _, second, third = three_versions(tmp_path)

    go_back(tmp_path, second)

    assert open_current(tmp_path).name == pinned_name(tmp_path) == "v000002"
    assert open_version(third.folder).name == "v000003"


def test_going_back_to_the_newest_ends_the_pin(tmp_path: Path) -> None:
    first, _, third = three_versions(tmp_path)
    go_back(tmp_path, first)

    go_back(tmp_path, third)

    assert (current_name(tmp_path), pinned_name(tmp_path)) == ("v000003", None)


def test_a_new_version_ends_the_pin_and_takes_a_new_number(tmp_path: Path) -> None:
    first, *_ = three_versions(tmp_path)
    go_back(tmp_path, first)

    published = publish_one(tmp_path, "four", keep=9)

    assert published.name == current_name(tmp_path) == "v000004"
    assert pinned_name(tmp_path) is None


@pytest.mark.parametrize("content", ["v000001", "v000009", "", "../elsewhere"])
def test_a_pin_of_a_version_that_does_not_serve_means_nothing(tmp_path: Path, content: str) -> None:
    three_versions(tmp_path)

    (tmp_path / "PINNED").write_text(content)

    assert (current_name(tmp_path), pinned_name(tmp_path)) == ("v000003", None)
