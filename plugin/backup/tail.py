"""The entries of a log that came after a backup, and the words that were shown with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...moderation import canonical
from ...moderation.commitment import Words
from ...moderation.tlog.merkle import frontier_root, grow, leaf_hash
from .archive import ArchiveReader, BackupError, LogMark
from .mirror import published_keys, read_checkpoint, read_leaves, reader

Leaf = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tail:
    """What a mirror has of a log beyond the backup; the checkpoint over it is ``note``."""

    mark: LogMark
    size: int
    root: bytes
    note: str
    leaves: tuple[bytes, ...]

    def entries(self) -> list[tuple[int, bytes, Leaf]]:
        """Index, leaf and the leaf's members, in order."""
        found: list[tuple[int, bytes, Leaf]] = []
        for index, leaf in enumerate(self.leaves, self.mark.size):
            value = canonical.loads(leaf)
            if not isinstance(value, dict):
                raise BackupError(f"entry {index} of the mirror is no object")
            found.append((index, leaf, value))
        return found

    @property
    def removed(self) -> set[str]:
        """The items that went after the backup."""
        return {leaf["item"] for _, _, leaf in self.entries() if leaf["type"] == "text.removed"}


def read_tail(source: str, archive: ArchiveReader) -> Tail:
    """Read the log at ``source``, an http(s) address or a folder, which must begin with the
    entries of the backup.

    Raises :class:`BackupError`.
    """
    get = reader(source)
    checkpoint, note = read_checkpoint(get, published_keys(archive))
    mark = next((m for m in archive.manifest.logs if m.origin == checkpoint.origin), None)
    if mark is None:
        raise BackupError(f"{checkpoint.origin} was opened after the backup: it has nothing of it")
    if checkpoint.size < mark.size:
        raise BackupError(f"the mirror of {mark.origin} is older than the backup")
    frontier, at_mark = list[bytes](), b""
    leaves = []
    for index, leaf in enumerate(read_leaves(get, checkpoint)):
        _, frontier = grow(index, frontier, leaf_hash(leaf))
        if index + 1 == mark.size:
            at_mark = frontier_root(frontier)
        elif index >= mark.size:
            leaves.append(leaf)
    if at_mark.hex() != mark.root:
        raise BackupError(
            f"the mirror of {mark.origin} does not begin with the entries of the backup: one of "
            "the two is of a forked log"
        )
    return Tail(mark, checkpoint.size, checkpoint.root, note, tuple(leaves))


@dataclass(slots=True)
class ShownWords:
    """Texts as ``reviews.jsonl`` showed them, by item: name, text, salt."""

    _found: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def read(self, file: Path) -> None:
        """Take the texts of an export. Raises :class:`BackupError`."""
        try:
            with file.open(encoding="utf-8") as lines:
                for line in lines:
                    self._take(json.loads(line))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{file} is no export of reviews: {error}") from error

    def _take(self, review: Leaf) -> None:
        reply = review["reply"] or {"versions": ()}
        for shown in (review, *review["follow_ups"], *reply["versions"]):
            if shown["text"] is not None:
                self._found[shown["item"]] = shown["display_name"], shown["text"], shown["salt"]

    def of(self, item: str, commitment: str) -> Words | None:
        """The words of ``item``, if they are the ones that were committed to."""
        if item not in self._found:
            return None
        name, text, salt = self._found[item]
        words = Words(name, text, bytes.fromhex(salt))
        return words if words.commitment == commitment else None
