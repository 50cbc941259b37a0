"""A past employer of a user has an industry, which the chief or an import names."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE, COLUMN = "past_employer", "industry"


def upgrade() -> None:
    """Add the column; of what is there nothing is known."""
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column(COLUMN, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Remove the column."""
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column(COLUMN)
