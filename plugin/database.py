"""Our own engine: how connections are opened so that what is acknowledged stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection

from ..migrations import VERSION_TABLE
from ..moderation.schema import SCHEMA
from .authorizer import SETTINGS, authorize
from .errors import Unavailable
from .fingerprint import SchemaChanged, only_revision, schema_differences, verify_schema

#: The revision that this release's code works with; a test holds it equal to the newest migration.
REVISION = "0004"
#: How long a statement waits for a lock before the visitor is asked to try again (milliseconds).
LOCK_TIMEOUT = 5_000
NOT_MIGRATED = "the database is not at this release's schema: run flask reviews db upgrade"

_SQLITE_PRAGMAS = (
    *(f"PRAGMA {name} = {value}" for name, value in SETTINGS.items()),
    f"PRAGMA busy_timeout = {LOCK_TIMEOUT}",
)
#: Statements that a connection keeps prepared. The driver's own 128 are fewer than the walls'
#: filters and orders come to, and each that is prepared again asks the authorizer again.
_STATEMENTS = 256
# READ COMMITTED is what the log's lock needs: a statement after the lock must see what the previous
# holder committed. synchronous_commit is stated, in case the server's default is off.
_POSTGRESQL_SETTINGS = {
    "search_path": f"{SCHEMA},pg_temp",
    "synchronous_commit": "on",
    "lock_timeout": str(LOCK_TIMEOUT),
    "default_transaction_isolation": r"read\ committed",
}
_POSTGRESQL: dict[str, Any] = {
    "connect_args": {
        "options": " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL_SETTINGS.items())
    },
    "pool_pre_ping": True,
}


class Reading(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin where SQLAlchemy begins them.

    The driver would begin one only before the first change, so that two queries of one page could
    see two states. Listening to the engine's "begin" would do as well, but an engine that is
    listened to announces every statement, which costs a submission a tenth of its time.
    """

    supports_statement_cache = True
    begin = "BEGIN"

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(self.begin)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Also a connection that can only read: SQLite opens a file in that way, without a word,
        when opening it for writing has failed once. It must not stay in the pool."""
        return "readonly database" in str(e) or super().is_disconnect(e, connection, cursor)


class Writing(Reading):
    """SQLite whose transactions take the lock as they begin.

    One that reads first and then writes fails when another writer came between, and no waiting
    helps it.
    """

    supports_statement_cache = True
    begin = "BEGIN IMMEDIATE"


registry.register("sqlite.insurance_reviews_reading", __name__, Reading.__name__)
registry.register("sqlite.insurance_reviews_writing", __name__, Writing.__name__)


def make_engine(url: URL | str, **options: Any) -> Engine:
    """An engine for our database only; the host's is never touched.

    Its errors do not quote parameters: they would carry names, contacts and texts into the logs.
    """
    url = make_url(url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, **_POSTGRESQL, hide_parameters=True, **options)
    engine = create_engine(
        url.set(drivername="sqlite+insurance_reviews_reading"),
        connect_args={"cached_statements": _STATEMENTS},
        hide_parameters=True,
        **options,
    )
    event.listen(engine, "connect", _SqliteOpener())
    return engine


def writing(engine: Engine) -> Engine:
    """The connections of ``engine``, for transactions that write."""
    if engine.dialect.name != "sqlite":
        return engine
    return create_engine(
        engine.url.set(drivername="sqlite+insurance_reviews_writing"),
        pool=engine.pool,
        hide_parameters=True,
    )


class _SqliteOpener:
    """Prepares each connection of one engine, and looks at the schema before the first is used.

    Once, because a migration may lawfully change the schema under a process that is about to be
    replaced.
    """

    def __init__(self) -> None:
        self._verified = False

    def __call__(self, connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)
        try:
            self._verified = self._verified or verify_schema(connection, REVISION)
        except SchemaChanged:
            connection.close()
            raise
        connection.set_authorizer(authorize)


def in_one_state(connection: Connection) -> Connection:
    """``connection`` with one state of the database for all its queries, whoever writes meanwhile.
    SQLite gives nothing else."""
    if connection.dialect.name != "postgresql":
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def create_all(engine: Engine) -> None:
    """Create every table and lock, as the newest migration would. For tests and comparisons."""
    from . import facts, schema

    assert facts.FACT_TABLES, "importing the facts hangs the locks on the metadata"

    # Like a migration: on connections of its own, which may change the schema.
    own = create_engine(engine.url)
    with own.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path = {SCHEMA}"))
        schema.metadata.create_all(connection)
    own.dispose()


def is_migrated(engine: Engine) -> bool:
    """Whether the database is at this release's schema.

    Raises :class:`~.fingerprint.SchemaChanged` when it says to be at several.
    """
    with engine.connect() as connection:
        return is_at_revision(connection)


def is_at_revision(connection: Connection) -> bool:
    """The same on a connection of ours."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return False
    found = connection.scalars(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return only_revision(found) == REVISION


def require_schema(connection: Connection) -> None:
    """Raise :class:`Unavailable` unless the database is at this release's schema, and
    :class:`~.fingerprint.SchemaChanged` when on SQLite it is another than this release ships.

    The look at the first connection skips a database that says to be of another revision. It may
    say so no longer, and the connection be the same.
    """
    if not is_at_revision(connection):
        raise Unavailable(NOT_MIGRATED)
    if connection.dialect.name == "sqlite" and (found := schema_differences(connection)):
        raise SchemaChanged(found)
