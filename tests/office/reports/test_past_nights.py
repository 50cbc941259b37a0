"""Past nights are read from their folders: who was new, and nothing outside the listing."""

import json

import pytest

from office.reports.past_nights import PastNeed, PastPerson, newest_night, read_night
from office.reports.publication import past_folder, past_names


@pytest.fixture
def night(tmp_path):
    """A function that writes the run of a night."""

    def write(name: str, needs: dict, previous: str = "", **other) -> None:
        folder = tmp_path / name
        folder.mkdir()
        run = {
            "format": 1, "name": name, "date": name, "previous": previous or None,
            "index_version": "v1", "model": "m", "top": 5, "needs": needs, **other,
        }  # fmt: skip
        (folder / "run.json").write_text(json.dumps(run), "utf-8")

    return write


def listed(error: str | None = None, **people: list[str]) -> dict:
    found = [{"researcher_id": person, "seeds": seeds} for person, seeds in people.items()]
    return {"researchers": found, "error": error, "matched": not error}


def test_what_is_new_is_told_by_the_night_before(night, tmp_path):
    night("2026-11-19", {"n1": listed(a=["s1"], b=["s2"])})
    night("2026-11-20", {
        "n1": listed(b=["s2"], a=["s1", "s3"], c=["s4"]), "n2": listed(a=["s1"]),
        "n3": listed(error="no letters"),
    }, "2026-11-19")  # fmt: skip
    read = read_night(tmp_path / "2026-11-20")
    assert read is not None and read.previous == "2026-11-19"
    assert read.needs == {
        "n1": PastNeed((
            PastPerson("b"), PastPerson("a", has_new_evidence=True), PastPerson("c", is_new=True),
        )),
        "n2": PastNeed((PastPerson("a"),), is_new=True),
        "n3": PastNeed((), failed=True),
    }  # fmt: skip
    assert [person.researcher_id for person in read.needs["n1"].new_people] == ["c"]
    assert read.needs["n1"].has_news and read.needs["n2"].has_news


def test_without_the_night_before_nothing_is_new(night, tmp_path):
    night("2026-11-20", {"n1": listed(a=["s1"])}, "2026-11-19")
    read = read_night(tmp_path / "2026-11-20")
    assert read is not None and read.needs == {"n1": PastNeed((PastPerson("a"),))}
    assert not read.needs["n1"].has_news


def test_strengths_and_reasons_are_read_where_a_run_tells_them(night, tmp_path):
    person = {
        "researcher_id": "a", "seeds": ["s1"], "strength": "good", "probability": 0.41,
        "key_seed": "s1", "reasons": ["meaning", "field"],
    }  # fmt: skip
    night("2026-11-20", {
        "n1": {"researchers": [person], "error": None, "matched": True, "fits_nobody": True},
    })  # fmt: skip
    read = read_night(tmp_path / "2026-11-20")
    told = PastPerson("a", "good", 0.41, "s1", ("meaning", "field"))
    assert read is not None and read.needs == {"n1": PastNeed((told,), fits_nobody=True)}


def test_the_newest_night_is_the_last_that_can_be_read(night, tmp_path):
    assert newest_night(tmp_path) is None
    night("2026-11-19", {})
    night("2026-11-20", {})
    (tmp_path / "2026-11-20" / "run.json").write_text("{", "utf-8")
    found = newest_night(tmp_path)
    assert found is not None and found.name == "2026-11-19"


def test_a_night_that_was_put_there_anew_is_read_anew(night, tmp_path):
    night("2026-11-20", {"n1": listed(a=["s1"])})
    assert read_night(tmp_path / "2026-11-20").needs.keys() == {"n1"}
    for path in (tmp_path / "2026-11-20").iterdir():
        path.unlink()
    (tmp_path / "2026-11-20").rmdir()
    night("2026-11-20", {"n1": listed(a=["s1"]), "n22": listed(b=["s2"])})
    assert read_night(tmp_path / "2026-11-20").needs.keys() == {"n1", "n22"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"needs": {"n": 1}}', "\udc80"])
def test_a_run_that_cannot_be_read_is_none(tmp_path, content):
    folder = tmp_path / "2026-11-20"
    folder.mkdir()
    assert read_night(folder) is None
    (folder / "run.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert read_night(folder) is None


def test_names_are_looked_up_in_the_listing_and_make_no_paths(night, tmp_path):
    night("2026-11-20", {})
    night("2026-11-20-2", {})
    night(".staging-2026-11-21", {})
    assert past_names(tmp_path) == ["2026-11-20-2", "2026-11-20"]
    assert past_folder(tmp_path, "2026-11-20") == tmp_path / "2026-11-20"
    for name in ("..", ".", "", "2026-11-20/../2026-11-20", ".staging-2026-11-21", "2026-11-18"):
        assert past_folder(tmp_path, name) is None
    assert past_names(tmp_path / "nowhere") == []
