"""Screening: declared interests, groups and competitors of companies, limits of people, clearances.

On PostgreSQL declared interests are seen by the chief and legal managers alone, clearances by the
office as far as it sees their needs, the rest by the office.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
SEEN_NEED = "EXISTS (SELECT 1 FROM need WHERE need.need_id = clearance.need_id)"
CONDITIONS = {
    "declared_interest": f"{ROLE} IN ('chief', 'legal')",
    "company_group": OFFICE,
    "competitor_pair": OFFICE,
    "person_limit": OFFICE,
    "past_employer": OFFICE,
    "clearance": f"{OFFICE} AND {SEEN_NEED}",
}
INTERESTS = "kind IN ('role', 'shares', 'fees', 'family', 'startup', 'chair', 'employment')"
LIMITS = "kind IN ('running', 'leave', 'retirement', 'contract_end', 'not_before', 'teaching')"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _days(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Date(), nullable=True) for name in names]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _check(table: str, column: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    """Add the tables, empty, and who sees them."""
    _add_people()
    _add_companies()
    _add_clearance()
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")


def _add_people() -> None:
    op.create_table(
        "declared_interest",
        sa.Column("interest_id", SERIAL, nullable=False),
        *_text("researcher_id", "organisation", "organisation_key", "kind"),
        sa.Column("amount_jpy", sa.BigInteger(), nullable=True),
        *_days("since", "until"),
        *_text("remark", "source"),
        _time("recorded_at"),
        _time("withdrawn_at", nullable=True),
        _key("declared_interest", "interest_id"),
        _check("declared_interest", "kind", INTERESTS),
    )
    op.create_index("ix_declared_interest_researcher_id", "declared_interest", ["researcher_id"])
    op.create_table(
        "person_limit",
        sa.Column("limit_id", SERIAL, nullable=False),
        *_text("researcher_id", "kind"),
        sa.Column("amount", sa.Integer(), nullable=True),
        *_days("since", "until"),
        *_text("remark", "source"),
        _time("recorded_at"),
        _time("withdrawn_at", nullable=True),
        _key("person_limit", "limit_id"),
        _check("person_limit", "kind", LIMITS),
    )
    op.create_index("ix_person_limit_researcher_id", "person_limit", ["researcher_id"])
    op.create_table(
        "past_employer",
        *_text("user_id", "organisation_key", "organisation"),
        *_days("until"),
        *_text("source"),
        _time("recorded_at"),
        _key("past_employer", "user_id", "organisation_key"),
    )


def _add_companies() -> None:
    op.create_table(
        "company_group",
        *_text("parent_key", "child_key", "parent", "child", "source"),
        _time("recorded_at"),
        _key("company_group", "parent_key", "child_key"),
    )
    op.create_index("ix_company_group_child_key", "company_group", ["child_key"])
    op.create_table(
        "competitor_pair",
        *_text("first_key", "second_key", "field_id", "first", "second", "source"),
        _time("recorded_at"),
        _key("competitor_pair", "first_key", "second_key", "field_id"),
    )
    op.create_index("ix_competitor_pair_second_key", "competitor_pair", ["second_key"])


def _add_clearance() -> None:
    op.create_table(
        "clearance",
        sa.Column("clearance_id", SERIAL, nullable=False),
        *_text("need_id", "researcher_id", "rule_id", "role", "evidence", "asked_by"),
        _time("asked_at"),
        *_text("decision", "reason"),
        *_days("valid_until"),
        *_text("decided_by"),
        _time("decided_at", nullable=True),
        *_text("revoked_by"),
        _time("revoked_at", nullable=True),
        _key("clearance", "clearance_id"),
        _check("clearance", "decision", "decision IN ('', 'cleared', 'refused')"),
    )
    op.create_index("ix_clearance_pair", "clearance", ["need_id", "researcher_id"])


def downgrade() -> None:
    """Take the tables away, and what was declared and decided with them."""
    for table in reversed(CONDITIONS):
        op.drop_table(table)
