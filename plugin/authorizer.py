"""SQLite has no roles, so every application connection carries a list of what it may do.

SQLite asks the authorizer while it prepares a statement, once per thing that the statement would
touch, its triggers included; a prepared statement that is run again asks nothing. What is not
allowed here is refused with "not authorized" before a single row is looked at. Migrations use a
connection of their own, without it (``migrations/env.py``).

It stops what comes as SQL: an injected statement, a careless script on the application's own
engine. Whoever can run code in the process or open the file can do without it; there the
triggers, the fingerprint (:mod:`.fingerprint`) and in the end the public log stand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from .hardening.tables import is_search, rights

#: Reading, and where transactions begin and end.
FREE = frozenset(
    {
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
    }
)
_VERBS = {
    "INSERT": sqlite3.SQLITE_INSERT,
    "UPDATE": sqlite3.SQLITE_UPDATE,
    "DELETE": sqlite3.SQLITE_DELETE,
}
WRITES = frozenset(_VERBS.values())
_LAWFUL = frozenset(
    {
        *((_VERBS[verb], table) for table, verbs in rights().items() for verb in verbs),
        # Asked whenever a table-valued function such as json_each() is first used. Who says it in
        # a statement is refused by SQLite unless writable_schema is on, which is refused here.
        (sqlite3.SQLITE_UPDATE, "sqlite_master"),
    }
)

#: Functions that reach out of the database; each is off by default, or should be.
FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})

#: What our connections are opened with. Asked for again, it changes nothing.
SETTINGS: Mapping[str, str] = {
    "journal_mode": "WAL",
    # NORMAL would acknowledge reviews that a power cut then takes back.
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "recursive_triggers": "ON",
    "secure_delete": "ON",
    "trusted_schema": "OFF",
}
#: Pragmas that take an argument and change nothing of what protects the rows. FTS5 asks for
#: ``data_version``, erasure for ``wal_checkpoint``, SQLAlchemy for what describes a table.
HARMLESS = frozenset(
    {
        "busy_timeout",
        "data_version",
        "foreign_key_check",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_list",
        "table_xinfo",
        "wal_checkpoint",
    }
)
#: Pragmas that may be asked, not set.
READABLE = frozenset(
    {
        *SETTINGS,
        "application_id",
        "auto_vacuum",
        "compile_options",
        "database_list",
        "encoding",
        "freelist_count",
        "page_count",
        "page_size",
        "query_only",
        "read_uncommitted",
        "schema_version",
        "user_version",
        "writable_schema",
    }
)


def authorize(
    action: int, first: str | None, second: str | None, database: str | None, _: str | None
) -> int:
    """SQLite's question about one thing (its *Authorizer Action Codes*): ``SQLITE_OK`` or
    ``SQLITE_DENY``."""
    if action in FREE:
        return sqlite3.SQLITE_OK
    if action in WRITES:
        lawful = (action, first) in _LAWFUL or is_search(first or "")
        allowed = lawful and database == "main"
    elif action == sqlite3.SQLITE_FUNCTION:
        allowed = second not in FORBIDDEN_FUNCTIONS
    else:
        allowed = action == sqlite3.SQLITE_PRAGMA and _harmless((first or "").lower(), second)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _harmless(pragma: str, value: str | None) -> bool:
    if pragma in HARMLESS:
        return True
    if value is None:
        return pragma in READABLE
    return value.upper() == SETTINGS.get(pragma)
