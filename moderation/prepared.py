"""The statements of the hot paths, written by SQLAlchemy and run by the driver.

A review is eleven small statements, and so is a page that shows some. SQLAlchemy keeps each of them
compiled, but to find it again, bind its parameters, announce it and wrap its result takes longer
than SQLite takes to run it. So these few are written out once per engine and given to the driver's
own cursor, unless somebody listens to the engine. What goes wrong leaves as SQLAlchemy's exceptions
all the same, and without parameters: those hold people's words.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Table,
    Text,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Values = Mapping[str, Any]


class Prepared:
    """A statement, made by ``build`` for a dialect's name. Its parameters are given by name; a
    value that stands in the statement itself, as that of a LIMIT, goes with it each time."""

    def __init__(self, build: Callable[[str], ClauseElement], columns: list[str] | None = None):
        self._build = build
        self._columns = columns
        self._row: Callable[..., Any] | None = None
        #: Dialect → SQL, the names of the parameters where these go by position, its own values.
        self._written: dict[str, tuple[str, list[str] | None, Values]] = {}

    def run(self, session: Session, *rows: Values) -> None:
        """Run the statement once for each of ``rows``."""
        self._execute(session.connection(), rows)

    def fetch(self, session: Session, values: Values) -> list[Any]:
        """The rows of a query, their columns as attributes. A list goes to :func:`among`."""
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            values = {
                name: json.dumps(value) if isinstance(value, list) else value
                for name, value in values.items()
            }
        cursor = self._execute(connection, (values,))
        row = self._row
        if row is None:
            row = self._row = namedtuple("Row", [column[0] for column in cursor.description])
        return [row(*found) for found in cursor.fetchall()]

    def _execute(self, connection: Connection, rows: tuple[Values, ...]) -> Any:
        dialect = connection.dialect
        sql, names, own = self._written.get(dialect.name) or self._write(dialect)
        values: list[Any] = [{**own, **row} for row in rows] if own else list(rows)
        if names is not None:
            values = [tuple(row[name] for name in names) for row in values]
        if connection.engine._has_events:
            return connection.exec_driver_sql(sql, values if len(values) > 1 else values[0]).cursor
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        failures = dialect.loaded_dbapi.Error
        try:
            if len(values) == 1:
                cursor.execute(sql, values[0])
            else:
                cursor.executemany(sql, values)
        except failures as error:
            if dialect.is_disconnect(error, connection.connection, cursor):
                connection.invalidate(error)
            raise DBAPIError.instance(sql, None, error, failures, dialect=dialect) from error
        return cursor

    def _write(self, dialect: Dialect) -> tuple[str, list[str] | None, Values]:
        statement = self._build(dialect.name)
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns)
        own = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        written = str(compiled), compiled.positiontup, own
        self._written[dialect.name] = written
        return written


def among(column: ColumnElement[str], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether ``column`` is one of the texts in the list that is given as ``name``: one parameter,
    and so one statement, for a list of any length."""
    if dialect == "sqlite":
        return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))
    return column == any_(bindparam(name, type_=ARRAY(Text)))


def insertion(
    table: Table, build: Callable[[Table, str], Insert] = lambda table, _: insert(table)
) -> Prepared:
    """The INSERT of rows that have a value for every column of ``table``."""
    return Prepared(lambda dialect: build(table, dialect), table.columns.keys())


def query(statement: ClauseElement) -> Prepared:
    """A query that is the same on every engine."""
    return Prepared(lambda _: statement)
