"""Damaged and hostile backups are refused, and nothing changes; secrets stay out of backups."""

import hashlib
import json
import shutil
import zipfile

import pytest

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import RESEARCHERS, Draft
from enmusubi.errors import UnreadableFileError
from enmusubi.settings import Settings
from office.backup.archive import member
from office.backup.restoring import restore_backup
from office.backup.writing import without_secrets, write_backup
from tests.support.worlds import copied, furnish
from tests.support.worlds.whole import content


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A folder with a full catalogue, and a backup of it: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("furnished")
    with open_catalogue(copied("whole", folder)) as full:
        write_backup(full, Settings(data_dir=folder), folder / "good.zip")
    return folder


@pytest.fixture
def catalogue(request, tmp_path):
    """The full catalogue; on PostgreSQL where the test says so."""
    if getattr(request, "param", "sqlite") == "postgresql":
        with open_catalogue(request.getfixturevalue("postgres_url")) as opened:
            furnish("whole", opened, tmp_path)
            yield opened
        return
    with open_catalogue(copied("whole", tmp_path)) as opened:
        yield opened


@pytest.fixture
def good(furnished, tmp_path):
    """The backup of the full catalogue, of one's own."""
    return shutil.copy(furnished / "good.zip", tmp_path / "b.zip")


ON_BOTH = pytest.mark.parametrize("catalogue", ["sqlite", "postgresql"], indirect=True)


def rewritten(source, target, change):
    """Copy a backup, every member through `change(name, content)`; None leaves it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if (made := change(name, old.read(name))) is not None:
                new.writestr(*(made if isinstance(made, tuple) else (name, made)))
    return target


def _without_hash(name, data):
    """Let the manifest fit a seed table that refers to a researcher who is not there."""
    wrong = b'{"seed_id": "s1", "researcher_id": "nobody", "position": 1, "choice": "", "content_hash": "h", "source": "t", "updated_at": "2026-01-01T00:00:00+00:00"}\n'  # noqa: E501
    if name == member("authorship"):
        return wrong
    if name == "manifest.json":
        manifest = json.loads(data)
        part = {"rows": 1, "bytes": len(wrong), "sha256": hashlib.sha256(wrong).hexdigest()}
        manifest["tables"]["authorship"] = part
        return json.dumps(manifest).encode()
    return data


def manifest_with(**values):
    return lambda name, data: (
        json.dumps({**json.loads(data), **values}).encode() if name == "manifest.json" else data
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n, d: d.replace(b"Hana", b"Hano") if "record" in n else d, "not what its manifest"),
        (lambda n, d: d + b"{}\n" if n == member("seed") else d, "longer than its manifest says"),
        (lambda n, d: None if n == member("seed") else d, "zip data is wrong"),
        (lambda n, d: None if n == "manifest.json" else d, "no readable manifest"),
        (lambda n, d: b"[]" if n == "manifest.json" else d, "no readable manifest"),
        (manifest_with(format=9), "backup of format 9"),
        (manifest_with(revision="0001"), "tables are not those of a catalogue"),
        (manifest_with(revision="9999"), "has the schema '9999' of enmusubi"),
        (manifest_with(tables={}), "tables are not those of a catalogue"),
        (
            lambda n, d: ("indexes/../../evil", d) if n == member("need") else d,
            "files that no backup",
        ),
        (_without_hash, "rows 1 to 1 of authorship contradict the others"),
    ],
)
@pytest.mark.exhaustive("postgresql")
@ON_BOTH
def test_a_damaged_or_hostile_backup_changes_nothing(  # noqa: PLR0917
    catalogue, settings, tmp_path, good, change, reason
):
    bad = rewritten(good, tmp_path / "bad.zip", change)
    before = content(catalogue)
    with pytest.raises(UnreadableFileError, match=reason):
        restore_backup(catalogue, settings, bad, replace=True)
    assert content(catalogue) == before
    assert not (tmp_path / "evil").exists()


def row_with(table, **values):
    """Change the first row of a table, and let the manifest fit."""
    kept = {}

    def change(name, data):
        if name == member(table):
            first, *others = data.splitlines(keepends=True)
            kept["data"] = b"".join(
                [json.dumps({**json.loads(first), **values}).encode() + b"\n", *others]
            )
            return kept["data"]
        if name == "manifest.json":
            manifest = json.loads(data)
            manifest["tables"][table]["bytes"] = len(kept["data"])
            manifest["tables"][table]["sha256"] = hashlib.sha256(kept["data"]).hexdigest()
            return json.dumps(manifest).encode()
        return data

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (row_with("researcher", name_en="\ud800"), "row 1 of the table researcher is no row"),
        (row_with("researcher", name_en="a\0b"), "row 1 of the table researcher is no row"),
        (row_with("researcher", updated_at="2026-01-02T03:04:05"), "researcher is no row"),
        (row_with("need", budget_jpy=10**30), "row 1 of the table need is no row"),
        (row_with("need", budget_jpy=True), "row 1 of the table need is no row"),
        (row_with("identity_link", certainty=float("nan")), "identity_link is no row"),
        (row_with("seed", kind="weapon"), "of seed contradict the others"),
        (row_with("researcher", name_en=None), "of researcher contradict the others"),
        (manifest_with(tables={"seed": {"rows": "1", "bytes": "x", "sha256": 3}}), "no readable"),
        (manifest_with(format=float("inf")), "no readable manifest"),
        (manifest_with(program={"a": 1}), "no readable manifest"),
    ],
)
@ON_BOTH
def test_values_that_no_catalogue_holds_change_nothing(  # noqa: PLR0917
    catalogue, settings, tmp_path, good, change, reason
):
    bad = rewritten(good, tmp_path / "bad.zip", change)
    before = content(catalogue)
    with pytest.raises(UnreadableFileError, match=reason):
        restore_backup(catalogue, settings, bad, replace=True)
    assert content(catalogue) == before


def with_settings(path, data, *, broken):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED if not broken else 0) as archive:
        archive.writestr("settings.toml", data)
    if broken:
        path.write_bytes(path.read_bytes().replace(data, data[::-1]))


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"language = 1", "zip data is wrong"), (b"0" * 30_000_000, "larger than any")],
)
@pytest.mark.exhaustive("postgresql")
@ON_BOTH
def test_damaged_or_huge_settings_are_found_before_anything_is_written(
    catalogue, settings, good, data, reason
):
    with_settings(good, data, broken=len(data) < 100)
    catalogue.write([Draft(RESEARCHERS, {"researcher_id": "x", "name_en": "X"})], source="t")
    before = content(catalogue)
    with pytest.raises(UnreadableFileError, match=reason):
        restore_backup(catalogue, settings, good, replace=True)
    assert content(catalogue) == before


def test_settings_are_laid_beside_older_ones(catalogue, settings, good):
    folder = settings.data_dir / "restored"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_bytes(b"older")
    with_settings(good, b"new", broken=False)
    for _ in range(2):  # as after a kill: what is there already is not written again
        restore_backup(catalogue, settings, good, replace=True)
    assert (folder / "settings.toml").read_bytes() == b"older"
    assert (folder / "settings-2.toml").read_bytes() == b"new"
    assert sorted(file.name for file in folder.iterdir()) == ["settings-2.toml", "settings.toml"]


@pytest.mark.parametrize(
    "line",
    [
        'database_url = "postgresql://u:hush@h/d"',
        'database_url = "postgresql://h/d?user=u&password=hush"',
        """database_url = "postgresql://u:it's-hush @hush@h/d\"""",
        'x = {token = "hush", key = "hush"}',
        '"api-key" = "hush"',
        "a.client_secret = 'hush'",
    ],
)
def test_secrets_are_left_out_of_settings(line):
    masked = without_secrets(f"top = 3\n{line}\nmax_tokens = 5")
    assert "hush" not in masked
    assert masked.startswith("top = 3\n")
    assert masked.endswith("max_tokens = 5")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_backup_is_named(catalogue, settings, tmp_path, data):
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"b\.zip cannot be restored"):
        restore_backup(catalogue, settings, tmp_path / "b.zip")
