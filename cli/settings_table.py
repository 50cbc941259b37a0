"""Writes docs/settings.md from the settings: `python -m cli.settings_table FILE`."""

import json
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from enmusubi.language_setting import SETTINGS_FILE_VARIABLE
from enmusubi.settings import Settings

PREFIX = "ENMUSUBI_"
COMPUTED_DEFAULTS = {
    "data_dir": "`~/.local/share/enmusubi` (the user's data folder)",
    "cache_dir": "`~/.cache/enmusubi` (the user's cache folder)",
}
KINDS = {
    bool: "`true` or `false`",
    int: "number",
    float: "number",
    str: "text",
    SecretStr: "text, kept secret",
    Path: "path",
}
INTRODUCTION = f"""# Settings

Each setting is read from its environment variable, else from the settings file, else it has its
default. The settings file is `enmusubi.toml` in the working folder, or the file that
`{SETTINGS_FILE_VARIABLE}` names; a section of it holds the settings after the dot:

```toml
language = "ja"

[encoder]
precision = "fp32"
```

A wrong value, or an unknown name in a section, stops the command with a message that names it.
`enmusubi doctor` says which folders, model and index are in use. This page is generated; after a
change of the settings run `python -m cli.settings_table docs/settings.md`.
"""


def settings_page() -> str:
    """Return docs/settings.md: the introduction and one table for each section."""
    top, *sections = _tables("", Settings)
    return "\n".join([INTRODUCTION, top, *sections])


def _tables(name: str, section: type[BaseModel]) -> list[str]:
    """Return the table of a section's own settings, then those of the sections in it."""
    rows, inner = [], []
    for key, field in section.model_fields.items():
        full = f"{name}.{key}" if name else key
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            title, *others = _tables(full, part)
            said = (part.__doc__ or "").strip().rstrip(".")
            inner += [f"## `{full}`: {said[0].lower()}{said[1:]}\n\n{title}", *others]
        else:
            rows.append(_row(full, field))
    return [_table(rows), *inner]


def _table(rows: list[tuple[str, ...]]) -> str:
    head = ("setting", "variable", "values", "default", "meaning")
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    variable = PREFIX + name.replace(".", "__").upper()
    meaning = (field.description or "").replace("|", "\\|")
    return f"`{name}`", f"`{variable}`", _values(field), _default(name, field), meaning


def _values(field: FieldInfo) -> str:
    parts = get_args(field.annotation)
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in parts if value)
    if get_origin(field.annotation) is tuple:
        return "a list of " + ", ".join(f"`{value}`" for value in get_args(parts[0]))
    if get_origin(field.annotation) is dict:
        listed = ", ".join(f"`{value}`" for value in get_args(parts[1]))
        return f"a table (in a variable: JSON) of texts to {listed}"
    kind = next(name for part, name in KINDS.items() if part in (*parts, field.annotation))
    low, high = (_limit(field, side) for side in ("ge", "le"))
    if high:
        return f"{kind}, {low} to {high}"
    return f"{kind}, {low} or more" if low else kind


def _limit(field: FieldInfo, side: str) -> str:
    limits = (getattr(constraint, side, None) for constraint in field.metadata)
    return next((f"{limit:,}" for limit in limits if limit is not None), "")


def _default(name: str, field: FieldInfo) -> str:
    if name in COMPUTED_DEFAULTS:
        return COMPUTED_DEFAULTS[name]
    default: Any = field.get_default()
    if isinstance(default, SecretStr) or field.default_factory is not None:
        return "none"
    if isinstance(default, tuple | bool):
        return f"`{json.dumps(default)}`"
    return "none" if default in {None, ""} else f"`{default}`"


def main() -> None:
    """Write the page to the file that is named, or print it."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(settings_page(), "utf-8")
    else:
        sys.stdout.write(settings_page())


if __name__ == "__main__":
    main()
