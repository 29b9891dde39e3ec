"""What a witness remembers: one SQLite file, beside the key that it belongs to.

A witness is worth something because it never forgets. If an older copy of this file came back, the
witness would cosign a second history after the first, so the file knows its key, a missing one is
never made anew in silence, and its own triggers refuse a tree that shrinks or changes.
"""

from __future__ import annotations

import sqlite3
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

__all__ = [
    "MAX_EVIDENCE",
    "Conflict",
    "Followed",
    "Head",
    "Kind",
    "State",
    "StateError",
    "Transaction",
]

#: The most evidence of one kind that is kept of one log. One piece convicts; a log that signs
#: thousands of forks must not fill the disk.
MAX_EVIDENCE: Final = 100
#: How long a request waits for the one before it (seconds).
BUSY_TIMEOUT: Final = 5.0

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE witness (id INTEGER PRIMARY KEY CHECK (id = 1), vkey TEXT NOT NULL) STRICT;
CREATE TABLE log_key (
  origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)
) STRICT, WITHOUT ROWID;
CREATE TABLE head (
  origin TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE conflict (
  origin TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('fork', 'unproven')),
  size INTEGER NOT NULL,
  root BLOB NOT NULL CHECK (length(root) = 32),
  at INTEGER NOT NULL,
  note TEXT NOT NULL,
  known_note TEXT NOT NULL,
  PRIMARY KEY (origin, kind, size, root)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER head_never_changes BEFORE UPDATE ON head
WHEN new.origin <> old.origin OR new.size < old.size
  OR (new.size = old.size AND new.root <> old.root) OR new.at < old.at
BEGIN SELECT RAISE(ABORT, 'a witness never takes back what it cosigned'); END;
CREATE TRIGGER head_never_repeats BEFORE INSERT ON head
WHEN EXISTS (SELECT 1 FROM head WHERE origin = new.origin)
BEGIN SELECT RAISE(ABORT, 'a witness never starts a log again'); END;
CREATE TRIGGER head_never_goes BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a witness never forgets'); END;
"""

Kind = Literal["fork", "unproven"]


class StateError(Exception):
    """The state cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint of a log that the witness cosigned, `at` POSIX seconds."""

    size: int
    root: bytes
    at: int
    note: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A checkpoint that the log signed and that does not go with one it had signed before.

    A "fork" is proven by the two notes alone: one size, two roots. "unproven" means that whoever
    sent `note` could not show that it continues `known_note`; that may be a fork, or a sender's
    mistake.
    """

    origin: str
    kind: Kind
    size: int
    at: int
    note: str
    known_note: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A log, the keys that may sign for it, and its head if there is one yet."""

    origin: str
    vkeys: tuple[str, ...]
    head: Head | None


class Transaction:
    """The state under its lock, until the block of :meth:`State.deciding` ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def head(self, origin: str) -> Head | None:
        """The newest checkpoint cosigned for `origin`."""
        return _head(self._connection, origin)

    def advance(self, origin: str, head: Head) -> None:
        """`head` is now the newest one."""
        values = {"origin": origin, "size": head.size, "root": head.root}
        changed = self._connection.execute(
            "UPDATE head SET size = :size, root = :root, at = :at, note = :note"
            " WHERE origin = :origin",
            {**values, "at": head.at, "note": head.note},
        )
        if not changed.rowcount:
            self._connection.execute(
                "INSERT INTO head (origin, size, root, at, note)"
                " VALUES (:origin, :size, :root, :at, :note)",
                {**values, "at": head.at, "note": head.note},
            )
        # A proof has come for what could not be proven before.
        self._connection.execute(
            "DELETE FROM conflict WHERE kind = 'unproven'"
            " AND origin = :origin AND size = :size AND root = :root",
            values,
        )

    def keep(self, kind: Kind, origin: str, head: Head, known: Head) -> None:
        """Keep the checkpoint in `head`, which does not go with `known`, as evidence."""
        self._connection.execute(
            "INSERT INTO conflict (origin, kind, size, root, at, note, known_note)"
            " SELECT :origin, :kind, :size, :root, :at, :note, :known_note"
            " WHERE (SELECT count(*) FROM conflict WHERE origin = :origin AND kind = :kind) < :most"
            " ON CONFLICT DO NOTHING",
            {
                "origin": origin,
                "kind": kind,
                "size": head.size,
                "root": head.root,
                "at": head.at,
                "note": head.note,
                "known_note": known.note,
                "most": MAX_EVIDENCE,
            },
        )


class State:
    """The state file at `path`, which belongs to the witness with `vkey`."""

    def __init__(self, path: Path, vkey: str) -> None:
        """Open a state that exists.

        :raises StateError: if there is none, or it is another witness's.
        """
        self._path = path
        if not path.is_file():
            raise StateError(f"{path} is missing: a witness that has forgotten needs a new key")
        with self._connected() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _VERSION:
                raise StateError(f"{path} is no state of this release")
            (found,) = connection.execute("SELECT vkey FROM witness").fetchone()
        if found != vkey:
            raise StateError(f"{path} belongs to the witness {found}, not to {vkey}")

    @classmethod
    def create(cls, path: Path, vkey: str) -> State:
        """Make the state of a new witness.

        :raises FileExistsError: if there is one.
        """
        path.touch(mode=0o600, exist_ok=False)
        with _connect(path) as connection:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION};"
            )
            connection.execute("INSERT INTO witness (id, vkey) VALUES (1, ?)", (vkey,))
            connection.execute("COMMIT")
        return cls(path, vkey)

    @contextmanager
    def deciding(self) -> Iterator[Transaction]:
        """Read and write as one: nobody else does either until the block ends.

        What was written is on the disk when the block has ended, and gone if it raises.

        :raises sqlite3.Error: also when the disk is full or another request takes too long.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def vkeys(self, origin: str) -> list[str]:
        """The keys that may sign for the log `origin`."""
        with self._connected() as connection:
            rows = connection.execute("SELECT vkey FROM log_key WHERE origin = ?", (origin,))
            return [vkey for (vkey,) in rows]

    def follow(self, origin: str, vkey: str) -> bool:
        """Follow the log `origin` by one more key; False if that was so already."""
        with self._connected() as connection:
            added = connection.execute(
                "INSERT INTO log_key (origin, vkey) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (origin, vkey),
            )
            return added.rowcount == 1

    def leave(self, origin: str, vkey: str | None = None) -> int:
        """Follow the log `origin` no more, or not by this key; how many keys went.

        Its head stays: were the log added again, it must continue where it was.
        """
        with self._connected() as connection:
            return connection.execute(
                "DELETE FROM log_key WHERE origin = ? AND vkey = coalesce(?, vkey)", (origin, vkey)
            ).rowcount

    def logs(self) -> list[Followed]:
        """Every log that is followed, or was."""
        with self._connected() as connection:
            origins = connection.execute(
                "SELECT origin FROM log_key UNION SELECT origin FROM head ORDER BY origin"
            ).fetchall()
            keys = connection.execute("SELECT origin, vkey FROM log_key ORDER BY vkey").fetchall()
            return [
                Followed(
                    origin,
                    tuple(vkey for name, vkey in keys if name == origin),
                    _head(connection, origin),
                )
                for (origin,) in origins
            ]

    def conflicts(self) -> list[Conflict]:
        """All evidence, oldest first."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT origin, kind, size, at, note, known_note FROM conflict ORDER BY at, origin"
            )
            return [Conflict(*row) for row in rows]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with _connect(self._path) as connection:
            yield connection


@contextmanager
def _connect(path: Path) -> Iterator[sqlite3.Connection]:
    # mode=rw: a file that is missing is an error, not a fresh memory.
    connection = sqlite3.connect(
        f"file:{urllib.parse.quote(str(path))}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
    )
    try:
        # All is in one file, not in a write-ahead log beside it. Then FULL alone would let a power
        # cut bring the journal back, and with it the head before; EXTRA does all that FULL does
        # and syncs its removal too (sqlite.org/pragma.html#pragma_synchronous).
        connection.execute("PRAGMA synchronous = EXTRA")
        yield connection
    finally:
        connection.close()


def _head(connection: sqlite3.Connection, origin: str) -> Head | None:
    row = connection.execute(
        "SELECT size, root, at, note FROM head WHERE origin = ?", (origin,)
    ).fetchone()
    return None if row is None else Head(*row)
