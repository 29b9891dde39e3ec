"""Statements under the lock in one round trip.

Every write holds its log's lock, so what it waits for, all writers of that log wait for.
psycopg's pipeline mode sends the statements of a block without waiting for each answer; SQLite
has no network and runs them one by one. Inside the block a statement's row count is not to be
had.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@contextmanager
def pipelined(session: Session) -> Iterator[None]:
    """Run the statements of the block as one pipeline where the driver has such a thing.

    Raises SQLAlchemy's own exceptions also for errors that only show at the end of the pipeline.
    """
    dialect = session.get_bind().dialect
    if dialect.name != "postgresql":
        yield
        return
    driver = session.connection().connection.driver_connection
    assert driver is not None
    failures = dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            yield
    except failures as error:
        raise DBAPIError.instance(None, None, error, failures, dialect=dialect) from error
