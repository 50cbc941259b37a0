"""The night's run with a behaving stand-in for the index; also runs as a program, to be killed.

`python test_nightly.py DATA_DIR` runs one night in DATA_DIR and stops for long at the third need.
"""

import datetime
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from catalogue.importers.report import ImportReport
from enmusubi.errors import AlreadyRunningError, EmptyNeedError, IndexDamagedError, StorageError
from enmusubi.settings import NightlySettings, Settings
from matcher.records import Evidence, Match, MatchList, Need, ResearcherCard
from office.nightly.parts import Parts
from office.nightly.run import NightlyResult, run_nightly

DAY = datetime.date(2031, 4, 1)
HUSHED = "a coating that nobody must hear of"
NEEDS = [Need(f"{HUSHED} {n}", f"n{n}", title=f"Need {n}") for n in range(1, 6)]


def evidence(seed_id: str) -> Evidence:
    return Evidence(
        seed_id,
        "paper",
        "en",
        f"On {seed_id}",
        2030,
        "",
        "It shines.",
        "text",
        0,
        "It shines.",
        0.4,
    )


class FakeIndex:
    """Knows for every need the same people, or those that `found` names; counts what it is asked."""

    model = "fake@01"

    def __init__(
        self, index_version: str = "v000001", delay_s: Callable[[str], float] = lambda _: 0
    ):
        self.index_version = index_version
        self.needs = list(NEEDS)
        self.found: dict[str, list[str]] = {"r1": ["s1", "s2"], "r2": ["s3"]}
        self.asked: list[str] = []
        self.shown: list[MatchList] = []
        self.noted: list[MatchList] = []
        self.fails: dict[str, Exception] = {}
        self._delay_s = delay_s

    def counts(self) -> dict[str, int]:
        return {"seeds": 3}

    def match(self, need: Need, *, top: int) -> MatchList:
        self.asked.append(need.need_id)
        time.sleep(self._delay_s(need.need_id))
        if need.need_id in self.fails:
            raise self.fails[need.need_id]
        if not need.text:
            raise EmptyNeedError("The need has 0 letters.")
        matches = tuple(
            Match(rank, ResearcherCard(who, name_en=f"Dr {who}"), 1 / rank, tuple(map(evidence, s)))
            for rank, (who, s) in enumerate(list(self.found.items())[:top], start=1)
        )
        return MatchList(need.need_id, "en", matches, 9, self.index_version, self.model)


def settings_of(data_dir: Path, **nightly) -> Settings:
    return Settings(data_dir=data_dir, nightly=NightlySettings(**nightly))


def run_with(index: FakeIndex, settings: Settings, day: datetime.date = DAY) -> NightlyResult:
    @contextmanager
    def open_parts(_: Settings) -> Iterator[Parts]:
        class Shelf:
            def needs(self) -> list[Need]:
                return index.needs

            def counts(self) -> dict[str, int]:
                return index.counts()

        yield Parts(
            catalogue=Shelf(),
            import_formats=("general",),
            import_files=lambda *_: ImportReport(),
            open_matcher=lambda _: (index, "built once"),
            match=lambda found, need: found.match(need, top=settings.nightly.top),
            note_shown=index.noted.extend,
            record_shown=index.shown.append,
        )

    return run_nightly(settings, open_parts=open_parts, today=day)


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def night(tmp_path, index):
    """Runs a night with the fake index and returns its result."""
    return lambda day=DAY: run_with(index, settings_of(tmp_path), day)


def run_file(result: NightlyResult) -> dict:
    return json.loads((result.report_folder / "run.json").read_text("utf-8"))


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


def test_an_index_that_breaks_ends_the_run_and_keeps_what_was_matched(night, index, tmp_path):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError, match="damaged"):
        night()
    assert not (tmp_path / "reports").exists()
    index.fails.clear()
    index.asked.clear()
    assert night().resumed == 3
    assert index.asked == ["n4", "n5"]


def test_a_changed_need_or_index_is_matched_again_after_a_stop(night, index):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    index.needs[0] = Need("another text", "n1")
    assert night().resumed == 2
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    index.index_version = "v000002"
    assert night().resumed == 0


def test_a_damaged_checkpoint_is_matched_again(night, index, tmp_path):
    index.fails = {"n4": IndexDamagedError("damaged")}
    with pytest.raises(IndexDamagedError):
        night()
    index.fails.clear()
    for number, path in enumerate(sorted((tmp_path / "nightly" / "work").rglob("*.json"))):
        path.write_bytes([b"", b"\xff\x00", b'{"matches": [{}]}'][number])
    assert night().resumed == 0


def test_reports_that_cannot_be_written_are_a_storage_error(night, index, tmp_path):
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(StorageError, match="reports cannot be written"):
        night()
    (tmp_path / "reports").unlink()
    assert night().resumed == 5


def test_a_full_disk_is_a_storage_error_and_leaves_no_half_report(night, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))  # as if the disk ended there
    try:
        with pytest.raises(StorageError, match="reports cannot be written"):
            night()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "reports").iterdir()) == []
    assert night().report_folder.name == "2031-04-01"


@pytest.fixture
def slow_night(tmp_path):
    """Another process that runs the night and has come to its third need."""
    command = [sys.executable, __file__, str(tmp_path)]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "nightly").rglob("*.json"))) < 2:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        yield process
        process.kill()


def test_a_second_run_is_refused_while_one_runs(slow_night, night, tmp_path):
    with pytest.raises(AlreadyRunningError, match=rf"process {slow_night.pid}, since"):
        night()
    assert not (tmp_path / "reports").exists()


def test_a_killed_run_started_again_gives_the_report_that_an_unbroken_one_gives(
    slow_night, night, index, tmp_path
):
    os.kill(slow_night.pid, signal.SIGKILL)
    slow_night.wait()
    resumed = night()
    assert resumed.resumed == 2
    assert index.asked == ["n3", "n4", "n5"]
    unbroken = run_with(FakeIndex(), settings_of(tmp_path / "other"))
    assert unbroken.resumed == 0
    assert run_file(resumed) == run_file(unbroken)
    pages = [(r.report_folder / "index.html").read_bytes() for r in (resumed, unbroken)]
    assert pages[0] == pages[1]
    books = [openpyxl.load_workbook(r.report_folder / "matches.xlsx") for r in (resumed, unbroken)]
    values = [[list(sheet.values) for sheet in book] for book in books]
    assert values[0] == values[1]


if __name__ == "__main__":
    stuck = FakeIndex(delay_s=lambda need_id: 120 if need_id == "n3" else 0)
    run_with(stuck, settings_of(Path(sys.argv[1])))
