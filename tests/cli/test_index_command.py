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


def test_a_byte_that_changed_is_found_by_reading_all_files(
    office: Callable[..., Outcome], tmp_path: Path
) -> None:
    assert "files are as they were written" in office("index", "--verify")[1]
    texts = tmp_path / "data" / "indexes" / "v000001" / "passages" / "text.bin"
    content = bytearray(texts.read_bytes())
    content[len(content) // 2] ^= 1
    texts.write_bytes(content)

    told = failure(office("index", "--verify"))

    assert "text.bin" in told
    assert "enmusubi index --rebuild" in told


def test_an_up_to_date_index_is_not_built_again(office: Callable[..., Outcome]) -> None:
    code, out, _ = office("index")
    _, as_json, _ = office("index", "--rebuild", "--json")

    assert (code, "v000001 is up to date: 2 researchers, 2 seeds" in out) == (0, True)
    told = json.loads(as_json)
    assert (told["version"], told["built"], told["pinned"]) == ("v000002", True, False)
    assert told["counts"] == {"researchers": 2, "seeds": 2, "passages": 2}
    assert told["encodings"] == {"encoded": 0, "from_cache": 2}


def test_commands_answer_from_an_index_in_shards_as_from_one(
    office: Callable[..., Outcome],
) -> None:
    asked = (("match", "a hand for ripe fruit"), ("need", "veil", "n-1"))
    before = [office(*one)[:2] for one in asked]

    assert "v000002 published: 2 researchers, 2 seeds" in office("index", "--shards", "2")[1]

    after = [
        (code, out.replace("v000002", "v000001"))
        for code, out, _ in (office(*one) for one in asked)
    ]
    assert after == before
    assert [code for code, _ in before] == [0, 0]
    assert office("index", "--shards", "1001")[0] == 2
