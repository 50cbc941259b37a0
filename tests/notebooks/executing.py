"""Executes notebooks as they stand in the repository, and reads what they show."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PARAMETERS = "parameters"  # tag of the cell that an analyst edits

WORD_ENCODER = f"""
import sys
sys.path.insert(0, {str(NOTEBOOKS.parent)!r})
from tests.conftest import WordEncoder
ENCODER = WordEncoder()"""


def committed(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


def execute(name: str, folder: Path, *, words: bool = False, **parameters: object) -> Any:
    """Execute the notebook in `folder`, its parameters set to other values.

    With `words`, the tests' own encoder is given to it, which loads no model.
    """
    notebook = committed(name)
    for cell in notebook.cells:
        if PARAMETERS in cell.metadata.get("tags", []):
            unknown = [key for key in parameters if f"{key} = " not in cell.source]
            assert unknown == []
            cell.source += "".join(f"\n{key} = {value!r}" for key, value in parameters.items())
            cell.source += WORD_ENCODER if words else ""
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    return client.execute()


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def texts(notebook: Any) -> str:
    """Return everything written: tables and what was printed."""
    return "\n".join(
        str(output.get("data", {}).get("text/plain", "") or output.get("text", ""))
        for output in outputs(notebook)
    )


def pictures(notebook: Any) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def output_types(notebook: Any) -> set[str]:
    return {output.output_type for output in outputs(notebook)}
