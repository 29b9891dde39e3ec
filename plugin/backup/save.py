"""Making a backup: every table out of one snapshot, while writers go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, func, select

from ...moderation.schema import log, log_checkpoint
from ..database import NOT_MIGRATED, REVISION, in_one_state, is_migrated
from ..schema import outbox
from .archive import BackupError, LogMark, Manifest, writing_archive
from .layout import LOGGED, PLAIN, Logged, RowForm, name_of

#: Called with how many rows are done, and of how many.
Progress = Callable[[int, int], None]
_BATCH = 1000


def save_backup(
    engine: Engine,
    target: Path,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> Manifest:
    """Write all that the database holds to the new file ``target``.

    Writers go on meanwhile; what they commit is not in it. Memory does not grow with the number of
    rows. Raises :class:`BackupError`.
    """
    if not is_migrated(engine):
        raise BackupError(NOT_MIGRATED)
    with engine.connect() as opened, writing_archive(target) as archive:
        connection = in_one_state(opened).execution_options(yield_per=_BATCH)
        counter = _Counter(progress, _total(connection))
        for table in PLAIN:
            archive.add(name_of(table), counter(_plain_rows(connection, table)))
        for part in LOGGED:
            archive.add(name_of(part.table), counter(_logged_rows(connection, part)))
        manifest = Manifest(
            made_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            schema=REVISION,
            engine=engine.dialect.name,
            logs=tuple(_marks(connection)),
            tables=archive.tables,
        )
        archive.finish(manifest)
    return manifest


class _Counter:
    """Tells how far it has come, over all tables."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def __call__(self, rows: Iterator[Any]) -> Iterator[Any]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % _BATCH == 0 or self._done == self._total:
                self._progress(self._done, self._total)


def _total(connection: Connection) -> int:
    tables = [*PLAIN, *(part.table for part in LOGGED)]
    return sum(
        connection.scalar(_kept(table, select(func.count()).select_from(table))) or 0
        for table in tables
    )


def _kept(table: Table, statement: Select[Any]) -> Select[Any]:
    """Of the outbox, what was delivered stays behind."""
    return statement.where(outbox.c.done_at.is_(None)) if table is outbox else statement


def _plain_rows(connection: Connection, table: Table) -> Iterator[Any]:
    form = RowForm(table)
    statement = _kept(table, select(table)).order_by(*table.primary_key.columns)
    for row in connection.execute(statement).mappings():
        yield form.encode(row)


def _logged_rows(connection: Connection, part: Logged) -> Iterator[Any]:
    form = RowForm(part.table)
    for row in connection.execute(part.query()).mappings():
        yield [row["_log"], row["_index"], form.encode(row)]


def _marks(connection: Connection) -> Iterator[LogMark]:
    newest = (
        select(log_checkpoint.c.log, func.max(log_checkpoint.c.size).label("size"))
        .group_by(log_checkpoint.c.log)
        .subquery()
    )
    rows = connection.execute(
        select(log.c.id, log.c.insurer, log.c.origin, log_checkpoint)
        .join(log_checkpoint, log_checkpoint.c.log == log.c.id)
        .join(newest, (newest.c.log == log.c.id) & (newest.c.size == log_checkpoint.c.size))
        .order_by(log.c.id)
    )
    for row in rows:
        yield LogMark(row.id, row.insurer, row.origin, row.size, row.root.hex(), row.note)
