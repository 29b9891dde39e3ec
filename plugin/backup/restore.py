"""The way back: a backup into an empty database, through the locks, in one transaction.

Every row is inserted as it once was, entry after entry, so that the database's own locks hold each
row to its leaf and each leaf to its place. The tree and the counters are computed anew. Before the
transaction ends, the full check must find nothing. Words that were removed after the backup was
made do not return, although the backup still has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from ...moderation.check import check_log
from ...moderation.log import LogRef
from ..authorizer import SETTINGS
from ..core_session import CoreSession
from ..database import NOT_MIGRATED, REVISION, is_migrated, make_engine
from ..facts import FACT_TABLES
from ..figures import check_figures, rebuild_figures
from ..search import rebuild as search
from .archive import ArchiveReader, BackupError, LogMark
from .filling import Filling, Forward
from .layout import DERIVED, LOGGED, PLAIN
from .locks import without_comparisons
from .save import Progress
from .tail import Tail

_TABLES = (*PLAIN, *(part.table for part in LOGGED), *DERIVED)
_NAMES = ", ".join(table.name for table in _TABLES)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    ``left_out`` are the items whose words the backup had, but which were removed since. A replay
    brought ``replayed`` entries, ``stand_ins`` of them invitations whose policy nobody knows any
    more; the words of the items in ``lost`` are in no source.
    """

    rows: int
    left_out: tuple[str, ...]
    replayed: int = 0
    stand_ins: int = 0
    lost: tuple[str, ...] = ()


def restore_backup(
    url: URL,
    archive: ArchiveReader,
    removed: Collection[str],
    now: datetime,
    *,
    state_dir: Path,
    contact_days: int,
    forward: Forward | None = None,
    progress: Progress = lambda done, total: None,
) -> Restored:
    """Bring the backup into the empty, migrated database at ``url``, or leave it empty.

    Of the items in ``removed`` no words are brought back, nor contacts older than
    ``contact_days``; the search index is made anew, with what the segmenter keeps in
    ``state_dir``. With ``forward``, the entries after the backup are. Memory does not grow with
    the number of rows, but for the check at the end. Raises :class:`BackupError`.
    """
    forward = forward or Forward()
    removed = frozenset(removed).union(*(tail.removed for tail in forward.tails))
    manifest = archive.manifest
    if manifest.schema != REVISION:
        raise BackupError(
            f"this backup is of schema {manifest.schema}, this release has {REVISION}: restore it "
            "with the release that made it, then upgrade"
        )
    engine = owners_engine(url)
    try:
        if not is_migrated(engine):
            raise BackupError(NOT_MIGRATED)
        with engine.begin() as connection, CoreSession(connection) as session:
            filling = Filling(session, archive, removed, progress)
            with without_comparisons(connection):
                _claim(connection)
                _prefer_indexes(connection, True)
                filling.plain(now - timedelta(days=contact_days))
                filling.logged()
                replays = [filling.replay(tail, forward) for tail in forward.tails]
            search.fill(session, state_dir, progress)
            rebuild_figures(session, int(now.timestamp()))
            _prefer_indexes(connection, False)
            lost = set[str]().union(*(replay.lost for replay in replays))
            _check(session, _marks(manifest.logs, forward.tails), filling, lost)
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise BackupError(f"the database refuses what is in the backup: {reason}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"the backup holds what is none of ours: {error}") from error
    finally:
        engine.dispose()
    return Restored(
        filling.done,
        tuple(sorted(filling.left_out)),
        sum(len(tail.leaves) for tail in forward.tails),
        sum(replay.stand_ins for replay in replays),
        tuple(sorted(lost)),
    )


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
                "the database is not empty: a backup is restored into a new one. Make it, run "
                "flask reviews db upgrade, and try again"
            )


def _prefer_indexes(connection: Connection, prefer: bool) -> None:
    """PostgreSQL plans the locks' queries while the tables are still small, and keeps the plans."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL enable_seqscan = {'off' if prefer else 'on'}"))
        if not prefer:
            connection.execute(text(f"ANALYZE {_NAMES}"))


def _marks(marks: Iterable[LogMark], tails: Iterable[Tail]) -> list[LogMark]:
    """Where the logs must stand at the end."""
    ends = {tail.mark.id: tail for tail in tails}
    return [
        replace(mark, size=ends[mark.id].size, root=ends[mark.id].root.hex())
        if mark.id in ends
        else mark
        for mark in marks
    ]


def _check(
    session: Session, marks: Sequence[LogMark], filling: Filling, lost: Collection[str]
) -> None:
    """The full check, in the transaction that it decides about."""
    findings = check_figures(session)
    for mark in marks:
        if filling.mark(mark.id) != (mark.size, mark.root):
            findings.append(f"{mark.origin}: these are not the {mark.size} entries that were saved")
        # The removals of what was left out may be in entries that nobody brought.
        expected = {
            f"{mark.origin}: the words of {item} are gone without a removal"
            for item in (*filling.left_out, *lost)
        }
        ref = LogRef(mark.id, mark.insurer, mark.origin)
        found = check_log(session, ref, FACT_TABLES).findings
        findings += [finding for finding in found if finding not in expected]
    if findings:
        raise BackupError(
            f"the check found {len(findings)} faults, and nothing was restored: "
            + "; ".join(findings[:5])
        )
