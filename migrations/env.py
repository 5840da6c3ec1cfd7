"""Alembic's entry: the URL comes from the environment (or from a test), the tables from the store."""

from __future__ import annotations

import os

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine

from geoservice.store.schema import metadata


def database_url() -> str:
    return context.config.attributes.get("database_url") or os.environ["DATABASE_URL"]


def include_object(thing, name, kind, reflected, compare_to):
    if kind == "table" and reflected and name.startswith("fix_"):
        return False  # the monthly partitions are made on demand, not by migrations
    return alembic_helpers.include_object(thing, name, kind, reflected, compare_to)


engine = create_engine(database_url())
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
