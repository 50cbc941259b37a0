"""A mapping file is checked as a whole, and finds its way through nested rows."""

from pathlib import Path

import pytest

from catalogue.importers.general.mapping import (
    ColumnMapping,
    extract,
    guess_table,
    look_up,
    read_mapping,
)
from enmusubi.errors import MappingError, UnreadableFileError

EXAMPLES = Path(__file__).parents[3] / "examples" / "mappings"


def fields_of(part, row):
    mapping = ColumnMapping.model_validate(part)
    return list(extract(mapping.tables[0], row))


def written(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table = ", "not TOML"),
        (b"\xff\xfe", "not TOML in UTF-8"),
        ('source = "x"', "tables: Field required"),
        ('table = "papers"', r"tables\.0\.table: Input should be"),
        ('table = "seeds"\n[columns]\ntitel = "t"', "no column 'titel'; did you mean 'title'"),
        ('table = "seeds"\n[columns]\ntitle = {colum = "t"}', "colum: Extra inputs"),
        ('table = "seeds"\n[columns]\ntitle = {join = "-"}', "either `column` or `columns`"),
        ('table = "seeds"\n[columns]\ntitle = {column="a", take="day"}', "'text', 'year' or 'id'"),
        ('table = "seeds"\n[columns]\ntitle = ["a", "b"]', "title takes one rule"),
        ('table = "seeds"\ndelimiter = "ab"', "at most 1 character"),
        ('table = "seeds"\n[constants]\nkinds = "grant"', "did you mean 'kind'"),
    ],
)
def test_a_faulty_mapping_says_what_is_wrong_with_it(tmp_path, text, message):
    with pytest.raises(MappingError, match=message):
        read_mapping(written(tmp_path, text))


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"no file .*nothing\.toml"):
        read_mapping(tmp_path / "nothing.toml")


def test_the_examples_can_be_read():
    names = {path.name for path in EXAMPLES.glob("*.toml") if read_mapping(path).tables}
    assert "nsf_awards.toml" in names


def test_people_come_before_the_seeds_that_name_them(tmp_path):
    text = '[[tables]]\ntable = "seeds"\n[[tables]]\ntable = "researchers"\n'
    mapping = read_mapping(written(tmp_path, text))
    assert [part.table for part in mapping.tables] == ["researchers", "seeds"]


def test_a_path_follows_objects_and_lists_and_prefers_a_column_of_that_name():
    row = {"a": {"b": 1}, "a.c": 2, "list": [{"n": "x"}, {"n": None}, {"n": "y"}], "t": "text"}
    paths = ("a.b", "a.c", "list.n", "a.none", "t.x", "none", ".")
    assert [look_up(row, path) for path in paths] == [1, 2, ["x", "y"], None, None, None, row]


def test_values_are_joined_translated_split_and_filled_in():
    columns = {
        "seed_id": "no",
        "title": {"columns": ["main", "sub"], "join": " — "},
        "kind": {"column": "type", "values": {"論文": "paper"}, "default": "note"},
        "year": {"column": "when", "take": "year"},
        "researcher_ids": [{"column": "ids", "split": "/"}, "lead"],
    }
    part = {"table": "seeds", "columns": columns, "constants": {"visibility": "internal"}}
    row = {"no": 7, "main": "A", "sub": "", "type": "論文", "when": "2020-05", "ids": "r1/ r2"}
    assert fields_of(part, row) == [
        {
            "visibility": "internal",
            "seed_id": 7,
            "title": "A",
            "kind": "paper",
            "year": 2020,
            "researcher_ids": ["r1", " r2"],
        }
    ]
    odd = {"type": None, "when": "soon", "lead": "r3"}
    assert fields_of(part, odd) == [
        {"visibility": "internal", "kind": "note", "year": "soon", "researcher_ids": "r3"}
    ]


def test_each_element_of_a_list_gives_a_record_that_can_look_back_at_its_row():
    columns = {
        "researcher_id": {"columns": ["name", "$.host"], "take": "id"},
        "name_en": "name",
        "institution_en": "$.host",
    }
    part = {"table": "researchers", "each": "people", "columns": columns}
    row = {"host": "Kasumino U.", "people": [{"name": "Ann Ō'Brien"}, "no object", None]}
    assert [fields.get("researcher_id") for fields in fields_of(part, row)] == [
        "ann-ō-brien-kasumino-u",
        "kasumino-u",
        "kasumino-u",
    ]
    assert fields_of(part, {"people": None}) == []


def test_the_element_itself_can_be_the_value():
    part = {"table": "researchers", "each": "names", "columns": {"name_ja": "."}}
    assert fields_of(part, {"names": ["森 花", "佐藤"]}) == [
        {"name_ja": "森 花"},
        {"name_ja": "佐藤"},
    ]


def test_people_in_a_list_give_their_ids_to_the_seed():
    rule = {"each": "people", "columns": ["name", "$.host"], "take": "id"}
    part = {"table": "seeds", "columns": {"researcher_ids": rule}}
    row = {"host": "U", "people": [{"name": "A"}, {"name": "B"}]}
    assert fields_of(part, row) == [{"researcher_ids": ["a-u", "b-u"]}]


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        (("seed_id", "title"), "seeds"),
        (("researcher_id",), "researchers"),
        (("need_id", "researcher_id", "relevance"), ""),
        (("name",), ""),
    ],
)
def test_the_table_is_told_by_its_id(columns, table):
    assert guess_table(columns) == table
