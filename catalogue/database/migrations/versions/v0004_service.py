"""What a service with many users keeps: accounts, keys, lists given out, jobs, the audit trail."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PERSON_ROLES = (
    "chief",
    "project",
    "ip",
    "legal",
    "finance",
    "analyst",
    "viewer",
    "administrator",
)
MACHINE_ROLES = ("portal", "analyst")
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "user_account",
    "user_session",
    "client",
    "client_company",
    "api_key",
    "access_token",
    "need_guest",
    "released_list",
    "webhook",
    "webhook_delivery",
    "job",
    "kept_answer",
    "audit_entry",
    "shortlisted",
    "match_note",
    "saved_search",
)


def upgrade() -> None:
    """Add the tables, empty."""
    _create_people()
    _create_machines()
    _create_sharing()
    _create_webhooks()
    _create_work()
    _create_audit()
    _create_desk()


def downgrade() -> None:
    """Take them away with all that is in them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=null)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_text(name) for name in names]


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _serial(name: str) -> sa.Column[Any]:
    return sa.Column(name, SERIAL, nullable=False)


def _one_of(table: str, column: str, values: Sequence[str]) -> sa.CheckConstraint:
    listed = ", ".join(repr(value) for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _belongs(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.{column}"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _create_people() -> None:
    op.create_table(
        "user_account",
        *_texts("user_id", "name", "role", "password_hash"),
        _text("oidc_subject", null=True),
        _text("researcher_id", null=True),
        _number("failed_logins"),
        _time("locked_until", null=True),
        _time("created_at"),
        *[_time(n, null=True) for n in ("password_changed_at", "last_login_at", "disabled_at")],
        _one_of("user_account", "role", PERSON_ROLES),
        _key("user_account", "user_id"),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_user_account_oidc_subject")),
    )
    _index("user_account", "researcher_id")
    op.create_table(
        "user_session",
        *_texts("token_hash", "user_id", "csrf_token"),
        *[_time(name) for name in ("created_at", "rotated_at", "seen_at", "expires_at")],
        _key("user_session", "token_hash"),
        _belongs("user_session", "user_id", "user_account"),
    )
    _index("user_session", "user_id", "expires_at")


def _create_machines() -> None:
    op.create_table(
        "client",
        *_texts("client_id", "name", "role"),
        _time("created_at"),
        _time("disabled_at", null=True),
        _one_of("client", "role", MACHINE_ROLES),
        _key("client", "client_id"),
    )
    op.create_table(
        "client_company",
        *_texts("client_id", "organisation_id"),
        _key("client_company", "client_id", "organisation_id"),
        _belongs("client_company", "client_id", "client"),
    )
    _index("client_company", "organisation_id")
    op.create_table(
        "api_key",
        *_texts("key_id", "client_id", "secret_hash", "scopes"),
        _time("created_at"),
        *[_time(name, null=True) for name in ("expires_at", "revoked_at", "last_used_at")],
        _key("api_key", "key_id"),
        _belongs("api_key", "client_id", "client"),
    )
    _index("api_key", "client_id")
    op.create_table(
        "access_token",
        *_texts("token_hash", "key_id", "scopes"),
        _time("expires_at"),
        _key("access_token", "token_hash"),
        _belongs("access_token", "key_id", "api_key"),
    )
    _index("access_token", "key_id", "expires_at")


def _create_sharing() -> None:
    op.create_table(
        "need_guest",
        *_texts("need_id", "user_id", "invited_by"),
        _time("invited_at"),
        _key("need_guest", "need_id", "user_id"),
        _belongs("need_guest", "user_id", "user_account"),
    )
    _index("need_guest", "user_id")
    op.create_table(
        "released_list",
        _serial("release_id"),
        *_texts("need_id", "released_by"),
        _time("released_at"),
        _time("revoked_at", null=True),
        _text("content"),
        _key("released_list", "release_id"),
    )
    _index("released_list", "need_id")


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        *_texts("webhook_id", "client_id", "url", "secret"),
        _time("created_at"),
        _time("disabled_at", null=True),
        _key("webhook", "webhook_id"),
        _belongs("webhook", "client_id", "client"),
    )
    _index("webhook", "client_id")
    op.create_table(
        "webhook_delivery",
        _serial("delivery_id"),
        *_texts("webhook_id", "event", "payload"),
        _time("created_at"),
        _number("attempts"),
        _time("next_at", null=True),
        _time("delivered_at", null=True),
        _number("status", null=True),
        _text("fault"),
        _key("webhook_delivery", "delivery_id"),
        _belongs("webhook_delivery", "webhook_id", "webhook"),
    )
    _index("webhook_delivery", "webhook_id", "next_at")


def _create_work() -> None:
    op.create_table(
        "job",
        *_texts("job_id", "owner", "kind", "state"),
        *[_number(name) for name in ("done", "total")],
        _time("created_at"),
        *[_time(name, null=True) for name in ("started_at", "finished_at", "cancel_asked_at")],
        _text("request"),
        _text("result", null=True),
        _text("fault"),
        _one_of("job", "state", JOB_STATES),
        _key("job", "job_id"),
    )
    op.create_index("ix_job_owner", "job", ["owner", "created_at"])
    op.create_table(
        "kept_answer",
        *_texts("owner", "key", "request_hash"),
        _number("status"),
        *_texts("headers", "body"),
        _time("created_at"),
        _key("kept_answer", "owner", "key"),
    )
    _index("kept_answer", "created_at")


def _create_audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("entry_id", SERIAL, autoincrement=False, nullable=False),
        _time("at"),
        *_texts("actor", "role", "action", "object_kind", "object_id", "detail"),
        *_texts("previous_hash", "hash"),
        _key("audit_entry", "entry_id"),
    )
    _index("audit_entry", "at", "actor")
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"])


def _create_desk() -> None:
    op.create_table(
        "shortlisted",
        *_texts("user_id", "need_id", "researcher_id"),
        _time("added_at"),
        _key("shortlisted", "user_id", "need_id", "researcher_id"),
    )
    _index("shortlisted", "researcher_id")
    op.create_table(
        "match_note",
        _serial("note_id"),
        *_texts("need_id", "researcher_id", "author", "text"),
        _time("written_at"),
        _key("match_note", "note_id"),
    )
    op.create_index("ix_match_note_pair", "match_note", ["need_id", "researcher_id"])
    op.create_table(
        "saved_search",
        _serial("search_id"),
        *_texts("user_id", "name", "need_id", "text", "filters"),
        sa.Column("alert", sa.Boolean(), nullable=False),
        _time("created_at"),
        _time("checked_at", null=True),
        *_texts("known", "news"),
        _key("saved_search", "search_id"),
    )
    _index("saved_search", "user_id")
