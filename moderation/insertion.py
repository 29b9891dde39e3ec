"""The INSERTs of the write path, each written out once per engine.

SQLAlchemy keeps compiled statements too. But to find one again, to bind its parameters one by one
and to wrap a result that an INSERT has not, takes longer than SQLite takes to insert the row; and a
review makes eight of them, most under its log's lock. The SQL is SQLAlchemy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect, Insert, Table, insert
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def plain(table: Table, _: str) -> Insert:
    """INSERT and nothing more."""
    return insert(table)


class Insertion:
    """The INSERT into one table. ``build`` makes it for a dialect's name, with all columns."""

    def __init__(self, table: Table, build: Callable[[Table, str], Insert] = plain) -> None:
        self._table = table
        self._build = build
        #: Dialect → SQL, and the names of the parameters where these go by position.
        self._written: dict[str, tuple[str, list[str] | None]] = {}

    def run(self, session: Session, *rows: Row) -> None:
        """Insert ``rows``, each with a value for every column of the table."""
        connection = session.connection()
        dialect = connection.dialect
        sql, names = self._written.get(dialect.name) or self._write(dialect)
        values = [row if names is None else tuple(row[name] for name in names) for row in rows]
        connection.exec_driver_sql(sql, values if len(values) > 1 else values[0])

    def _write(self, dialect: Dialect) -> tuple[str, list[str] | None]:
        columns = self._table.columns.keys()
        compiled = self._build(self._table, dialect.name).compile(
            dialect=dialect, column_keys=columns
        )
        written = str(compiled), compiled.positiontup
        self._written[dialect.name] = written
        return written
