"""JSON comes as lines, as an array, inside an answer or alone; damage loses what it hits only."""

import gzip
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.importers.reading import json_files, json_stream
from catalogue.importers.reading.files import InputFile
from catalogue.importers.reading.json_files import JsonFile
from catalogue.importers.rows import BadRow, RawRow, ReadOptions
from enmusubi.errors import UnreadableFileError

TWO = [{"id": 1, "name": "森 花"}, {"id": 2.5, "name": 'quo"te\\ ]}'}]


@pytest.fixture
def read(tmp_path):
    """Write a file and return its rows, and the error that ended it, if one did."""

    def run(content, name="rows.json", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        rows = []
        try:
            rows += (row for row in JsonFile(InputFile(path), ReadOptions(), **options).rows())
        except UnreadableFileError as error:
            return rows, str(error)
        return rows, ""

    return run


def cells(rows):
    return [dict(row.cells) if isinstance(row, RawRow) else row.rejection.reason for row in rows]


SHAPES = [
    "\n".join(map(json.dumps, TWO)),
    json.dumps(TWO),
    json.dumps(TWO, indent=2),
    "[\n" + ",\n".join(json.dumps(row) for row in TWO) + "\n]\n",
    json.dumps({"status": "ok", "message": {"total": [1, {"a": []}], "items": TWO}, "x": 1}),
    json.dumps({"meta": {"items": 3}, "results": TWO, "group_by": []}, indent=1),
    json.dumps({"@context": "x", "@graph": TWO}),
    json.dumps(TWO[0], indent=2) + "\n" + json.dumps(TWO[1], indent=2),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("text", SHAPES)
def test_objects_are_found_wherever_they_stand(read, text, encoding):
    rows, error = read(text.replace("\\u68ee \\u82b1", "森 花").encode(encoding))
    assert (cells(rows), error) == (TWO, "")
    assert [row.number for row in rows] == [1, 2]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("text", SHAPES)
def test_pieces_may_end_anywhere(read, monkeypatch, text, chunk):
    monkeypatch.setattr(json_stream, "CHUNK_CHARS", chunk)
    monkeypatch.setattr("catalogue.importers.reading.text_files.CHUNK_BYTES", chunk)
    monkeypatch.setattr(json_files, "_PROBE_CHARS", 1_000)
    assert cells(read(text)[0]) == TWO


@pytest.mark.parametrize(
    "one", [{"id": 1}, {"id": 1, "items": [1, 2]}, {"items": {"a": 1}}, {"message": {"items": 3}}]
)
def test_an_object_alone_is_one_row(read, one):
    for text in (json.dumps(one), json.dumps(one, indent=2)):
        assert cells(read(text)[0]) == [one]


def test_a_format_can_say_where_its_arrays_are(read):
    person = {"name": "A", "@graph": [{"type": "papers"}]}
    assert cells(read(json.dumps(person), arrays=())[0]) == [person]
    assert cells(read(json.dumps({"works": TWO}), arrays=("works",))[0]) == TWO


def test_a_line_of_json_lines_is_never_an_envelope(read):
    page = {"id": 1, "results": [{"a": 1}]}
    assert cells(read(json.dumps(page), "rows.jsonl")[0]) == [page]
    assert cells(read(f"{json.dumps(page)}\n{json.dumps(page)}")[0]) == [page, page]


@pytest.mark.parametrize("text", ["", "  \n\n", "[]", '{"results": []}', "\ufeff[ ]"])
def test_a_file_without_objects_has_no_rows(read, text):
    assert read(text) == ([], "")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
        ('{"n": ' + "9" * 5_000 + "}", "number too long"),
        ('{"a": tru}', "not JSON, from character 7 on"),
        ('{"a" 1}', "not JSON, from character 6 on"),
        ('{"a": "\x01"}', "not JSON, from character 8 on"),
        ("[1, 2]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("nonsense", "not JSON, from character 1 on"),
    ],
)
def test_a_bad_element_of_an_array_rejects_itself_only(read, bad, reason):
    rows, error = read(f'[{{"id": 1}}, {bad}, {{"id": 2}}]')
    assert error == ""
    assert [row.number for row in rows] == [1, 2, 3]
    assert reason in rows[1].rejection.reason
    assert rows[1].raw().strip() == bad.replace("\x01", "\x01")


def test_broken_utf_8_rejects_its_element_only(read):
    good = {"a": "森の花" * 20}
    text = json.dumps([good, {"a": "?"}, good], ensure_ascii=False).encode()
    rows, _ = read(text.replace(b"?", b"\xff"))
    assert cells(rows) == [good, "bytes that are not utf-8", good]


@pytest.mark.parametrize("end", ["", ", ", ', {"id": 3, "name": "', ', {"id": 3}} oops'])
def test_an_array_that_breaks_off_keeps_what_came_before(read, end):
    rows, error = read(json.dumps(TWO)[:-1] + end)
    assert cells(rows)[:2] == TWO
    assert "is damaged in or after row" in error
    assert "rows.json" in error


def test_truncated_gzip_keeps_the_elements_before(read):
    text = json.dumps([{"id": n, "x": n * 7_919 % 100_003} for n in range(20_000)])
    whole = gzip.compress(text.encode())
    rows, error = read(whole[: len(whole) // 2], "rows.json.gz")
    assert len(rows) > 5_000
    assert "gzip data breaks off" in error


def test_a_field_of_50_megabytes_rejects_its_row_only(read):
    huge = '{"id": 2, "x": "' + "x" * 50_000_000 + '"}'
    rows, error = read(f'[{{"id": 1}}, {huge}, {{"id": 3}}]')
    assert (cells(rows), error) == (
        [{"id": 1}, "longer than 32,000,000 characters", {"id": 3}],
        "",
    )
    assert rows[1].rejection.shape == f"value of {len(huge):,} characters"
    assert rows[1].raw is None


def test_an_array_of_any_length_takes_little_memory(tmp_path):
    path = tmp_path / "long.json"
    with path.open("w") as target:
        target.write('{"results": [')
        for _ in range(200):
            target.write(",".join(['{"title": "' + "t" * 1_000 + '"}'] * 100) + ",")
        target.write("{}]}")
    tracemalloc.start()
    file = JsonFile(InputFile(path), ReadOptions())
    count = sum(1 for _ in file.rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 15_000_000 < path.stat().st_size  # the sample that tells the encoding is 4 MB


def test_raw_rows_are_json_on_one_line(read):
    rows, _ = read(json.dumps(TWO, indent=2))
    assert [json.loads(row.raw()) for row in rows] == TWO
    assert all("\n" not in row.raw() for row in rows)
    lone = read('[{"a": "\\ud800"}]')[0][0].raw()
    assert lone == '{"a":"\\ud800"}'


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet='{}[]",:\\ \n1ae森\x00', max_size=60),
    name=st.sampled_from(["a.json", "a.jsonl"]),
)
def test_any_text_gives_rows_or_says_what_is_wrong(read, text, name):
    rows, _ = read(text, name)
    assert all(isinstance(row, RawRow | BadRow) for row in rows)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    objects=st.lists(
        st.dictionaries(st.text(max_size=4), st.integers() | st.text() | st.none()), max_size=5
    ),
    indent=st.sampled_from([None, 1]),
)
def test_every_array_comes_out_as_it_went_in(read, objects, indent):
    assert cells(read(json.dumps(objects, indent=indent))[0]) == objects
