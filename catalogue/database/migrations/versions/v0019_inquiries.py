"""Inquiries: what the office asks researchers, and their answers; mails may be to researchers, too.

On PostgreSQL an inquiry is seen by users of the office who see its need.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE, POLICY = "inquiry", "seen_by_viewer"
MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
SEEN = """ IN ('chief', 'project', 'ip', 'legal', 'finance')
    AND EXISTS (SELECT 1 FROM need WHERE need.need_id = inquiry.need_id)"""
BEFORE = "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test')"
AFTER = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', "
    "'inquiry', 'reminder')"
)
ANSWERS = "answer IN ('', 'interested', 'not_now', 'not_my_field', 'no_capacity')"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Add the table, empty, who sees it, and the kinds of mail."""
    op.create_table(
        TABLE,
        sa.Column("inquiry_id", SERIAL, nullable=False),
        *_text("need_id", "researcher_id", "language", "message", "address", "asked_by"),
        _time("asked_at"),
        _time("expires_at"),
        *_text("token_hash", "reminder_hash"),
        _time("remind_at", nullable=True),
        _time("reminded_at", nullable=True),
        *_text("revoked_by"),
        _time("revoked_at", nullable=True),
        *_text("answer"),
        _time("answered_at", nullable=True),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=True),
        *_text("who_else", "remark", "noted_by"),
        _time("noted_at", nullable=True),
        sa.PrimaryKeyConstraint("inquiry_id", name="pk_inquiry"),
        sa.CheckConstraint(ANSWERS, name=op.f("ck_inquiry_answer")),
    )
    for column in ("need_id", "asked_at", "token_hash", "reminder_hash"):
        op.create_index(f"ix_inquiry_{column}", TABLE, [column])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {TABLE} USING ({ROLE} = '' OR ({ROLE}{SEEN}))")
    _allow_kinds(AFTER)


def downgrade() -> None:
    """Take the table and the mails to researchers away."""
    op.execute("DELETE FROM mail WHERE kind IN ('inquiry', 'reminder')")
    _allow_kinds(BEFORE)
    op.drop_table(TABLE)


def _allow_kinds(condition: str) -> None:
    with op.batch_alter_table(MAIL) as batch:
        batch.drop_constraint(op.f(MAIL_CHECK), type_="check")
        batch.create_check_constraint(op.f(MAIL_CHECK), condition)
