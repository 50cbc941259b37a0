"""Company profiles, what new seeds are for dormant needs, and the kinds of needs.

On PostgreSQL profiles and looks are seen by the office, findings by the office as far as it sees their needs,
kinds by whoever sees the need.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"


SEEN_FINDING = "EXISTS (SELECT 1 FROM need WHERE need.need_id = dormant_finding.need_id)"
SEEN_KIND = "EXISTS (SELECT 1 FROM need WHERE need.need_id = need_kind.need_id)"
CONDITIONS = {
    "company_profile": OFFICE,
    "dormant_finding": f"{OFFICE} AND {SEEN_FINDING}",
    "dormant_look": OFFICE,
    "need_kind": SEEN_KIND,
}
KINDS = "kind IN ('sustaining', 'disruptive')"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _count(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    """Add the tables, empty, and who sees them."""
    op.create_table(
        "company_profile",
        sa.Column("profile_id", SERIAL, nullable=False),
        *_text("organisation_key", "name_ja", "name_en", "business_ja", "business_en"),
        *_text("products_ja", "products_en", "fields", "membership", "homepage"),
        *_text("source", "recorded_by"),
        _time("recorded_at"),
        _time("withdrawn_at", nullable=True),
        sa.PrimaryKeyConstraint("profile_id", name="pk_company_profile"),
    )
    op.create_index("ix_company_profile_organisation_key", "company_profile", ["organisation_key"])
    op.create_table(
        "dormant_finding",
        *_text("need_id", "researcher_id", "seed_id"),
        sa.Column("probability", sa.Float(), nullable=False),
        _time("found_at"),
        _time("told_at", nullable=True),
        *_text("noted_by"),
        _time("noted_at", nullable=True),
        sa.PrimaryKeyConstraint("need_id", "researcher_id", "seed_id", name="pk_dormant_finding"),
    )
    op.create_index("ix_dormant_finding_found_at", "dormant_finding", ["found_at"])
    op.create_table(
        "dormant_look",
        sa.Column("look_id", SERIAL, nullable=False),
        _time("looked_at"),
        *_count("seeds", "needs"),
        sa.PrimaryKeyConstraint("look_id", name="pk_dormant_look"),
    )
    op.create_table(
        "need_kind",
        *_text("need_id", "kind", "set_by"),
        _time("set_at"),
        sa.PrimaryKeyConstraint("need_id", name="pk_need_kind"),
        sa.CheckConstraint(KINDS, name=op.f("ck_need_kind_kind")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")


def downgrade() -> None:
    """Take the tables away, and what was kept in them."""
    for table in reversed(CONDITIONS):
        op.drop_table(table)
