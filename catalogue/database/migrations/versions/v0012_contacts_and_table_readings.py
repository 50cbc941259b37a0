"""How researchers are reached, for the office alone; and how an office's tables are read, once corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RESEARCHER, READING = "researcher", "table_reading"
CONTACTS = ("email", "extension", "homepage", "laboratory")
POLICY = "seen_by_viewer"
TOLD = "(SELECT coalesce(current_setting('enmusubi.{}', true), ''))"


def upgrade() -> None:
    """Add the columns, empty, and the table; on PostgreSQL the administrator alone sees the table."""
    with op.batch_alter_table(RESEARCHER) as batch:
        for name in CONTACTS:
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table(RESEARCHER) as batch:
        for name in CONTACTS:
            batch.alter_column(name, server_default=None)
    op.create_table(
        READING,
        sa.Column("header_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("header_hash", name="pk_table_reading"),
    )
    if op.get_bind().dialect.name == "postgresql":
        seen = f"{TOLD.format('role')} = '' OR {TOLD.format('administers')} = 'yes'"
        op.execute(f"ALTER TABLE {READING} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {READING} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {READING} USING ({seen})")


def downgrade() -> None:
    """Take both away; what records say of contacts stays in them."""
    op.drop_table(READING)
    with op.batch_alter_table(RESEARCHER) as batch:
        for name in CONTACTS:
            batch.drop_column(name)
