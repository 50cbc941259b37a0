"""Estimates, plans, where cases stand, contracts: what was settled, and the office's templates.

On PostgreSQL the office sees what belongs to a case as far as it sees the case, and all templates.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
OF_CASE = "EXISTS (SELECT 1 FROM office_case WHERE office_case.case_id = {table}.case_id)"
PARTS = ("estimate_version", "case_plan", "case_maturity", "contract_checklist")
CONDITIONS = {
    **{table: f"{OFFICE} AND {OF_CASE.format(table=table)}" for table in PARTS},
    "contract_template": OFFICE,
}
STEPS = "'', 'seed', 'module', 'unit', 'sale'"
STATES = "'draft', 'asked', 'checked', 'returned'"
CONTRACTS = "'nda', 'joint_research', 'licence'"
LANGUAGES = "'ja', 'en'"
EVENT, EVENT_CHECK = "case_event", "ck_case_event_kind"
EVENTS = (
    "'opened', 'changed', 'assigned', 'submitted', 'decided', 'turned', 'escalated', "
    "'reopened', 'completed', 'document', 'note', 'project'"
)
NEW_EVENTS = "'estimate', 'plan', 'maturity', 'contract'"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> sa.Column[int]:
    return sa.Column(name, kind(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _among(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    """Add the tables, empty, who sees them, and the steps of a timeline."""
    _add_estimates()
    _add_plans()
    _add_contracts()
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")
    _allow_events(f"{EVENTS}, {NEW_EVENTS}")


def _add_estimates() -> None:
    table = "estimate_version"
    op.create_table(
        table,
        sa.Column("row_id", SERIAL, nullable=False),
        _number("estimate_id"),
        _number("version", sa.Integer),
        _number("case_id"),
        *_text("title", "content"),
        _number("total_jpy"),
        *_text("state", "made_by"),
        _time("made_at"),
        *_text("asked_by"),
        _time("asked_at", nullable=True),
        *_text("checked_by"),
        _time("checked_at", nullable=True),
        *_text("remark"),
        _key(table, "row_id"),
        _among(table, "state", STATES),
    )
    op.create_index("ix_estimate_version_case_id", table, ["case_id"])
    op.create_index("ix_estimate_version_state", table, ["state"])
    op.create_index("uq_estimate_version_version", table, ["estimate_id", "version"], unique=True)


def _add_plans() -> None:
    op.create_table(
        "case_plan",
        _number("case_id"),
        *_text("language"),
        _number("version", sa.Integer),
        *_text("content"),
        _number("estimate_id"),
        _number("estimate_version", sa.Integer),
        *_text("made_by"),
        _time("made_at"),
        _key("case_plan", "case_id", "language", "version"),
        _among("case_plan", "language", LANGUAGES),
    )
    op.create_table(
        "case_maturity",
        sa.Column("maturity_id", SERIAL, nullable=False),
        _number("case_id"),
        *_text("step", "reason", "set_by"),
        _time("set_at"),
        _key("case_maturity", "maturity_id"),
        _among("case_maturity", "step", STEPS),
    )
    op.create_index("ix_case_maturity_case_id", "case_maturity", ["case_id"])


def _add_contracts() -> None:
    op.create_table(
        "contract_checklist",
        _number("case_id"),
        *_text("kind"),
        _number("version", sa.Integer),
        *_text("answers", "made_by"),
        _time("made_at"),
        _key("contract_checklist", "case_id", "kind", "version"),
        _among("contract_checklist", "kind", CONTRACTS),
    )
    op.create_table(
        "contract_template",
        sa.Column("template_id", SERIAL, nullable=False),
        *_text("kind", "language", "name", "content", "sha256", "fields", "uploaded_by"),
        _time("uploaded_at"),
        *_text("withdrawn_by"),
        _time("withdrawn_at", nullable=True),
        _key("contract_template", "template_id"),
        _among("contract_template", "kind", CONTRACTS),
        _among("contract_template", "language", LANGUAGES),
    )


def downgrade() -> None:
    """Take the tables away, and the steps of timelines that are about them."""
    op.execute(f"DELETE FROM {EVENT} WHERE kind IN ({NEW_EVENTS})")  # noqa: S608 - constants
    _allow_events(EVENTS)
    for table in reversed(CONDITIONS):
        op.drop_table(table)


def _allow_events(values: str) -> None:
    with op.batch_alter_table(EVENT) as batch:
        batch.drop_constraint(op.f(EVENT_CHECK), type_="check")
        batch.create_check_constraint(op.f(EVENT_CHECK), f"kind IN ({values})")
