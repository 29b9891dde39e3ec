"""Which texts were removed, remembered beside the database, so that no backup brings them back.

A backup that is older than a removal still holds the words. The restored database lacks the
removal, and nothing in it says that they must go. So the ids of removed items, and nothing else,
are also kept under ``STATE_DIR``, in ``erased/<insurer>.items``, one per line, only ever added to.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path


class RemovedItems:
    """The journal under a ``STATE_DIR``."""

    def __init__(self, state_dir: Path) -> None:
        self._directory = state_dir / "erased"

    def add(self, insurer: str, items: Iterable[str]) -> None:
        """Remember ``items``; those that are known already are left out. On disk at the return."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path(insurer), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = file.read()
            new = [item for item in items if item not in before.split()]
            # A line that a crash cut short stays a line of its own.
            torn = "\n" if before and not before.endswith("\n") else ""
            file.write(torn + "".join(f"{item}\n" for item in new))
            file.flush()
            os.fsync(file.fileno())

    def exists(self) -> bool:
        """Whether any removal was ever noted here: an installation that has none has no journal."""
        return self._directory.is_dir()

    def read(self, insurer: str) -> frozenset[str]:
        """All that is remembered for ``insurer``."""
        try:
            return frozenset(self._path(insurer).read_text("ascii").split())
        except FileNotFoundError:
            return frozenset()

    def _path(self, insurer: str) -> Path:
        return self._directory / f"{insurer}.items"
