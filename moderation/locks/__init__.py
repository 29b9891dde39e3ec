"""Locks: the triggers by which the database itself refuses to bend a fact.

:func:`lock_ddl` makes the guards of a table whose rows are facts; :func:`floor_guards` are those
of the floor's own tables; :func:`install` hangs them on the metadata, so that ``create_all``
creates them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, MetaData, event

from .floor import item_guards, log_guards, report_guards
from .generate import append_only, fact_guards, lock_ddl
from .guard import Guard, always, render
from .speaker import Speaker, speaker
from .texts import content_guards, removal_guards

__all__ = [
    "Guard",
    "Speaker",
    "always",
    "append_only",
    "fact_guards",
    "floor_guards",
    "install",
    "lock_ddl",
    "render",
    "speaker",
]


def floor_guards() -> list[Guard]:
    """The guards of every table of the floor."""
    return [
        *log_guards(),
        *item_guards(),
        *report_guards(),
        *removal_guards(),
        *content_guards(),
    ]


def install(metadata: MetaData, guards: Sequence[Guard]) -> None:
    """Create ``guards`` at the end of ``metadata.create_all``, when every table that they name
    exists."""
    for dialect in ("sqlite", "postgresql"):
        for statement in render(guards, speaker(dialect)):
            # DDL() formats with %, and our triggers hold literal percent signs.
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(metadata, "after_create", ddl.execute_if(dialect=dialect))
