"""A backup carries everything from one database to another and back, equal row for row."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from enmusubi.cli.main import build_app
from enmusubi.matcher.backup.archive import member, tables_in_order
from enmusubi.matcher.backup.restoring import restore_backup
from enmusubi.matcher.backup.writing import write_backup
from enmusubi.matcher.catalogue.catalogue import open_catalogue
from enmusubi.matcher.catalogue.choices import choose_works
from enmusubi.matcher.catalogue.drafts import (
    NEEDS,
    ORGANISATIONS,
    RESEARCHERS,
    SEEDS,
    Draft,
    Merge,
)
from enmusubi.matcher.catalogue.ledger import aware
from enmusubi.matcher.catalogue.runs import begin_run, store_rejections
from enmusubi.matcher.errors import InputError, UnreadableFileError
from enmusubi.matcher.settings import Settings

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ORCID = "0000-0002-1825-0097"
PAPER = {"kind": "paper", "title": "粘土の膜"}
TERMS = {"posted_on": date(2026, 1, 2), "budget_jpy": 10**13}


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")


def person(researcher_id, merge=Merge.REPLACE, **values):
    return Draft(RESEARCHERS, {"researcher_id": researcher_id, **values}, merge)


def fill(catalogue):
    office = [
        Draft(
            ORGANISATIONS,
            {"organisation_id": "kasumi", "name_ja": "霞野大学", "kind": "university"},
        ),
        Draft(
            RESEARCHERS,
            {
                "researcher_id": "r1",
                "name_ja": "森 花",
                "orcid": ORCID,
                "organisation_id": "kasumi",
            },
        ),
        Draft(RESEARCHERS, {"researcher_id": "r2", "name_en": "Jiro “J.” Sato 🧵", "orcid": ORCID}),
        Draft(
            SEEDS,
            {"seed_id": "s1", "kind": "paper", "title": "粘土の膜", "text": "長い。" * 20_000},
            people=("r1",),
        ),
        Draft(
            NEEDS,
            {
                "need_id": "n1",
                "text": "湿気を\nふせぐ。",
                "posted_on": date(2026, 1, 2),
                "budget_jpy": 10**13,
            },
        ),
    ]
    catalogue.write(office, source="office")
    mention = Draft(
        RESEARCHERS,
        {"researcher_id": "A1", "name_en": "Hana Mori", "openalex_id": "A1"},
        Merge.FILL,
    )
    copy = {
        "seed_id": "W1",
        "kind": "paper",
        "title": "Films of clay",
        "doi": "10.1/a",
        "year": 2020,
    }
    catalogue.write([mention, Draft(SEEDS, copy, people=("A1", "r1"))], source="openalex", rank=60)
    with catalogue.writing() as connection:
        choose_works(connection, "r1", ["s1"], "representative", NOW)
        run = begin_run(connection, "f", "general", NOW, restart=False)
        rejection = {
            "file": "a.csv",
            "row": 2,
            "field": "",
            "reason": "x",
            "shape": "",
            "scope": "row",
        }
        store_rejections(connection, run, [{**rejection, "raw": '"a",\t=1+1'}])


def content(catalogue):
    with catalogue.reading() as connection:
        return {
            table.name: [
                tuple(aware(v) if isinstance(v, datetime) else v for v in row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables_in_order()
        }


def test_there_and_back_again_equal_row_for_row(catalogue_url, postgres_url, settings, tmp_path):
    with open_catalogue(catalogue_url) as first, open_catalogue(postgres_url) as other:
        fill(first)
        before = content(first)
        assert all(before.values())
        written = write_backup(first, settings, tmp_path / "one.zip")
        assert restore_backup(other, settings, tmp_path / "one.zip", replace=True) == written
        assert content(other) == before
        write_backup(other, settings, tmp_path / "two.zip")
        restore_backup(first, settings, tmp_path / "two.zip", replace=True)
        assert content(first) == before
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "two.zip") as two:
        for table in tables_in_order():
            assert one.read(member(table.name)) == two.read(member(table.name))
    assert stat.S_IMODE((tmp_path / "one.zip").stat().st_mode) == 0o600


def test_imports_go_on_after_a_restore(catalogue, postgres_url, settings, tmp_path):
    fill(catalogue)
    write_backup(catalogue, settings, tmp_path / "b.zip")
    with open_catalogue(postgres_url) as other:
        restore_backup(other, settings, tmp_path / "b.zip", replace=True)
        more = Draft(RESEARCHERS, {"researcher_id": "r9", "name_en": "New"})
        assert other.write([more], source="office")[0].change == "added"
        same = Draft(RESEARCHERS, {"researcher_id": "r2", "name_en": "Jiro “J.” Sato 🧵"})
        assert other.write([same], source="office")[0].change == "unchanged"


def test_a_catalogue_with_data_is_replaced_only_when_told_so(catalogue, settings, tmp_path):
    fill(catalogue)
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


def rewritten(source, target, change):
    """Copy a backup, every member through `change(name, content)`; None leaves it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if (made := change(name, old.read(name))) is not None:
                new.writestr(*(made if isinstance(made, tuple) else (name, made)))
    return target


def _without_hash(name, data):
    """Let the manifest fit a seed table that refers to a researcher who is not there."""
    import hashlib

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
        (manifest_with(revision="0001"), "has the schema '0001'"),
        (manifest_with(tables={}), "tables are not those of a catalogue"),
        (
            lambda n, d: ("indexes/../../evil", d) if n == member("need") else d,
            "files that no backup",
        ),
        (_without_hash, "rows 1 to 1 of authorship contradict the others"),
    ],
)
def test_a_damaged_or_hostile_backup_changes_nothing(catalogue, settings, tmp_path, change, reason):
    fill(catalogue)
    write_backup(catalogue, settings, tmp_path / "good.zip")
    bad = rewritten(tmp_path / "good.zip", tmp_path / "bad.zip", change)
    before = content(catalogue)
    with pytest.raises(UnreadableFileError, match=reason):
        restore_backup(catalogue, settings, bad, replace=True)
    assert content(catalogue) == before
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_backup_is_named(catalogue, settings, tmp_path, data):
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"b\.zip cannot be restored"):
        restore_backup(catalogue, settings, tmp_path / "b.zip")


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
    assert "as confidential as the catalogue" in enmusubi("backup", "b.zip")
    assert json.loads(enmusubi("backup", "c.zip", "--json"))["tables"]["researcher"] == 1
    told = enmusubi("restore", "b.zip", data="other")
    assert "Next: `enmusubi index`" in told
    assert "Hana Mori" in enmusubi("show", "r1", data="other")
    kept = (tmp_path / "other" / "restored" / "settings.toml").read_text("utf-8")
    assert 'language = "ja"' in kept
    assert "hush" not in kept


def test_a_restore_that_is_killed_leaves_what_was_there(catalogue_url, settings, tmp_path):
    """Killed at five moments after it began to replace; most of them in the transaction."""
    people = [
        Draft(RESEARCHERS, {"researcher_id": f"p{n}", "name_en": f"N {n}"}) for n in range(3000)
    ]
    with open_catalogue(catalogue_url) as catalogue:
        fill(catalogue)
        catalogue.write(people, source="big")
        write_backup(catalogue, settings, tmp_path / "b.zip")
        catalogue.write([Draft(RESEARCHERS, {"researcher_id": "x", "name_en": "X"})], source="t")
        before = content(catalogue)
    variables = {
        **os.environ,
        "ENMUSUBI_DATABASE_URL": catalogue_url,
        "ENMUSUBI_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "enmusubi.cli.main", "restore", "b.zip", "--replace"]
    killed = 0
    for delay in (0.0, 0.1, 0.2, 0.4, 0.8):
        process = subprocess.Popen(
            command, env=variables, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert process.stderr is not None
        process.stderr.read(1)  # the first bar: it is at work
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        process.stderr.close()
        with open_catalogue(catalogue_url) as catalogue:
            after = content(catalogue)
        assert after == before or len(after["researcher"]) == len(before["researcher"]) - 1
    assert killed >= 1
