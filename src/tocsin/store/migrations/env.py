"""Alembic's way in: the ledger opens the connection and hands it over."""

from alembic import context

from tocsin.store.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
