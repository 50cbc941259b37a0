"""Imports that are tried, interrupted, repeated, synchronised; and what becomes of rejected rows."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from catalogue.importers import batching
from catalogue.importers.importing import ImportChoices
from catalogue.importers.registry import import_files
from catalogue.records.import_runs import REJECTION, RUN, rejection_of
from enmusubi.errors import AlreadyRunningError
from enmusubi.messages import Message

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def load(catalogue):
    def run(*paths, on_progress=None, **choices):
        made = ImportChoices(**choices)
        return import_files(
            catalogue, "general", list(paths), choices=made, on_progress=on_progress
        )

    return run


def people(*ids, name="Name"):
    return "researcher_id,name_en\n" + "".join(f"{i},{name} {i}\n" for i in ids)


def names(catalogue):
    return list(catalogue.read_corpus().researchers["researcher_id"])


def test_a_dry_run_says_what_would_change_and_keeps_nothing(put, load, catalogue):
    load(put("people.csv", people("r1", "r2")))
    before = catalogue.read_corpus().state
    path = put("people.csv", people("r1", "r3", name="Other"))
    trial = load(path, dry_run=True, sync=True)
    assert (trial.added, trial.updated, trial.withdrawn, trial.is_trial) == (1, 1, 1, True)
    assert catalogue.read_corpus().state == before
    assert names(catalogue) == ["r1", "r2"]
    done = load(path, sync=True)
    assert (done.added, done.updated, done.withdrawn, done.is_trial) == (1, 1, 1, False)


def test_a_sync_withdraws_what_the_source_lost_and_a_return_revives_it(put, load, catalogue):
    load(put("people.csv", people("r1", "r2", "r3")))
    load(put("seeds.csv", "seed_id,kind,title,researcher_ids\ns1,paper,On clay,r1; r2\n"))
    shorter = put("people.csv", people("r1", "r3"))
    assert load(shorter).withdrawn == 0
    assert load(shorter, sync=True).withdrawn == 1
    assert names(catalogue) == ["r1", "r3"]
    assert list(catalogue.read_corpus().authorships["researcher_id"]) == ["r1"]
    assert catalogue.counts()["researchers"] == 2
    report = load(put("people.csv", people("r1", "r2", "r3")), sync=True)
    assert (report.added, report.unchanged, report.withdrawn) == (1, 2, 0)
    assert len(catalogue.read_corpus().authorships) == 2


def test_a_row_that_another_source_still_has_stays(put, load, catalogue):
    load(put("a.csv", people("r1", "r2")))
    load(put("b.csv", "researcher_id,department_en\nr2,Paper Science\n"))
    assert load(put("a.csv", people("r1")), sync=True).withdrawn == 1
    assert names(catalogue) == ["r1", "r2"]
    assert catalogue.researcher("r2").department_en == "Paper Science"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (people("r1"), "2 of 3 records of the source 'general:people.csv' are not in these files"),
        (people("r1", "r2") + ",Nobody\n", "1 rows were rejected"),
    ],
)
def test_a_sync_that_could_lose_much_is_refused_unless_forced(put, load, catalogue, text, reason):
    load(put("people.csv", people("r1", "r2", "r3")))
    path = put("people.csv", text)
    report = load(path, sync=True)
    assert reason in report.sync_refused
    assert "--force" in report.sync_refused
    assert not report.succeeded
    assert names(catalogue) == ["r1", "r2", "r3"]
    assert load(path, sync=True, force=True).withdrawn >= 1
    assert "r3" not in names(catalogue)


def test_an_emptied_cell_takes_back_what_its_source_said(put, load, catalogue):
    load(put("people.csv", "researcher_id,name_en,position_en\nr1,Hana Mori,Professor\n"))
    load(put("hr.csv", "researcher_id,department_en\nr1,Paper Science\n"))
    load(put("people.csv", "researcher_id,name_en,position_en\nr1,Hana Mori,\n"))
    card = catalogue.researcher("r1")
    assert (card.position_en, card.department_en) == ("", "Paper Science")


def test_an_emptied_visibility_makes_nothing_public(put, load, catalogue):
    load(put("people.csv", people("r1")))
    header = "seed_id,kind,title,researcher_ids,visibility\n"
    load(put("seeds.csv", header + "s1,paper,On clay,r1,confidential\n"))
    load(put("seeds.csv", header + "s1,paper,On clay,r1,\n"))
    assert len(catalogue.read_corpus().seeds) == 0
    assert list(catalogue.read_corpus(["confidential"]).seeds["seed_id"]) == ["s1"]


def test_rejected_rows_come_back_in_a_file_to_be_mended_and_imported(
    put, load, tmp_path, catalogue
):
    path = put("people.csv", people("r1") + ',"=1+1, quoted"\nr2,\n')
    report = load(path, rejects=tmp_path / "rejects")
    assert report.rejected == 2
    (rejects,) = map(Path, report.rejects)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    lines = rejects.read_text("utf-8-sig").splitlines()
    assert lines == ["researcher_id,name_en", ',"=1+1, quoted"', "r2,"]
    mended = "\n".join([lines[0], 'r3,"=1+1, quoted"', "r2,Jiro Sato"])
    rejects.write_text(mended, "utf-8")
    assert load(rejects).added == 2
    assert names(catalogue) == ["r1", "r2", "r3"]
    whole = put("people.csv", people("r1", "r2", "r3"))
    assert (load(whole, sync=True).withdrawn, names(catalogue)) == (0, ["r1", "r2", "r3"])


def test_files_of_one_name_in_two_folders_are_told_apart(put, load, catalogue):
    first, second = put("a/people.csv", people("r1") + ",x\n"), put("b/people.csv", people("r2"))
    report = load(first, second)
    assert (report.read, report.added) == (3, 2)
    assert [rejection.file for rejection in report.rejections] == ["a/people.csv"]


def interrupted(load, path, at):
    def stop(step):
        if step.rows == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(path, on_progress=stop)


def test_a_resumed_import_reports_all_of_it(put, load, monkeypatch, tmp_path):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    rows = [f"r{n}" for n in range(25)]
    path = put(
        "people.csv", people(*rows[:5]) + ",first\n" + people(*rows[5:], "").split("\n", 1)[1]
    )
    interrupted(load, path, at=20)
    report = load(path, rejects=tmp_path / "rejects")
    assert (report.read, report.added, report.rejected, report.resumed) == (27, 25, 2, 20)
    assert [r.row for r in report.rejections] == [7, 28]
    assert len(Path(report.rejects[0]).read_text("utf-8-sig").splitlines()) == 3


def test_a_changed_file_and_a_restart_begin_anew(put, load, monkeypatch):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    path = put("people.csv", people(*(f"r{n}" for n in range(30))))
    interrupted(load, path, at=20)
    assert load(path, restart=True).resumed == 0
    interrupted(load, put("people.csv", people(*(f"r{n}" for n in range(31)))), at=20)
    path.write_text(people(*(f"x{n}" for n in range(15))), "utf-8")
    assert load(path).resumed == 0


def test_a_resumed_import_still_knows_what_the_source_had(put, load, monkeypatch, catalogue):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    load(put("people.csv", people(*(f"r{n:02}" for n in range(30)))))
    path = put("people.csv", people(*(f"r{n:02}" for n in range(25))))
    interrupted(load, path, at=20)
    assert load(path, sync=True).withdrawn == 5
    assert len(names(catalogue)) == 25


def test_files_that_another_process_is_importing_are_left_to_it(put, load, monkeypatch, catalogue):
    monkeypatch.setattr(batching, "BATCH_ROWS", 10)
    path = put("people.csv", people(*(f"r{n}" for n in range(30))))
    interrupted(load, path, at=20)
    with catalogue.writing() as connection:
        held = connection.execute(RUN.select()).mappings().one()["progress"]
        other = held.replace(f'"pid": {os.getpid()}', '"pid": 1')
        connection.execute(RUN.update().values(progress=other))
    with pytest.raises(AlreadyRunningError, match="imported by another process"):
        load(path)
    assert load(path, restart=True).resumed == 0


def test_reasons_are_kept_as_messages_and_older_ones_as_english_sentences(put, load, catalogue):
    seeds = "seed_id,kind,title,year,researcher_ids\ns1,paper,A film,soon,r1\n"
    report = load(put("a.csv", people("r1")), put("b.csv", seeds))
    (year,) = report.rejections
    assert year.message.id == "not a year from %(first)s to %(last)s, such as 2021"
    assert year.message.values == {"first": 1800, "last": 2100}
    with catalogue.writing() as connection:
        (row,) = connection.execute(select(REJECTION)).mappings()
        assert (row["reason"], rejection_of(row)) == (year.reason, year)
        connection.execute(update(REJECTION).values(message=None))
        (row,) = connection.execute(select(REJECTION)).mappings()
    assert rejection_of(row) == replace(year, message=Message(year.reason))
