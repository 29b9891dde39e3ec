"""Lives that hypothesis makes up, against the real services over HTTP, beside a model.

The machine is in ``tests/support/lives``.
"""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from support.copies import Copies
from support.host import issue_tokens
from support.lives.life import Life
from support.postgres import postgres_server
from support.world import World

from .figures import Figure, counted
from .machine import lacks_postgresql
from .places import ENGINES, temporary_folder
from .scale import INTERVAL, Scale, say

NAME = "lives made up by hypothesis"
STEPS = 40
#: Engine → lives in a sample, and in full.
LIVES = {"sqlite": (5, 400), "postgresql": (2, 100)}


def needs() -> list[str]:
    return lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    with installations() as copies:
        return [
            live(copies, engine_name, scale.pick(*LIVES[engine_name])) for engine_name in ENGINES
        ]


@contextmanager
def installations() -> Iterator[Copies]:
    """An installation in which nothing has happened; PostgreSQL starts when it is asked for."""

    def prepare(world: World, folder: Path) -> None:
        issue_tokens(world)

    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        yield Copies(folder, cache(lambda: stack.enter_context(postgres_server())), prepare)


def live(copies: Copies, engine_name: str, lives: int, number: int | None = None) -> Figure:
    """So many lives on an engine, and so many times :data:`STEPS` steps: some end early, and others
    take their place. One that breaks is told as hypothesis has made it small, with the ``number``
    (the seed) that finds it again."""
    number = secrets.randbits(32) if number is None else number
    tally: Counter[str] = Counter()
    begun = time.monotonic()
    goal = f"{ENGINES[engine_name]}: every life as the model has it, every tampering found"
    try:
        while tally["lives"] < lives or tally["steps"] < lives * STEPS:
            missing = lives - min(tally["lives"], tally["steps"] // STEPS)
            _live(machine(copies, engine_name, tally, number), missing)
            number += 1
    except Exception as error:
        traceback.print_exception(error)
        print(f"Found by seed {number}.", file=sys.stderr)
        [first, *_] = str(error).splitlines() or [""]
        return Figure(goal, f"{type(error).__name__}: {first[:100]} (seed {number})", False)
    seconds = time.monotonic() - begun
    told = ", ".join(
        f"{tally[what]:,} {what}" for what in ("steps", "tamperings found", "verified clean")
    )
    return Figure(
        goal, f"{counted(tally['lives'], 'life', 'lives')}, {told}, {seconds:,.0f} s", True
    )


def _live(life: type[Life], lives: int) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=lives,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=False,
            print_blob=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def machine(copies: Copies, engine_name: str, tally: Counter[str], number: int) -> type[Life]:
    """The machine on one engine, with a seed, saying how far it has come."""
    said = time.monotonic()

    def tell(life: Life) -> None:
        nonlocal said
        if time.monotonic() - said >= INTERVAL:
            said = time.monotonic()
            say(f"{NAME}, {ENGINES[engine_name]}: {tally['lives']:,}")

    own = {"copies": copies, "engine_name": engine_name, "tally": tally, "tell": tell}
    found: type[Life] = seed(number)(type("Life", (Life,), own))
    return found
