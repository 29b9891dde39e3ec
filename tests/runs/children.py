"""Forked processes that are killed on purpose. What they say arrives by a pipe, whole lines only.

Forked, because a process that imports everything anew takes half a second, and a thousand cycles
are wanted. The parent must hold no open database connection when it forks.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]
Say = Callable[[Message], None]

#: Room in a pipe for all that a child says before it is listened to.
PIPE_SIZE = 1 << 20
_SET_PARENT_DEATH_SIGNAL = 1


class ChildSilent(Exception):
    """A child neither spoke nor ended in time: it hangs."""


@dataclass(slots=True)
class Child:
    """A forked process."""

    pid: int
    _said: int
    _answer: int
    _buffer: bytes = b""
    _ended: int | None = None

    def hear(self, timeout: float = 30.0) -> Message | None:
        """The next thing that the child says, or ``None`` when it has ended."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._said], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise ChildSilent(f"no word from a process in {timeout:.0f} s")
            read = os.read(self._said, PIPE_SIZE)
            if not read:
                return None
            self._buffer += read
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Message = json.loads(line)
        return message

    def hear_all(self) -> Iterator[Message]:
        """All that the child says until it ends. A line that the kill cut off is none."""
        while (message := self.hear()) is not None:
            yield message

    def let_go(self) -> None:
        """Answer a child that waits."""
        os.write(self._answer, b"\n")

    def kill(self) -> None:
        """``kill -9``, if it still runs."""
        if self._ended is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code, negative for a signal."""
        if self._ended is None:
            _, status = os.waitpid(self.pid, 0)
            self._ended = os.waitstatus_to_exitcode(status)
        return self._ended

    def close(self) -> None:
        self.kill()
        self.wait()
        os.close(self._said)
        os.close(self._answer)


@contextmanager
def forked(work: Callable[[Say, Callable[[], None]], None]) -> Iterator[Child]:
    """A child that does ``work(say, wait)``; it is dead at the end of the block.

    ``wait`` returns when the parent lets the child go. What ``work`` raises is said as
    ``{"error": …}``.
    """
    said, speak = os.pipe()
    listen, answer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(said)
        os.close(answer)
        _be_a_child(work, speak, listen)
    os.close(speak)
    os.close(listen)
    child = Child(pid, said, answer)
    try:
        yield child
    finally:
        child.close()


def _be_a_child(work: Callable[[Say, Callable[[], None]], None], speak: int, listen: int) -> None:
    def say(message: Message) -> None:
        os.write(speak, json.dumps(message).encode() + b"\n")

    try:
        # Ctrl-C is for the parent, who kills its children; and nobody outlives the parent.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        with suppress(OSError):
            fcntl.fcntl(speak, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        work(say, lambda: _wait(listen))
    except BaseException as error:
        say({"error": f"{type(error).__name__}: {error}"})
    finally:
        # Not sys.exit(): what the parent has registered for its end is not the child's to do.
        os._exit(0)


def _wait(listen: int) -> None:
    # Not read(): strace may attach in the middle of it, and take it for the first of the operation.
    os.readv(listen, [bytearray(1)])
