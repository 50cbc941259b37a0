"""The kinds of mails that tell of estimates: one waits for its check, was checked, or was sent back."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
KINDS = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', 'inquiry', "
    "'reminder', 'gate', 'clock', 'escalation', 'member_invitation', 'member_link', 'stand_in', "
    "'chiefs', 'milestone'{more})"
)


def upgrade() -> None:
    """Allow the kinds."""
    _allow(", 'estimate', 'estimate_checked', 'estimate_returned'")


def downgrade() -> None:
    """Take the mails of the kinds away, and the kinds."""
    op.execute(
        "DELETE FROM mail WHERE kind IN ('estimate', 'estimate_checked', 'estimate_returned')"
    )
    _allow("")


def _allow(more: str) -> None:
    with op.batch_alter_table(MAIL) as batch:
        batch.drop_constraint(op.f(MAIL_CHECK), type_="check")
        batch.create_check_constraint(op.f(MAIL_CHECK), KINDS.format(more=more))
