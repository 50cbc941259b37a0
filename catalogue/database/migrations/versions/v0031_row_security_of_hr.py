"""HR has a name of its own in the policies of PostgreSQL, where the office is let in.

Until now HR was told to them as finance, and so reached the money of projects and the office's figures,
which the rules keep from HR. Where lawyers and finance managers are named together, the whole office is
meant; money and figures name finance without lawyers. Costs and targets are for people, not for machines.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"
ROLES = re.compile(r"ARRAY\[('[a-z]+'::text(?:, '[a-z]+'::text)*)\]")  # as PostgreSQL prints them
HR = "'hr'::text"
WHOLE_OFFICE = {"'legal'::text", "'finance'::text"}
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
OWNER = "(SELECT coalesce(current_setting('enmusubi.owner', true), ''))"
FIGURES = f"{ROLE} = '' OR ({ROLE} IN ('chief', 'finance', 'analyst'){{more}})"
PEOPLE = f" AND {OWNER} NOT LIKE 'machine:%'"


def upgrade() -> None:
    """Add HR to the lists of roles that name the whole office; keep machines from figures."""
    _change(lambda roles: [*roles, HR])
    _show_figures(FIGURES.format(more=PEOPLE))


def downgrade() -> None:
    """Take HR out of them, and let machines back in."""
    _change(lambda roles: [role for role in roles if role != HR])
    _show_figures(FIGURES.format(more=""))


def _change(of: Callable[[list[str]], list[str]]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return

    def listed(found: re.Match[str]) -> str:
        roles = found[1].split(", ")
        return f"ARRAY[{', '.join(of(roles) if set(roles) >= WHOLE_OFFICE else roles)}]"

    query = sa.text(
        "SELECT tablename, qual FROM pg_policies"
        " WHERE schemaname = current_schema() AND policyname = :policy ORDER BY tablename"
    )
    for table, condition in connection.execute(query, {"policy": POLICY}).all():
        changed = ROLES.sub(listed, condition)
        if changed != condition:
            _alter(table, changed)


def _show_figures(condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("office_cost", "figure_target"):
            _alter(table, condition)


def _alter(table: str, condition: str) -> None:
    plain = condition.replace("%", "%%")  # to the driver one percent sign is a value's place
    op.get_bind().exec_driver_sql(f"ALTER POLICY {POLICY} ON {table} USING ({plain})")
