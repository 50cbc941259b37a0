"""Row-level security on PostgreSQL: the rules of `office.access.rules` once more.

Who asks is told by settings of the transaction (`office.access.scoped`). Where nothing is
told, as by the command line and the night, every row is seen. SQLite has nothing of the kind.
Superusers of PostgreSQL pass by all policies: the service's own role should be none.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

POLICY = "seen_by_viewer"


def _told(name: str) -> str:
    """Return the SQL of a setting, evaluated once in a query; empty where it is not told."""
    return f"(SELECT coalesce(current_setting('enmusubi.{name}', true), ''))"


def _among(name: str) -> str:
    """Return the SQL of the array that a setting holds, parted by the unit separator."""
    return f"(SELECT string_to_array({_told(name)}, chr(31)))::text[]"


ROLE, VIEWER, RESEARCHER = _told("role"), _told("viewer"), _told("researcher")
OFFICE = "('chief', 'project', 'ip', 'legal', 'finance')"
NEED = f"""
    {_told("needs")} = 'yes' AND CASE {ROLE}
        WHEN 'chief' THEN true
        WHEN 'portal' THEN organisation_id = ANY ({_among("companies")})
        ELSE CASE
            WHEN {ROLE} NOT IN {OFFICE}
                THEN area = 'non-competitive' AND confidentiality = 'public'
            WHEN area = 'competitive' OR confidentiality = 'confidential'
                THEN manager = {VIEWER}
                    OR ({ROLE} IN ('ip', 'legal') AND need_id = ANY ({_among("invited")}))
            ELSE true
        END
    END
"""
SEED = f"""
    {_told("seeds")} = 'yes' AND (
        CASE
            WHEN {ROLE} IN ('chief', 'ip') THEN true
            WHEN {ROLE} IN {OFFICE}
                THEN visibility <> 'confidential' AND patent_status <> 'unpublished'
            ELSE visibility = 'public' AND patent_status <> 'unpublished'
        END
        OR ({RESEARCHER} <> '' AND EXISTS (
            SELECT 1 FROM authorship
            WHERE authorship.seed_id = seed.seed_id AND authorship.researcher_id = {RESEARCHER}
        ))
    )
"""  # noqa: S608 - names of our own


def _of_seen_need(table: str) -> str:
    return f"EXISTS (SELECT 1 FROM need WHERE need.need_id = {table}.need_id)"  # noqa: S608 - names of our own


CONDITIONS = {
    "need": NEED,
    "seed": SEED,
    "need_guest": f"{ROLE} IN {OFFICE} AND {_of_seen_need('need_guest')}",
    "released_list": _of_seen_need("released_list"),
    "match_note": f"{ROLE} IN {OFFICE} AND {_of_seen_need('match_note')}",
    "shortlisted": f"user_id = {VIEWER}",
    "saved_search": f"user_id = {VIEWER}",
}


def upgrade() -> None:
    """Let each table show what the rules allow, also to its owner."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in CONDITIONS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({ROLE} = '' OR ({condition}))")


def downgrade() -> None:
    """Take the policies away."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in CONDITIONS:
        op.execute(f"DROP POLICY {POLICY} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
