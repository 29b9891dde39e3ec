"""Somebody at an SQL prompt, who knows the schema, the formats and every row.

An attack prepares what it needs with lawful statements and then strikes once; the database must
refuse the strike, and nothing before it, with the code that the attack names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import Words
from insurance_reviews.moderation.facts import FactTable
from insurance_reviews.moderation.ids import new_id
from insurance_reviews.moderation.schema import PREFIX, CanonicalJson, content, item
from insurance_reviews.plugin.schema import metadata
from support.attacks.scene import Scene

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = frozenset({SQLITE, POSTGRESQL})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that the attacker appended."""

    log: int
    index: int
    at: int

    @property
    def columns(self) -> dict[str, int]:
        return {"log": self.log, "entry": self.index, "at": self.at}


class Attacker:
    """A connection without our engine's settings, in a transaction that is never committed."""

    def __init__(self, connection: Connection, scene: Scene) -> None:
        self.connection = connection
        self.scene = scene
        self.dialect = connection.dialect.name
        #: Whether the statement that runs is the strike.
        self.striking = False

    def sql(self, statement: str, **values: object) -> Any:
        """Run a statement in which ``$review`` stands for the table of reviews."""
        named = re.sub(r"\$(\w+)", rf"{PREFIX}\1", statement)
        return self.connection.execute(text(named), values)

    def value(self, statement: str, **values: object) -> Any:
        return self.sql(statement, **values).scalar_one()

    def put(self, table: str, row: Row) -> None:
        """Insert a row."""
        self.connection.execute(insert(metadata.tables[PREFIX + table]), dict(row))

    def strike(self, statement: str, **values: object) -> None:
        """The statement that must be refused."""
        self.striking = True
        self.sql(statement, **values)

    def strike_put(self, table: str, row: Row, *, way: str = "INSERT") -> None:
        """The row that must be refused; ``way`` may be one of SQLite's other inserts."""
        self.striking = True
        statement = insert(metadata.tables[PREFIX + table])
        if way != "INSERT":
            statement = statement.prefix_with(way.removeprefix("INSERT "))
        self.connection.execute(statement, dict(row))

    def entry(
        self,
        entry_type: str,
        fields: Row,
        *,
        leaf: bytes | None = None,
        log: int | None = None,
        after: int = 0,
    ) -> Entry:
        """Append an entry, or one that holds ``leaf``, as the next one but ``after`` of the log."""
        log = self.scene.log if log is None else log
        size = self.value("SELECT count(*) FROM $log_entry WHERE log = :log", log=log)
        entry = Entry(log, size + after, self.scene.at)
        if leaf is None:
            leaf = self.leaf(entry_type, fields)
        self.put("log_entry", {"log": log, "idx": entry.index, "leaf": leaf})
        return entry

    def leaf(self, entry_type: str, fields: Row) -> bytes:
        """The canonical leaf of an entry at the scene's hour."""
        return canonical.dumps({"v": 1, "type": entry_type, "at": self.scene.at, **fields})

    def publish(
        self, entry: Entry, kind: str, name: str, words: Words, author: str | None = None
    ) -> None:
        """Store an item and its words, as lawfully as the application does."""
        self.put("item", item_row(entry, kind, name, words.commitment, author))
        self.put("content", content_row(name, words))


def item_row(
    entry: Entry, kind: str, name: str, commitment: str, author: str | None = None
) -> dict[str, object]:
    """A row of ``item``."""
    return {
        item.c.id.name: name,
        item.c.log.name: entry.log,
        item.c.entry.name: entry.index,
        item.c.kind.name: kind,
        item.c.commitment.name: commitment,
        item.c.author.name: author,
    }


def content_row(name: str, words: Words, body: str | None = None) -> dict[str, object]:
    """A row of ``content``, or one with another ``body`` under the same salt."""
    return {
        content.c.item.name: name,
        content.c.salt.name: words.salt,
        content.c.body.name: words.body if body is None else body,
    }


def fact_row(fact: FactTable, entry: Entry, fields: Row, **more: object) -> dict[str, object]:
    """The row of ``fact`` that goes with the entry's ``fields``; ``more`` are columns beside
    them."""
    row: dict[str, object] = {**entry.columns}
    for column, key in fact.fields.items():
        value = fields[key]
        if isinstance(fact.table.c[column].type, CanonicalJson) and not isinstance(value, str):
            value = None if value is None else canonical.dumps(value).decode()
        row[column] = value
    return {**row, **more}


def fresh(prefix: str) -> str:
    """A new id."""
    return new_id(prefix)


Run = Callable[[Attacker], None]


@dataclass(frozen=True, slots=True)
class Attack:
    """``codes`` are those of which the refusal must have one.

    ``only`` names the trigger (without our prefix) that alone stops the attack: without it, the
    attack succeeds.
    """

    name: str
    run: Run
    codes: frozenset[str]
    only: str | None = None
    engines: frozenset[str] = BOTH


class AttackList(list[Attack]):
    """A table of attacks; functions are entered by the decorator :meth:`add`."""

    def add(
        self, name: str, *codes: str, only: str | None = None, on: Iterable[str] = BOTH
    ) -> Callable[[Run], Run]:
        """Enter the decorated function."""

        def enter(run: Run) -> Run:
            self.append(Attack(name, run, frozenset(codes), only, frozenset(on)))
            return run

        return enter

    def again(self, attack: Attack, **changed: Any) -> None:
        """Enter a variant."""
        self.append(replace(attack, **changed))


@dataclass(frozen=True, slots=True)
class Profile:
    """How the attacker's connection is set, where the engine leaves it to the connection."""

    engine: str
    name: str
    pragmas: tuple[str, ...] = ()


PROFILES = (
    Profile(POSTGRESQL, "superuser"),
    *(
        Profile(
            SQLITE,
            f"fk={keys},recursive={recursive}",
            (
                f"PRAGMA foreign_keys = {keys}",
                f"PRAGMA recursive_triggers = {recursive}",
                # What our own connections set, on one of the four.
                f"PRAGMA trusted_schema = {'OFF' if keys == recursive == 'ON' else 'ON'}",
            ),
        )
        for keys in ("ON", "OFF")
        for recursive in ("ON", "OFF")
    ),
)


def prompt_engine(url: str, profile: Profile) -> Engine:
    """An engine that is not ours."""
    engine = create_engine(url, poolclass=NullPool)
    if profile.engine == SQLITE:

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: object) -> None:
            connection.isolation_level = None
            for pragma in profile.pragmas:
                connection.execute(pragma)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def prompt(engine: Engine, scene: Scene) -> Iterator[Attacker]:
    """An attacker whose work is undone at the end."""
    with engine.connect() as connection:
        outer = connection.begin()
        try:
            if connection.dialect.name == POSTGRESQL:
                connection.execute(text("SET LOCAL search_path = insurance_reviews"))
            yield Attacker(connection, scene)
        finally:
            outer.rollback()


_SQLITE_CODES = {
    "CHECK constraint failed": "CHECK",
    "UNIQUE constraint failed": "UNIQUE",
    "NOT NULL constraint failed": "NOT NULL",
    "FOREIGN KEY constraint failed": "FOREIGN KEY",
    "malformed JSON": "JSON",
    "cannot store": "TYPE",
    "not authorized to use function": "FUNCTION",
    "not authorized": "AUTH",
    "table sqlite_master may not be modified": "SCHEMA",
}
_POSTGRESQL_CODES = {
    "23514": "CHECK",
    "23505": "UNIQUE",
    "23502": "NOT NULL",
    "23503": "FOREIGN KEY",
    "22P02": "JSON",
    "22023": "JSON",
}


def code_of(error: DBAPIError) -> str:
    """The code of a refusal: ours (``IR001``), or the engine's in words that both share."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL_CODES.get(state, state)
    message = str(error.orig)
    for beginning, code in _SQLITE_CODES.items():
        if message.startswith(beginning):
            return code
    return message.split()[0]
