"""Raw SQL against the locks, on both engines; each lock removed in turn; what owners bend anyway.

The attacks themselves are in ``tests/support/attacks``.
"""

from __future__ import annotations

from .figures import Figure
from .machine import lacks_postgresql
from .scale import Scale
from .suites import suite

NAME = "SQL attacks, SQLite and PostgreSQL"


def needs() -> list[str]:
    return lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    """The same at every scale: it takes a minute."""
    suites = {
        "the database refuses every attack": "test_attacks.py",
        "each trigger removed lets an attack through": "test_triggers.py",
        "the full check finds what an owner bends": "test_audit.py",
    }
    return [suite(goal, [f"attacks/{name}"]) for goal, name in suites.items()]
