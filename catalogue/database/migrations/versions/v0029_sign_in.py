"""Second factors, known devices, held accounts, one-time passwords that end; the privacy notice.

Besides, who is being forgotten until their files are done, and mails about chiefs' accounts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ACCOUNT, SESSION = "user_account", "user_session"
MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
KINDS = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', 'inquiry', "
    "'reminder', 'gate', 'clock', 'escalation', 'member_invitation', 'member_link', "
    "'stand_in'{more})"
)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_account(table: str) -> list[sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_user_id_user_account")
    of = sa.ForeignKeyConstraint(["user_id"], [f"{ACCOUNT}.user_id"], name=name, ondelete="CASCADE")
    return [of]


def upgrade() -> None:
    """Add the tables, empty, and the columns; accounts and sessions stay as they are."""
    op.create_table(
        "second_factor",
        *_text("factor_id", "user_id", "kind", "name", "secret"),
        sa.Column("credential_id", sa.Text(), nullable=True),
        *_text("public_key"),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        _time("created_at"),
        _time("confirmed_at", nullable=True),
        _time("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("factor_id", name="pk_second_factor"),
        sa.UniqueConstraint("credential_id", name="uq_second_factor_credential_id"),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name=op.f("ck_second_factor_kind")),
        *_of_account("second_factor"),
    )
    op.create_index("ix_second_factor_user_id", "second_factor", ["user_id"])
    op.create_table(
        "recovery_code",
        *_text("code_hash", "user_id"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
        *_of_account("recovery_code"),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])
    op.create_table(
        "known_device",
        *_text("token_hash", "user_id"),
        *map(_time, ("created_at", "seen_at", "expires_at")),
        sa.PrimaryKeyConstraint("token_hash", name="pk_known_device"),
        *_of_account("known_device"),
    )
    op.create_index("ix_known_device_user_id", "known_device", ["user_id"])
    op.create_index("ix_known_device_expires_at", "known_device", ["expires_at"])
    op.create_table(
        "privacy_notice",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        *_text("text_ja", "text_en", "saved_by"),
        _time("saved_at"),
        sa.PrimaryKeyConstraint("version", name="pk_privacy_notice"),
    )
    op.create_table(
        "forgetting",
        *_text("stand_in", "words"),
        sa.PrimaryKeyConstraint("stand_in", name="pk_forgetting"),
    )
    for name in ("one_time_until", "held_at"):
        op.add_column(ACCOUNT, _time(name, nullable=True))
    waits: sa.Column[bool] = sa.Column(
        "awaits_factor", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column(SESSION, waits)
    op.add_column(SESSION, _time("proved_at", nullable=True))
    for name in ("challenge", "provider_token"):
        op.add_column(SESSION, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _allow_kinds(", 'chiefs'")


def downgrade() -> None:
    """Take all of it away; accounts that are held are then open."""
    op.execute("DELETE FROM mail WHERE kind = 'chiefs'")
    _allow_kinds("")
    for name in ("provider_token", "challenge", "proved_at", "awaits_factor"):
        op.drop_column(SESSION, name)
    for name in ("held_at", "one_time_until"):
        op.drop_column(ACCOUNT, name)
    for table in ("forgetting", "privacy_notice", "known_device", "recovery_code", "second_factor"):
        op.drop_table(table)


def _allow_kinds(more: str) -> None:
    with op.batch_alter_table(MAIL) as batch:
        batch.drop_constraint(op.f(MAIL_CHECK), type_="check")
        batch.create_check_constraint(op.f(MAIL_CHECK), KINDS.format(more=more))
