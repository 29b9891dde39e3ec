"""Sessions for unit tests: nothing they do outlives the test, not even what the code commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from insurance_reviews.plugin.authorizer import authorize


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """A session inside an outer transaction that is rolled back at the end.

    The session works in a savepoint of it, so commits and rollbacks mean to the code under test
    what they always mean.
    """
    with engine.connect() as connection:
        outer = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                yield session
        finally:
            outer.rollback()


@contextmanager
def unauthorized(connection: Connection) -> Iterator[None]:
    """A connection of ours that may do, for a while, what SQLite's authorizer would refuse."""
    driver = _driver(connection.connection)
    if connection.dialect.name == "sqlite":
        driver.set_authorizer(None)
    try:
        yield
    finally:
        if connection.dialect.name == "sqlite":
            driver.set_authorizer(authorize)


def _driver(connection: PoolProxiedConnection) -> Any:
    return connection.driver_connection
