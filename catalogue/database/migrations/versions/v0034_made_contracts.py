"""Contracts that were made for cases of the office's templates, in versions.

On PostgreSQL the office sees them as far as it sees the case.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE = "made_contract"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance', 'hr')"
OF_CASE = "EXISTS (SELECT 1 FROM office_case WHERE office_case.case_id = made_contract.case_id)"
SEEN = f"{ROLE} = '' OR ({OFFICE} AND {OF_CASE})"


def upgrade() -> None:
    """Add the table, empty, and who sees its rows."""
    op.create_table(
        TABLE,
        sa.Column("contract_id", SERIAL, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", name="pk_made_contract"),
        sa.CheckConstraint(
            "kind IN ('nda', 'joint_research', 'licence')", name=op.f("ck_made_contract_kind")
        ),
    )
    op.create_index("uq_made_contract_version", TABLE, ["case_id", "kind", "version"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen_by_viewer ON {TABLE} USING ({SEEN})")


def downgrade() -> None:
    """Remove the table."""
    op.drop_table(TABLE)
