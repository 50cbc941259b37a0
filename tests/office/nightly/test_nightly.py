"""The night's run: every open need is matched, reported and compared with the night before."""

import datetime
import json
import logging

import openpyxl
import pytest

from enmusubi.errors import IndexDamagedError
from matcher.records import Need
from tests.office.nightly.fake_index import DAY, HUSHED, NEEDS, run_file


def test_every_open_need_is_matched_and_reported(night, tmp_path):
    result = night()
    assert result.report_folder == tmp_path / "reports" / "2031-04-01"
    assert (result.needs, result.matched, result.failed) == (5, 5, {})
    assert list(run_file(result)["needs"]) == [need.need_id for need in NEEDS]
    book = openpyxl.load_workbook(result.report_folder / "matches.xlsx")
    assert book.sheetnames == ["目次 Contents", *(f"{n} Need {n}" for n in range(1, 6))]
    assert not list((tmp_path / "nightly").glob("work*"))


def test_every_list_of_the_report_is_noted_as_shown(night, index):
    index.needs = [*NEEDS[:2], Need("", "empty")]
    night()
    assert [shown.need_id for shown in index.shown] == ["n1", "n2"]


def test_a_night_reminds_of_inquiries_once(night, index):
    night()
    assert index.reminded == 1


def test_a_finished_report_of_the_same_day_is_not_overwritten(night):
    first = night()
    page = (first.report_folder / "index.html").read_bytes()
    second = night()
    assert second.report_folder.name == "2031-04-01-2"
    assert second.compared_with == "2031-04-01"
    assert (first.report_folder / "index.html").read_bytes() == page


def test_new_people_new_evidence_and_new_needs_are_counted_since_the_last_run(night, index):
    index.needs = NEEDS[:2]
    assert night().new_researchers == 0
    index.needs = NEEDS[:3]
    index.found = {"r1": ["s1", "s9"], "r3": ["s4"], "r2": ["s3"]}
    result = night(DAY + datetime.timedelta(days=1))
    assert (result.new_needs, result.new_researchers, result.new_evidence) == (1, 2, 2)
    assert result.compared_with == "2031-04-01"
    assert night(DAY + datetime.timedelta(days=2)).new_researchers == 0


def test_a_need_that_cannot_be_matched_is_listed_and_the_others_go_on(night, index):
    index.needs = [Need("", "n0", title="Empty"), *NEEDS]
    index.fails = {"n2": ValueError(HUSHED)}
    result = night()
    assert (result.needs, result.matched) == (6, 4)
    assert result.failed["n0"] == "The need has 0 letters."
    assert result.failed["n2"].startswith("Unexpected ValueError.")
    assert HUSHED not in json.dumps(result.as_dict())


def test_a_need_with_no_matches_is_no_failure(night, index):
    index.found = {}
    result = night()
    assert (result.matched, result.failed) == (5, {})
    assert "Nobody matches" in (result.report_folder / "index.html").read_text("utf-8")


def test_a_need_with_hostile_id_and_title_gets_its_sheet(night, index):
    index.needs = [Need("text", "../../etc/passwd\x00", title="=[1+1]:*?/\\'" * 5)]
    result = night()
    book = openpyxl.load_workbook(result.report_folder / "matches.xlsx")
    assert book.sheetnames[1].startswith("1 =")
    assert list(run_file(result)["needs"]) == ["../../etc/passwd\x00"]


def test_no_text_of_a_need_is_in_logs_file_names_or_other_files_than_the_report(
    night, index, tmp_path, caplog
):
    index.fails = {"n5": ValueError(HUSHED), "n4": IndexDamagedError("damaged")}
    with caplog.at_level(logging.DEBUG), pytest.raises(IndexDamagedError):
        night()
    assert "n5" not in caplog.text
    index.fails.pop("n4")
    with caplog.at_level(logging.DEBUG):
        night()
    assert "'n5'" in caplog.text
    assert HUSHED not in caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if "coating" in str(path)]
    holding = {path.name for path in files if HUSHED.encode() in path.read_bytes()}
    assert holding == {"index.html"}
