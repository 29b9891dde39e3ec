"""The rows of a backup, back into their tables: what stands in no log, then entry after entry."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from ...moderation.pipeline import pipelined
from ...moderation.prepared import insertion
from ...moderation.schema import content, log_entry, log_node
from ...moderation.tlog.merkle import frontier_root, grow, leaf_hash
from .. import schema
from .archive import ArchiveReader
from .layout import LOGGED, PLAIN, Row, RowForm, name_of
from .replay import Replay
from .save import Progress
from .tail import ShownWords, Tail

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Forward:
    """What a restore may go forward with: tails of logs, the words that were shown, and, by log
    and size, roots that were signed here."""

    tails: Sequence[Tail] = ()
    words: ShownWords = field(default_factory=ShownWords)
    signed: Mapping[str, Mapping[int, bytes]] = field(default_factory=dict)


class Filling:
    """Brings rows in, and counts them."""

    def __init__(
        self,
        session: Session,
        archive: ArchiveReader,
        removed: frozenset[str],
        progress: Progress,
    ) -> None:
        self._session = session
        self._archive = archive
        self._removed = removed
        self._progress = progress
        self._frontiers: dict[int, tuple[int, list[bytes]]] = {}
        self._node = insertion(log_node)
        self.done = 0
        self.left_out: set[str] = set()

    def plain(self, contacts_from: datetime) -> None:
        """The tables that stand in no log."""
        first = int(contacts_from.timestamp())
        for table in PLAIN:
            rows = self._rows(table, self._archive.rows(name_of(table)))
            if table is schema.holder_contact:
                rows = (row for row in rows if row["created_at"] >= first)
            statement = insertion(table)
            while batch := list(islice(rows, _BATCH)):
                statement.run(self._session, *batch)
                self._progress(self.done, self._archive.manifest.rows)

    def _rows(self, table: Table, values: Iterator[Any]) -> Iterator[Row]:
        form = RowForm(table)
        for value in values:
            self.done += 1
            yield form.decode(value)

    def logged(self) -> None:
        """Every entry with what hangs on it, log after log."""
        merged = heapq.merge(*(self._placed(rank) for rank in range(len(LOGGED))))
        statements = [insertion(part.table) for part in LOGGED]
        while batch := list(islice(merged, _BATCH)):
            with pipelined(self._session):
                for _, _, rank, _, row in batch:
                    table = LOGGED[rank].table
                    if table is content and row["item"] in self._removed:
                        self.left_out.add(row["item"])
                        continue
                    statements[rank].run(self._session, row)
                    if table is log_entry:
                        self._grow(row)
            self._progress(self.done, self._archive.manifest.rows)

    def _placed(self, rank: int) -> Iterator[tuple[int, int, int, int, Row]]:
        """The rows of a table with what sorts them: place, rank, number."""
        form, table = RowForm(LOGGED[rank].table), LOGGED[rank].table
        for number, (log, index, value) in enumerate(self._archive.rows(name_of(table))):
            self.done += 1
            yield log, index, rank, number, form.decode(value)

    def replay(self, tail: Tail, forward: Forward) -> Replay:
        """The entries after the backup."""
        entry = insertion(log_entry)

        def append(row: Row) -> list[bytes]:
            entry.run(self._session, row)
            return self._grow(row)

        replay = Replay(self._session, tail, forward.words, append, self._removed)
        replay.run(forward.signed.get(tail.mark.insurer, {}))
        return replay

    def _grow(self, entry: Row) -> list[bytes]:
        """Insert the nodes that the entry completes; the frontier of the tree with it."""
        log = entry["log"]
        size, frontier = self._frontiers.get(log, (0, []))
        completed, frontier = grow(size, frontier, leaf_hash(entry["leaf"]))
        self._frontiers[log] = size + 1, frontier
        self._node.run(
            self._session,
            *(
                {"log": log, "level": level, "idx": index, "hash": digest}
                for level, index, digest in completed
            ),
        )
        return frontier

    def mark(self, log: int) -> tuple[int, str]:
        """Size and root of a log as it came back."""
        size, frontier = self._frontiers.get(log, (0, []))
        return size, frontier_root(frontier).hex()
