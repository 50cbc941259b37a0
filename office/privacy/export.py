"""What is stored of a person, written for them: a JSON document and a page to read."""

import json
from html import escape
from pathlib import Path
from typing import Any

from enmusubi.atomic_files import write_atomically
from office.privacy.rights import Stored

MOST_CHARS = 2_000  # of one value on the page; the JSON document has all of it


def write_export(stored: Stored, folder: Path) -> tuple[Path, Path]:
    """Write both into a folder, readable by its owner alone; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "person.json", folder / "person.html"
    for path, content in zip(paths, (as_json(stored), as_page(stored)), strict=True):
        write_atomically(path, content)
        path.chmod(0o600)
    return paths


def as_json(stored: Stored) -> bytes:
    """Return the JSON document in UTF-8."""
    return json.dumps(stored.as_dict(), ensure_ascii=False, indent=1, default=str).encode()


def as_page(stored: Stored) -> bytes:
    """Return a page without scripts, one table for each kind of what is stored."""
    parts = [f"<h1>{escape(stored.researcher_id)}</h1>"]
    for name, rows in stored.rows.items():
        parts.append(f"<h2>{escape(name)}</h2>")
        parts += [_table(row) for row in rows]
    for title, places in (("files", stored.files), ("released_lists", stored.released)):
        if places:
            items = "".join(f"<li>{escape(str(place))}</li>" for place in places)
            parts.append(f"<h2>{escape(title)}</h2><ul>{items}</ul>")
    if stored.quoted:
        parts.append("<h2>quoted_in</h2>" + _table(stored.quoted))
    head = '<!doctype html><meta charset="utf-8"><title>person</title>'
    return f"{head}{''.join(parts)}".encode()


def _table(row: dict[str, Any]) -> str:
    cells = (
        f"<tr><th>{escape(name)}</th><td>{escape(str(value)[:MOST_CHARS])}</td></tr>"
        for name, value in row.items()
        if value not in (None, "")
    )
    return f"<table border='1'>{''.join(cells)}</table>"
