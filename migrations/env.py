"""Alembic's environment: one connection of our own, in one transaction per revision."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from insurance_reviews.migrations import SCHEMA, VERSION_TABLE


def make_engine(url: str) -> Engine:
    """An engine whose DDL is transactional on SQLite too: the driver would commit before each."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def leave_transactions_to_us(connection: object, _: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _prepare_postgresql(connection: Connection, schema: str) -> None:
    """Settings that the session keeps, and the schema. Who may not create one may use it."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    if maintenance := context.config.attributes.get("maintenance"):
        connection.execute(text(f"SET {maintenance} = 'on'"))
    known = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    if connection.scalar(known, {"schema": schema}) is None:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    if role := context.config.attributes.get("role"):
        connection.execute(text(f"SET ROLE {quote(role)}"))
    connection.execute(text(f"SET search_path TO {schema}, pg_temp"))


def run() -> None:
    """Run the migrations that Alembic was asked for."""
    engine = make_engine(context.config.attributes["url"])
    schema = SCHEMA if engine.dialect.name == "postgresql" else None
    with engine.connect() as connection:
        if schema is not None:
            with connection.begin():
                _prepare_postgresql(connection, schema)
        context.configure(
            connection=connection,
            version_table=VERSION_TABLE,
            version_table_schema=schema,
            transactional_ddl=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    raise RuntimeError("run the migrations against the database itself: flask reviews db upgrade")
run()
