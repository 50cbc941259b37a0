"""Runs migrations on the connection that `enmusubi.matcher.catalogue.schema` hands over."""

from alembic import context

from enmusubi.matcher.catalogue.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
