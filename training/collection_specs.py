"""Names evaluation collections in one argument: `DIR` or `DIR::needs=F,seeds=F,qrels=F`.

A folder with several tasks (two languages, several judgements) is named once for each.
"""

from dataclasses import replace
from pathlib import Path

from enmusubi.errors import InputError
from training.collections import Collection, read_collection

SEPARATOR = "::"
FILES = ("needs", "seeds", "qrels")


def read_specified(spec: str) -> Collection:
    """Return the collection that `spec` names; its name tells tasks of one folder apart.

    Raises InputError for another form, CollectionError for what `read_collection` refuses.
    """
    folder, files = parse_spec(spec)
    collection = read_collection(
        folder, needs=files.get("needs"), seeds=files.get("seeds"), qrels=files.get("qrels")
    )
    stems = [Path(files[key]).name.partition(".")[0] for key in FILES if key in files]
    return replace(collection, name="/".join([collection.name, *stems]))


def parse_spec(spec: str) -> tuple[Path, dict[str, str]]:
    """Return the folder and the files that are not the usual ones, by FILES; raises InputError."""
    folder, separator, rest = spec.partition(SEPARATOR)
    parts = [part.strip().partition("=") for part in rest.split(",")] if separator else []
    files = {key: name for key, _, name in parts}
    if not folder or len(files) != len(parts) or any(k not in FILES or not files[k] for k in files):
        raise InputError(
            "%(spec)r does not name a collection. Expected DIR or "
            "DIR::needs=FILE,seeds=FILE,qrels=FILE with any of the three.",
            spec=spec,
        )
    return Path(folder), files
