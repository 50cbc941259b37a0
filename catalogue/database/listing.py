"""Asks whether a column's value is among thousands: they go to the database as one value, not as one each."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[bool]):
    """A column, and a JSON array of texts."""

    type = Boolean()
    inherit_cache = True


def among(column: ColumnElement[Any], texts: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column of text has one of the texts."""
    return _Among(column, literal(json.dumps(list(texts))))


@compiles(_Among, "sqlite")
def _in_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _in_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    listed = f"SELECT jsonb_array_elements_text(CAST({texts} AS JSONB))"
    return f"{column} = ANY(ARRAY({listed}))"
