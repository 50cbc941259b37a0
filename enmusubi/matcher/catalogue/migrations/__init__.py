"""Alembic's environment of the catalogue; `enmusubi.matcher.catalogue.schema` runs it."""
