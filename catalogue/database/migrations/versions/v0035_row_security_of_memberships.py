"""A portal sees the memberships of its companies, on PostgreSQL, where until now the office alone did.

A membership keeps the id that its company had on its day; records say which company that is now.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
COMPANIES = (
    "(SELECT string_to_array(coalesce(current_setting('enmusubi.companies', true), ''), chr(31)))"
    "::text[]"
)
MAY_READ = "(SELECT coalesce(current_setting('enmusubi.memberships', true), '')) = 'yes'"
OFFICE = f"{ROLE} IN ('chief', 'project', 'ip', 'legal', 'finance', 'hr')"
OF_COMPANIES = f"table_name = 'organisations' AND row_id = ANY ({COMPANIES})"
HOMES = f"SELECT home_id FROM record WHERE {OF_COMPANIES}"  # noqa: S608 - names of our own
PORTAL = f"""
    {ROLE} = 'portal' AND {MAY_READ}
    AND (organisation_id = ANY ({COMPANIES}) OR organisation_id IN ({HOMES}))
"""


def upgrade() -> None:
    """Let portals in to those of their companies."""
    _show(f"{ROLE} = '' OR ({OFFICE}) OR ({PORTAL})")


def downgrade() -> None:
    """Show memberships to the office alone."""
    _show(f"{ROLE} = '' OR ({OFFICE})")


def _show(condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER POLICY {POLICY} ON membership USING ({condition})")
