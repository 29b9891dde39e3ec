"""Erasure: what a removal deleted leaves the database's files as well.

Deleting a row is not enough, nor is what each engine does by itself. FTS5 keeps the tokens of what
was deleted until it merges the parts of its index. SQLite's ``secure_delete``
overwrites the deleted row, but not the copies that splitting pages left behind when rows moved;
and the words stay in the write-ahead log until it is truncated. PostgreSQL's VACUUM gives the space
free without overwriting it. Measured with random keys, one deleted text in a hundred survived on
SQLite, and one in fifteen on PostgreSQL. So the tables that hold words are written anew from the
rows that still stand, and the files that held the old ones go.

That takes time in which others wait, so the worker does it by itself only while the files are
small; above :data:`REWRITE_LIMIT` ``flask reviews erase`` does it, at an hour of the operator's
choice. Until then the job stays in the outbox: a job that waits is a text that may still be found.
"""

from __future__ import annotations

import json
import mmap
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from ..moderation import schema as floor
from ..moderation.after_commit import after_commit
from . import schema
from .backup.journal import RemovedItems
from .database import make_engine
from .outbox import Job, enqueue
from .services.context import Context

#: The kind of job in the outbox.
ERASURE = "erasure"
#: Tables whose deleted or changed rows held words or persons.
ERASED_TABLES: tuple[Table, ...] = (
    floor.content,
    schema.outbox,
    schema.holder_contact,
    schema.search_part,
)
#: The worker rewrites files up to this size (bytes): two seconds or so in which others wait.
REWRITE_LIMIT = 256 * 1024 * 1024
#: How long SQLite waits for readers to leave the write-ahead log (milliseconds).
WAIT_FOR_READERS = 15_000
#: How long visitors may wait behind PostgreSQL's rewriting before it steps back.
LOCK_TIMEOUT = "1s"

# A row of ``content`` as SQLite writes it: the length of the header, a text of 29 bytes, a blob of
# 32, a text, then the item's id. So every copy of such a row can be found, also in unused space.
_ROW = re.compile(rb"[\x04-\x08]\x47\x4c(?:[\x80-\xff]{0,3}[\x00-\x7f])(it_[a-z2-7]{26})")


class ErasureIncomplete(Exception):
    """Deleted words may still be in the files; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. ``size`` is that of the rewritten files, in bytes."""

    engine: str
    tables: tuple[str, ...]
    size: int


def queue_erasure(
    session: Session, context: Context, insurer: str, items: Iterable[str], now: datetime
) -> None:
    """Have the words of ``items`` erased once their removal stands.

    Their ids also go to the journal of removed items, from which a restored backup learns what
    must not return: at once, and again by the worker in case this process ends before.
    """
    names = sorted(items)
    enqueue(session, ERASURE, {"insurer": insurer, "items": " ".join(names)}, now)
    journal = RemovedItems(context.settings.state_dir)
    after_commit(session, lambda: journal.add(insurer, names))


def erase(url: URL, *, limit: int | None = None) -> Erased:
    """Write the tables of :data:`ERASED_TABLES` anew, so that deleted rows leave the files of the
    database at ``url``.

    With ``limit``, only while these are no larger, in bytes. Raises :class:`ErasureIncomplete`
    when something of a deleted row may be left, and SQLAlchemy's errors.
    """
    if url.get_backend_name() == "sqlite":
        return _erase_sqlite(Path(url.database or ""), limit)
    return _erase_postgresql(url, limit)


def waiting_erasures(session: Session) -> list[Job]:
    """The erasures that the outbox holds, due or not."""
    outbox = schema.outbox
    rows = session.execute(
        select(outbox.c.id, outbox.c.payload, outbox.c.attempts)
        .where(outbox.c.kind == ERASURE, outbox.c.done_at.is_(None))
        .order_by(outbox.c.id)
    )
    return [Job(row.id, ERASURE, json.loads(row.payload), row.attempts) for row in rows]


def remember(state_dir: Path, jobs: Iterable[Job]) -> None:
    """Note the items of ``jobs`` in the journal, in case who removed them could not."""
    journal = RemovedItems(state_dir)
    for job in jobs:
        journal.add(job.payload["insurer"], job.payload["items"].split())


def _refuse_above(limit: int | None, size: int) -> None:
    if limit is not None and size > limit:
        raise ErasureIncomplete(
            f"the tables have {size >> 20} MB, too much to rewrite while visitors wait: run flask "
            "reviews erase at a quiet hour"
        )


# --- SQLite --------------------------------------------------------------------------------------


def _erase_sqlite(file: Path, limit: int | None) -> Erased:
    """A connection of its own, because VACUUM needs more than the application may do."""
    _refuse_above(limit, file.stat().st_size)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {WAIT_FOR_READERS}")
        connection.execute("PRAGMA secure_delete = ON")
        before = _present(connection)
        try:
            # FTS5 only notes what a deleted text had; the tokens go when its parts are merged.
            connection.execute(
                f"INSERT INTO {schema.SEARCH_INDEX} ({schema.SEARCH_INDEX}) VALUES ('optimize')"
            )
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            raise ErasureIncomplete(f"{file.name} cannot be written anew: {error}") from error
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise ErasureIncomplete(
                "somebody still reads what stood before, and the write-ahead log keeps it: it is "
                "tried again; stop the program that never ends its transaction"
            )
        found = rows_of_words(file) | rows_of_words(file.with_name(f"{file.name}-wal"))
        # What came or went while we looked is no failure of the erasure.
        if left := found - before - _present(connection):
            raise ErasureIncomplete(f"{file.name} still holds the words of {sorted(left)[:3]}")
    return Erased("sqlite", ("the whole file",), file.stat().st_size)


def _present(connection: sqlite3.Connection) -> set[str]:
    return {item for [item] in connection.execute(f"SELECT item FROM {floor.content}")}


def rows_of_words(file: Path) -> set[str]:
    """The items of all rows of ``content`` in the raw bytes of a SQLite file, deleted or not.

    A row whose beginning was overwritten is not found; but what page splits leave behind loses its
    end first.
    """
    if not file.exists() or not file.stat().st_size:
        return set()
    with file.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return {match[1].decode() for match in _ROW.finditer(data)}


# --- PostgreSQL ----------------------------------------------------------------------------------


def _erase_postgresql(url: URL, limit: int | None) -> Erased:
    engine = make_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    names = (*(table.name for table in ERASED_TABLES), schema.SEARCH_INDEX)
    with engine.connect() as connection:
        _refuse_above(limit, sum(_size(connection, name) for name in names))
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        for name in names:
            _rewrite(connection, name)
        return Erased("postgresql", names, sum(_size(connection, name) for name in names))


def _size(connection: Connection, table: str) -> int:
    return int(
        connection.scalar(text("SELECT pg_total_relation_size(CAST(:t AS regclass))"), {"t": table})
        or 0
    )


def _rewrite(connection: Connection, table: str) -> None:
    """VACUUM FULL: plain VACUUM leaves the bytes of deleted rows in the pages."""
    notices: list[tuple[str | None, str, str]] = []

    def listen(notice: Any) -> None:
        # Read at once: it belongs to the driver and is gone after the call.
        notices.append(
            (
                notice.severity_nonlocalized,
                notice.message_primary or "",
                notice.message_detail or "",
            )
        )

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(listen)
    try:
        connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
    except OperationalError as error:
        raise ErasureIncomplete(f"{table} is in use: {error.orig}") from error
    finally:
        driver.remove_notice_handler(listen)
    for severity, message, detail in notices:
        # Without the right, PostgreSQL warns and does nothing.
        if severity == "WARNING":
            raise ErasureIncomplete(
                f"{message}: run flask reviews erase --admin-url as the owner of the tables"
            )
        # "n dead row versions cannot be removed yet": the first number, in any language.
        kept = re.search(r"\d+", detail)
        if kept is not None and int(kept[0]):
            raise ErasureIncomplete(
                f"{kept[0]} deleted rows of {table} are still visible to an older transaction, a "
                "replica or a replication slot: it is tried again once that has ended"
            )
