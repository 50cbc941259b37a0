"""Mails to users: where they go, in which language, which kinds are not wanted, and those that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ACCOUNT, MAIL = "user_account", "mail"
COLUMNS = ("email", "language", "muted_mail")
KINDS = "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test')"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, empty, and the table."""
    for name in COLUMNS:
        none = sa.text("''")
        op.add_column(ACCOUNT, sa.Column(name, sa.Text(), nullable=False, server_default=none))
    moment = sa.DateTime(timezone=True)
    op.create_table(
        MAIL,
        sa.Column("mail_id", SERIAL, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("handed_at", moment, nullable=True),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_mail"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.user_id"], name="fk_mail_user_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(KINDS, name=op.f("ck_mail_kind")),
    )
    op.create_index("ix_mail_next_at", MAIL, ["next_at"])
    op.create_index("ix_mail_user_id", MAIL, ["user_id"])


def downgrade() -> None:
    """Take both away; what waited is not sent."""
    op.drop_table(MAIL)
    with op.batch_alter_table(ACCOUNT) as batch:
        for name in COLUMNS:
            batch.drop_column(name)
