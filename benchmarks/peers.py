"""Beside what else a shop would take: Isso, which keeps comments in SQLite as we do.

``make bench-peers`` installs it into an environment of its own (``build/peers``) and runs this;
without that there is nothing to compare with. Both serve from one process, on the same machine,
in turns: Isso by gunicorn with threads, as its manual says, ours by ``insurance-reviews serve``.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from clients import Answers, ask_for, get, post, send_all
from crowd import fill
from places import PRODUCTS, ROOT, Places, invite
from report import Figure
from submissions import TEXT

from insurance_reviews.plugin.settings import PREFIX
from support.standalone import free_port, served
from support.world import World

ENVIRONMENT = ROOT / "build" / "peers"
PACKAGES = ("isso==0.14.0", "gunicorn>=23")
#: Reviews in the list → how many times Isso's rate the list of ten must reach.
GOALS = {1_000: 10, 10_000: 40, 100_000: 300}
GOAL_WRITING = 2.5
CLIENTS = 4
WRITERS = 8
LIMIT = "limit=10"


def install() -> int:
    """Make the environment; the exit code of what failed, or 0."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    return subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES]).returncode


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Lists of ten at several sizes, and submissions; nothing where Isso is not installed."""
    if not (ENVIRONMENT / "bin" / "gunicorn").exists():
        print("  Isso is not installed: run make bench-peers", file=sys.stderr)
        return
    rounds, seconds = (3, 1.0) if quick else (5, 3.0)
    sizes = [size for size in GOALS if size <= 10_000] if quick else list(GOALS)
    for size in sizes:
        with places.world("sqlite") as world, _isso(places.folder / f"isso-{size}") as theirs:
            fill(world, PRODUCTS["anxin"], size, f"{size:,} reviews")
            theirs.fill(size)
            with served(_environment(world)) as address:
                ours = urlsplit(address).port or 0
                yield _lists(size, ours, theirs.port, rounds, seconds)
                if size == sizes[0]:
                    yield _writing(world, ours, theirs.port, 200 if quick else 1_000)
            world.check()


def _lists(size: int, ours: int, theirs: int, rounds: int, seconds: float) -> Figure:
    path = f"/reviews/api/v1/products/{PRODUCTS['anxin']}/reviews?{LIMIT}"
    rates: list[tuple[float, float]] = []
    for _ in range(rounds):
        mine = _asked(ours, path, seconds)
        isso = _asked(theirs, f"/?uri=%2F{size}&{LIMIT}", seconds)
        rates.append((mine.rate, isso.rate))
    ratios = [mine / isso for mine, isso in rates]
    ratio, goal = median(ratios), GOALS[size]
    return Figure(
        f"list of 10 among {size:,}, Isso beside",
        median(mine for mine, _ in rates),
        "/s",
        ratio,
        min(ratios),
        max(ratios),
        goal=f"≥ {goal} ×",
        passed=ratio >= goal,
        note=f"Isso: {median(isso for _, isso in rates):.1f}/s",
    )


def _asked(port: int, path: str, seconds: float) -> Answers:
    answers = ask_for(port, get(path), clients=CLIENTS, seconds=seconds)
    assert not answers.refused, f"{path}: {answers.statuses}"
    return answers


def _writing(world: World, ours: int, theirs: int, number: int) -> Figure:
    """The same text, from as many writers; ours with everything that an acceptance means."""
    path = f"{world.settings.url_prefix}/api/v1/reviews"
    # The service lives by the clock, not by the world's.
    world.now = datetime.now(UTC)
    tokens = invite(world, list(PRODUCTS.values()), number)
    mine = send_all(
        ours,
        [post(path, _json(invitation=token, score=4, text=TEXT)) for token in tokens],
        clients=WRITERS,
    )
    isso = send_all(
        theirs,
        [post(f"/new?uri=%2Fw{n % 3}", _json(text=TEXT, title="a")) for n in range(number)],
        clients=WRITERS,
    )
    for answers in (mine, isso):
        assert not answers.refused, str(answers.statuses)
    ratio = mine.rate / isso.rate
    slowest = sorted(mine.seconds)[int(0.99 * len(mine.seconds))] * 1e3
    return Figure(
        f"submissions over HTTP, {WRITERS} writers, Isso beside",
        mine.rate,
        "/s",
        ratio,
        goal=f"≥ {GOAL_WRITING:g} ×, p99 ≤ 100 ms",
        passed=ratio >= GOAL_WRITING and slowest <= 100,
        note=f"Isso: {isso.rate:.0f}/s; p99 {slowest:.0f} ms",
    )


def _json(**members: object) -> bytes:
    return json.dumps(members).encode()


def _environment(world: World) -> dict[str, str]:
    """The world's settings for a process of its own. All writers here have one address, so the
    limit per address is out of the way."""
    settings = world.settings
    values = {
        "DATABASE_URL": settings.database_url.render_as_string(hide_password=False),
        "STATE_DIR": str(settings.state_dir),
        "POLICY_KEY": settings.policy_key.hex(),
        "INVITATION_KEY": settings.invitation_key.hex(),
        "RATE_LIMIT_SUBMIT": "1000000/minute",
    }
    return {PREFIX + name: value for name, value in values.items()}


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
            _wait_for(port, process)
            yield Isso(folder, port)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if ask_for(port, get("/latest?limit=1"), clients=1, seconds=0.01).statuses:
                return
        except OSError:
            assert process.poll() is None, "Isso ended"
            assert time.monotonic() < deadline, "Isso does not answer"
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(install())
