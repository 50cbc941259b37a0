"""Lists that are shown keep the need's likeliest field, and whether nobody fits."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "shown_list"
COLUMNS = (("field_id", sa.Text()), ("fits_nobody", sa.Boolean()))


def upgrade() -> None:
    """Add the columns; of lists shown before neither is known."""
    for name, kind in COLUMNS:
        op.add_column(TABLE, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Take both away."""
    with op.batch_alter_table(TABLE) as batch:
        for name, _ in COLUMNS:
            batch.drop_column(name)
