"""Raw SQL in every role on both engines; each defence removed in turn; what owners bend anyway.

The attacks themselves are in ``tests/support/attacks``.
"""

from __future__ import annotations

from support.attacks.figures import Needed, Standing, figures

from .figures import Figure, none_of
from .machine import lacks_postgresql
from .places import databases_in, temporary_folder
from .scale import Scale, say
from .suites import suite

NAME = "SQL attacks, SQLite and PostgreSQL"


def needs() -> list[str]:
    return lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    """The same at every scale: it takes a minute or two."""
    with temporary_folder() as folder, databases_in(folder) as databases:
        (folder / "state").mkdir()
        standings, needed = figures(databases, folder / "state", say)
    suites = {
        "the locks alone refuse every attack": "test_attacks.py",
        "the full check finds what an owner bends": "test_audit.py",
    }
    return [
        *map(_standing, standings),
        *map(_needed, needed),
        *(suite(goal, [f"attacks/{name}"]) for goal, name in suites.items()),
    ]


def _standing(standing: Standing) -> Figure:
    bypasses = f", {standing.bypasses} known bypasses, each seen" if standing.bypasses else ""
    return none_of(
        [*standing.wrong, *(f"{name} is not seen" for name in standing.unseen)],
        f"{standing.role}: refused but what is lawful",
        f"{standing.refused} refused, {standing.lawful} lawful{bypasses}",
    )


def _needed(needed: Needed) -> Figure:
    working = needed.defences - len(needed.idle)
    return none_of(
        needed.idle,
        f"{needed.engine}: each defence removed lets an attack through",
        f"{working} of {needed.defences}",
    )
