"""`enmusubi index`: of nothing, over a half-written version, and when all is up to date."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.outcomes import Outcome, failure


def test_an_index_of_nothing_says_what_to_import(enmusubi: Callable[..., Outcome]) -> None:
    assert "Import seeds with `enmusubi import`" in failure(enmusubi("index"))


def test_a_half_written_index_says_what_to_run(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "data" / "indexes" / "v000001" / "dense.faiss").write_bytes(b"half")

    assert "Run `enmusubi index --rebuild`" in failure(office("match", "a film"))
    assert office("index")[0] == 0
    assert office("match", "a film")[0] == 0


def test_an_up_to_date_index_is_not_built_again(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("index")
    _, as_json, _ = office("index", "--rebuild", "--json")

    assert (code, "v000001 is up to date: 2 researchers, 2 seeds" in out) == (0, True)
    told = json.loads(as_json)
    assert (told["version"], told["built"], told["pinned"]) == ("v000002", True, False)
    assert told["counts"] == {"researchers": 2, "seeds": 2, "passages": 2}
    assert told["encodings"] == {"encoded": 0, "from_cache": 2}
