"""Eight writers at once: how many reviews a second, how long one waits, and whether all arrived."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Protocol

from measure import Progress, quantile
from places import ENGINES, PRODUCTS, Places, invite, opened
from report import Figure
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from submissions import submit

from insurance_reviews.moderation.schema import log_entry
from insurance_reviews.plugin import schema
from insurance_reviews.plugin.errors import Busy
from support.world import World

WRITERS = 8
#: Reviews a second, over the logs of three insurers.
GOALS = {"sqlite": 300, "postgresql": 200}
#: How long a writer waits for the others to be ready (seconds).
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Written:
    """What one writer saw: how long each review took, and when it began and ended (seconds)."""

    seconds: list[float]
    refused: int
    began: float
    ended: float


class Barrier(Protocol):
    """Where writers meet: that of threads, or that of processes."""

    def wait(self, timeout: float | None = None) -> int: ...


Share = Sequence[str]
How = Callable[[World, Sequence[Share]], list[Written]]


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Threads of one process and processes of one thread, over three logs and over one."""
    each = 20 if quick else 250
    # The goals are for three logs.
    for engine, how, logs in product(ENGINES, WAYS, (3,) if quick else (3, 1)):
        with places.world(engine) as world:
            yield _measured(world, engine, how, logs, each)
            world.check()


def _measured(world: World, engine: str, how: str, logs: int, each: int) -> Figure:
    tokens = invite(world, list(PRODUCTS.values())[:logs], each * WRITERS)
    name = f"{WRITERS} {how}, {logs} log{'s' if logs > 1 else ''}, {ENGINES[engine]}"
    with Progress(name, 1):
        written = WAYS[how](world, [tokens[number::WRITERS] for number in range(WRITERS)])
    seconds = [second for one in written for second in one.seconds]
    rate = len(seconds) / (max(one.ended for one in written) - min(one.began for one in written))
    lost, gaps = world.read(lambda session: _missing(session, len(seconds)))
    waits = [1e3 * quantile(seconds, share) for share in (0.5, 0.99, 1)]
    refused = sum(one.refused for one in written)
    return Figure(
        name,
        rate,
        "/s",
        goal=f"≥ {GOALS[engine]} /s" if logs > 1 else None,
        passed=None if lost == gaps == refused == 0 else False,
        note="p50 {:.0f}, p99 {:.0f}, max {:.0f} ms; ".format(*waits)
        + f"{refused} refused, {lost} lost, {gaps} gaps",
    )


def _missing(session: Session, accepted: int) -> tuple[int, int]:
    """Reviews that were accepted and are not there, and entries missing from their logs."""
    lost = accepted - (session.scalar(select(func.count()).select_from(schema.review)) or 0)
    sizes = session.execute(
        select(func.max(log_entry.c.idx) + 1, func.count()).group_by(log_entry.c.log)
    ).all()
    return lost, sum(size - number for size, number in sizes)


def _write(world: World, share: Share, barrier: Barrier) -> Written:
    seconds, refused = [], 0
    barrier.wait(PATIENCE)
    # This clock is the machine's, not the process's.
    began = time.monotonic()
    for token in share:
        start = time.perf_counter()
        try:
            submit(world, token)
        except Busy:
            refused += 1
        else:
            seconds.append(time.perf_counter() - start)
    return Written(seconds, refused, began, time.monotonic())


def _in_threads(world: World, shares: Sequence[Share]) -> list[Written]:
    barrier = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda share: _write(world, share, barrier), shares))


def _in_processes(world: World, shares: Sequence[Share]) -> list[Written]:
    # Fresh interpreters, as of a server's workers: forked ones would share open connections.
    context = multiprocessing.get_context("spawn")
    url = world.settings.database_url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(WRITERS, context, _meet, (context.Barrier(WRITERS),)) as pool:
        places = [(url, world.settings.state_dir)] * WRITERS
        return list(pool.map(_write_alone, places, shares))


WAYS: dict[str, How] = {"threads": _in_threads, "processes": _in_processes}
#: In a process of its own, where it meets the others.
_meeting: list[Barrier] = []


def _meet(barrier: Barrier) -> None:
    _meeting.append(barrier)


def _write_alone(place: tuple[str, Path], share: Share) -> Written:
    with opened(*place) as world:
        return _write(world, share, _meeting[0])
