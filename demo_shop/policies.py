"""The shop's own records: who bought which policy, and what happened to it since.

Any shop has such a database already; this one is as small as it can be. What happens is written
down here first and then told to the plugin. Should the process die between the two, the event is
still marked as untold and is told later: telling it twice changes nothing (see
:func:`insurance_reviews.plugin.services.policy_events.record_policy_event`).
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS policy (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  visitor TEXT NOT NULL,
  number TEXT NOT NULL UNIQUE,
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  started_on TEXT NOT NULL,
  UNIQUE (visitor, request)
) STRICT;
CREATE INDEX IF NOT EXISTS policy_email ON policy (email);
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY,
  request TEXT NOT NULL,
  policy TEXT NOT NULL REFERENCES policy,
  stage TEXT NOT NULL,
  occurrence INTEGER NOT NULL,
  occurred_on TEXT NOT NULL,
  told INTEGER NOT NULL DEFAULT 0,
  UNIQUE (policy, request),
  UNIQUE (policy, stage, occurrence)
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a policy; ``occurrence`` counts from 1 within its stage."""

    id: int
    stage: str
    occurrence: int
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy with its events, oldest first. ``id`` may stand in addresses, ``number`` may not."""

    id: str
    number: str
    sku: str
    name: str
    email: str
    started_on: date
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What a visitor fills in. ``request`` is the form's own: sent twice, it buys once."""

    request: str
    visitor: str
    sku: str
    name: str
    email: str
    started_on: date


@dataclass(frozen=True, slots=True)
class Happening:
    """What a visitor lets happen to a policy; ``request`` as in :class:`Order`."""

    request: str
    stage: str
    occurred_on: date


class Policies:
    """The records in one SQLite file, made when it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connected() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)

    def buy(self, order: Order, prefix: str) -> Policy:
        """Issue a policy, its number beginning with ``prefix``, with its underwriting event."""
        with self._connected() as connection:
            number = f"{prefix}{order.started_on:%y%m%d}{secrets.randbelow(10**8):08}"
            made = (secrets.token_urlsafe(12), order.request, order.visitor, number, order.sku)
            connection.execute(
                "INSERT INTO policy VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (visitor, request) DO NOTHING",
                (*made, order.name, order.email, order.started_on.isoformat()),
            )
            (policy,) = _read(
                connection, "request = ? AND visitor = ?", order.request, order.visitor
            )
            bought = Happening(f"{order.request}-bought", "underwriting", policy.started_on)
            _add_event(connection, policy.id, bought)
            (policy,) = _read(connection, "id = ?", policy.id)
        return policy

    def happen(self, policy: Policy, what: Happening) -> None:
        """Write down a renewal or a claim; the same ``request`` again changes nothing."""
        with self._connected() as connection:
            _add_event(connection, policy.id, what)

    def of_visitor(self, visitor: str) -> list[Policy]:
        """All policies of a visitor, the newest purchase first."""
        with self._connected() as connection:
            return _read(connection, "visitor = ?", visitor)[::-1]

    def find(self, visitor: str, policy: str) -> Policy | None:
        """One policy, if it is this visitor's."""
        with self._connected() as connection:
            found = _read(connection, "visitor = ? AND id = ?", visitor, policy)
        return found[0] if found else None

    def is_taken(self, email: str, visitor: str) -> bool:
        """Whether another visitor bought with this address: their mails would mix."""
        with self._connected() as connection:
            query = "SELECT 1 FROM policy WHERE email = ? AND visitor <> ?"
            return connection.execute(query, (email, visitor)).fetchone() is not None

    def untold(self) -> list[tuple[Policy, Event]]:
        """What happened and was not told to the plugin yet, in the order in which it happened."""
        with self._connected() as connection:
            rows = connection.execute("SELECT id, policy FROM event WHERE NOT told ORDER BY id")
            waiting = [(row["id"], row["policy"]) for row in rows]
            found = [(_read(connection, "id = ?", policy)[0], event) for event, policy in waiting]
        return [
            (policy, event)
            for policy, wanted in found
            for event in policy.events
            if event.id == wanted
        ]

    def mark_told(self, event: Event) -> None:
        """The plugin knows it now."""
        with self._connected() as connection:
            connection.execute("UPDATE event SET told = 1 WHERE id = ?", (event.id,))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            connection.row_factory = sqlite3.Row
            yield connection


def _add_event(connection: sqlite3.Connection, policy: str, what: Happening) -> None:
    connection.execute(
        """
        INSERT INTO event (request, policy, stage, occurrence, occurred_on)
        SELECT ?, ?, ?, COUNT(*) + 1, ? FROM event WHERE policy = ? AND stage = ?
        ON CONFLICT (policy, request) DO NOTHING
        """,
        (what.request, policy, what.stage, what.occurred_on.isoformat(), policy, what.stage),
    )


def _read(connection: sqlite3.Connection, condition: str, *values: str) -> list[Policy]:
    """The policies of a condition of ours, in the order of purchase."""
    events: dict[str, list[Event]] = {}
    ours = f"SELECT id FROM policy WHERE {condition}"
    for row in connection.execute(
        f"SELECT * FROM event WHERE policy IN ({ours}) ORDER BY id", values
    ):
        day = date.fromisoformat(row["occurred_on"])
        event = Event(row["id"], row["stage"], row["occurrence"], day)
        events.setdefault(row["policy"], []).append(event)
    rows = connection.execute(f"SELECT * FROM policy WHERE {condition} ORDER BY rowid", values)
    return [
        Policy(
            id=row["id"],
            number=row["number"],
            sku=row["sku"],
            name=row["name"],
            email=row["email"],
            started_on=date.fromisoformat(row["started_on"]),
            events=tuple(events.get(row["id"], ())),
        )
        for row in rows
    ]
