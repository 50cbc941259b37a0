"""Whatever a file holds, an import ends with a report or a clear error, never with a crash."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.importers.general.columns import COLUMNS
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from enmusubi.errors import EnmusubiError
from tests.support.extent import examples

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
WORK_FIELDS = ("id", "doi", "title", "display_name", "publication_year", "type", "is_retracted")
WORK_PARTS = ("primary_location", "abstract_inverted_index")
AUTHORSHIP = st.fixed_dictionaries(
    {},
    optional={
        "author": st.fixed_dictionaries(
            {}, optional={"id": ANY_JSON, "display_name": ANY_JSON, "orcid": ANY_JSON}
        )
        | ANY_JSON,
        "institutions": st.lists(st.dictionaries(st.just("display_name"), ANY_JSON)) | ANY_JSON,
        "raw_affiliation_strings": ANY_JSON,
    },
)
WORK = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(WORK_FIELDS, ANY_JSON)
    | {"authorships": st.lists(AUTHORSHIP, max_size=3)},
)
MANY = settings(
    max_examples=examples(20, 60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """Import one file's content; a clear error counts as an answer."""
    folder = tmp_path_factory.mktemp("hostile")
    with open_catalogue(f"sqlite:///{folder / 'catalogue.sqlite'}") as catalogue:

        def run(format_name, name, content):
            path = folder / name
            path.write_bytes(content)
            try:
                return import_files(catalogue, format_name, [path])
            except EnmusubiError:
                return None

        yield run


@MANY
@given(works=st.lists(WORK, max_size=4))
def test_works_of_any_shape(load, works):
    lines = "\n".join(json.dumps(work) for work in works)
    report = load("openalex", "works.jsonl", lines.encode())
    assert report.read == len(works)
    assert report.unreadable == ()


@MANY
@given(rows=st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS["seeds"], ANY_JSON))))
def test_seeds_of_any_shape(load, rows):
    rows = [{"seed_id": None, **row} for row in rows]
    report = load("general", "seeds.jsonl", "\n".join(map(json.dumps, rows)).encode())
    assert report is None or report.read == len(rows)


@MANY
@given(content=st.binary(max_size=300), kind=st.sampled_from(["csv", "xlsx", "jsonl", "csv.gz"]))
def test_files_of_any_bytes(load, content, kind):
    load("general", f"file.{kind}", content)


@MANY
@given(content=st.binary(max_size=200), table=st.sampled_from(sorted(COLUMNS)))
def test_tables_of_any_bytes_after_a_good_header(load, content, table):
    header = ",".join(COLUMNS[table]).encode() + b"\n"
    load("general", "table.csv", header + content)


@MANY
@given(
    cells=st.lists(st.text(max_size=30), min_size=1, max_size=8),
    table=st.sampled_from(sorted(COLUMNS)),
)
def test_rows_of_any_text(load, cells, table):
    row = dict(zip(COLUMNS[table], cells, strict=False))
    report = load("general", "rows.jsonl", json.dumps(row).encode())
    assert report is None or report.read == 1


def test_broken_bytes_that_a_reason_quotes_are_stored_and_read_back(load):
    work = json.dumps({"DOI": "10.1000/1", "title": ["酸素を通さない薄い膜"]}, ensure_ascii=False)

    report = load("crossref", "works.json", b"[" + work.encode() + b" \x80]")

    assert any("found '\\udc80'" in fault.reason for fault in report.rejections)
