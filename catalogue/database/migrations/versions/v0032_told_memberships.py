"""What portals were told of a membership's days; of those before now, nothing is told afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE, COLUMN, CHECK = "membership", "told", "ck_membership_told"


def upgrade() -> None:
    """Add the column; what began or ended already counts as told."""
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column(COLUMN, sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE membership SET told = 'begun' WHERE since <= CURRENT_DATE")
    op.execute(
        "UPDATE membership SET told = 'ended'"
        " WHERE withdrawn_at IS NOT NULL OR (until IS NOT NULL AND until < CURRENT_DATE)"
    )
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column(COLUMN, server_default=None, existing_type=sa.Text())
        batch.create_check_constraint(op.f(CHECK), f"{COLUMN} IN ('', 'begun', 'ended')")


def downgrade() -> None:
    """Remove the column."""
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")
        batch.drop_column(COLUMN)
