"""Worlds: the catalogues that tests start from. Each is made once a worker and copied for each test.

A world is a module here with `furnish(catalogue, folder)`, which writes its rows, and its files into the
data folder; `BUILT_ON` names the world that it adds to. All that is in them is made up.
"""

import shutil
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path

from catalogue.records.catalogue import Catalogue, open_catalogue
from tests.support.databases import new_sqlite

FILE = "catalogue.sqlite"


def furnish(name: str, catalogue: Catalogue, folder: Path) -> None:
    """Write a world, with those that it is built on, into an empty catalogue and a data folder."""
    module = import_module(f"{__name__}.{name}")
    if below := getattr(module, "BUILT_ON", ""):
        furnish(below, catalogue, folder)
    module.furnish(catalogue, folder)


def copied(name: str, folder: Path) -> str:
    """Put a world's SQLite catalogue and its files into a folder; returns the catalogue's URL."""
    shutil.copytree(made(name), folder, dirs_exist_ok=True)
    return f"sqlite:///{folder / FILE}"


def restore(name: str, catalogue: Catalogue, folder: Path) -> None:
    """Put a world's catalogue back where it was copied to; its connections are opened anew."""
    catalogue.close()
    for leftover in folder.glob(f"{FILE}-*"):
        leftover.unlink()
    shutil.copy(made(name) / FILE, folder)


def made(name: str) -> Path:
    """Return the folder of a world that is copied; nothing is to be changed in it."""
    return Path(_made(name).name)


@cache
def _made(name: str) -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix=f"enmusubi-{name}-")
    with open_catalogue(new_sqlite(Path(folder.name, FILE))) as catalogue:
        furnish(name, catalogue, Path(folder.name))
    return folder
