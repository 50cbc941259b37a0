"""Why an import did not take something, and what it found, are kept as messages, too, in JSON."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE, COLUMNS = "rejection", ("message", "found")


def upgrade() -> None:
    """Add the columns; what was stored before keeps its English sentences alone."""
    for name in COLUMNS:
        op.add_column(TABLE, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the columns away; the English sentences stay."""
    for name in COLUMNS:
        op.drop_column(TABLE, name)
