"""The inbox: what changed goes in, what did not is skipped, what is broken is told."""

from pathlib import Path

import pytest

from catalogue.importers.report import ImportReport
from catalogue.records.drafts import FILE, Rejection
from enmusubi.errors import MappingError, StorageError
from enmusubi.messages import Message
from office.nightly.inbox import ImportedFiles, InboxResult, import_inbox


class FakeImporters:
    """Takes every file, except that `broken` raises and `waiting` rejects a row until people come."""

    def __init__(self):
        self.calls: list[tuple[str, tuple[str, ...], str | None]] = []
        self.people_known = False

    def __call__(self, format_name, paths, mapping):
        names = tuple(path.name for path in paths)
        self.calls.append((format_name, names, mapping.parent.name if mapping else None))
        if any(name.startswith("broken") for name in names):
            raise MappingError("broken.csv has no column 'x'.")
        self.people_known |= "people.csv" in names
        rejections, unreadable = [], []
        for name in names:
            if name.startswith("waiting") and not self.people_known:
                reason = "no researcher has the id 'r1'"
                rejections.append(Rejection("researcher_ids", Message(reason), file=name, row=2))
            if name.startswith("cut"):
                rejections.append(Rejection("", Message("breaks off"), scope=FILE, file=name))
                unreadable.append(name)
        return ImportReport(rejections=tuple(rejections), unreadable=tuple(unreadable))


@pytest.fixture
def importers() -> FakeImporters:
    return FakeImporters()


@pytest.fixture
def night(tmp_path, importers):
    def run(catalogue: str = "one") -> InboxResult:
        importers.calls.clear()
        imported_files = ImportedFiles(tmp_path / "state" / "imported.json", catalogue)
        return import_inbox(
            tmp_path / "inbox", importers, imported_files, formats=("general", "arxiv")
        )

    return run


def told(result):
    """Return the problems of a night, in English."""
    return tuple(map(str, result.problems))


def put(tmp_path: Path, name: str, content: str = "x") -> Path:
    path = tmp_path / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_files_go_to_the_importer_of_their_folder_and_the_offices_own_tables_come_first(
    tmp_path, night, importers
):
    put(tmp_path, "general/people.csv")
    put(tmp_path, "arxiv/2031/works.jsonl")
    result = night()
    assert importers.calls == [
        ("general", ("people.csv",), None),
        ("arxiv", ("works.jsonl",), None),
    ]
    assert (result.files_imported, result.files_skipped, told(result)) == (2, 0, ())


def test_an_unchanged_file_is_skipped_and_a_changed_one_is_not(tmp_path, night, importers):
    put(tmp_path, "general/a.csv")
    put(tmp_path, "general/b.csv")
    night()
    put(tmp_path, "general/b.csv", "y")
    result = night()
    assert importers.calls == [("general", ("b.csv",), None)]
    assert (result.files_imported, result.files_skipped) == (1, 1)


def test_a_changed_mapping_reads_its_files_again(tmp_path, night, importers):
    put(tmp_path, "general/awards/a.csv")
    put(tmp_path, "general/awards/mapping.toml", "one")
    put(tmp_path, "general/b.csv")
    night()
    assert ("general", ("a.csv",), "awards") in importers.calls
    put(tmp_path, "general/awards/mapping.toml", "two")
    night()
    assert importers.calls == [("general", ("a.csv",), "awards")]


def test_hidden_and_unfinished_files_are_left_alone(tmp_path, night, importers):
    for name in (".a.csv", "b.csv.part", "c.tmp", "~$d.xlsx", ".git/e.csv"):
        put(tmp_path, f"general/{name}")
    assert night() == InboxResult()
    assert importers.calls == []


def test_a_folder_of_an_unknown_format_is_told(tmp_path, night):
    put(tmp_path, "openalx/works.jsonl")
    put(tmp_path, "loose.csv")
    problems = told(night())
    assert problems[0].startswith("loose.csv in the inbox was left out: expected a folder for each")
    assert problems[1].endswith("expected a folder for each format: arxiv, general.")


def test_a_missing_inbox_is_told(night):
    (problem,) = told(night())
    assert "is not a folder; nothing was imported" in problem


def test_a_broken_file_does_not_stop_the_others_and_is_tried_again(tmp_path, night, importers):
    put(tmp_path, "general/a.csv")
    put(tmp_path, "general/broken.csv")
    result = night()
    assert result.files_imported == 1
    assert told(result) == ("broken.csv has no column 'x'.",)
    assert told(night()) == told(result)
    assert importers.calls == [("general", ("broken.csv",), None)]


def test_an_unreadable_file_is_tried_every_night(tmp_path, night, importers):
    put(tmp_path, "general/cut.csv.gz")
    assert told(night()) == ("cut.csv.gz, breaks off",)
    assert told(night()) == ("cut.csv.gz, breaks off",)


def test_rejected_rows_are_tried_again_when_another_file_brought_news(tmp_path, night, importers):
    put(tmp_path, "general/waiting.csv")
    assert told(night()) == ("waiting.csv, row 2, researcher_ids: no researcher has the id 'r1'",)
    night()
    assert importers.calls == []
    put(tmp_path, "general/people.csv")
    assert told(night()) == ()
    assert importers.calls == [("general", ("people.csv", "waiting.csv"), None)]


def test_another_catalogue_takes_all_files_again(tmp_path, night, importers):
    put(tmp_path, "general/a.csv")
    night("one")
    assert night("two").files_imported == 1


def test_a_damaged_ledger_means_that_files_are_read_again(tmp_path, night):
    put(tmp_path, "general/a.csv")
    night()
    (tmp_path / "state" / "imported.json").write_text('{"catalogue": "one", "files": [1]}')
    assert night().files_imported == 1


def test_a_ledger_that_cannot_be_written_is_a_storage_error(tmp_path, night):
    put(tmp_path, "general/a.csv")
    (tmp_path / "state").touch()
    with pytest.raises(StorageError, match="state cannot be written"):
        night()


def test_many_rejections_are_summed_up(tmp_path, night, importers, monkeypatch):
    rejections = tuple(
        Rejection("year", Message("not a year"), file="a.csv", row=row) for row in range(2, 32)
    )
    monkeypatch.setattr(FakeImporters, "__call__", lambda *_: ImportReport(rejections=rejections))
    put(tmp_path, "general/a.csv")
    problems = told(night())
    assert len(problems) == 21
    assert problems[-1] == "… and 10 more"
