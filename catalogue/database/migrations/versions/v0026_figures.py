"""Entries of cases, costs of the office, targets of figures, cases kept as templates.

On PostgreSQL what belongs to a case is the office's as far as it sees the case; costs and targets are seen
by those who see figures.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
FIGURES = f"{ROLE} IN ('chief', 'finance', 'analyst')"
OF_CASE = "EXISTS (SELECT 1 FROM office_case WHERE office_case.case_id = {table}.case_id)"
PARTS = ("case_entry", "case_template", "case_template_use")
CONDITIONS = {
    **{table: f"{OFFICE} AND {OF_CASE.format(table=table)}" for table in PARTS},
    "office_cost": FIGURES,
    "figure_target": FIGURES,
}
KINDS = "'revenue', 'contract', 'indirect', 'licence', 'investment', 'joint_patent'"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _big(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _among(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    """Add the tables, empty, and who sees them."""
    op.create_table(
        "case_entry",
        sa.Column("entry_id", SERIAL, nullable=False),
        *_big("case_id"),
        *_text("kind"),
        sa.Column("happened_on", sa.Date(), nullable=False),
        *_big("amount"),
        *_text("note", "recorded_by"),
        _time("recorded_at"),
        *_text("withdrawn_by"),
        _time("withdrawn_at", nullable=True),
        _key("case_entry", "entry_id"),
        _among("case_entry", "kind", KINDS),
    )
    op.create_index("ix_case_entry_case_id", "case_entry", ["case_id"])
    op.create_table(
        "office_cost",
        _whole("fiscal_year"),
        *_big("amount_jpy"),
        *_text("note", "changed_by"),
        _time("changed_at"),
        _whole("version"),
        _key("office_cost", "fiscal_year"),
    )
    op.create_table(
        "figure_target",
        *_text("figure"),
        _whole("fiscal_year"),
        sa.Column("value", sa.Float(), nullable=False),
        *_text("changed_by"),
        _time("changed_at"),
        _key("figure_target", "figure", "fiscal_year"),
    )
    _add_templates()
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")


def _add_templates() -> None:
    op.create_table(
        "case_template",
        sa.Column("template_id", SERIAL, nullable=False),
        *_big("case_id"),
        *_text("outcome", "title", "lessons", "means", "next_step", "kept_by"),
        _time("kept_at"),
        *_text("withdrawn_by"),
        _time("withdrawn_at", nullable=True),
        _key("case_template", "template_id"),
        _among("case_template", "outcome", "'success', 'failure'"),
    )
    op.create_index("ix_case_template_case_id", "case_template", ["case_id"])
    op.create_table(
        "case_template_use",
        *_big("case_id", "template_id"),
        *_text("used_by"),
        _time("used_at"),
        _key("case_template_use", "case_id"),
    )
    op.create_index("ix_case_template_use_template_id", "case_template_use", ["template_id"])


def downgrade() -> None:
    """Take the tables away, and what was kept in them."""
    for table in reversed(CONDITIONS):
        op.drop_table(table)
