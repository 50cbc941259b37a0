"""Backups of older schemas, as the versions of their time wrote them."""

import hashlib
import json
import zipfile
from pathlib import Path

from sqlalchemy import MetaData, select

from catalogue.database.engine import open_engine, reading
from catalogue.database.schema import REVISION_TABLE, current_revision
from office.backup.archive import FORMAT, MANIFEST, SETTINGS, as_line, member


def write_older_backup(url: str, path: Path) -> None:
    """Write all rows of a database, whatever its schema, as a backup."""
    engine, shape, parts = open_engine(url), MetaData(), {}
    with zipfile.ZipFile(path, "w") as archive, reading(engine) as connection:
        shape.reflect(connection)
        for table in shape.sorted_tables:
            if table.name == REVISION_TABLE:
                continue
            lines = [as_line(dict(row)) for row in connection.execute(select(table)).mappings()]
            content = b"".join(lines)
            archive.writestr(member(table.name), content)
            parts[table.name] = {
                "rows": len(lines),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        archive.writestr(SETTINGS, 'language = "ja"\n')
        told = {"format": FORMAT, "revision": current_revision(connection), "tables": parts}
        archive.writestr(MANIFEST, json.dumps({**told, "program": "0.0.9", "created_at": "2026"}))
    engine.dispose()
