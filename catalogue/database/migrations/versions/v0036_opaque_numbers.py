"""Deliveries of webhooks, cases and memberships have a number for companies that tells no count.

What companies know already by its old number keeps it: messages that were sent, cases that are shared,
memberships that portals were told of.
"""

import sqlalchemy as sa
from alembic import op

from catalogue.database.opaque_numbers import opaque_number

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

COLUMN, CHUNK = "public_id", 1000
TABLES = {  # the key, and which rows companies know by it
    "webhook_delivery": ("delivery_id", "attempts > 0"),
    "office_case": ("case_id", "is_shared"),
    "membership": ("membership_id", "told <> ''"),
}


def upgrade() -> None:
    """Add the column and fill it."""
    connection = op.get_bind()
    for table, (key, is_known) in TABLES.items():
        op.add_column(table, sa.Column(COLUMN, sa.BigInteger(), nullable=True))
        rows = sa.table(table, sa.column(key), sa.column(COLUMN))
        known = sa.update(rows).where(sa.text(is_known)).values({COLUMN: rows.c[key]})
        connection.execute(known)
        _fill(connection, rows, key)
        with op.batch_alter_table(table) as batch:
            batch.alter_column(COLUMN, nullable=False, existing_type=sa.BigInteger())
        op.create_index(f"uq_{table}_{COLUMN}", table, [COLUMN], unique=True)


def _fill(connection: sa.Connection, table: sa.TableClause, key: str) -> None:
    own, number = table.c[key], table.c[COLUMN]
    unfilled = sa.select(own).where(number.is_(None)).order_by(own).limit(CHUNK)
    filled = (
        sa.update(table).where(own == sa.bindparam("row")).values({COLUMN: sa.bindparam("new")})
    )
    while rows := connection.execute(unfilled).scalars().all():
        connection.execute(filled, [{"row": row, "new": opaque_number()} for row in rows])


def downgrade() -> None:
    """Remove the column."""
    for table in TABLES:
        op.drop_index(f"uq_{table}_{COLUMN}", table)
        with op.batch_alter_table(table) as batch:
            batch.drop_column(COLUMN)
