"""Members and their users, links to sign in, who stands in for whom, what was handed over; the role HR.

On PostgreSQL memberships are seen by the office. Accounts, links and delegations have no policies, as the
other tables of who may come in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
ACCOUNT, ACCOUNT_CHECK = "user_account", "ck_user_account_role"
ROLES = (
    "role IN ('chief', 'project', 'ip', 'legal', 'finance', {hr}'analyst', 'viewer', "
    "'administrator'{member})"
)
MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
KINDS = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', 'inquiry', "
    "'reminder', 'gate', 'clock', 'escalation'{more})"
)
NEW_KINDS = "'member_invitation', 'member_link', 'stand_in'"
TABLES = (
    "hand_over_item", "hand_over", "delegation", "company_sign_in", "sign_in_link", "membership",
)  # fmt: skip


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _among(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}"))


def _belongs(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    other = "user_id" if owner == ACCOUNT else f"{owner}_id"
    name = op.f(f"fk_{table}_{column}_{owner}")
    return sa.ForeignKeyConstraint([column], [f"{owner}.{other}"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Add the tables, empty, who sees them, the roles and the kinds of mail; finance managers stay that."""
    empty = sa.text("''")
    company = sa.Column("organisation_id", sa.Text(), nullable=False, server_default=empty)
    op.add_column(ACCOUNT, company)
    op.create_index("ix_user_account_organisation_id", ACCOUNT, ["organisation_id"])
    _allow(ACCOUNT, ACCOUNT_CHECK, ROLES.format(hr="'hr', ", member=", 'member'"))
    _allow(MAIL, MAIL_CHECK, KINDS.format(more=f", {NEW_KINDS}"))
    decided_for = sa.Column("decided_for", sa.Text(), nullable=False, server_default=empty)
    op.add_column("case_decision", decided_for)
    _add_members()
    _add_delegations()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE membership ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE membership FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON membership USING ({ROLE} = '' OR ({OFFICE}))")


def _add_members() -> None:
    op.create_table(
        "membership",
        sa.Column("membership_id", SERIAL, nullable=False),
        *_text("organisation_id", "kind"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        *_text("contacts", "terms", "source", "recorded_by"),
        _time("recorded_at"),
        *_text("withdrawn_by"),
        _time("withdrawn_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("membership", "membership_id"),
        _among("membership", "kind", "'regular', 'special', 'supporting', 'trial', 'other'"),
    )
    op.create_index("ix_membership_organisation_id", "membership", ["organisation_id"])
    op.create_table(
        "sign_in_link",
        sa.Column("link_id", SERIAL, nullable=False),
        *_text("user_id", "purpose"),
        sa.Column("token_hash", sa.Text(), nullable=True),
        *_text("made_by"),
        _time("made_at"),
        _time("expires_at"),
        _time("used_at", nullable=True),
        _time("revoked_at", nullable=True),
        _key("sign_in_link", "link_id"),
        _belongs("sign_in_link", "user_id", ACCOUNT),
        _among("sign_in_link", "purpose", "'invited', 'asked'"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    op.create_index("ix_sign_in_link_user_id", "sign_in_link", ["user_id"])
    op.create_table(
        "company_sign_in",
        *_text("kind", "value", "organisation_id", "bound_by"),
        _time("bound_at"),
        _key("company_sign_in", "kind", "value"),
        _among("company_sign_in", "kind", "'domain', 'claim'"),
    )
    op.create_index("ix_company_sign_in_organisation_id", "company_sign_in", ["organisation_id"])


def _add_delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("delegation_id", SERIAL, nullable=False),
        *_text("from_user", "to_user"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_text("what", "made_by"),
        _time("made_at"),
        *_text("ended_by"),
        _time("ended_at", nullable=True),
        _key("delegation", "delegation_id"),
        _belongs("delegation", "from_user", ACCOUNT),
        _belongs("delegation", "to_user", ACCOUNT),
    )
    for column in ("to_user", "from_user"):
        op.create_index(f"ix_delegation_{column}", "delegation", [column, "ends_on"])
    op.create_table(
        "hand_over",
        sa.Column("hand_over_id", SERIAL, nullable=False),
        *_text("from_user", "to_user", "made_by"),
        _time("made_at"),
        *_text("undone_by"),
        _time("undone_at", nullable=True),
        _key("hand_over", "hand_over_id"),
    )
    op.create_index("ix_hand_over_from_user", "hand_over", ["from_user"])
    op.create_table(
        "hand_over_item",
        sa.Column("hand_over_id", SERIAL, nullable=False),
        *_text("kind", "object_id"),
        _key("hand_over_item", "hand_over_id", "kind", "object_id"),
        _belongs("hand_over_item", "hand_over_id", "hand_over"),
        _among("hand_over_item", "kind", "'need', 'case', 'shortlist', 'search', 'inquiry'"),
    )


def downgrade() -> None:
    """Take the tables away, and companies' users; HR managers are finance managers again."""
    for table in TABLES:
        op.drop_table(table)
    op.execute(f"DELETE FROM mail WHERE kind IN ({NEW_KINDS})")  # noqa: S608 - constants
    _allow(MAIL, MAIL_CHECK, KINDS.format(more=""))
    op.execute("DELETE FROM user_account WHERE role = 'member'")
    op.execute("UPDATE user_account SET role = 'finance' WHERE role = 'hr'")
    _allow(ACCOUNT, ACCOUNT_CHECK, ROLES.format(hr="", member=""))
    op.drop_index("ix_user_account_organisation_id", ACCOUNT)
    op.drop_column(ACCOUNT, "organisation_id")
    op.drop_column("case_decision", "decided_for")


def _allow(table: str, check: str, condition: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(check), type_="check")
        batch.create_check_constraint(op.f(check), condition)
