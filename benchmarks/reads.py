"""What a read costs over HTTP, beside a bare Flask view, under the same servers.

Base and ours are served by one worker each and asked in turns, on both engines. The goals are
stated against the base under gunicorn; a host is served by the same server as the base, and
stand-alone means ``insurance-reviews serve``, whatever that is made of.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any
from urllib.request import urlopen

from clients import Answers, ask_for, get
from measure import Progress, quantile
from places import ENGINES, PRODUCTS, Places
from report import Figure
from seeds import small
from serving import alone, settings_for_many, worker

from support.standalone import environment
from support.world import World

CLIENTS = 8
#: So many ask at once where only errors are counted.
CONCURRENCIES = (1, 8, 64)
SKU = PRODUCTS["anxin"]
WALL = f"/reviews/embed/wall?product={SKU}&lang=zh-CN"
LIST = f"/reviews/api/v1/products/{SKU}/reviews"
TILE = "/reviews/log/anxin/tile/0/000"
#: The server of the base that the goals are ratios to.
OWN = "gunicorn"
FACTORY = "insurance_reviews.plugin.app:create_app"
CACHE = 32_000_000

Asked = tuple[str, str]
BASE: Asked = ("base", "/")
#: Name → what is served, the bytes of its cache, and what tells that it is ready.
_APPLICATIONS = {
    "base": ("base:bare", 0, "/"),
    "host": ("base:host", CACHE, "/reviews/healthz"),
    "alone": (FACTORY, CACHE, "/reviews/healthz"),
    "rendering": (FACTORY, 0, "/reviews/healthz"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """What is read of which application, and how many times the rate of ``base`` it must reach.
    ``number`` is the goal's, where the base under gunicorn is its own."""

    title: str
    asked: Asked
    limit: float | None = None
    number: int | None = None
    base: Asked = BASE


READS = (
    Read("kept wall, mounted in a host", ("host", WALL), 0.8, 1),
    Read("304 for a wall, mounted in a host", ("host", f"304 {WALL}"), 0.8, 1),
    Read("kept wall, stand-alone", ("alone", WALL), 1.3),
    Read("304 for a wall, stand-alone", ("alone", f"304 {WALL}"), 1.3),
    Read("kept list, stand-alone", ("alone", LIST), 1.3),
    Read("rendered wall", ("rendering", WALL), 0.25, 2),
    Read("rendered list", ("rendering", LIST), 0.45, 2),
    Read("tile of the log", ("host", TILE), 0.4, 6),
    Read(
        "a host's product page with the wall in it, beside the page without",
        ("host", "/product"),
        base=("host", "/plain"),
    ),
)
#: Beside the base under gunicorn.
SERVED = (
    Read("kept wall, insurance-reviews serve", ("serve", WALL), 1.3, 1),
    Read("304 for a wall, insurance-reviews serve", ("serve", f"304 {WALL}"), 1.3, 1),
)
#: What is asked by one and by many.
CROWDED: tuple[Asked, ...] = (("host", WALL), ("rendering", WALL), ("rendering", LIST))


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Kept and rendered walls, conditional requests, lists and tiles, under both servers."""
    rounds, seconds = (2, 0.15) if quick else (7, 2.0)
    servers = ["granian", *([OWN] if find_spec(OWN) else [])]
    if OWN not in servers:
        print(f"  {OWN} is not installed: the goals' own base is missing", file=sys.stderr)
    for engine, title in ENGINES.items():
        world = yield from small(places, engine)
        for server in servers:
            with ExitStack() as stack:
                ports = _ports(stack, server, world)
                yield from _compared(server, title, ports, rounds, seconds)
                yield from _crowded(f"{server}, {title}", ports, seconds)
        yield _first(world, title, 3 if quick else 9)


def _ports(stack: ExitStack, server: str, world: World) -> dict[str, int]:
    ports = {
        name: stack.enter_context(
            worker(server, target, settings_for_many(world, cache_bytes=cache), ready)
        )
        for name, (target, cache, ready) in _APPLICATIONS.items()
    }
    if server == OWN:
        settings = settings_for_many(world, cache_bytes=CACHE)
        ports["serve"] = stack.enter_context(alone(settings))
    return ports


def _compared(
    server: str, engine: str, ports: Mapping[str, int], rounds: int, seconds: float
) -> Iterator[Figure]:
    """Each round asks for everything once; its ratios are to the bases of the same round."""
    name = f"{server}, {engine}"
    reads = dict.fromkeys(READS, name)
    if server == OWN:
        reads |= dict.fromkeys(SERVED, engine)
    asked = dict.fromkeys(one for read in reads for one in (read.base, read.asked))
    requests = {(where, path): _request(ports[where], path) for where, path in asked}
    answers: dict[Asked, list[Answers]] = {one: [] for one in asked}
    with Progress(name, rounds + 1) as progress:
        for turn in range(rounds + 1):
            for one, request in requests.items():
                found = ask_for(ports[one[0]], request, clients=CLIENTS, seconds=seconds)
                if turn:  # The first round fills caches.
                    answers[one].append(found)
            progress.step()
    for read, name in reads.items():
        yield _figure(read, server, name, answers[read.asked], answers[read.base])


def _figure(read: Read, server: str, name: str, ours: list[Answers], base: list[Answers]) -> Figure:
    ratios = [mine.rate / theirs.rate for mine, theirs in zip(ours, base, strict=True)]
    errors = sum(answers.errors for answers in (*ours, *base))
    note = f"base under {server}: {median(answers.rate for answers in base):.0f}/s"
    if read.number is not None and server == OWN:
        note += ", the goal's own"
    return Figure(
        f"{read.title}, {name}",
        median(answers.rate for answers in ours),
        "/s",
        median(ratios),
        min(ratios),
        max(ratios),
        goal=None if read.limit is None else f"≥ {read.limit:g} ×",
        passed=False if errors else None,
        note=note + (f"; {errors} errors" if errors else ""),
        number=read.number if server == OWN else None,
    )


def _crowded(name: str, ports: Mapping[str, int], seconds: float) -> Iterator[Figure]:
    """Whether everybody is answered, however many ask at once."""
    for clients in CONCURRENCIES:
        found = [
            ask_for(ports[where], get(path), clients=clients, seconds=seconds)
            for where, path in CROWDED
        ]
        errors = sum(answers.errors for answers in found)
        taken = [second for answers in found for second in answers.seconds]
        yield Figure(
            f"errors with {clients} at once, {name}",
            errors,
            "",
            goal="0",
            passed=errors == 0,
            note=f"of {len(taken) + errors:,}; p99 {quantile(taken, 0.99) * 1e3:.0f} ms"
            if taken
            else "no answer at all",
            number=2,
        )


def _request(port: int, path: str) -> bytes:
    if not path.startswith("304 "):
        return get(path)
    path = path.removeprefix("304 ")
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return get(path, if_none_match=answer.headers["ETag"])


_FIRST = """
import time
from insurance_reviews.plugin.app import create_app
client = create_app().test_client()
start = time.perf_counter()
assert client.get("{path}").status_code == 200
print(f"first: {{time.perf_counter() - start}}")
"""


def _first(world: World, title: str, times: int) -> Figure:
    """The first request of a process, in the process: nothing is rendered or connected before."""
    settings: dict[str, Any] = settings_for_many(world, cache_bytes=0)
    taken = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", _FIRST.format(path=WALL)],
            env=environment(settings),
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"first: ([0-9.e-]+)", done.stdout)
        assert found is not None, done.stderr
        taken.append(float(found[1]) * 1e3)
    name = f"first request of a process, {title}"
    return Figure(name, median(taken), "ms", goal="≤ 50 ms", number=7)
