"""Prints pyproject.toml with the program's version in it, which is read from the package otherwise.

A list of what is installed (`make sbom`) takes the program's own version from there:

    python tools/versioned_pyproject.py > artefacts/pyproject.toml
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DYNAMIC = re.compile(r'^dynamic = \["version"\]$', re.MULTILINE)
VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def with_version(pyproject: str, package: str) -> str:
    """Return the text of pyproject.toml that says the version which the package's module says."""
    version = VERSION.search(package)
    text, count = DYNAMIC.subn(f'version = "{version[1]}"' if version else "", pyproject)
    if not version or count != 1:
        raise SystemExit('expected __version__ in enmusubi/__init__.py and dynamic = ["version"]')
    tomllib.loads(text)
    return text


def main() -> None:
    """Print it."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    package = (ROOT / "enmusubi" / "__init__.py").read_text("utf-8")
    sys.stdout.write(with_version(pyproject, package))


if __name__ == "__main__":
    main()
