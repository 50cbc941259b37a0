"""What the office was shown at which rank, and what it judged of it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REASONS = (
    "too_early",
    "no_benefit",
    "no_commercial_route",
    "description_vague",
    "wrong_field",
    "no_capacity",
    "conflict",
    "other",
)
STAGES = (
    "discovery",
    "dialogue",
    "nda",
    "small_prototype",
    "full_prototype",
    "deployment",
    "declined",
)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add three empty tables."""
    _create_shown_list()
    _create_shown_match()
    _create_judgement()


def downgrade() -> None:
    """Take them away, with all judgements."""
    for name in ("judgement", "shown_match", "shown_list"):
        op.drop_table(name)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _one_of(table: str, column: str, values: Sequence[str]) -> sa.CheckConstraint:
    listed = ", ".join(repr(value) for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _create_shown_list() -> None:
    op.create_table(
        "shown_list",
        sa.Column("list_id", SERIAL, nullable=False),
        *[_text(name) for name in ("need_id", "index_version", "reranker")],
        _time("shown_at"),
        sa.Column("top", sa.Integer(), nullable=False),
        _text("source"),
        _one_of("shown_list", "source", ("match", "nightly", "api")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_shown_list")),
    )
    op.create_index("ix_shown_list_need_shown", "shown_list", ["need_id", "shown_at"])


def _create_shown_match() -> None:
    op.create_table(
        "shown_match",
        sa.Column("list_id", SERIAL, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        _text("researcher_id"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "rank", name=op.f("pk_shown_match")),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["shown_list.list_id"],
            name=op.f("fk_shown_match_list_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_shown_match_researcher_id"), "shown_match", ["researcher_id"])


def _create_judgement() -> None:
    op.create_table(
        "judgement",
        sa.Column("judgement_id", SERIAL, nullable=False),
        *[_text(name) for name in ("need_id", "researcher_id", "verdict", "reason", "stage")],
        _text("judged_by"),
        _time("judged_at"),
        sa.Column("list_id", SERIAL, nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        _text("origin"),
        _one_of("judgement", "verdict", ("suitable", "not_suitable")),
        _one_of("judgement", "reason", ("", *REASONS)),
        _one_of("judgement", "stage", ("", *STAGES)),
        _one_of("judgement", "origin", ("command", "file", "api")),
        sa.CheckConstraint(
            "(verdict = 'not_suitable') = (reason <> '')",
            name=op.f("ck_judgement_reason_given"),
        ),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgement")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["shown_list.list_id"], name=op.f("fk_judgement_list_id")
        ),
    )
    op.create_index("ix_judgement_pair", "judgement", ["need_id", "researcher_id"])
    for name in ("researcher_id", "list_id"):
        op.create_index(op.f(f"ix_judgement_{name}"), "judgement", [name])
