"""Cases, their people, decisions, documents and steps, templates of gates, saved views; mails about them.

On PostgreSQL a case is seen as its need is, one without a need by the office; portals see those alone
of which their company knows. What belongs to a case is the office's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"
MAIL, MAIL_CHECK = "mail", "ck_mail_kind"
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
VIEWER = "(SELECT coalesce(current_setting('enmusubi.viewer', true), ''))"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance')"
OF_CASE = "EXISTS (SELECT 1 FROM office_case WHERE office_case.case_id = {table}.case_id)"
SEEN_CASE = f"""CASE WHEN office_case.need_id = ''
    THEN {OFFICE} AND (NOT office_case.is_closed OR {ROLE} = 'chief'
        OR office_case.manager = {VIEWER})
    ELSE ({OFFICE} OR ({ROLE} = 'portal' AND office_case.is_shared))
        AND EXISTS (SELECT 1 FROM need WHERE need.need_id = office_case.need_id) END"""  # noqa: S608 - constants
PARTS = ("case_person", "case_decision", "case_document", "case_event")
CONDITIONS = {
    "office_case": SEEN_CASE,
    **{table: f"{OFFICE} AND {OF_CASE.format(table=table)}" for table in PARTS},
    "case_view": f"user_id = {VIEWER} AND {OFFICE}",
}
STAGES = "'discovery', 'dialogue', 'nda', 'small_prototype', 'full_prototype', 'deployment'"
GATES = "'dialogue', 'nda', 'small_prototype', 'full_prototype', 'deployment'"
MEANS = (
    "'', 'joint_research', 'licence_out', 'licence_in', 'alliance', 'cvc', 'accelerator', "
    "'joint_venture', 'm_and_a', 'consulting'"
)
REASONS = (
    "'', 'too_early', 'no_benefit', 'no_commercial_route', 'description_vague', 'wrong_field', "
    "'no_capacity', 'conflict', 'other'"
)
EVENTS = (
    "'opened', 'changed', 'assigned', 'submitted', 'decided', 'turned', 'escalated', "
    "'reopened', 'completed', 'document', 'note'"
)
KINDS = (
    "kind IN ('invitation', 'alert', 'candidates', 'account', 'password', 'test', 'inquiry', "
    "'reminder'{more})"
)
NEW_KINDS = "'gate', 'clock', 'escalation'"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _among(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    """Add the tables, empty, who sees them, and the kinds of mail."""
    _add_cases()
    _add_people_and_decisions()
    _add_documents_and_steps()
    _add_templates_and_views()
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in CONDITIONS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")
    _allow_kinds(f", {NEW_KINDS}")


def _add_cases() -> None:
    table = "office_case"
    op.create_table(
        table,
        sa.Column("case_id", SERIAL, nullable=False),
        *_text("need_id"),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        *_text("title", "company", "means"),
        sa.Column("amount_jpy", sa.BigInteger(), nullable=True),
        *_text("next_step", "stage", "state", "reason", "origin"),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        *_text("manager", "turn", "clock"),
        _time("clock_since", nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        _time("escalated_at", nullable=True),
        _time("stage_since"),
        *_text("submitted_by"),
        _time("submitted_at", nullable=True),
        *_text("opened_by"),
        _time("opened_at"),
        *_text("changed_by"),
        _time("changed_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _key(table, "case_id"),
        _among(table, "stage", STAGES),
        _among(table, "state", "'running', 'held', 'declined', 'completed'"),
        _among(table, "means", MEANS),
        _among(table, "origin", "'list', 'team', 'release', 'portal', 'file', 'hand'"),
        _among(table, "turn", "'office', 'company'"),
        _among(table, "clock", "'', 'stage', 'decision'"),
        _among(table, "reason", REASONS),
    )
    op.create_index("ix_office_case_board", table, ["state", "stage", "due_on"])
    op.create_index("ix_office_case_need_id", table, ["need_id"])
    op.create_index("ix_office_case_manager", table, ["manager"])


def _add_people_and_decisions() -> None:
    op.create_table(
        "case_person",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *_text("researcher_id", "part"),
        _key("case_person", "case_id", "researcher_id"),
        _among("case_person", "part", "'lead', 'member'"),
    )
    op.create_index("ix_case_person_researcher_id", "case_person", ["researcher_id"])
    table = "case_decision"
    op.create_table(
        table,
        sa.Column("decision_id", SERIAL, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *_text("gate", "decision", "from_stage", "to_stage", "skipped", "criteria", "reason"),
        *_text("decided_by", "role"),
        _time("decided_at"),
        _time("submitted_at", nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        _key(table, "decision_id"),
        _among(table, "gate", GATES),
        _among(table, "decision", "'go', 'hold', 'stop', 'recycle'"),
        _among(table, "from_stage", STAGES),
        _among(table, "to_stage", STAGES),
    )
    op.create_index("ix_case_decision_case_id", table, ["case_id"])


def _add_documents_and_steps() -> None:
    table = "case_document"
    op.create_table(
        table,
        sa.Column("document_id", SERIAL, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *_text("kind", "gate", "name", "link", "added_by"),
        _time("added_at"),
        *_text("removed_by"),
        _time("removed_at", nullable=True),
        _key(table, "document_id"),
        _among(table, "kind", "'nda', 'contract', 'plan', 'report', 'minutes', 'other'"),
        _among(table, "gate", f"'', {GATES}"),
    )
    op.create_index("ix_case_document_case_id", table, ["case_id"])
    table = "case_event"
    op.create_table(
        table,
        sa.Column("event_id", SERIAL, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *_text("kind"),
        _time("at"),
        *_text("actor", "detail", "text"),
        _key(table, "event_id"),
        _among(table, "kind", EVENTS),
    )
    op.create_index("ix_case_event_case_id", table, ["case_id"])


def _add_templates_and_views() -> None:
    op.create_table(
        "gate_template",
        *_text("gate"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("roles", "criteria", "changed_by"),
        _time("changed_at"),
        _key("gate_template", "gate", "version"),
        _among("gate_template", "gate", GATES),
    )
    op.create_table(
        "case_view",
        sa.Column("view_id", SERIAL, nullable=False),
        *_text("user_id", "name", "query"),
        _time("saved_at"),
        _key("case_view", "view_id"),
    )
    op.create_index("ix_case_view_user_id", "case_view", ["user_id"])


def downgrade() -> None:
    """Take the tables and the mails about cases away."""
    op.execute("DELETE FROM mail WHERE kind IN ('gate', 'clock', 'escalation')")
    _allow_kinds("")
    for table in (
        "case_view", "gate_template", "case_event", "case_document", "case_decision",
        "case_person", "office_case",
    ):  # fmt: skip
        op.drop_table(table)


def _allow_kinds(more: str) -> None:
    with op.batch_alter_table(MAIL) as batch:
        batch.drop_constraint(op.f(MAIL_CHECK), type_="check")
        batch.create_check_constraint(op.f(MAIL_CHECK), KINDS.format(more=more))
