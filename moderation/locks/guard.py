"""One guard, two engines: a condition under which the database refuses a row, rendered as a
trigger.

A guard fails closed: a condition that comes out NULL refuses. PostgreSQL's functions carry their
own ``search_path`` and name every table with its schema, so that no temporary table, no function
and no operator of the session can step in front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from .speaker import Speaker

Event = Literal["INSERT", "UPDATE", "DELETE"]


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse ``event`` on ``table`` (its name without prefix) when ``refuse`` holds.

    ``code`` is five characters, an SQLSTATE of ours on PostgreSQL and the message's first word on
    SQLite. ``refuse`` gives the SQL condition over ``NEW`` and ``OLD`` in the words of the engine
    it is asked for; ``engines`` names those that have the guard.
    """

    table: str
    name: str
    event: Event
    code: str
    message: str
    refuse: Callable[[Speaker], str]
    engines: frozenset[str] = frozenset({"sqlite", "postgresql"})


def always(_: Speaker) -> str:
    """The condition that refuses every row."""
    return "TRUE"


def render(guards: Iterable[Guard], say: Speaker) -> list[str]:
    """The statements that install ``guards`` on the engine of ``say``, in order."""
    make = _sqlite if say.dialect == "sqlite" else _postgresql
    return [
        statement
        for guard in guards
        if say.dialect in guard.engines
        for statement in make(guard, say)
    ]


def _sqlite(guard: Guard, say: Speaker) -> list[str]:
    name = say.prefix + guard.table + "_" + guard.name
    when = "" if guard.refuse is always else f"\nWHEN ({guard.refuse(say)}) IS NOT FALSE"
    return [
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {say.table(guard.table)}{when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{guard.code} {guard.table}: {guard.message}'); END"
    ]


def _postgresql(guard: Guard, say: Speaker) -> list[str]:
    table = say.table(guard.table)
    name = f"{guard.table}_{guard.name}"
    row = "OLD" if guard.event == "DELETE" else "NEW"
    refusal = f"RAISE EXCEPTION '{guard.table}: {guard.message}' USING ERRCODE = '{guard.code}';"
    body = (
        refusal
        if guard.refuse is always
        else f"IF ({guard.refuse(say)}) IS NOT FALSE THEN\n    {refusal}\n  END IF;\n"
        f"  RETURN {row};"
    )
    statements = [
        f"CREATE FUNCTION {say.function(name)}() RETURNS trigger LANGUAGE plpgsql\n"
        f"SET search_path = pg_catalog, pg_temp AS $guard$\nBEGIN\n  {body}\nEND $guard$",
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {table}\n"
        f"FOR EACH ROW EXECUTE FUNCTION {say.function(name)}()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]
    if guard.event == "DELETE":
        statements += _no_truncate(guard.table, say)
    return statements


def _no_truncate(table: str, say: Speaker) -> list[str]:
    """TRUNCATE fires no row trigger, so every table that guards DELETE refuses it by statement."""
    name = f"{table}_no_truncate"
    return [
        f"CREATE FUNCTION {say.function(name)}() RETURNS trigger LANGUAGE plpgsql\n"
        f"SET search_path = pg_catalog, pg_temp AS $guard$\nBEGIN\n"
        f"  RAISE EXCEPTION '{table}: TRUNCATE refused' USING ERRCODE = 'IR001';\nEND $guard$",
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {say.table(table)}\n"
        f"FOR EACH STATEMENT EXECUTE FUNCTION {say.function(name)}()",
        f"ALTER TABLE {say.table(table)} ENABLE ALWAYS TRIGGER {name}",
    ]
