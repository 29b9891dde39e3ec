"""The system calls of a running process: watched, or made to fail, by strace."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READING = ("pread64", "read")
WRITING = (
    "pwrite64",
    "pwritev",
    "write",
    "fdatasync",
    "fsync",
    "ftruncate",
    "fallocate",
    "openat",
    "mkdir",
    "rename",
)
#: Calls that free room or need none.
UNLINKING = ("unlink", "unlinkat")
STORAGE = (*READING, *WRITING, *UNLINKING)
SYNCING = ("fdatasync", "fsync")

_CALL = re.compile(r"(?:\d+ +)?(?P<name>\w+)\((?P<rest>.*)")
#: A descriptor and what it stands for, or a path in quotation marks.
_TARGET = re.compile(r'(?:AT_FDCWD(?:<[^>]*>)?, )?(?:\d+<(?P<file>[^>]*)>|"(?P<path>[^"]*)")')


@dataclass(frozen=True, slots=True)
class Call:
    """One system call; ``target`` is the file, pipe or socket that it was about."""

    name: str
    target: str
    #: It is the so-manieth of its name, from 1.
    number: int
    #: The arguments and the result as strace writes them.
    rest: str = ""

    @property
    def injected(self) -> bool:
        """Whether strace made it fail."""
        return "(INJECTED)" in self.rest

    def __str__(self) -> str:
        return f"{self.name} {self.number} ({Path(self.target).name})"


@contextmanager
def traced(pid: int, log: Path, calls: Sequence[str], inject: str | None = None) -> Iterator[None]:
    """Trace ``pid`` until it ends, and keep its ``calls`` in ``log``.

    ``inject`` is strace's: ``fsync:error=EIO:when=3``. The block lets the process end.
    """
    options = [] if inject is None else [f"--inject={inject}"]
    with _strace([pid], log, calls, *options) as strace:
        yield
        strace.wait(60)


@contextmanager
def watched(pids: Sequence[int], log: Path, calls: Sequence[str]) -> Iterator[None]:
    """Trace processes that go on, until the block ends."""
    with _strace(pids, log, calls) as strace:
        yield
        # It lets go of them, and writes the rest of its log.
        strace.terminate()
        strace.wait(60)


@contextmanager
def _strace(
    pids: Sequence[int], log: Path, calls: Sequence[str], *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    command = ["strace", "-f", "-qq", "-y", "-s", "200", "-o", str(log), *options]
    command += [f"--trace={','.join(calls)}", *(f"--attach={pid}" for pid in pids)]
    # In a group of its own: Ctrl-C is for the runner, who ends strace by ending what it traces.
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as strace:
        try:
            for pid in pids:
                _wait_until_traced(pid, strace)
            yield strace
        finally:
            strace.kill()


def _wait_until_traced(pid: int, strace: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():
        assert strace.poll() is None, "strace ended"
        assert time.monotonic() < deadline, "strace does not attach"
        time.sleep(0.002)


def read_calls(log: Path) -> list[Call]:
    """The calls in a log of :func:`traced`, in their order."""
    numbers: dict[str, int] = {}
    calls = []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue  # A signal, or the end of the process.
        name = match["name"]
        numbers[name] = numbers.get(name, 0) + 1
        target = _TARGET.match(match["rest"])
        about = "" if target is None else target["file"] or target["path"] or ""
        calls.append(Call(name, about, numbers[name], match["rest"]))
    return calls
