"""Which saved searches found nobody who fits, when they were last run."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE, COLUMN = "saved_search", "fits_nobody"


def upgrade() -> None:
    """Add the column; of the searches that were run before, nothing is known."""
    no = sa.false()
    op.add_column(TABLE, sa.Column(COLUMN, sa.Boolean(), nullable=False, server_default=no))


def downgrade() -> None:
    """Take the column away; the next night finds out again."""
    op.drop_column(TABLE, COLUMN)
