"""Our own engine: how connections are opened so that what is acknowledged stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection

from ..moderation.schema import PREFIX, SCHEMA

#: An execution option: this transaction writes, so SQLite takes its lock at once and cannot
#: deadlock.
WRITES = "insurance_reviews_writes"
#: How long a statement waits for a lock before the visitor is asked to try again (milliseconds).
LOCK_TIMEOUT = 5_000

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # NORMAL would acknowledge reviews that a power cut then takes back.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA busy_timeout = {LOCK_TIMEOUT}",
)


def make_engine(url: URL | str, **options: Any) -> Engine:
    """An engine for our database only; the host's is never touched."""
    engine = create_engine(url, **_connect_options(url), **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_options(url: URL | str) -> dict[str, Any]:
    if not str(url).startswith("postgresql"):
        return {}
    # READ COMMITTED is what the log's lock needs: a statement after the lock must see what the
    # previous holder committed. synchronous_commit is stated, in case the server's default is off.
    settings = {
        "search_path": f"{SCHEMA},pg_temp",
        "synchronous_commit": "on",
        "lock_timeout": str(LOCK_TIMEOUT),
        "default_transaction_isolation": r"read\ committed",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"connect_args": {"options": options}, "pool_pre_ping": True}


def _open_sqlite(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def create_all(engine: Engine) -> None:
    """Create every table and lock, as the newest migration would. For tests and comparisons."""
    from . import facts, schema

    assert facts.FACT_TABLES, "importing the facts hangs the locks on the metadata"

    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        schema.metadata.create_all(connection)


def is_migrated(engine: Engine) -> bool:
    """Whether our tables exist in this database."""
    schema = SCHEMA if engine.dialect.name == "postgresql" else None
    return inspect(engine).has_table(f"{PREFIX}log", schema=schema)
