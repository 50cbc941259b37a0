"""The syntax trees of all modules, read once: what the tests of the house look at."""

import ast
from functools import cache
from pathlib import Path

from tests.support.packages import PACKAGES

ROOT = Path(__file__).parents[2]


@cache
def trees() -> dict[Path, ast.Module]:
    """Return the syntax tree of each module of the packages, by its path."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}
