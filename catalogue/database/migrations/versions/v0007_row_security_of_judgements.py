"""Row-level security on PostgreSQL for what was shown and judged of needs, as for the needs themselves."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"
ROLE = "(SELECT coalesce(current_setting('enmusubi.role', true), ''))"
CONDITIONS = {  # the policies of the tables that are named here hold within these, too
    "judgement": "EXISTS (SELECT 1 FROM need WHERE need.need_id = judgement.need_id)",
    "shown_list": "EXISTS (SELECT 1 FROM need WHERE need.need_id = shown_list.need_id)",
    "shown_match": "EXISTS (SELECT 1 FROM shown_list WHERE shown_list.list_id = shown_match.list_id)",
}


def upgrade() -> None:
    """Let each table show what the rules allow, also to its owner."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in CONDITIONS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR {condition})")


def downgrade() -> None:
    """Take the policies away."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in CONDITIONS:
        op.execute(f"DROP POLICY {POLICY} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
