"""The session that services are given: one connection, one transaction, Core statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Executable, Result, ScalarResult
from sqlalchemy.orm import Session


class CoreSession(Session):
    """A session on an open connection, whose transaction belongs to who opened it.

    Nothing here is a mapped class (``docs/adr/0003-core-tables.md``). ``Session`` would still ask
    every statement for one, look for objects to flush and for the connection to use, which takes
    as long as to run a small statement. So statements go straight to the connection.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._core = connection

    def execute(self, statement: Executable, params: Any = None, **options: Any) -> Result[Any]:
        return self._core.execute(statement, params, **options)

    def scalar(self, statement: Executable, params: Any = None, **options: Any) -> Any:
        return self._core.scalar(statement, params, **options)

    def scalars(
        self, statement: Executable, params: Any = None, **options: Any
    ) -> ScalarResult[Any]:
        return self._core.scalars(statement, params, **options)

    def close(self) -> None:
        """Nothing: no object is held, and the transaction is its opener's."""

    def connection(self, *_: Any, **__: Any) -> Connection:
        return self._core
