"""A judgement can be withdrawn by who gave it; it is kept, with the time."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE, COLUMN = "judgement", "withdrawn_at"


def upgrade() -> None:
    """Add the column; nothing that was judged before is withdrawn."""
    op.add_column(TABLE, sa.Column(COLUMN, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the column away; what was withdrawn stands again."""
    op.drop_column(TABLE, COLUMN)
