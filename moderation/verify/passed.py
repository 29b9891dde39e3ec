"""The hashes of the leaves that were read, on disk: what was passed can be asked for again.

A checkpoint of any size may turn up at any time, when the entries below it are long past. The
tiles of leaf hashes go into the replay's temporary file, each beside the hash of its subtree, so
that the root and every node of a past tree can be had back without asking the log again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from ..tlog.merkle import HASH_SIZE, Node, node_hash
from ..tlog.tile import TILE_WIDTH

_HEIGHT: Final = 8
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS passed (number INTEGER PRIMARY KEY, top BLOB, hashes BLOB)"
)


class Passed:
    """The full tiles of leaf hashes, by number, in ``database``."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute(_SCHEMA)

    def add(self, number: int, hashes: Sequence[bytes]) -> None:
        """Keep a tile that has been filled."""
        row = (number, _top(hashes), b"".join(hashes))
        self._database.execute("INSERT INTO passed VALUES (?, ?, ?)", row)

    def node(self, node: Node, newest: Sequence[bytes]) -> bytes:
        """The hash of a complete subtree; ``newest`` are the leaves above the full tiles."""
        level, index = node
        if level >= _HEIGHT:
            first, end = (place << level - _HEIGHT for place in (index, index + 1))
            rows = self._database.execute(
                "SELECT top FROM passed WHERE number >= ? AND number < ? ORDER BY number",
                (first, end),
            )
            return _top([top for (top,) in rows])
        number, start = divmod(index << level, TILE_WIDTH)
        return _top((self._tile(number) or newest)[start : start + (1 << level)])

    def _tile(self, number: int) -> list[bytes] | None:
        row = self._database.execute(
            "SELECT hashes FROM passed WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            return None
        return [row[0][start : start + HASH_SIZE] for start in range(0, len(row[0]), HASH_SIZE)]


def _top(hashes: Sequence[bytes]) -> bytes:
    """The hash over a complete subtree's 2ⁿ hashes of one level."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]
