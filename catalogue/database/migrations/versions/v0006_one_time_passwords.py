"""Passwords that another user set: which accounts have one, and which sessions it opened."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("user_account", "user_session")
COLUMN = "must_change_password"


def upgrade() -> None:
    """Add the column; passwords that were set before stay good."""
    for table in TABLES:
        no = sa.false()
        op.add_column(table, sa.Column(COLUMN, sa.Boolean(), nullable=False, server_default=no))


def downgrade() -> None:
    """Take the column away; what was for one sign-in is then good for all."""
    for table in TABLES:
        op.drop_column(table, COLUMN)
