"""The generator of lock DDL: what makes a table append-only, and each of its rows equal to its
leaf."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, Integer, Table, UniqueConstraint
from sqlalchemy.types import TypeEngine

from ..facts import FactTable
from ..schema import PREFIX, CanonicalJson
from .guard import Guard, always
from .speaker import Kind, Speaker

SQLITE_ONLY = frozenset({"sqlite"})


def append_only(table: Table, *, successive: bool = False) -> list[Guard]:
    """Guards that refuse UPDATE, DELETE (TRUNCATE) and, on SQLite, REPLACE on ``table``.

    ``INSERT OR REPLACE`` deletes the row in its way without firing DELETE triggers unless the
    connection sets ``recursive_triggers``, so the insert itself is refused when any key of it is
    taken. A table is ``successive`` when another guard of its own lets in only the next row of a
    sequence: there no key of an insert can be taken, and the guard against REPLACE would have
    nothing left to stop.
    """
    name = bare_name(table)
    return [
        Guard(name, "no_update", "UPDATE", "IR001", "UPDATE refused", always),
        Guard(name, "no_delete", "DELETE", "IR001", "DELETE refused", always),
        *([] if successive else [no_replace(table)]),
    ]


def no_replace(table: Table) -> Guard:
    """Refuse, on SQLite, an insert whose primary key or any unique key is taken."""
    keys = [list(table.primary_key.columns.keys())]
    keys += sorted(
        list(constraint.columns.keys())
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )
    keys += [list(index.columns.keys()) for index in table.indexes if index.unique]

    def refuse(say: Speaker) -> str:
        taken = " OR ".join(
            "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys
        )
        return f"EXISTS (SELECT 1 FROM {say.rows(bare_name(table))} WHERE {taken})"

    return Guard(
        bare_name(table),
        "no_replace",
        "INSERT",
        "IR002",
        "a row with this key exists",
        refuse,
        SQLITE_ONLY,
    )


def lock_ddl(
    table: Table, entry_type: str, fields: Mapping[str, str], *, successive: bool = False
) -> list[Guard]:
    """Guards for a fact: append-only (:func:`append_only`), and equal to its log entry.

    ``fields`` maps columns to the leaf's keys; ``v``, ``type`` and ``at`` are understood. The
    trigger writes the canonical leaf anew from the row and compares bytes, because SQLite's JSON
    functions accept duplicate keys, ``5.0`` for 5 and ``true`` for 1.
    """
    return [*append_only(table, successive=successive), leaf_guard(table, entry_type, fields)]


def fact_guards(fact: FactTable, *, successive: bool = False) -> list[Guard]:
    """:func:`lock_ddl` of a table of facts."""
    return lock_ddl(fact.table, fact.entry_type, fact.fields, successive=successive)


def leaf_guard(table: Table, entry_type: str, fields: Mapping[str, str]) -> Guard:
    """Refuse a row from which its entry's leaf cannot be rebuilt byte for byte."""
    name = bare_name(table)

    def refuse(say: Speaker) -> str:
        return (
            f"NOT EXISTS (SELECT 1 FROM {say.rows('log_entry')} e "
            f"WHERE e.log = NEW.log AND e.idx = NEW.entry "
            f"AND e.leaf = {say.utf8(leaf_expression(table, entry_type, fields, say))})"
        )

    return Guard(name, "leaf", "INSERT", "IR003", "the row differs from its log entry", refuse)


def leaf_expression(table: Table, entry_type: str, fields: Mapping[str, str], say: Speaker) -> str:
    """SQL that writes the canonical leaf of ``NEW``, a row of ``table``."""
    members: dict[str, tuple[Kind, str]] = {
        "v": ("integer", "1"),
        "type": ("text", f"{say.literal(entry_type)}"),
        "at": ("integer", "NEW.at"),
    }
    for column, key in fields.items():
        members[key] = (_kind(table.c[column].type), f"NEW.{column}")
    return say.json_object(members)


def _kind(column: TypeEngine[object]) -> Kind:
    if isinstance(column, CanonicalJson):
        return "json"
    return "integer" if isinstance(column, (Integer, BigInteger)) else "text"


def bare_name(table: Table) -> str:
    """A table's name without our prefix."""
    return table.name.removeprefix(PREFIX)
