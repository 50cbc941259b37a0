"""Teams that were put together for a need: seen by users of the office who see the need."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE, POLICY = "saved_team", "seen_by_viewer"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
SEEN = """ IN ('chief', 'project', 'ip', 'legal', 'finance')
    AND EXISTS (SELECT 1 FROM need WHERE need.need_id = saved_team.need_id)"""


def upgrade() -> None:
    """Add the table, and let it show what the rules allow, also to its owner."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        TABLE,
        sa.Column("team_id", SERIAL, nullable=False),
        sa.Column("need_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_saved_team"),
    )
    op.create_index("ix_saved_team_need_id", TABLE, ["need_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
        shown = f"{ROLE} = '' OR ({ROLE}{SEEN})"
        op.execute(f"CREATE POLICY {POLICY} ON {TABLE} USING ({shown})")


def downgrade() -> None:
    """Take the table away, and its policy with it."""
    op.drop_table(TABLE)
