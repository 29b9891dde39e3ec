"""What a read costs over HTTP, beside a bare Flask view, under the same servers.

Base and ours are served by one worker each and asked in turns. granian is a dependency; gunicorn is
measured where it is installed too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from clients import ask_for, get
from crowd import fill
from places import PRODUCTS, Places
from report import Figure

from insurance_reviews.plugin.settings import PREFIX
from support.standalone import environment, free_port
from support.world import World

CLIENTS = 8
REVIEWS = 1_000
SKU = PRODUCTS["anxin"]
WALL = f"/reviews/embed/wall?product={SKU}&lang=zh-CN"
LIST = f"/reviews/api/v1/products/{SKU}/reviews"
TILE = "/reviews/log/anxin/tile/0/000"
ALONE = "insurance_reviews.plugin.app:create_app"
HERE = Path(__file__).resolve().parent


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Kept and rendered walls, conditional requests, lists and tiles, on both servers."""
    rounds, seconds = (3, 0.7) if quick else (7, 2.0)
    servers = ["granian", *(["gunicorn"] if find_spec("gunicorn") else [])]
    with places.world("sqlite") as world:
        fill(world, SKU, REVIEWS, f"{REVIEWS:,} reviews")
        for server in servers:
            with ExitStack() as stack:
                ports = {
                    name: stack.enter_context(_served(server, target, world, cache))
                    for name, (target, cache) in _APPLICATIONS.items()
                }
                for title, (application, path, goal) in READS.items():
                    yield _compared(
                        f"{title}, {server}", ports, application, path, goal, rounds, seconds
                    )
        yield _first(world)


#: Name → what is served, and the bytes of its cache.
_APPLICATIONS = {
    "base": ("base:bare", 0),
    "host": ("base:host", 32_000_000),
    "alone": (ALONE, 32_000_000),
    "rendering": (ALONE, 0),
}
#: What is read → from which application, and how many times the base's rate it must reach.
READS: Mapping[str, tuple[str, str, float]] = {
    "kept wall, mounted in a host": ("host", WALL, 0.8),
    "kept wall, stand-alone": ("alone", WALL, 1.3),
    "304 for a wall, mounted in a host": ("host", f"304 {WALL}", 0.8),
    "304 for a wall, stand-alone": ("alone", f"304 {WALL}", 1.3),
    "kept list, stand-alone": ("alone", LIST, 1.3),
    "rendered wall": ("rendering", WALL, 0.25),
    "rendered list": ("rendering", LIST, 0.45),
    "tile of the log": ("alone", TILE, 0.4),
}


def _compared(
    title: str,
    ports: Mapping[str, int],
    application: str,
    path: str,
    goal: float,
    rounds: int,
    seconds: float,
) -> Figure:
    request, base = _request(ports[application], path), get("/")
    rates: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        theirs = ask_for(ports["base"], base, clients=CLIENTS, seconds=seconds)
        ours = ask_for(ports[application], request, clients=CLIENTS, seconds=seconds)
        assert not ours.refused, f"{path}: {ours.statuses}"
        if turn:  # The first round fills caches.
            rates.append((ours.rate, theirs.rate))
    ratios = [ours / theirs for ours, theirs in rates]
    ratio = median(ratios)
    return Figure(
        title,
        median(ours for ours, _ in rates),
        "/s",
        ratio,
        min(ratios),
        max(ratios),
        goal=f"≥ {goal:g} ×",
        passed=ratio >= goal,
        note=f"base: {median(theirs for _, theirs in rates):.0f}/s",
    )


def _request(port: int, path: str) -> bytes:
    if not path.startswith("304 "):
        return get(path)
    path = path.removeprefix("304 ")
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return get(path, if_none_match=answer.headers["ETag"])


@contextmanager
def _served(server: str, target: str, world: World, cache: int) -> Iterator[int]:
    port = free_port()
    module, _, factory = target.partition(":")
    if server == "granian":
        command = ["granian", "--interface", "wsgi", "--factory", "--no-ws", "--port", str(port)]
        command += ["--blocking-threads", "4", "--log-level", "error", target]
    else:
        command = ["gunicorn", "-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "8"]
        command += ["--log-level", "error", f"{module}:{factory}()"]
    settings = environment(_settings(world, cache))
    settings["PYTHONPATH"] = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    with subprocess.Popen([sys.executable, "-m", *command], env=settings) as process:
        try:
            _wait_for(port, "/" if factory == "bare" else "/reviews/healthz", process)
            yield port
        finally:
            process.terminate()


def _settings(world: World, cache: int) -> dict[str, str]:
    settings = world.settings
    return {
        f"{PREFIX}DATABASE_URL": settings.database_url.render_as_string(hide_password=False),
        f"{PREFIX}STATE_DIR": str(settings.state_dir),
        f"{PREFIX}POLICY_KEY": settings.policy_key.hex(),
        f"{PREFIX}INVITATION_KEY": settings.invitation_key.hex(),
        f"{PREFIX}PUBLIC_URL": settings.public_url,
        f"{PREFIX}CACHE_BYTES": str(cache),
    }


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if ask_for(port, get(path), clients=1, seconds=0.01).statuses:
                return
        except OSError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


_FIRST = """
import time
from insurance_reviews.plugin.app import create_app
client = create_app().test_client()
start = time.perf_counter()
assert client.get("{path}").status_code == 200
print(f"first: {{time.perf_counter() - start}}")
"""


def _first(world: World) -> Figure:
    """The first request of a process, in the process: nothing is rendered or connected before."""
    settings = environment(_settings(world, 0))
    settings["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    taken = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", _FIRST.format(path=WALL)],
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"first: ([0-9.e-]+)", done.stdout)
        assert found is not None, done.stderr
        taken.append(float(found[1]) * 1e3)
    return Figure(
        "first request of a process",
        median(taken),
        "ms",
        goal="≤ 50 ms",
        passed=median(taken) <= 50,
    )
