"""The raw bytes of a database's files, for tests that look for what should be gone."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy import make_url

from insurance_reviews.plugin.erasure import ERASED_TABLES


def raw_bytes(url: str) -> bytes:
    """All bytes of the files at ``url``: on SQLite the database with its logs, on PostgreSQL the
    tables that hold words, with their TOAST and their indexes."""
    made = make_url(url)
    if made.get_backend_name() == "sqlite":
        file = Path(made.database or "")
        beside = [file.with_name(file.name + end) for end in ("", "-wal", "-journal")]
        return b"\0".join(path.read_bytes() for path in beside if path.exists())
    return b"\0".join(path.read_bytes() for path in _relations(url))


def _relations(url: str) -> list[Path]:
    """The files of the tables, as they are on disk after a checkpoint. For superusers."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        folder = connection.execute("SHOW data_directory").fetchone()
        assert folder is not None
        found = connection.execute(
            "WITH ours AS (SELECT c.oid, c.reltoastrelid FROM pg_class c "
            "WHERE c.relnamespace = 'insurance_reviews'::regnamespace AND c.relname = ANY(%s)), "
            "heaps AS (SELECT oid FROM ours UNION SELECT reltoastrelid FROM ours) "
            "SELECT pg_relation_filepath(h.oid) FROM heaps h WHERE h.oid <> 0 UNION "
            "SELECT pg_relation_filepath(i.indexrelid) FROM pg_index i JOIN heaps h "
            "ON h.oid = i.indrelid",
            [[table.name for table in ERASED_TABLES]],
        ).fetchall()
        return [Path(folder[0], path) for [path] in found]
