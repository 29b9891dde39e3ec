"""When the answer leaves, PostgreSQL has synced its log: seen in the system calls of its processes.

The look is that of :mod:`.durable_sqlite`, at the server and all that it started. Its two mutants
are the settings by which PostgreSQL acknowledges too early.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import event, make_url

from insurance_reviews import migrations
from support.databases import DatabaseFactory
from support.world import World, built_world

from .figures import Figure, counted
from .kills_postgresql import Server, killable_server
from .machine import lacks_postgresql, lacks_strace
from .places import opened, temporary_folder
from .scale import Scale
from .strace import SYNCING, Call, read_calls, watched

NAME = "durable when acknowledged, PostgreSQL"
CALLS = ("pwrite64", "pwritev", "write", "sendto", *SYNCING)
#: What a backend sends when a transaction stands.
COMMITTED = r"COMMIT\0"


def needs() -> list[str]:
    return lacks_postgresql() + lacks_strace()


def run(scale: Scale) -> list[Figure]:
    reviews = scale.pick(10, 300)
    with temporary_folder() as folder, killable_server() as server:
        databases = DatabaseFactory(folder, lambda: server.url, migrations.upgrade)
        state = folder / "state"
        with databases.fresh("postgresql") as url, built_world(url, state) as world:

            def early(weak: World = world) -> int:
                tokens = [world.invite() for _ in range(reviews)]
                return unsynced(server, weak, tokens, folder / "calls")

            ours = early()
            with opened(url, state) as weak:
                acknowledge_before_the_sync(weak)
                hasty = early(weak)
            with fsync_off(server.url):
                trusting = early()
    return [
        Figure(
            f"{counted(reviews, 'review')}: the log is synced when the answer leaves",
            counted(ours, "early answer"),
            ours == 0,
        ),
        Figure("synchronous_commit = off is caught", counted(hasty, "early answer"), hasty > 0),
        Figure("fsync = off is caught", counted(trusting, "early answer"), trusting > 0),
    ]


def unsynced(server: Server, world: World, tokens: Sequence[str], log: Path) -> int:
    """How many answers left while PostgreSQL's log was not synced."""
    world.read(lambda session: session.connection())  # So that its backend is there to be watched.
    with watched(server.family(), log, CALLS):
        for token in tokens:
            world.submit(token)
    early, answers = early_answers(read_calls(log))
    assert answers == len(tokens), f"{answers} answers were seen"
    return early


def early_answers(calls: Sequence[Call]) -> tuple[int, int]:
    """How many commits were answered with nothing synced for them, or something left to sync; and
    how many there were."""
    dirty: set[str] = set()
    early = answers = synced = 0
    for call in calls:
        if call.name == "sendto":
            if COMMITTED in call.rest:
                answers += 1
                early += bool(dirty) or not synced
                synced = 0
        elif "/pg_wal/" not in call.target:
            continue
        elif call.name in SYNCING:
            dirty.discard(call.target)
            synced += 1
        else:
            dirty.add(call.target)
    return early, answers


def acknowledge_before_the_sync(world: World) -> None:
    """What the product's own setting of it prevents."""

    def connected(connection: psycopg.Connection, _: object) -> None:
        connection.execute("SET synchronous_commit = off")
        connection.commit()

    event.listen(world.unit_of_work.engine, "connect", connected)


@contextmanager
def fsync_off(url: str) -> Iterator[None]:
    """Let the server sync nothing until the block ends."""
    _set_fsync(url, "off")
    try:
        yield
    finally:
        _set_fsync(url, "on")


def _set_fsync(url: str, value: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET fsync = {value}")
        connection.execute("SELECT pg_reload_conf()")
        while connection.execute("SHOW fsync").fetchone() != (value,):
            pass
