# ruff: noqa: S608 - the names in statements are this file's own
"""What each source says becomes a record of its own; rows are made of records.

Everything that is in a catalogue of revision 0001 becomes one record a row, and stays as it is.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalogue.identity.organisation_names import organisation_keys
from catalogue.identity.person_names import person_keys
from catalogue.identity.title_keys import copy_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHUNK = 1000
ROW_TABLES = {
    "organisation": ("organisations", "organisation_id"),
    "researcher": ("researchers", "researcher_id"),
    "seed": ("seeds", "seed_id"),
    "need": ("needs", "need_id"),
}
NEW_TEXTS = {
    "organisation": ("aliases",),
    "researcher": ("aliases",),
    "seed": ("field_codes", "companies", "copy_key"),
    "authorship": ("choice",),
}
NEW_IDS = {"researcher": ("erad_id",), "seed": ("family_id",)}
FORMERLY_UNIQUE = {
    "researcher": ("orcid", "openalex_id", "researchmap_id", "kaken_id"),
    "organisation": ("ror_id",),
}
KINDS = ("paper", "patent", "grant", "course", "note", "profile")
NEW_KINDS = (*KINDS[:-1], "presentation", "award", KINDS[-1])
MENTIONING_SOURCE = "openalex"  # its people and institutions are mentioned, not described
MENTIONED = ("organisations", "researchers")
NOT_CONTENT = {"content_hash", "source", "updated_at", "withdrawn_at", "copy_key"}
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the new columns and tables, and record every row that is there."""
    for table in (*ROW_TABLES, "authorship"):
        _add_columns(table)
    _allow_kinds(NEW_KINDS)
    _free_ids()
    _create_record()
    _create_import_run()
    _create_keys()
    _create_decisions()
    _record_rows()


def downgrade() -> None:
    """Take them away; records of one row are lost, the row that they made stays."""
    connection = op.get_bind()
    for name in ("identity_link", "seed_choice", "organisation_key", "researcher_key"):
        op.drop_table(name)
    for name in ("rejection", "import_run", "record"):
        op.drop_table(name)
    connection.execute(sa.text("DELETE FROM need WHERE withdrawn_at IS NOT NULL"))
    connection.execute(sa.text("DELETE FROM authorship WHERE choice = 'withdrawn'"))
    for table in ("seed", "researcher"):
        _delete_withdrawn(table)
    connection.execute(
        sa.text("UPDATE seed SET kind = 'note' WHERE kind IN ('presentation', 'award')")
    )
    _allow_kinds(KINDS)
    _bind_ids()
    for table in (*ROW_TABLES, "authorship"):
        _drop_columns(table)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(_allowed(column, values), name=op.f(f"ck_{table}_{column}"))


def _allowed(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _add_columns(table: str) -> None:
    texts = NEW_TEXTS.get(table, ())
    with op.batch_alter_table(table) as batch:
        for name in texts:
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name in NEW_IDS.get(table, ()):
            batch.add_column(_text(name, nullable=True))
        if table in ROW_TABLES:
            batch.add_column(_time("withdrawn_at", nullable=True))
    with op.batch_alter_table(table) as batch:
        for name in texts:
            batch.alter_column(name, server_default=None)
        if table == "authorship":
            allowed = _allowed("choice", ("", "representative", "withdrawn"))
            batch.create_check_constraint(op.f("ck_authorship_choice"), allowed)
    for name in (*NEW_IDS.get(table, ()), *(("copy_key",) if table == "seed" else ())):
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _drop_columns(table: str) -> None:
    for name in (*NEW_IDS.get(table, ()), *(("copy_key",) if table == "seed" else ())):
        op.drop_index(op.f(f"ix_{table}_{name}"), table)
    with op.batch_alter_table(table) as batch:
        if table == "authorship":
            batch.drop_constraint(op.f("ck_authorship_choice"), type_="check")
        for name in (*NEW_TEXTS.get(table, ()), *NEW_IDS.get(table, ())):
            batch.drop_column(name)
        if table in ROW_TABLES:
            batch.drop_column("withdrawn_at")


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("seed") as batch:
        batch.drop_constraint(op.f("ck_seed_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_seed_kind"), _allowed("kind", kinds))


def _free_ids() -> None:
    for table, names in FORMERLY_UNIQUE.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_constraint(op.f(f"uq_{table}_{name}"), type_="unique")
        for name in names:
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _bind_ids() -> None:
    """Make the ids unique again; of several rows with one id, the first keeps it."""
    for table, names in FORMERLY_UNIQUE.items():
        key = ROW_TABLES[table][1]
        for name in names:
            op.get_bind().execute(
                sa.text(
                    f"UPDATE {table} SET {name} = NULL WHERE {name} IS NOT NULL AND {key} > "
                    f"(SELECT min(other.{key}) FROM {table} other "
                    f"WHERE other.{name} = {table}.{name})"
                )
            )
            op.drop_index(op.f(f"ix_{table}_{name}"), table)
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.create_unique_constraint(op.f(f"uq_{table}_{name}"), [name])


def _delete_withdrawn(table: str) -> None:
    key = ROW_TABLES[table][1]
    withdrawn = f"(SELECT {key} FROM {table} WHERE withdrawn_at IS NOT NULL)"
    op.get_bind().execute(sa.text(f"DELETE FROM authorship WHERE {key} IN {withdrawn}"))
    op.get_bind().execute(sa.text(f"DELETE FROM {table} WHERE withdrawn_at IS NOT NULL"))


def _create_record() -> None:
    op.create_table(
        "record",
        sa.Column("record_id", SERIAL, nullable=False),
        *[_text(name) for name in ("table_name", "source", "source_key", "home_id", "row_id")],
        _text("authority"),
        _number("rank"),
        _text("content"),
        _time("changed_at"),
        _time("withdrawn_at", nullable=True),
        _number("run_id"),
        _number("run_row"),
        _text("change"),
        _one_of("record", "authority", "own", "mention"),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record")),
        sa.UniqueConstraint("table_name", "source", "source_key", name="uq_record_source_key"),
    )
    op.create_index("ix_record_row", "record", ["table_name", "row_id"])
    op.create_index("ix_record_home", "record", ["table_name", "home_id"])
    op.create_index("ix_record_source_run", "record", ["source", "run_id"])


def _create_import_run() -> None:
    op.create_table(
        "import_run",
        sa.Column("run_id", SERIAL, nullable=False),
        _text("fingerprint"),
        _text("format"),
        _time("started_at"),
        _time("finished_at", nullable=True),
        _text("progress"),
        _text("counts"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_fingerprint", "import_run", ["fingerprint"])
    op.create_table(
        "rejection",
        sa.Column("rejection_id", SERIAL, nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _text("file"),
        _number("row"),
        *[_text(name) for name in ("field", "reason", "shape", "scope")],
        _text("raw", nullable=True),
        sa.PrimaryKeyConstraint("rejection_id", name=op.f("pk_rejection")),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_run.run_id"],
            name=op.f("fk_rejection_run_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_rejection_run_id"), "rejection", ["run_id"])


def _create_keys() -> None:
    for owner in ("researcher", "organisation"):
        table, owner_id = f"{owner}_key", f"{owner}_id"
        op.create_table(
            table,
            _text("key"),
            _text(owner_id),
            sa.PrimaryKeyConstraint("key", owner_id, name=op.f(f"pk_{table}")),
            sa.ForeignKeyConstraint(
                [owner_id],
                [f"{owner}.{owner_id}"],
                name=op.f(f"fk_{table}_{owner_id}"),
                ondelete="CASCADE",
            ),
        )
        op.create_index(op.f(f"ix_{table}_{owner_id}"), table, [owner_id])


def _create_decisions() -> None:
    op.create_table(
        "identity_link",
        *[_text(name) for name in ("first_id", "second_id", "state")],
        sa.Column("certainty", sa.Float(), nullable=False),
        *[_text(name) for name in ("reasons", "decided_by")],
        _time("decided_at"),
        _text("before"),
        _one_of("identity_link", "state", "queued", "joined", "apart"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_identity_link")),
    )
    op.create_index("ix_identity_link_state", "identity_link", ["state"])
    op.create_index(op.f("ix_identity_link_second_id"), "identity_link", ["second_id"])
    op.create_table(
        "seed_choice",
        *[_text(name) for name in ("researcher_id", "seed_id", "choice")],
        _time("decided_at"),
        _one_of("seed_choice", "choice", "representative", "withdrawn"),
        sa.PrimaryKeyConstraint("researcher_id", "seed_id", name=op.f("pk_seed_choice")),
    )
    op.create_index(op.f("ix_seed_choice_seed_id"), "seed_choice", ["seed_id"])


def _record_rows() -> None:
    connection = op.get_bind()
    found = sa.MetaData()
    found.reflect(connection, only=[*ROW_TABLES, "authorship", "record", *_KEY_TABLES])
    people = _people_of_seeds(connection, found.tables["authorship"])
    for table, (table_name, key) in ROW_TABLES.items():
        for rows in _chunks(connection, found.tables[table], key):
            records = [_record(table_name, key, row, people) for row in rows]
            connection.execute(found.tables["record"].insert(), records)
            _write_keys(connection, found, table, rows)


_KEY_TABLES = ("researcher_key", "organisation_key")


def _chunks(connection: sa.Connection, table: sa.Table, key: str) -> Iterator[list[dict[str, Any]]]:
    last = ""
    while True:
        query = table.select().where(table.c[key] > last).order_by(table.c[key]).limit(CHUNK)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1][key]


def _people_of_seeds(connection: sa.Connection, authorship: sa.Table) -> dict[str, list[str]]:
    people: dict[str, list[str]] = {}
    query = authorship.select().order_by(authorship.c.seed_id, authorship.c.position)
    for row in connection.execute(query).mappings():
        people.setdefault(row["seed_id"], []).append(row["researcher_id"])
    return people


def _record(
    table_name: str, key: str, row: dict[str, Any], people: dict[str, list[str]]
) -> dict[str, Any]:
    values = {
        name: value if isinstance(value, str | int) else str(value)
        for name, value in row.items()
        if name not in NOT_CONTENT and value not in (None, "")
    }
    mentioned = row["source"] == MENTIONING_SOURCE and table_name in MENTIONED
    content: dict[str, Any] = {"values": values}
    if table_name == "seeds":
        content["people"] = people.get(row[key], [])
    return {
        "table_name": table_name,
        "source": row["source"],
        "source_key": row[key],
        "home_id": row[key],
        "row_id": row[key],
        "authority": "mention" if mentioned else "own",
        "rank": 60 if row["source"] == MENTIONING_SOURCE else 0,
        "content": json.dumps(content, ensure_ascii=False, sort_keys=True),
        "changed_at": row["updated_at"],
        "withdrawn_at": None,
        "run_id": 0,
        "run_row": 0,
        "change": "added",
    }


def _write_keys(
    connection: sa.Connection, found: sa.MetaData, table: str, rows: list[dict[str, Any]]
) -> None:
    keys = []
    for row in rows:
        if table == "seed":
            seed = found.tables["seed"]
            values = {"copy_key": copy_key(row)}
            connection.execute(seed.update().where(seed.c.seed_id == row["seed_id"]).values(values))
        elif table == "researcher":
            names = person_keys(row["name_ja"], row["name_kana"], row["name_en"])
            keys += [{"key": k, "researcher_id": row["researcher_id"]} for k in sorted(names)]
        elif table == "organisation":
            names = organisation_keys(row["name_ja"], row["name_en"])
            keys += [{"key": k, "organisation_id": row["organisation_id"]} for k in sorted(names)]
    if keys:
        connection.execute(found.tables[f"{table}_key"].insert(), keys)
