"""The first catalogue: organisations, researchers, seeds with their authors, and needs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _provenance() -> list[sa.Column[Any]]:
    updated_at = sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False)
    return [_text("content_hash"), _text("source"), updated_at]


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))


def _reference(
    table: str, column: str, target: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, ondelete=ondelete)


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    """Create all tables."""
    _create_organisation()
    _create_researcher()
    _create_seed()
    _create_authorship()
    _create_need()


def downgrade() -> None:
    """Drop all tables with everything in them."""
    for table in ("need", "authorship", "seed", "researcher", "organisation"):
        op.drop_table(table)


def _create_organisation() -> None:
    op.create_table(
        "organisation",
        *[_text(name) for name in ("organisation_id", "name_ja", "name_en")],
        _text("ror_id", nullable=True),
        _text("kind"),
        *_provenance(),
        _one_of("organisation", "kind", "university", "company", "other"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_organisation")),
        _unique("organisation", "ror_id"),
    )
    _index("organisation", "name_ja")
    _index("organisation", "name_en")


def _create_researcher() -> None:
    ids = ("orcid", "openalex_id", "researchmap_id", "kaken_id", "local_id")
    in_both = [f"{name}_{lang}" for name in _RESEARCHER_TEXTS for lang in ("ja", "en")]
    op.create_table(
        "researcher",
        _text("researcher_id"),
        *[_text(name, nullable=True) for name in ids],
        *[_text(name) for name in ("name_ja", "name_kana", "name_en")],
        _text("organisation_id", nullable=True),
        *[_text(name) for name in in_both],
        *_provenance(),
        sa.PrimaryKeyConstraint("researcher_id", name=op.f("pk_researcher")),
        *[_unique("researcher", name) for name in ids if name != "local_id"],
        _reference("researcher", "organisation_id", "organisation.organisation_id"),
    )
    _index("researcher", "local_id")
    _index("researcher", "organisation_id")


_RESEARCHER_TEXTS = ("department", "position", "keywords", "profile")


def _create_seed() -> None:
    op.create_table(
        "seed",
        *[_text(name) for name in ("seed_id", "kind", "lang", "title", "text")],
        sa.Column("year", sa.Integer(), nullable=True),
        _text("doi", nullable=True),
        *[_text(name) for name in ("url", "venue", "visibility", "patent_status")],
        *_provenance(),
        _one_of("seed", "kind", "paper", "patent", "grant", "course", "note", "profile"),
        _one_of("seed", "lang", "ja", "en"),
        _one_of("seed", "visibility", "public", "internal", "confidential"),
        _one_of("seed", "patent_status", "", "unpublished", "published", "granted", "lapsed"),
        sa.PrimaryKeyConstraint("seed_id", name=op.f("pk_seed")),
    )
    _index("seed", "doi")
    op.create_index("ix_seed_visibility_kind", "seed", ["visibility", "kind"])


def _create_authorship() -> None:
    op.create_table(
        "authorship",
        _text("seed_id"),
        _text("researcher_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_provenance(),
        sa.PrimaryKeyConstraint("seed_id", "researcher_id", name=op.f("pk_authorship")),
        _reference("authorship", "seed_id", "seed.seed_id", ondelete="CASCADE"),
        _reference("authorship", "researcher_id", "researcher.researcher_id", ondelete="CASCADE"),
    )
    _index("authorship", "researcher_id")


def _create_need() -> None:
    op.create_table(
        "need",
        *[_text(name) for name in ("need_id", "title", "text", "lang")],
        _text("organisation_id", nullable=True),
        _text("area"),
        _text("horizon"),
        sa.Column("budget_jpy", sa.BigInteger(), nullable=True),
        *[_text(name) for name in ("constraints", "confidentiality", "manager", "status")],
        sa.Column("posted_on", sa.Date(), nullable=True),
        *_provenance(),
        _one_of("need", "lang", "ja", "en"),
        _one_of("need", "area", "", "competitive", "non-competitive"),
        _one_of("need", "confidentiality", "public", "internal", "confidential"),
        _one_of("need", "status", "open", "closed"),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need")),
        _reference("need", "organisation_id", "organisation.organisation_id"),
    )
    _index("need", "organisation_id")
    _index("need", "status")
