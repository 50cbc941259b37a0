"""Why an import did not take something is kept as a message, too: JSON of its id and its values."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE, COLUMN = "rejection", "message"


def upgrade() -> None:
    """Add the column; what was stored before keeps its English sentence alone."""
    op.add_column(TABLE, sa.Column(COLUMN, sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the column away; the English sentences stay."""
    op.drop_column(TABLE, COLUMN)
