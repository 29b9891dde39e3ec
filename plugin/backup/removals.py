"""Which texts were removed after a backup: from whatever knows, newer than the backup itself.

The journal in ``STATE_DIR`` knows without being asked. Where that was lost with the database, any
of these will do: the database itself or an older copy of it, a newer backup, the public log or a
mirror of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from ...moderation.schema import SCHEMA, removal
from .archive import ArchiveReader, BackupError, reading_archive
from .mirror import published_keys, read_checkpoint, read_leaves, reader


@dataclass(frozen=True, slots=True)
class Removals:
    """What a source knows: the removed ``items``, and the origins of the ``logs`` of which it knows
    all that the backup knows, and perhaps what came after it."""

    items: frozenset[str]
    logs: frozenset[str]


def removed_items(source: str, archive: ArchiveReader) -> Removals:
    """What was removed according to ``source``: a database URL, an http(s) address of a log, a
    folder that mirrors one, or a backup.

    A published log must be signed by a key that the backup in ``archive`` knows. Raises
    :class:`BackupError`.
    """
    sizes = {mark.origin: mark.size for mark in archive.manifest.logs}
    if Path(source).is_file():
        with reading_archive(Path(source)) as newer:
            found = {row["item"] for _, _, row in newer.rows("removal")}
            reached = {mark.origin: mark.size for mark in newer.manifest.logs}
    elif Path(source).is_dir() or source.startswith(("http://", "https://")):
        found, reached = _of_log(source, published_keys(archive))
    else:
        # Of a database that is broken nobody knows how far it goes; it is the one that was lost.
        found, reached = _of_database(source), sizes
    logs = {origin for origin, size in sizes.items() if reached.get(origin, -1) >= size}
    return Removals(frozenset(found), frozenset(logs))


def _of_log(source: str, keys: Iterable[str]) -> tuple[set[str], dict[str, int]]:
    get = reader(source)
    checkpoint, _ = read_checkpoint(get, keys)
    found = set()
    for leaf in read_leaves(get, checkpoint):
        # Cheaper than parsing every leaf; canonical JSON has no white space.
        if b'"type":"text.removed"' in leaf:
            entry = json.loads(leaf)
            if entry["type"] == "text.removed":
                found.add(entry["item"])
    return found, {checkpoint.origin: checkpoint.size}


def _of_database(source: str) -> set[str]:
    try:
        url = make_url(source)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise BackupError(f"there is no {url.database}")
        options = {"options": f"-c search_path={SCHEMA}"}
        postgresql = url.get_backend_name() == "postgresql"
        engine = create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args=options if postgresql else {},
        )
    except ArgumentError as error:
        raise BackupError(
            f"{source} is no database URL, no address of a log, no folder and no backup"
        ) from error
    try:
        with engine.connect() as connection:
            return set(connection.scalars(select(removal.c.item)))
    except DBAPIError as error:
        raise BackupError(f"removals cannot be read from there: {error.orig}") from error
    finally:
        engine.dispose()
