"""Whether a SQLite file holds our tables, indexes and triggers as this release ships them.

A trigger that somebody dropped or rewrote refuses nothing and says nothing, so the schema is
compared with the shipped one before the first connection of a process is used. What is shipped is
what SQLite itself makes of the frozen migrations: they are run once per process in an empty
database in memory (about 7 ms).

Only our own objects count, and what hangs on them, by whatever name: tables of the host in the same
file are not looked at. The tables that the search engine keeps for itself are made by the SQLite at
hand, so how they are written down is not compared; what somebody hangs on them is.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from .. import migrations
from ..moderation.schema import PREFIX
from .errors import ReviewsError
from .hardening.tables import SHADOWS

#: (type, name, table, statement); SQLite's own indexes have no statement.
Object = tuple[str, str, str, str | None]

#: Tables that others make in their own words: Alembic, and FTS5 for the search index.
_OF_OTHERS = ", ".join(f"'{name}'" for name in (migrations.VERSION_TABLE, *sorted(SHADOWS)))
# A trigger bears its table's name as whoever made it wrote it, and SQLite does not mind the case.
# An index without a statement is SQLite's own, for a primary key.
_OBJECTS = f"""
SELECT type, name, lower(tbl_name), sql FROM sqlite_schema
WHERE (lower(name) GLOB '{PREFIX}*' OR lower(tbl_name) GLOB '{PREFIX}*')
  AND NOT (tbl_name IN ({_OF_OTHERS}) AND (type = 'table' OR type = 'index' AND sql IS NULL))
"""


class SchemaChanged(ReviewsError, SQLAlchemyError):
    """The database is not as this release ships it: nothing is read from it or written to it.

    To visitors it is a log that is being checked, and to ``/healthz`` a database that cannot be
    used.
    """

    code = "log-unsigned"

    def __init__(self, differences: list[str]) -> None:
        super().__init__(
            "the schema of the database is not that of this release: "
            + "; ".join(differences)
            + ". Somebody changed it by hand: find out who and why, and restore the database from "
            "before that"
        )
        self.differences = differences


def schema_differences(connection: Connection) -> list[str]:
    """What is missing, added or changed in the SQLite database of ``connection``, in sentences.

    Empty when all is as shipped. Of no meaning before ``flask reviews db upgrade``.
    """
    return _differences(_read(connection.exec_driver_sql(_OBJECTS)))


def verify_schema(connection: sqlite3.Connection, revision: str) -> bool:
    """Compare the schema of a database that is at ``revision``; ``False`` when it is at another:
    it must be opened to be migrated, and :class:`~.start_guard.StartGuard` serves nothing from it.

    Raises :class:`SchemaChanged`.
    """
    try:
        found = connection.execute(f"SELECT version_num FROM {migrations.VERSION_TABLE}").fetchall()
    except sqlite3.OperationalError:
        return False
    if only_revision(row[0] for row in found) != revision:
        return False
    objects = _read(connection.execute(_OBJECTS))
    if fingerprint(objects) != shipped_fingerprint():
        raise SchemaChanged(_differences(objects))
    return True


def only_revision(found: Iterable[str]) -> str | None:
    """The revision that a database says it is at, ``None`` when it says nothing.

    Raises :class:`SchemaChanged` when it names several: a migration puts one in another's place.
    """
    revisions = sorted(found)
    if len(revisions) > 1:
        raise SchemaChanged(
            [f"the table {migrations.VERSION_TABLE} names the revisions {', '.join(revisions)}"]
        )
    return revisions[0] if revisions else None


def fingerprint(objects: Iterable[Object]) -> str:
    """SHA-256 of the objects, in hexadecimal, whatever their order."""
    digests = sorted(hashlib.sha256(repr(each).encode()).digest() for each in objects)
    return hashlib.sha256(b"".join(digests)).hexdigest()


@cache
def shipped_fingerprint() -> str:
    """The fingerprint that a migrated database has."""
    return fingerprint(shipped())


@cache
def shipped() -> frozenset[Object]:
    """The objects that the frozen migrations make, in SQLite's own words."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for statement in migrations.shipped_statements("sqlite"):
            connection.execute(statement)
        return _read(connection.execute(_OBJECTS))


def _read(rows: Iterable[object]) -> frozenset[Object]:
    return frozenset(tuple(row) for row in rows)  # type: ignore[misc,arg-type]


def _differences(objects: Iterable[Object]) -> list[str]:
    found = {(kind, name): (table, sql) for kind, name, table, sql in objects}
    wanted = {(kind, name): (table, sql) for kind, name, table, sql in shipped()}
    return [
        *(f"the {kind} {name} is missing" for kind, name in sorted(wanted.keys() - found.keys())),
        *(f"the {kind} {name} was added" for kind, name in sorted(found.keys() - wanted.keys())),
        *(
            f"the {kind} {name} was changed"
            for kind, name in sorted(found.keys() & wanted.keys())
            if found[kind, name] != wanted[kind, name]
        ),
    ]
