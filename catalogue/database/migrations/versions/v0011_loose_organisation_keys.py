"""Organisations are found by abbreviated names, too: their keys are made anew.

Ids and rows stay as they are.
"""

import sqlalchemy as sa
from alembic import op

from catalogue.identity.organisation_names import loose_organisation_keys, organisation_keys

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHUNK = 1000
NAMES = ("name_ja", "name_en", "aliases")


def upgrade() -> None:
    """Add the loose keys of every organisation."""
    connection, found = op.get_bind(), sa.MetaData()
    found.reflect(connection, only=("organisation", "organisation_key"))
    organisation, keys = found.tables["organisation"], found.tables["organisation_key"]
    rows = connection.execute(sa.select(organisation)).mappings().all()
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        ids = [row["organisation_id"] for row in chunk]
        connection.execute(sa.delete(keys).where(keys.c.organisation_id.in_(ids)))
        made = [
            {"key": key, "organisation_id": row["organisation_id"]}
            for row in chunk
            for key in sorted(_keys([row[name] for name in NAMES]))
        ]
        if made:
            connection.execute(sa.insert(keys), made)


def _keys(names: list[str]) -> frozenset[str]:
    return organisation_keys(*names) | loose_organisation_keys(*names)


def downgrade() -> None:
    """Take the loose keys away."""
    op.execute("DELETE FROM organisation_key WHERE key LIKE '~%'")
