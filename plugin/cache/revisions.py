"""The one look-up that a kept answer costs: at which revision is its product?

It stands in for all the statements that rendering would take, so it must cost less than any of
them. It goes to the driver on connections of its own, which never begin a transaction: on SQLite
that is the look-up alone, on PostgreSQL one round trip.
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Engine, bindparam, select

from ..schema import product_state
from .store import Revisions

#: Connections that a process keeps for this. A look-up takes a moment, so threads can wait.
MOST = 4


class Lookup:
    """Looks up revisions on ``engine``. Threads and forked processes may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._failures = engine.dialect.loaded_dbapi.Error
        #: Number of products → SQL, and the names of its parameters where they go by name.
        self._written: dict[int, tuple[str, list[str] | None]] = {}
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._slots = BoundedSemaphore(MOST)
        self._free: deque[Any] = deque()
        weakref.finalize(self, _close, self._free)

    def revisions(self, skus: tuple[str, ...]) -> Revisions | None:
        """The revision of each product, ``None`` for one that there is not.

        ``None`` altogether when the database cannot be asked: whoever renders will say why.
        """
        if self._process != os.getpid():
            # A connection belongs to the process that opened it.
            self._start()
        sql, names = self._written.get(len(skus)) or self._write(len(skus))
        values = skus if names is None else dict(zip(names, skus, strict=True))
        with self._slots:
            connection = self._free.pop() if self._free else self._connect()
            if connection is None:
                return None
            try:
                rows = connection.execute(sql, values).fetchall()
            except self._failures:
                self._free.append(connection)
                # The others are of the same age, and may be as dead.
                _close(self._free)
                return None
            self._free.append(connection)
        found = dict(rows)
        return tuple([found.get(sku) for sku in skus])

    def _connect(self) -> Any:
        try:
            fairy = self._engine.raw_connection()
        except Exception:
            return None
        connection: Any = fairy.driver_connection
        fairy.detach()
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return connection

    def _write(self, number: int) -> tuple[str, list[str] | None]:
        names = [f"product_{place}" for place in range(number)]
        asked = product_state.c.product.in_([bindparam(name) for name in names])
        statement = select(product_state.c.product, product_state.c.revision).where(asked)
        compiled: Any = statement.compile(dialect=self._engine.dialect)
        written = str(compiled), None if compiled.positional else names
        self._written[number] = written
        return written


def _close(connections: deque[Any]) -> None:
    while connections:
        with suppress(Exception):
            connections.pop().close()
