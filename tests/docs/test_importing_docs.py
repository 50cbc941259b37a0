"""docs/importing.md knows every column, format and mapping key, and its mappings work."""

import re
import tomllib
from pathlib import Path

import pytest

from catalogue.importers.general.columns import COLUMNS
from catalogue.importers.general.mapping import ColumnMapping, Rule, TableMapping
from catalogue.importers.general.source import DELIMITED, JSON, WORKBOOKS
from catalogue.importers.registry import FORMATS
from matcher.records import SEED_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def section(title):
    return PAGE.split(f"### {title}\n")[1].split("\n#")[0]


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_is_documented_with_its_table(table):
    missing = [name for name in COLUMNS[table] if f"`{name}`" not in section(table)]
    assert missing == []


def test_every_format_and_kind_of_file_is_documented():
    words = [*FORMATS, *DELIMITED, *WORKBOOKS, *JSON, *SEED_KINDS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_every_key_of_a_mapping_is_documented():
    keys = {*ColumnMapping.model_fields, *TableMapping.model_fields, *Rule.model_fields}
    missing = [key for key in keys if f"`{key}`" not in PAGE and f"{key} =" not in PAGE]
    assert missing == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_mapping_shown_can_be_used(example):
    assert ColumnMapping.model_validate(tomllib.loads(example)).tables
