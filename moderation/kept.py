"""The last checkpoint of each log, kept outside the database, so that a restored backup shows
itself.

One file per log under ``STATE_DIR``, overwritten under ``flock`` and only ever by a larger tree.
A database that is behind its file has lost entries that were signed already; signing on would
fork the log.
"""

from __future__ import annotations

import fcntl
import os
import time
from functools import lru_cache
from pathlib import Path

from .errors import LogBehind
from .tlog.checkpoint import Checkpoint

MAX_NOTE = 65_536
#: A write survives the death of a process at once; the disk is told at most this often (seconds),
#: because the file guards against restored backups, not against the loss of the newest entries.
SYNC_INTERVAL = 1.0


class KeptCheckpoints:
    """Checkpoints in a directory, one ``<insurer>.checkpoint`` per log."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._synced: dict[str, float] = {}

    def read(self, insurer: str) -> Checkpoint | None:
        """The kept checkpoint, or ``None`` before the first. Waits for whoever writes it.

        Raises :class:`~insurance_reviews.moderation.errors.LogBehind` when it cannot be read: what
        was signed is then not known.
        """
        note = self._note(insurer, settled=True)
        try:
            return _parse(note) if note else None
        except ValueError as error:
            raise LogBehind(
                f"the kept checkpoint {self._path(insurer)} cannot be read: restore it from a "
                "copy, or from a checkpoint that somebody else holds",
                origin=insurer,
                kept_size=0,
                size=0,
            ) from error

    def all(self) -> dict[str, Checkpoint]:
        """Every kept checkpoint, by insurer, whether or not the database knows the log. Raises like
        :meth:`read`.

        Read them before the first query: a file is written after the commit, so a database that
        is looked at later has at least as much, whoever writes meanwhile.
        """
        found = ((insurer, self.read(insurer)) for insurer in self.insurers())
        return {insurer: kept for insurer, kept in found if kept is not None}

    def insurers(self) -> list[str]:
        """Of whose logs a checkpoint is kept."""
        return sorted(path.stem for path in self._directory.glob("*.checkpoint"))

    def glance(self, insurer: str) -> Checkpoint | None:
        """The same without waiting, for whoever holds the log's lock: a writer of the file may be
        waiting for the disk.

        Who reads while another writes may get some of either note. So what does not fit is no
        proof of anything until it was read by :meth:`read`.
        """
        note = self._note(insurer, settled=False)
        try:
            return _parse(note) if note else None
        except ValueError:
            return self.read(insurer)

    def _note(self, insurer: str, *, settled: bool) -> bytes:
        """The file's bytes, none before the first; ``settled`` when nobody is writing them."""
        try:
            descriptor = os.open(self._path(insurer), os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            if settled:
                fcntl.flock(descriptor, fcntl.LOCK_SH)
            return os.pread(descriptor, MAX_NOTE, 0)
        finally:
            os.close(descriptor)

    def save(self, insurer: str, size: int, note: str) -> None:
        """Keep ``note``, a checkpoint of ``size`` entries, unless a larger one is kept already.

        The file is overwritten in place by one write: a rename per commit costs more than the
        commit.
        """
        data = note.encode()
        descriptor = self._open(self._path(insurer))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            before = os.pread(descriptor, MAX_NOTE, 0)
            if before and _parse(before).size >= size:
                return
            os.pwrite(descriptor, data, 0)
            os.ftruncate(descriptor, len(data))
            now = time.monotonic()
            if now - self._synced.get(insurer, -SYNC_INTERVAL) >= SYNC_INTERVAL:
                os.fsync(descriptor)
                self._synced[insurer] = now
        finally:
            os.close(descriptor)

    def _open(self, path: str) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def _path(self, insurer: str) -> str:
        return f"{self._directory}/{insurer}.checkpoint"


def compare(kept: Checkpoint | None, origin: str, size: int, root: bytes | None) -> None:
    """Raise :class:`LogBehind` unless the log in the database is the ``kept`` one, or has grown
    from it.

    ``size`` is the database's, ``root`` what it has signed for the first ``kept.size`` entries.
    """
    if kept is None or (kept.origin, kept.root) == (origin, root):
        return
    if size < kept.size:
        problem = (
            f"the log {origin} has {size} entries in the database, but {kept.size} were signed: "
            "the database was restored from an older backup. Nothing is signed until the missing "
            "entries are back"
        )
    else:
        problem = (
            f"the log {origin} has other entries in the database than the {kept.size} that were "
            "signed: the database was swapped or rewritten. Nothing is signed until the right one "
            "is back"
        )
    raise LogBehind(
        f"{problem}; flask reviews doctor shows the way",
        origin=origin,
        kept_size=kept.size,
        size=size,
    )


@lru_cache
def _parse(note: bytes) -> Checkpoint:
    """Cached, because a submission meets the same note twice: before it signs and after."""
    return Checkpoint.of_own_note(note.decode())
