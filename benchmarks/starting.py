"""What a process costs before and at its first page: time, memory, and what it must not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

from measure import Progress
from places import PRODUCTS, Places, invite
from report import Figure
from seeds import small
from submissions import TEXT

from support.host import settings_of
from support.world import World

IMPORT_GOAL = 1.5
MEMORY_GOAL = 110
#: With the dictionary of jieba in it (MB).
WRITING_GOAL = 230
#: So many reviews are written by one process.
WRITTEN = 20
#: The names of each dependency that we use, and no more of it.
DEPENDENCIES = """
import bleach, flask, limits, wtforms
import babel.dates, babel.numbers
import sqlalchemy.dialects.sqlite, sqlalchemy.orm
from cryptography.hazmat.primitives.asymmetric import ed25519
from pydantic import BaseModel
"""
MOUNT = """
import json, os
from flask import Flask
from insurance_reviews.plugin import InsuranceReviews
app = Flask("host")
InsuranceReviews().init_app(app, json.loads(os.environ["BENCH_SETTINGS"]))
"""
PAGE = """
client = app.test_client()
times = []
for number in range(20):
    start = time.perf_counter()
    page = client.get(os.environ["BENCH_PAGE"])
    times.append(time.perf_counter() - start)
    assert page.status_code == 200, page.status
"""
#: The extra ``fast`` is looked for and not found, so that what is loaded is jieba.
WITHOUT_RJIEBA = "import sys; sys.modules['rjieba'] = None\n"
WRITE = """
client = app.test_client()
for token in json.loads(os.environ["BENCH_TOKENS"]):
    review = {"invitation": token, "score": 4, "text": os.environ["BENCH_TEXT"]}
    answer = client.post(os.environ["BENCH_REVIEWS"], json=review)
    assert answer.status_code == 201, answer.text
"""
#: Around each of them: processor seconds, memory (kB), and what was loaded.
MEASURED = """
import sys, time
times, start = [], time.process_time()
{code}
taken = time.process_time() - start
with open("/proc/self/status") as status:
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
import json
print(json.dumps([taken, memory, sorted(set(sys.modules) & {{"jieba", "alembic"}}), times]))
"""


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """Import and mount beside the bare imports; memory and time of the first page."""
    rounds = 3 if quick else 15
    world = yield from small(places, "sqlite")
    settings = {
        "BENCH_PAGE": f"{world.settings.url_prefix}/products/{PRODUCTS['anxin']}",
        **_settings(world),
    }
    yield _imports(settings, rounds)
    yield from _first_page(settings, rounds)
    # One of its own: its index knows the words of another segmenter.
    with places.world("sqlite") as world:
        yield _writing(world, 2 if quick else 5)


def _settings(world: World) -> dict[str, str]:
    settings = settings_of(world)
    # As by default: a mailer would have to be loaded.
    del settings["INSURANCE_REVIEWS_MAIL_FOLDER"]
    return {"BENCH_SETTINGS": json.dumps(settings)}


def _fresh(code: str, settings: Mapping[str, str]) -> tuple[float, int, list[str], list[float]]:
    """Run ``code`` in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(code=code)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    result: tuple[Any, ...] = tuple(json.loads(done.stdout))
    return result


def _imports(settings: Mapping[str, str], rounds: int) -> Figure:
    base, ours, loaded = [], [], list[str]()
    with Progress("import and mount", rounds) as progress:
        for code in (DEPENDENCIES, MOUNT):
            _fresh(code, settings)
        for _ in range(rounds):
            base.append(_fresh(DEPENDENCIES, settings)[0])
            taken, _, loaded, _ = _fresh(MOUNT, settings)
            ours.append(taken)
            progress.step()
    ratios = [mine / theirs for mine, theirs in zip(ours, base, strict=True)]
    return Figure(
        "import and mount",
        median(ours) * 1e3,
        "ms",
        median(ratios),
        min(ratios),
        max(ratios),
        goal=f"≤ {IMPORT_GOAL:g} ×",
        passed=False if loaded else None,
        number=7,
        note=f"dependencies {median(base) * 1e3:.0f} ms; "
        f"loads {', '.join(loaded) or 'neither jieba nor alembic'}",
    )


def _first_page(settings: Mapping[str, str], rounds: int) -> Iterator[Figure]:
    results = [_fresh(MOUNT + PAGE, settings) for _ in range(rounds)]
    memory = median(result[1] for result in results) / 1024
    first = median(result[3][0] for result in results)
    later = median(result[3][-1] for result in results)
    yield Figure(
        "memory of a reading process",
        memory,
        "MB",
        goal=f"≤ {MEMORY_GOAL} MB",
        number=7,
        note="resident, after twenty wall pages",
    )
    yield Figure(
        "first page after the start", first * 1e3, "ms", note=f"the 20th: {later * 1e3:.1f} ms"
    )


def _writing(world: World, times: int) -> Figure:
    """The most of some processes; the first one also writes jieba's cache."""
    # The application lives by the clock, not by the world's.
    world.now = datetime.now(UTC)
    memory = []
    for _ in range(times):
        tokens = invite(world, list(PRODUCTS.values()), WRITTEN)
        settings = {
            "BENCH_REVIEWS": f"{world.settings.url_prefix}/api/v1/reviews",
            "BENCH_TOKENS": json.dumps(tokens),
            "BENCH_TEXT": TEXT,
            **_settings(world),
        }
        _, kilobytes, loaded, _ = _fresh(WITHOUT_RJIEBA + MOUNT + WRITE, settings)
        assert "jieba" in loaded, loaded
        memory.append(kilobytes / 1024)
    return Figure(
        "memory of a writing process with jieba",
        max(memory),
        "MB",
        goal=f"≤ {WRITING_GOAL} MB",
        note=f"resident, after {WRITTEN} reviews; the most of {times}",
        number=7,
    )
