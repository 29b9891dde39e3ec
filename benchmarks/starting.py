"""What a process costs before and at its first page: time, memory, and what it must not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from crowd import fill
from measure import Progress
from places import PRODUCTS, Places
from report import Figure

from support.world import World

IMPORT_GOAL = 1.5
MEMORY_GOAL = 110
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
    rounds = 5 if quick else 15
    with places.world("sqlite") as world:
        fill(world, PRODUCTS["anxin"], 500, "a wall to read")
        settings = _settings(world)
        yield _imports(settings, rounds)
        yield from _first_page(settings, rounds)


def _settings(world: World) -> dict[str, str]:
    settings = world.settings
    return {
        "BENCH_PAGE": f"{settings.url_prefix}/products/{PRODUCTS['anxin']}",
        "BENCH_SETTINGS": json.dumps(
            {
                "INSURANCE_REVIEWS_DATABASE_URL": str(settings.database_url),
                "INSURANCE_REVIEWS_PUBLIC_URL": "https://shop.example",
                "INSURANCE_REVIEWS_STATE_DIR": str(settings.state_dir),
                "INSURANCE_REVIEWS_POLICY_KEY": settings.policy_key.hex(),
                "INSURANCE_REVIEWS_INVITATION_KEY": settings.invitation_key.hex(),
            }
        ),
    }


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
        passed=median(ratios) <= IMPORT_GOAL and not loaded,
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
        passed=memory <= MEMORY_GOAL,
        note="resident, after twenty wall pages",
    )
    yield Figure(
        "first page after the start", first * 1e3, "ms", note=f"the 20th: {later * 1e3:.1f} ms"
    )
