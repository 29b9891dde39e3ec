"""The one place where a transaction begins and ends.

A service takes a session and never commits. A write is a function of a session, because on a
conflict with another writer it is run again from the start, in a new transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from ..moderation.after_commit import take_calls
from .core_session import CoreSession
from .database import LOCK_TIMEOUT, in_one_state, writing
from .errors import Busy
from .gate import FairGate, GateTimeout

T = TypeVar("T")
D = TypeVar("D")
#: What a committed attempt gave, and the calls that it left for after the commit.
Attempt = tuple[T, list[Callable[[], object]]]
logger = logging.getLogger(__name__)

#: Writers who wait longer are asked to try again (seconds): as long as for any other lock, so that
#: one commit that the disk holds up for a moment refuses nobody.
GATE_TIMEOUT = LOCK_TIMEOUT / 1_000
ATTEMPTS = 5
#: PostgreSQL: serialization failure, deadlock, unique violation. The last one comes of a race
#: that a second run sees and answers properly ("already used"); a lasting one is raised by the
#: last attempt.
RETRIED = frozenset({"40001", "40P01", "23505"})
LOCK_NOT_AVAILABLE = "55P03"


class UnitOfWork:
    """Transactions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = writing(engine)
        self._gate = _gate(engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; what it began is rolled back at the end.

        Raises :class:`Busy` when all connections stay in use.
        """
        with ExitStack() as stack:
            yield stack.enter_context(CoreSession(self._connected(stack)))

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Like :meth:`reading`, with one state of the database for all queries, whoever writes
        meanwhile. SQLite gives nothing else; PostgreSQL keeps dead rows for so long.
        """
        with ExitStack() as stack:
            yield stack.enter_context(CoreSession(in_one_state(self._connected(stack))))

    def _connected(self, stack: ExitStack) -> Connection:
        try:
            return stack.enter_context(self.engine.connect())
        except PoolTimeout as error:
            raise Busy from error

    def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction, commit it, then make the calls it left for after the
        commit.

        Raises what ``work`` raises, with nothing written, and :class:`Busy` when other writers take
        too long.
        """
        return self._until_written(lambda: self._attempt(work))

    def prepare_and_write(
        self, prepare: Callable[[Session], D], write: Callable[[Session, D], T]
    ) -> T:
        """Like :meth:`write`, with all that needs no lock done before it is waited for.

        ``prepare`` reads and checks, and what it raises is the answer. After a conflict it is
        asked again, because something that it read has changed.
        """

        def attempt() -> Attempt[T]:
            with self.reading() as session:
                draft = prepare(session)
            return self._attempt(lambda session: write(session, draft))

        return self._until_written(attempt)

    def _until_written(self, attempt_once: Callable[[], Attempt[T]]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                result, calls = attempt_once()
                break
            except PoolTimeout as error:
                raise Busy from error
            except DBAPIError as error:
                if _is_busy(error):
                    raise Busy from error
                if attempt == ATTEMPTS or not _is_conflict(error):
                    raise
        for call in calls:
            try:
                call()
            except Exception:
                # What was committed stands and is answered; a listener's failure is the operator's.
                logger.exception("a call after the commit failed")
        return result

    def _attempt(self, work: Callable[[Session], T]) -> Attempt[T]:
        with ExitStack() as stack:
            if self._gate is not None:
                try:
                    stack.enter_context(self._gate.entered(GATE_TIMEOUT))
                except GateTimeout as error:
                    raise Busy from error
            with self._writing.begin() as connection, CoreSession(connection) as session:
                result = work(session)
            return result, take_calls(session)


def _gate(engine: Engine) -> FairGate | None:
    """SQLite lets one writer in; PostgreSQL's logs have locks of their own."""
    if engine.dialect.name != "sqlite":
        return None
    file = engine.url.database
    return FairGate(f"{Path(file).absolute()}-gate" if file and file != ":memory:" else None)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_conflict(error: DBAPIError) -> bool:
    if _sqlstate(error) is not None:
        return _sqlstate(error) in RETRIED
    message = str(error.orig)
    return "UNIQUE constraint failed" in message or "IR002" in message


def _is_busy(error: DBAPIError) -> bool:
    if _sqlstate(error) == LOCK_NOT_AVAILABLE:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)
