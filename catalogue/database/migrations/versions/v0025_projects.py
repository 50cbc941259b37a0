"""Projects: sub-projects, shares of time, milestones, money, risks, minutes; edits of the table of means.

On PostgreSQL what belongs to a project is the office's, as far as it sees the case; money is seen by the
chief, by project and finance, and by who looks after the case.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
VIEWER = "(SELECT coalesce(current_setting('enmusubi.viewer', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
OF_CASE = "EXISTS (SELECT 1 FROM office_case WHERE office_case.case_id = {table}.case_id{more})"
MONEY = f"({ROLE} IN ('chief', 'project', 'finance') OR {{managed}})"
MANAGED = f" AND office_case.manager = {VIEWER}"
PARTS = (
    "project", "project_part", "project_share", "project_milestone", "project_risk",
    "project_minutes", "project_action",
)  # fmt: skip
MONEY_TABLES = ("project_budget", "project_spending")


def _seen(table: str) -> str:
    return f"{OFFICE} AND {OF_CASE.format(table=table, more='')}"


def _money_seen(table: str) -> str:
    managed = OF_CASE.format(table=table, more=MANAGED)
    return f"{_seen(table)} AND {MONEY.format(managed=managed)}"


CONDITIONS = {
    **{table: _seen(table) for table in PARTS},
    **{table: _money_seen(table) for table in MONEY_TABLES},
}
MEANS = (
    "'joint_research', 'licence_out', 'licence_in', 'alliance', 'cvc', 'accelerator', "
    "'joint_venture', 'm_and_a', 'consulting', 'weights'"
)
EVENT, EVENT_CHECK = "case_event", "ck_case_event_kind"
EVENTS = (
    "kind IN ('opened', 'changed', 'assigned', 'submitted', 'decided', 'turned', 'escalated', "
    "'reopened', 'completed', 'document', 'note'{more})"
)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _small(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _among(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}"))


def _entries(table: str, *columns: object) -> None:
    """Add a table of what belongs to a project, with the columns that all of them have."""
    op.create_table(
        table,
        sa.Column("entry_id", SERIAL, nullable=False),
        _number("case_id"),
        *_text("added_by"),
        _time("added_at"),
        *_text("changed_by"),
        _time("changed_at"),
        *_text("removed_by"),
        _time("removed_at", nullable=True),
        *columns,  # type: ignore[arg-type]
        sa.PrimaryKeyConstraint("entry_id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_case_id", table, ["case_id"])


def upgrade() -> None:
    """Add the tables, empty, who sees them, and the kind of a case's step."""
    _add_projects()
    _add_money()
    _add_minutes()
    op.create_table(
        "means_edit",
        *_text("name"),
        *_small("version"),
        *_text("content", "changed_by"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("name", "version", name="pk_means_edit"),
        _among("means_edit", "name", MEANS),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")
    _allow_events(", 'project'")


def _add_projects() -> None:
    op.create_table(
        "project",
        _number("case_id"),
        _day("starts_on", nullable=True),
        _day("ends_on", nullable=True),
        *_text("light", "light_reason"),
        _day("light_until", nullable=True),
        *_text("light_by"),
        *_small("version"),
        *_text("changed_by"),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("case_id", name="pk_project"),
        _among("project", "light", "'', 'green', 'amber', 'red'"),
    )
    table = "project_part"
    _entries(
        table,
        *_text("name", "lead"),
        _day("starts_on", nullable=True),
        _day("ends_on", nullable=True),
        *_text("state"),
        _among(table, "state", "'planned', 'running', 'done', 'dropped'"),
    )
    table = "project_share"
    _entries(
        table,
        *_text("researcher_id"),
        _number("part_id", nullable=True),
        *_small("percent"),
        _day("since"),
        _day("until"),
    )
    op.create_index("ix_project_share_researcher_id", table, ["researcher_id", "until"])
    table = "project_milestone"
    _entries(
        table,
        _number("part_id", nullable=True),
        *_text("name"),
        _day("planned_on"),
        _day("actual_on", nullable=True),
        *_text("state"),
        _among(table, "state", "'planned', 'reached', 'dropped'"),
    )
    op.create_index("ix_project_milestone_due", table, ["state", "planned_on"])
    table = "project_risk"
    _entries(
        table,
        *_text("name"),
        *_small("probability", "impact"),
        *_text("owner", "measure", "state"),
        _among(table, "state", "'open', 'treated', 'occurred', 'closed'"),
    )


def _add_money() -> None:
    kinds = "'people', 'equipment', 'facilities', 'travel', 'outsourcing', 'indirect', 'other'"
    table = "project_budget"
    _entries(table, *_text("kind", "name"), _number("amount_jpy"), _among(table, "kind", kinds))
    table = "project_spending"
    _entries(
        table,
        _number("budget_id"),
        _number("amount_jpy"),
        _day("spent_on"),
        *_text("voucher", "note", "origin"),
        _among(table, "origin", "'hand', 'file'"),
    )


def _add_minutes() -> None:
    _entries("project_minutes", _day("held_on"), *_text("name", "text", "decisions"))
    table = "project_action"
    _entries(
        table,
        _number("minutes_id", nullable=True),
        *_text("name", "owner"),
        _day("due_on"),
        _day("done_on", nullable=True),
    )
    op.create_index("ix_project_action_owner", table, ["owner", "due_on"])


def downgrade() -> None:
    """Take the tables away, and the steps about projects."""
    op.execute("DELETE FROM case_event WHERE kind = 'project'")
    _allow_events("")
    for table in ("means_edit", *MONEY_TABLES, *reversed(PARTS)):
        op.drop_table(table)


def _allow_events(more: str) -> None:
    with op.batch_alter_table(EVENT) as batch:
        batch.drop_constraint(op.f(EVENT_CHECK), type_="check")
        batch.create_check_constraint(op.f(EVENT_CHECK), EVENTS.format(more=more))
