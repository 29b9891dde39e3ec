"""Beside what else a shop would take: Isso, which keeps comments in SQLite as we do.

``make bench-peers`` installs it into an environment of its own (``build/peers``) and runs this;
without that there is nothing to compare with. Both serve from one process, on the same machine,
in turns: Isso by gunicorn with threads, as its manual says, ours by ``insurance-reviews serve``.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from clients import ask_for, get, post, send_all
from crowd import fill
from install_peers import ENVIRONMENT
from places import PRODUCTS, Places
from posting import WRITERS, in_json, submit_all
from report import Figure
from serving import alone, settings_for_many, wait_for
from submissions import TEXT

from support.standalone import free_port
from support.world import World

#: Reviews in the list → how many times Isso's rate the list of ten must reach.
GOALS = {1_000: 10, 10_000: 40, 100_000: 300}
GOAL_WRITING = 2.5
CLIENTS = 4
LIMIT = "limit=10"


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Lists of ten at several sizes, and submissions; nothing where Isso is not installed."""
    if not (ENVIRONMENT / "bin" / "gunicorn").exists():
        print("  Isso is not installed: run make bench-peers", file=sys.stderr)
        return
    rounds, seconds = (3, 1.0) if quick else (5, 3.0)
    sizes = list(GOALS)[:1] if quick else list(GOALS)
    for size in sizes:
        with places.world("sqlite") as world, _isso(places.folder / f"isso-{size}") as theirs:
            fill(world, PRODUCTS["anxin"], size, f"{size:,} reviews")
            theirs.fill(size)
            with alone(settings_for_many(world)) as ours:
                yield _lists(size, ours, theirs.port, rounds, seconds)
                if size == sizes[0]:
                    yield _writing(world, ours, theirs.port, 200 if quick else 1_000)
            world.check()


def _lists(size: int, ours: int, theirs: int, rounds: int, seconds: float) -> Figure:
    path = f"/reviews/api/v1/products/{PRODUCTS['anxin']}/reviews?{LIMIT}"
    rates: list[tuple[float, float]] = []
    errors = 0
    for _ in range(rounds):
        mine = ask_for(ours, get(path), clients=CLIENTS, seconds=seconds)
        isso = ask_for(theirs, get(f"/?uri=%2F{size}&{LIMIT}"), clients=CLIENTS, seconds=seconds)
        errors += mine.errors + isso.errors
        rates.append((mine.rate, isso.rate))
    ratios = [mine / isso for mine, isso in rates]
    return Figure(
        f"list of 10 among {size:,}, Isso beside",
        median(mine for mine, _ in rates),
        "/s",
        median(ratios),
        min(ratios),
        max(ratios),
        goal=f"≥ {GOALS[size]} ×",
        passed=False if errors else None,
        note=f"Isso: {median(isso for _, isso in rates):.1f}/s; {errors} errors",
        number=4,
    )


def _writing(world: World, ours: int, theirs: int, number: int) -> Figure:
    """The same text, from as many writers; ours with everything that an acceptance means."""
    mine = submit_all(world, ours, number)
    isso = send_all(
        theirs,
        [post(f"/new?uri=%2Fw{n % 3}", in_json(text=TEXT, title="a")) for n in range(number)],
        clients=WRITERS,
    )
    return Figure(
        f"submissions over HTTP, {WRITERS} writers, Isso beside",
        mine.rate,
        "/s",
        mine.rate / isso.rate,
        goal=f"≥ {GOAL_WRITING:g} ×",
        passed=False if mine.errors or isso.errors else None,
        note=f"Isso: {isso.rate:.0f}/s; errors: {mine.errors}, Isso {isso.errors}",
        number=5,
    )


class Isso:
    """A served Isso with an empty database."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._database = folder / "comments.db"

    def fill(self, size: int) -> None:
        """``size`` comments in the thread ``/<size>``, written as Isso writes them."""
        with closing(sqlite3.connect(self._database)) as connection, connection:
            thread = connection.execute(
                "INSERT INTO threads (uri, title) VALUES (?, 'a')", (f"/{size}",)
            ).lastrowid
            connection.executemany(
                "INSERT INTO comments (tid, created, mode, remote_addr, text, voters) "
                "VALUES (?, ?, 1, '127.0.0.0', ?, zeroblob(256))",
                ((thread, 1.7e9 + n, TEXT) for n in range(size)),
            )


@contextmanager
def _isso(folder: Path) -> Iterator[Isso]:
    folder.mkdir()
    settings = folder / "isso.cfg"
    settings.write_text(
        f"[general]\ndbpath = {folder / 'comments.db'}\nhost = http://shop.example/\n"
        "[guard]\nenabled = false\n[hash]\nsalt = a\nalgorithm = none\n",
        encoding="utf-8",
    )
    port = free_port()
    program = ENVIRONMENT / "bin" / "gunicorn"
    command = [str(program), "-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "8"]
    log = (folder / "isso.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*command, "isso.run"],
            env={**os.environ, "ISSO_SETTINGS": str(settings)},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            wait_for(port, "/latest?limit=1", process)
            yield Isso(folder, port)
        finally:
            process.terminate()
