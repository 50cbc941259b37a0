"""NDAs with companies: for all their needs, or for one.

On PostgreSQL they are seen by the office, those for one need by who sees it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLE, POLICY = "nda", "seen_by_viewer"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
SEEN = """ IN ('chief', 'project', 'ip', 'legal', 'finance')
    AND (nda.need_id = '' OR EXISTS (SELECT 1 FROM need WHERE need.need_id = nda.need_id))"""


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Add the table, empty, and who sees it."""
    op.create_table(
        TABLE,
        sa.Column("nda_id", SERIAL, nullable=False),
        *_text("organisation_id", "need_id"),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        *_text("remark", "source", "recorded_by"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        *_text("withdrawn_by"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("nda_id", name="pk_nda"),
    )
    op.create_index("ix_nda_organisation_id", TABLE, ["organisation_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {TABLE} USING ({ROLE} = '' OR ({ROLE}{SEEN}))")


def downgrade() -> None:
    """Take the table away."""
    op.drop_table(TABLE)
