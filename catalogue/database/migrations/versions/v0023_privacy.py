"""People's own data: hashed keys of those who were forgotten, and who is not to be matched."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, empty."""
    op.create_table(
        "suppression",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_suppression"),
    )
    op.create_table(
        "opt_out",
        sa.Column("researcher_id", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("researcher_id", name="pk_opt_out"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("opt_out")
    op.drop_table("suppression")
