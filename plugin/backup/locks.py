"""The two locks that a restore sets aside, because they compare with words that are gone.

A report may only name a text whose words are there, and a redaction is compared with the original.
When they came, both held. In a backup the words that went since are missing, as they must be, and
the database has nothing to compare with. So the owner of the tables sets these two aside inside the
restore's one transaction and puts them back, the same to the letter, before it ends; the full check
in between compares what they would have: that each report names its texts, and each redaction is
the one its entry committed to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ...moderation.schema import PREFIX, SCHEMA
from ..hardening.fence import MAINTENANCE
from .archive import BackupError

#: Table and name of each lock.
SET_ASIDE = (("report_item", "named"), ("content", "redaction"))


@contextmanager
def without_comparisons(connection: Connection) -> Iterator[None]:
    """Set the locks aside for the block, in the transaction of ``connection``.

    After an error they are not put back: the transaction must be rolled back. Raises
    :class:`BackupError` without the rights of an owner.
    """
    around = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    with around(connection):
        yield


@contextmanager
def _sqlite(connection: Connection) -> Iterator[None]:
    found = []
    for table, name in SET_ASIDE:
        trigger = f"{PREFIX}{table}_{name}"
        sql = connection.scalar(
            text("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = :name"),
            {"name": trigger},
        )
        if sql is None:
            raise BackupError(f"the lock {trigger} is missing: run flask reviews doctor")
        found.append(sql)
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    yield
    for sql in found:
        connection.exec_driver_sql(sql)


@contextmanager
def _postgresql(connection: Connection) -> Iterator[None]:
    try:
        # Through the fence, for this transaction; only an administrator's word opens it.
        connection.exec_driver_sql(f"SET LOCAL {MAINTENANCE} = 'on'")
        for table, name in SET_ASIDE:
            connection.exec_driver_sql(
                f"ALTER TABLE {SCHEMA}.{PREFIX}{table} DISABLE TRIGGER {table}_{name}"
            )
    except DBAPIError as error:
        raise BackupError(
            f"only the owner of the tables can restore ({error.orig}): give --admin-url"
        ) from error
    yield
    for table, name in SET_ASIDE:
        connection.exec_driver_sql(
            f"ALTER TABLE {SCHEMA}.{PREFIX}{table} ENABLE ALWAYS TRIGGER {table}_{name}"
        )
