"""What is kept, within its bytes: whoever is asked for again stays longer.

Newcomers are kept apart from those that were asked for twice, and give way first. So a crawler that
reads each page of every wall once pushes out other such pages, and not the walls that people look
at (a segmented LRU: Karedla, Love and Wherry, *Computer* 27(3), 1994).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from .asked import Asked
from .entry import Entry

#: What an entry takes beside its bodies: key, headers, and the store's own places (bytes).
OVERHEAD = 3_000
#: The share that those which were asked for again may take.
PROVEN = 0.8
#: No entry may take more than this share of all.
LARGEST = 1 / 32

Revisions = tuple[int | None, ...]


@dataclass(slots=True, eq=False)
class _Kept:
    entry: Entry
    revisions: Revisions
    size: int


class Store:
    """Entries by what was asked, never more than ``limit`` bytes of them. Threads may share it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._new: OrderedDict[Asked, _Kept] = OrderedDict()
        self._proven: OrderedDict[Asked, _Kept] = OrderedDict()
        self._size = self._proven_size = 0

    @property
    def size(self) -> int:
        """Bytes taken now."""
        return self._size

    def __len__(self) -> int:
        return len(self._new) + len(self._proven)

    def get(self, asked: Asked, revisions: Revisions) -> Entry | None:
        """The entry that was made of these revisions."""
        with self._lock:
            kept = self._proven.get(asked)
            if kept is not None:
                self._proven.move_to_end(asked)
            else:
                kept = self._new.pop(asked, None)
                if kept is None:
                    return None
                self._proven[asked] = kept
                self._proven_size += kept.size
                self._demote()
            return kept.entry if kept.revisions == revisions else None

    def put(self, asked: Asked, revisions: Revisions, entry: Entry) -> None:
        """Keep ``entry``, in the place of what was made of other revisions."""
        with self._lock:
            segment = self._proven if asked in self._proven else self._new
            self._take_out(asked)
            size = entry.size + OVERHEAD
            if size > self._limit * LARGEST:
                return
            segment[asked] = _Kept(entry, revisions, size)
            self._size += size
            if segment is self._proven:
                self._proven_size += size
                self._demote()
            self._evict()

    def weigh(self, asked: Asked, entry: Entry) -> None:
        """Count ``entry`` anew: it has been compressed since it was put here."""
        with self._lock:
            kept = self._proven.get(asked) or self._new.get(asked)
            if kept is None or kept.entry is not entry:
                return
            grown = entry.size + OVERHEAD - kept.size
            kept.size += grown
            self._size += grown
            if asked in self._proven:
                self._proven_size += grown
                self._demote()
            self._evict()

    def _take_out(self, asked: Asked) -> None:
        if (kept := self._proven.pop(asked, None)) is not None:
            self._proven_size -= kept.size
        elif (kept := self._new.pop(asked, None)) is None:
            return
        self._size -= kept.size

    def _demote(self) -> None:
        """Make room among the proven ones: who was not asked for longest is as good as new."""
        while self._proven_size > self._limit * PROVEN:
            asked, kept = self._proven.popitem(last=False)
            self._proven_size -= kept.size
            self._new[asked] = kept

    def _evict(self) -> None:
        while self._size > self._limit:
            # The proven ones alone are fewer bytes than the limit.
            _, kept = self._new.popitem(last=False)
            self._size -= kept.size
