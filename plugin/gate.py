"""A fair queue for the one writer that SQLite allows.

SQLite's own busy handler sleeps and tries again, so a waiting writer may be overtaken for seconds.
Writers of one process queue here in order of arrival instead.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class GateTimeout(Exception):
    """The writers ahead did not finish in time."""


class FairGate:
    """Lets one thread in at a time, in order of arrival."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._queue: deque[threading.Event] = deque()

    @contextmanager
    def entered(self, timeout: float) -> Iterator[None]:
        """Hold the gate for the block. Raises :class:`GateTimeout` after ``timeout`` seconds."""
        self._enter(timeout)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, timeout: float) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        try:
            if turn.wait(timeout):
                return
        except BaseException:
            # Interrupted while waiting: a turn that nobody takes would close the gate for ever.
            if self._came(turn):
                self._leave()
            raise
        if not self._came(turn):
            raise GateTimeout
        # The turn came between the end of waiting and the mutex: it is ours after all.

    def _came(self, turn: threading.Event) -> bool:
        """Whether the turn has come; if not, it leaves the queue."""
        with self._mutex:
            if turn in self._queue:
                self._queue.remove(turn)
                return False
            return True

    def _leave(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False
