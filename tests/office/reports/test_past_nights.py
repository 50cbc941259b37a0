"""Past nights are read from their folders: who was new, and nothing outside the listing."""

import json

import pytest

from office.reports.publication import PastNeed, past_folder, past_names, read_night


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
        "n1": PastNeed(("b", "a", "c"), new_people=frozenset("c"), new_evidence=frozenset("a")),
        "n2": PastNeed(("a",), is_new=True),
        "n3": PastNeed((), failed=True),
    }


def test_without_the_night_before_nothing_is_new(night, tmp_path):
    night("2026-11-20", {"n1": listed(a=["s1"])}, "2026-11-19")
    read = read_night(tmp_path / "2026-11-20")
    assert read is not None and read.needs == {"n1": PastNeed(("a",))}


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
