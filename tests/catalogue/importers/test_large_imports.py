"""Large imports: read in a process of its own, with few questions to the database, the rows as ever."""

import gc
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from catalogue.database.models import Base
from catalogue.identity.entity_resolution import CHUNK
from catalogue.importers import batching, importing, reading_ahead
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from catalogue.records.consistency import check_catalogue
from tests.support.databases import new_sqlite

CHECK_DIGITS = "0123456789X"
PEOPLE = 30


def orcid(number):
    base, total = f"{900_000_000_000_000 + number:015}", 0
    for digit in base:
        total = (total + int(digit)) * 2
    digits = base + CHECK_DIGITS[(12 - total % 11) % 11]
    return "https://orcid.org/" + "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def author(number):
    link = "https://openalex.org/"
    name = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}").title()
    return {
        "author": {
            "id": f"{link}A{5_000_000_000 + number}",
            "display_name": f"Hana {name}",
            "orcid": orcid(number) if number % 2 else None,
        },
        "institutions": [{"display_name": f"Made-up University {number % 7}", "type": "education"}],
    }


def work(number):
    # authors come back in later years and in earlier ones, and some titles are those of other works
    return {
        "id": f"https://openalex.org/W{7_000_000_000 + number}",
        "title": f"Bending of made-up timber joints, part {number % 90}",
        "publication_year": 1990 + number * 7 % 30,
        "type": "article",
        "authorships": [author((number * k + k) % PEOPLE) for k in (1, 3, 5)],
        "abstract_inverted_index": {"Timber": [0], "木造": [1], f"n{number}": [2]},
    }


@pytest.fixture
def works(tmp_path):
    def write(count, name="works.jsonl"):
        path = tmp_path / name
        lines = (json.dumps(work(number), ensure_ascii=False) + "\n" for number in range(count))
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def beside(monkeypatch):
    """Let every file be read by another process."""
    monkeypatch.setattr(reading_ahead, "LARGE_BYTES", 0)
    monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 2)


def contents(catalogue):
    """Return all rows of the catalogue but the times at which they were written."""
    found = {}
    with catalogue.reading() as connection:
        assert check_catalogue(connection) == []
        for table in Base.metadata.sorted_tables:
            columns = [c for c in table.c if not c.name.endswith("_at") and c.name != "holder"]
            if {"fingerprint", "progress"} & {c.name for c in columns}:
                continue
            rows = [tuple(row) for row in connection.execute(select(*columns))]
            found[table.name] = sorted(rows, key=str)
    return found


def imported(folder, name, path):
    with open_catalogue(new_sqlite(folder / f"{name}.sqlite")) as catalogue:
        report = import_files(catalogue, "openalex", [path])
        return report.as_dict() | {"rejects": ()}, contents(catalogue)


def test_a_file_read_by_another_process_gives_the_same_rows(works, tmp_path, beside, monkeypatch):
    path = works(250)
    monkeypatch.setattr(batching, "BATCH_ROWS", 100)
    apart = imported(tmp_path, "apart", path)
    monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 1)
    assert imported(tmp_path, "here", path) == apart
    assert apart[1]["seed"]
    assert apart[1]["authorship"]


@pytest.mark.parametrize("batch_rows", [1, 2_000])
def test_every_mention_of_a_batch_finds_the_rows_that_its_ids_name(
    tmp_path, monkeypatch, batch_rows
):
    """Also an id that only the first of two mentions has."""
    monkeypatch.setattr(batching, "BATCH_ROWS", batch_rows)
    works = [work(1), work(2)]
    for one in works:
        one["authorships"] = [author(1)]
    works[1]["authorships"][0]["author"]["id"] = None
    path, people = tmp_path / "works.jsonl", tmp_path / "people.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in works), "utf-8")
    known = {"researcher_id": "p1", "name_en": "Hana Aaab", "openalex_id": "A5000000001"}
    people.write_text(json.dumps(known) + "\n", "utf-8")

    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as catalogue:
        import_files(catalogue, "general", [people])
        import_files(catalogue, "openalex", [path])
        found = contents(catalogue)

    assert len(found["researcher"]) == 1
    assert len(found["authorship"]) == 2


def test_a_batch_of_long_rows_ends_early(works, monkeypatch):
    (source,) = importing_sources(works(1_000))
    monkeypatch.setattr(batching, "BATCH_BYTES", 200_000)
    found = list(reading_ahead.SourceReading(source, "").batches(300))
    assert [row.number for batch in found for row in batch] == list(range(301, 1_001))
    assert len(found) > 2
    assert max(map(len, found)) * 600 < 400_000  # a work is of 600 bytes at least


def test_what_another_process_reads_is_begun_only_where_it_pays(works, monkeypatch):
    (source,) = importing_sources(works(3))
    monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 2)
    assert type(reading_ahead.begin_reading(source, "")) is reading_ahead.SourceReading
    monkeypatch.setattr(reading_ahead, "LARGE_BYTES", 0)
    assert type(reading_ahead.begin_reading(source, "")) is reading_ahead.ReadingAhead
    monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 1)
    assert type(reading_ahead.begin_reading(source, "")) is reading_ahead.SourceReading


def importing_sources(path):
    from catalogue.importers.openalex import open_sources
    from catalogue.importers.reading.files import list_files
    from catalogue.importers.sources import ImportOptions

    (file,) = list_files([path])
    return open_sources(file, ImportOptions())


@pytest.fixture
def begun(monkeypatch):
    """The processes that were begun."""
    kept, begin = [], reading_ahead.subprocess.Popen

    def noted(*arguments, **options):
        kept.append(begin(*arguments, **options))
        return kept[-1]

    monkeypatch.setattr(reading_ahead.subprocess, "Popen", noted)
    return kept


def test_an_import_goes_on_where_the_reading_process_is_killed(works, beside, begun):
    (source,) = importing_sources(works(9_000))
    reading, numbers = reading_ahead.begin_reading(source, ""), []
    for batch in reading.batches(0):
        numbers += [row.number for row in batch]
        if begun[0].poll() is None:
            os.kill(begun[0].pid, signal.SIGKILL)
    assert begun[0].returncode == -signal.SIGKILL
    assert numbers == list(range(1, 9_001))
    assert reading.notes() == ()


def test_a_file_is_read_here_where_no_process_can_be_begun_or_it_ends_at_once(
    works, beside, monkeypatch
):
    (source,) = importing_sources(works(40))

    def numbers():
        return [
            row.number for b in reading_ahead.begin_reading(source, "").batches(10) for row in b
        ]

    monkeypatch.setattr(reading_ahead.sys, "executable", "/bin/false")
    assert numbers() == list(range(11, 41))
    monkeypatch.setattr(reading_ahead.sys, "executable", "/nowhere/python")
    assert numbers() == list(range(11, 41))


def test_the_reading_process_ends_with_the_one_that_began_it(works, tmp_path):
    """Also where the other would wait for its file for ever, and never learn by writing."""
    path, told = works(40), tmp_path / "told"
    program = f"""
import os, signal, subprocess, threading
from pathlib import Path
from catalogue.importers import reading_ahead
from catalogue.importers.openalex import open_sources
from catalogue.importers.reading.files import list_files
from catalogue.importers.sources import ImportOptions
reading_ahead.LARGE_BYTES, reading_ahead.usable_cores = 0, lambda: 2
begin = subprocess.Popen
def noted(*arguments, **options):
    process = begin(*arguments, **options)
    Path({str(told)!r}).write_text(str(process.pid))
    return process
subprocess.Popen = noted
(file,) = list_files([Path({str(path)!r})])
(source,) = open_sources(file, ImportOptions())
os.unlink({str(path)!r})
os.mkfifo({str(path)!r})
threading.Timer(3, os.kill, (os.getpid(), signal.SIGKILL)).start()
next(reading_ahead.begin_reading(source, "").batches(0))
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    process = Path("/proc") / told.read_text()
    until = time.monotonic() + 20
    while is_alive(process) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(process)


def is_alive(process):
    """Whether a process of /proc is there, and not a dead one that nobody waited for."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_rows_before_the_damage_go_in_and_the_report_names_the_file(works, tmp_path, beside):
    whole = gzip.compress(works(400).read_bytes())
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    report, rows = imported(tmp_path, "cut", path)
    assert report["unreadable"] == ["cut.jsonl.gz"]
    assert 0 < report["read"] < 400
    assert rows["seed"]


def test_a_reading_that_is_left_ends_its_process(works, beside, begun):
    (source,) = importing_sources(works(9_000))
    rows = reading_ahead.begin_reading(source, "").batches(0)
    next(rows)
    rows.close()
    assert begun[0].returncode is not None


def test_a_batch_of_many_works_asks_the_database_as_often_as_one_of_few(works, catalogue):
    assert PEOPLE < CHUNK  # who is who is asked about so many people at a time
    asked = []

    def note(*_):
        asked[-1] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for name, count in (("few", 60), ("many", 600)):
            asked.append(0)
            import_files(catalogue, "openalex", [works(count, f"{name}.jsonl")])
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert asked[1] < 1.5 * asked[0]


def test_the_collector_works_as_before_after_an_import(works, tmp_path):
    before, during = gc.get_threshold(), []
    path = works(5)
    with open_catalogue(new_sqlite(tmp_path / "catalogue.sqlite")) as catalogue:
        import_files(
            catalogue,
            "openalex",
            [path],
            choices=importing.ImportChoices(),
            on_progress=lambda _: during.append(gc.get_threshold()),
        )
    assert gc.get_threshold() == before
    assert during
    assert all(one[0] >= 50_000 for one in during)
