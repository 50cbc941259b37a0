"""The kind of mails that tell of milestones and actions of projects that are overdue."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
KINDS = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', 'inquiry', "
    "'reminder', 'gate', 'clock', 'escalation', 'member_invitation', 'member_link', 'stand_in', "
    "'chiefs'{more})"
)


def upgrade() -> None:
    """Allow the kind."""
    _allow(", 'milestone'")


def downgrade() -> None:
    """Take the mails of the kind away, and the kind."""
    op.execute("DELETE FROM mail WHERE kind = 'milestone'")
    _allow("")


def _allow(more: str) -> None:
    with op.batch_alter_table(MAIL) as batch:
        batch.drop_constraint(op.f(MAIL_CHECK), type_="check")
        batch.create_check_constraint(op.f(MAIL_CHECK), KINDS.format(more=more))
