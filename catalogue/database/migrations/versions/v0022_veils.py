"""Veils: what of a need people outside its circle are shown, what is kept secret, and its purpose.

On PostgreSQL a veil is seen by whoever sees its need, its marks and the purpose by the office alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
TABLES = {  # and when a row of it is seen
    "need_veil": "EXISTS (SELECT 1 FROM need WHERE need.need_id = need_veil.need_id)",
    "need_veil_mark": "EXISTS (SELECT 1 FROM need WHERE need.need_id = need_veil_mark.need_id)",
    "need_purpose": "EXISTS (SELECT 1 FROM need WHERE need.need_id = need_purpose.need_id)",
}


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Add the tables, empty, and who sees them."""
    op.create_table(
        "need_veil",
        sa.Column("veil_id", SERIAL, nullable=False),
        *_text("need_id", "need_hash", "title", "text", "constraints", "horizon", "company"),
        *_text("decided_by"),
        _time("decided_at"),
        *_text("revoked_by"),
        _time("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("veil_id", name="pk_need_veil"),
    )
    op.create_index("ix_need_veil_need_id", "need_veil", ["need_id"])
    op.create_table(
        "need_veil_mark",
        sa.Column("mark_id", SERIAL, nullable=False),
        sa.Column("veil_id", sa.Integer(), nullable=False),
        *_text("need_id", "kind", "said"),
        sa.Column("identifies", sa.Integer(), nullable=False),
        *_text("decision", "instead"),
        sa.PrimaryKeyConstraint("mark_id", name="pk_need_veil_mark"),
        sa.CheckConstraint(
            "decision IN ('accepted', 'declined')", name=op.f("ck_need_veil_mark_decision")
        ),
    )
    op.create_index("ix_need_veil_mark_veil_id", "need_veil_mark", ["veil_id"])
    op.create_table(
        "need_purpose",
        *_text("need_id", "purpose", "said_by"),
        _time("said_at"),
        sa.PrimaryKeyConstraint("need_id", name="pk_need_purpose"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in TABLES.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            who = seen if table == "need_veil" else f"{OFFICE} AND {seen}"
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({who}))")


def downgrade() -> None:
    """Take the tables away."""
    for table in reversed(TABLES):
        op.drop_table(table)
