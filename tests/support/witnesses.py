"""Logs for witnesses: a tree that grows, signs and proves; and the witness as a real process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.merkle import (
    Node,
    frontier_root,
    grow,
    leaf_hash,
    prove_consistency,
)
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.witness.home import open_witness
from insurance_reviews.moderation.witness.request import AddCheckpoint, parse_size

from .standalone import free_port

ORIGIN = "log.example/1"
#: How far :func:`climb` climbs.
CLIMB = 24


class Grown:
    """A log of `size` leaves; one with another `story` forks off it at leaf `fork`."""

    def __init__(
        self, size: int, story: str = "", fork: int = 0, signers: Sequence[Signer] = ()
    ) -> None:
        self.signers = signers or (Signer(ORIGIN, bytes(32)),)
        self.vkeys = [signer.verifier_key() for signer in self.signers]
        self._nodes: dict[Node, bytes] = {}
        self._frontiers: list[list[bytes]] = [[]]
        for index in range(size):
            leaf = f"{index}{story if index >= fork else ''}".encode()
            completed, frontier = grow(index, self._frontiers[-1], leaf_hash(leaf))
            self._nodes |= {(level, place): digest for level, place, digest in completed}
            self._frontiers.append(frontier)

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.signers[0].name, size, frontier_root(self._frontiers[size]))

    def note(self, size: int) -> str:
        """The signed checkpoint of the first `size` leaves."""
        return sign_note(self.checkpoint(size).format(), *self.signers)

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        if not 0 < old <= new:
            return ()
        return tuple(prove_consistency(old, new, lambda nodes: [self._nodes[n] for n in nodes]))

    def ask(self, old: int, new: int) -> bytes:
        """The body of a request to cosign the first `new` leaves."""
        return AddCheckpoint(old, self.proof(old, new), self.note(new)).format()


def climb(directory: Path, story: str, start: Callable[[], object]) -> list[tuple[int, str]]:
    """Ask the witness in `directory` for every size of one history, beginning where it stands.

    Histories part after two leaves. Gives the sizes that were cosigned, each with its story.
    """
    log, witness = Grown(CLIMB, story, 2), open_witness(directory)
    chance = random.Random(story)
    cosigned, known = [], 0
    start()
    while known < CLIMB:
        new = min(CLIMB, known + chance.randint(1, 2))
        answer = witness.add_checkpoint(log.ask(known, new))
        if answer.status == 200:
            cosigned.append((new, story if new > 2 else ""))
            known = new
        elif answer.status == 409:
            known = parse_size(answer.body.encode())
        else:
            assert answer.status == 422
            break  # The other history was here first.
    return cosigned


def climbing(directory: Path, story: str) -> subprocess.Popen[str]:
    """:func:`climb` in a process of its own, which says "ready" and waits for a line."""
    code = (
        "import json, sys; from pathlib import Path; from support.witnesses import climb;"
        "start = lambda: (print('ready', flush=True), sys.stdin.readline());"
        "print(json.dumps(climb(Path(sys.argv[1]), sys.argv[2], start)))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(directory), story],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def witness_command(*arguments: str) -> list[str]:
    """``insurance-reviews-witness`` with `arguments`, of the very code that is tested."""
    code = "from insurance_reviews.moderation.witness.command import main; main()"
    return [sys.executable, "-c", code, *arguments]


def run_witness(*arguments: str) -> str:
    """A command that ends by itself and well; what it printed."""
    done = subprocess.run(
        witness_command(*arguments), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def witness_process(
    state: Path, port: int | None = None, *options: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The witness in `state`, served; its address and its process, which may be killed."""
    port = port or free_port()
    with subprocess.Popen(
        witness_command("serve", "--state", str(state), "--port", str(port), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/healthz", process)
            yield address, process
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
            assert "Traceback" not in output, output
        finally:
            kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the server and its worker, which are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError):
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
            assert time.monotonic() < deadline, f"nothing at {url}"
            time.sleep(0.05)
