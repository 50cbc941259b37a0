"""Hostile files of ORCID: nothing breaks, good records go in, damage is told."""

import copy
import json
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importers.general.mapping import map_by_name
from catalogue.importers.orcid.nodes import as_node, each, text
from catalogue.importers.orcid.source import ORCID, parts_of
from catalogue.importers.reading.files import InputFile
from catalogue.importers.sources import ImportOptions
from enmusubi.errors import MappingError, UnreadableFileError

SAMPLES = Path(__file__).parents[2] / "samples" / "orcid"
RECORD = json.loads((SAMPLES / "record.json").read_text())
AYA = "0000-0002-1825-0097"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def records_of(row):
    return [record for part in parts_of(row) for record in part.read()]


def test_objects_stand_for_lists_of_one_and_empty_ones_for_nothing():
    assert each({"a": {"b": "c"}}, "a", "b") == ["c"]
    assert each({"a": [{"b": ["c", None]}, "x", {"b": ""}]}, "a", "b") == ["c"]
    assert text({"a": {"value": 2021}}, "a") == "2021"


def test_texts_with_attributes_read_like_texts():
    element = Element("work")
    SubElement(element, "title", {"language-code": "ja"}).text = "題"
    SubElement(element, "title").text = "title"
    node = as_node(element)
    assert node == {"title": [{"language-code": "ja", "value": "題"}, "title"]}


def test_what_is_neither_a_record_nor_a_work_is_rejected_with_what_was_expected():
    *_, last = ORCID.open_sources(InputFile(SAMPLES / "works.json"), ImportOptions())
    bad = list(last.parsed_rows())[-1]
    assert bad.rejections[0].reason.startswith("neither an ORCID record nor a work")


def test_a_mapping_and_other_files_are_refused(tmp_path):
    with pytest.raises(MappingError, match="needs no mapping"):
        options = ImportOptions(mapping=map_by_name("seeds", ["seed_id"]))
        ORCID.open_sources(InputFile(SAMPLES / "record.json"), options)
    with pytest.raises(UnreadableFileError, match="no file of the format orcid"):
        ORCID.open_sources(InputFile(tmp_path / "record.csv"), ImportOptions())


def test_damage_is_told_once_and_what_stands_before_goes_in(tmp_path):
    path = tmp_path / "record.xml"
    path.write_bytes((SAMPLES / "record.xml").read_bytes()[:-20] + b"<a></b>")
    people, works, last = ORCID.open_sources(InputFile(path), ImportOptions())
    assert list(people.parsed_rows()) == list(works.parsed_rows()) == []
    with pytest.raises(UnreadableFileError, match="is damaged"):
        list(last.parsed_rows())


def test_a_file_without_records_is_named(tmp_path):
    path = tmp_path / "other.xml"
    path.write_text("<other/>")
    sources = ORCID.open_sources(InputFile(path), ImportOptions())
    assert [list(source.parsed_rows()) for source in sources] == [[], [], []]
    assert ["nothing found" in n.reason for s in sources for n in s.notes()] == [True]


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in inner:
            yield from places(entry, (*path, key))


PLACES = [path for path in places(RECORD) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANY_JSON), max_size=5))
def test_records_with_anything_anywhere_give_records(changes):
    record = copy.deepcopy(RECORD)
    for path, value in changes:
        put(record, path, value)
    for part in parts_of(record):
        assert all(read.drafts or read.rejections for read in part.read())


def put(value, path, new):
    """Put something at a place, unless an earlier change took the place away."""
    for key in path[:-1]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(value, dict) or (isinstance(value, list) and path[-1] in range(len(value))):
        value[path[-1]] = new


@given(st.dictionaries(st.sampled_from([*RECORD, "title", "work", "path"]), ANY_JSON))
def test_objects_of_any_shape_give_records(row):
    for record in records_of(row):
        assert record.drafts or record.rejections


TAGS = ["person", "name", "given-names", "works", "group", "work-summary", "title", "external-ids"]


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.integers(0, 8), st.text(max_size=10))))
def test_elements_in_any_order_give_records(steps):
    elements = [Element("record", {"path": f"/{AYA}"})]
    for tag, place, written in steps:
        child = SubElement(elements[place % len(elements)], tag, {"put-code": written})
        child.text = written
        elements.append(child)
    for record in records_of(as_node(elements[0])):
        assert record.drafts or record.rejections


def test_entities_and_scripts_are_never_followed(tmp_path):
    bomb = tmp_path / "bomb.xml"
    bomb.write_text('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><record>&a;</record>')
    *_, last = ORCID.open_sources(InputFile(bomb), ImportOptions())
    with pytest.raises(UnreadableFileError, match="is damaged"):
        list(last.parsed_rows())
    title = {"title": {"value": "<script>alert(1)</script>A title\x00"}}
    (read,) = records_of({"path": f"/{AYA}/work/1", "title": title})
    assert read.drafts[0].values["title"] == "A title"


def test_deep_nesting_is_rejected_by_row(tmp_path):
    path = tmp_path / "records.jsonl"
    good = json.dumps(RECORD)
    path.write_text("[" * 100_000 + "\n" + good + "\n{not json\n")
    people, _, last = ORCID.open_sources(InputFile(path), ImportOptions())
    assert [row.number for row in people.parsed_rows()] == [2]
    assert [bool(row.rejections) for row in last.parsed_rows()] == [True, True]
