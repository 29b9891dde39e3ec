"""The way back: a backup into an empty database, through the locks, in one transaction.

Every row is inserted as it once was, entry after entry, so that the database's own locks hold each
row to its leaf and each leaf to its place. The tree and the counters are computed anew. Before the
transaction ends, the full check must find nothing. Words that were removed after the backup was
made do not return, although the backup still has them.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from ...moderation.check import check_log
from ...moderation.log import LogRef
from ...moderation.pipeline import pipelined
from ...moderation.prepared import insertion
from ...moderation.schema import content, log_entry, log_node
from ...moderation.tlog.merkle import frontier_root, grow, leaf_hash
from .. import schema
from ..authorizer import SETTINGS
from ..core_session import CoreSession
from ..database import REVISION, is_migrated, make_engine
from ..facts import FACT_TABLES
from ..figures import check_figures, rebuild_figures
from .archive import ArchiveReader, BackupError, LogMark
from .layout import DERIVED, LOGGED, PLAIN, Row, RowForm, name_of
from .locks import without_comparisons
from .save import Progress

_BATCH = 1000
_TABLES = (*PLAIN, *(part.table for part in LOGGED), *DERIVED)
_NAMES = ", ".join(table.name for table in _TABLES)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. ``left_out`` are the items whose words the backup had, but which were
    removed since."""

    rows: int
    logs: tuple[LogMark, ...]
    left_out: tuple[str, ...]


def restore_backup(
    url: URL,
    archive: ArchiveReader,
    removed: Collection[str],
    now: datetime,
    *,
    contact_days: int,
    progress: Progress = lambda done, total: None,
) -> Restored:
    """Bring the backup into the empty, migrated database at ``url``, or leave it empty.

    Of the items in ``removed`` no words are brought back, nor contacts older than
    ``contact_days``. Memory does not grow with the number of rows, but for the check at the end.
    Raises :class:`BackupError`.
    """
    manifest = archive.manifest
    if manifest.schema != REVISION:
        raise BackupError(
            f"this backup is of schema {manifest.schema}, this release has {REVISION}: restore it "
            "with the release that made it, then upgrade"
        )
    engine = owners_engine(url)
    try:
        if not is_migrated(engine):
            raise BackupError("the database is not at this release's schema: run db upgrade")
        with engine.begin() as connection, CoreSession(connection) as session:
            filling = _Filling(session, archive, frozenset(removed), progress)
            with without_comparisons(connection):
                _claim(connection)
                _prefer_indexes(connection, True)
                filling.plain(now - timedelta(days=contact_days))
                filling.logged()
            rebuild_figures(session, int(now.timestamp()))
            _prefer_indexes(connection, False)
            _check(session, manifest.logs, filling)
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise BackupError(f"the database refuses what is in the backup: {reason}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"the backup holds what is none of ours: {error}") from error
    finally:
        engine.dispose()
    return Restored(filling.done, manifest.logs, tuple(sorted(filling.left_out)))


def owners_engine(url: URL) -> Engine:
    """Connections that may change the schema, as migrations have them, and are as durable and as
    strict as the application's otherwise."""
    if url.get_backend_name() != "sqlite":
        return make_engine(url, poolclass=NullPool)
    engine = create_engine(
        url.set(drivername="sqlite+insurance_reviews_writing"),
        poolclass=NullPool,
        hide_parameters=True,
    )

    def open_sqlite(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for name, value in SETTINGS.items():
            connection.execute(f"PRAGMA {name} = {value}")

    event.listen(engine, "connect", open_sqlite)
    return engine


def _claim(connection: Connection) -> None:
    """Nobody else writes until the end, and nobody has before."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {_NAMES} IN SHARE ROW EXCLUSIVE MODE"))
    for table in _TABLES:
        if connection.scalar(select(func.count()).select_from(table.select().limit(1).subquery())):
            raise BackupError(
                "the database is not empty: a backup is restored into a new one. Make it, run db "
                "upgrade, and try again"
            )


def _prefer_indexes(connection: Connection, prefer: bool) -> None:
    """PostgreSQL plans the locks' queries while the tables are still small, and keeps the plans."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL enable_seqscan = {'off' if prefer else 'on'}"))
        if not prefer:
            connection.execute(text(f"ANALYZE {_NAMES}"))


class _Filling:
    """Brings rows in, and counts them."""

    def __init__(
        self,
        session: Session,
        archive: ArchiveReader,
        removed: frozenset[str],
        progress: Progress,
    ) -> None:
        self._session = session
        self._archive = archive
        self._removed = removed
        self._progress = progress
        self._frontiers: dict[int, tuple[int, list[bytes]]] = {}
        self._node = insertion(log_node)
        self.done = 0
        self.left_out: set[str] = set()

    def plain(self, contacts_from: datetime) -> None:
        """The tables that stand in no log."""
        first = int(contacts_from.timestamp())
        for table in PLAIN:
            rows = self._rows(table, self._archive.rows(name_of(table)))
            if table is schema.holder_contact:
                rows = (row for row in rows if row["created_at"] >= first)
            statement = insertion(table)
            while batch := list(islice(rows, _BATCH)):
                statement.run(self._session, *batch)
                self._progress(self.done, self._archive.manifest.rows)

    def _rows(self, table: Table, values: Iterator[Any]) -> Iterator[Row]:
        form = RowForm(table)
        for value in values:
            self.done += 1
            yield form.decode(value)

    def logged(self) -> None:
        """Every entry with what hangs on it, log after log."""
        merged = heapq.merge(*(self._placed(rank) for rank in range(len(LOGGED))))
        statements = [insertion(part.table) for part in LOGGED]
        while batch := list(islice(merged, _BATCH)):
            with pipelined(self._session):
                for _, _, rank, _, row in batch:
                    table = LOGGED[rank].table
                    if table is content and row["item"] in self._removed:
                        self.left_out.add(row["item"])
                        continue
                    statements[rank].run(self._session, row)
                    if table is log_entry:
                        self._grow(row)
            self._progress(self.done, self._archive.manifest.rows)

    def _placed(self, rank: int) -> Iterator[tuple[int, int, int, int, Row]]:
        """The rows of a table with what sorts them: place, rank, number."""
        form, table = RowForm(LOGGED[rank].table), LOGGED[rank].table
        for number, (log, index, value) in enumerate(self._archive.rows(name_of(table))):
            self.done += 1
            yield log, index, rank, number, form.decode(value)

    def _grow(self, entry: Row) -> None:
        log = entry["log"]
        size, frontier = self._frontiers.get(log, (0, []))
        completed, frontier = grow(size, frontier, leaf_hash(entry["leaf"]))
        self._frontiers[log] = size + 1, frontier
        self._node.run(
            self._session,
            *(
                {"log": log, "level": level, "idx": index, "hash": digest}
                for level, index, digest in completed
            ),
        )

    def mark(self, log: int) -> tuple[int, str]:
        """Size and root of a log as it came back."""
        size, frontier = self._frontiers.get(log, (0, []))
        return size, frontier_root(frontier).hex()


def _check(session: Session, marks: tuple[LogMark, ...], filling: _Filling) -> None:
    """The full check, in the transaction that it decides about."""
    findings = check_figures(session)
    for mark in marks:
        if filling.mark(mark.id) != (mark.size, mark.root):
            findings.append(f"{mark.origin}: these are not the {mark.size} entries that were saved")
        ref = LogRef(mark.id, mark.insurer, mark.origin)
        # Their removals are in entries that came after the backup.
        expected = {
            f"{mark.origin}: the words of {item} are gone without a removal"
            for item in filling.left_out
        }
        found = check_log(session, ref, FACT_TABLES).findings
        findings += [finding for finding in found if finding not in expected]
    if findings:
        raise BackupError(
            f"the check found {len(findings)} faults in the backup, and nothing was restored: "
            + "; ".join(findings[:5])
        )
