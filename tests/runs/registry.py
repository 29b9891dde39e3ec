"""Every run, in the order in which they are made: a short name and its module."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from .figures import Figure
from .scale import Scale


class Run(Protocol):
    """What a module of a run offers."""

    #: How the run is called in the table.
    NAME: str
    #: What this machine lacks for it, each with its remedy.
    needs: Callable[[], list[str]]
    run: Callable[[Scale], list[Figure]]


RUNS = {
    "sql": "runs.sql",
    "tampering": "runs.tampering",
    "stateful": "runs.stateful",
    "foreign": "runs.foreign",
    "flips": "runs.flips",
    "verifier": "runs.verifier",
    "strings": "runs.strings",
    "durable-sqlite": "runs.durable_sqlite",
    "durable-postgresql": "runs.durable_postgresql",
    "faults": "runs.faults",
    "full-disk": "runs.full_disk",
    "kills-sqlite": "runs.kills_sqlite",
    "kills-postgresql": "runs.kills_postgresql",
}

#: Those that consist of tests, or have tests of their own, which ``make test`` makes anyway.
SUITES = {"sql", "tampering", "stateful"}


def load(name: str) -> Run:
    """The run called ``name``."""
    return cast(Run, import_module(RUNS[name]))
