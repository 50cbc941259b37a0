"""Row-level security on PostgreSQL for source records, rejected rows, authorships, jobs, kept answers.

An authorship shows with its seed, so the policy of seeds cannot ask for authorships any more: the
hidden seeds that name the viewer are told (`office.access.scoped`), as invitations are.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"


def _told(name: str) -> str:
    """Return the SQL of a setting, evaluated once in a query; empty where it is not told."""
    return f"(SELECT coalesce(current_setting('enmusubi.{name}', true), ''))"


ROLE, OWNER, RESEARCHER = _told("role"), _told("owner"), _told("researcher")
ADMINISTERS = f"{_told('administers')} = 'yes'"
NAMED = f"SELECT unnest(string_to_array({_told('named')}, chr(31)))"
NAMED_BEFORE = f"""SELECT authorship.seed_id FROM authorship
    WHERE authorship.seed_id = seed.seed_id AND authorship.researcher_id = {RESEARCHER}"""  # noqa: S608 - names of our own
CONDITIONS = {  # the policies of the tables that are named here hold within these, too
    "authorship": "EXISTS (SELECT 1 FROM seed WHERE seed.seed_id = authorship.seed_id)",
    "record": """CASE table_name
        WHEN 'needs' THEN EXISTS (SELECT 1 FROM need WHERE need.need_id = record.row_id)
        WHEN 'seeds' THEN EXISTS (SELECT 1 FROM seed WHERE seed.seed_id = record.row_id)
        ELSE true
    END""",
    "rejection": ADMINISTERS,
    "job": f"{ADMINISTERS} OR ({_told('jobs')} = 'yes' AND owner = {OWNER})",
    "kept_answer": f"owner = {OWNER}",
}


def _seed(named: str) -> str:
    """Return the condition on seeds of revision 0005; `named` selects those that name the viewer."""
    return f"""{ROLE} = '' OR ({_told("seeds")} = 'yes' AND (
        CASE
            WHEN {ROLE} IN ('chief', 'ip') THEN true
            WHEN {ROLE} IN ('project', 'legal', 'finance')
                THEN visibility <> 'confidential' AND patent_status <> 'unpublished'
            ELSE visibility = 'public' AND patent_status <> 'unpublished'
        END
        OR ({RESEARCHER} <> '' AND seed_id IN ({named}))
    ))"""


def upgrade() -> None:
    """Let each table show what the rules allow, also to its owner."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER POLICY {POLICY} ON seed USING ({_seed(NAMED)})")
    for table, condition in CONDITIONS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")


def downgrade() -> None:
    """Take the policies away, and let that of seeds ask for authorships again."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in CONDITIONS:
        op.execute(f"DROP POLICY {POLICY} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER POLICY {POLICY} ON seed USING ({_seed(NAMED_BEFORE)})")
