"""Alembic's environment of the catalogue; `catalogue.database.schema` runs it."""
