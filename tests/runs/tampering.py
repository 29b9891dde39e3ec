"""History forged by the operator himself, who has the database, the code and the signing key.

The classes are in ``tests/support/dba/forgeries``; what nobody can find is in ``misses`` there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from support.dba.attempt import attempt
from support.dba.controls import CONTROLS, false_alarms
from support.dba.forgeries import FORGERIES
from support.dba.misses import MISSES, play_out
from support.dba.trial import Originals
from support.postgres import postgres_server

from .figures import Figure, counted, none_of
from .machine import lacks_postgresql
from .places import ENGINES, temporary_folder
from .scale import Scale, steps

NAME = "forgery by the operator, with key and cover-up"
#: In a sample PostgreSQL sees every so manieth class.
SAMPLE = 12


def needs() -> list[str]:
    return lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    with originals() as copies:
        for engine_name, called in ENGINES.items():
            every = scale.pick({"sqlite": 1, "postgresql": SAMPLE}[engine_name], 1)
            figures += _figures(copies, engine_name, called, every)
    return figures


@contextmanager
def originals() -> Iterator[Originals]:
    """The scene, in a folder of its own; PostgreSQL starts when it is asked for."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        yield Originals(folder, cache(lambda: stack.enter_context(postgres_server())))


def _figures(copies: Originals, engine_name: str, called: str, every: int) -> list[Figure]:
    alarms = []
    for control in CONTROLS:
        with copies.copied(engine_name) as trial:
            alarms += false_alarms(trial, control)
    broken = []
    classes = FORGERIES[::every]
    for forgery in steps(f"{NAME}, {called}", classes):
        with copies.copied(engine_name) as trial:
            broken += [f"{forgery}: {problem}" for problem in attempt(trial, forgery)]
    found, unclosed, closers = [], [], 0
    for miss in MISSES:
        closers += len(miss.closers)
        with copies.copied(engine_name) as trial:
            not_missed, not_closed = play_out(trial, miss)
        found += not_missed
        unclosed += not_closed
    blind = sum(not forgery.noticed for forgery in classes)
    alone = sum(forgery.alone is not None for forgery in classes)
    return [
        none_of(
            alarms,
            f"{called}: no false alarm",
            counted(len(CONTROLS), "honest life", "honest lives"),
        ),
        none_of(
            broken,
            f"{called}: every class is found from one kept checkpoint and the public API",
            f"{counted(len(classes), 'class', 'classes')}, {alone} of them by any stranger; "
            f"the shop's own doctor is blind to {blind}",
        ),
        none_of(
            found,
            f"{called}: what no verifier can find is missed, as documented",
            counted(len(MISSES), "expected miss", "expected misses"),
        ),
        none_of(
            unclosed,
            f"{called}: receipts and witnesses close what they can",
            f"{closers} of {closers} found with further evidence",
        ),
    ]
