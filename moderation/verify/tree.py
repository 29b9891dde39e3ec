"""A log read from its first entry to its last, in bounded memory: entries, hashes, roots.

Every bundle of entries is fetched, every leaf hashed, and every served tile of hashes, on all
levels, compared with what the entries give. Of every size that was passed, the root and the
consistency proofs can be had afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from ..tlog.errors import MalformedError
from ..tlog.merkle import (
    Node,
    frontier_nodes,
    frontier_root,
    grow,
    leaf_hash,
    prove_consistency,
)
from ..tlog.tile import TILE_WIDTH, entries_path, parse_bundle, parse_tile, tile_path
from .fetch import Turn, ahead
from .findings import Findings
from .passed import Passed
from .site import Site

_HEIGHT: Final = 8


class Broken(Exception):
    """The served entries end here, though the checkpoint covers more. The finding is noted."""


@dataclass(slots=True)
class Tree:
    """The tree over what was read so far."""

    site: Site
    findings: Findings
    passed: Passed
    workers: int = 1
    size: int = 0
    #: The first entry that was another one when it was read again.
    changed: int | None = None
    frontier: list[bytes] = field(default_factory=list)
    #: Hashes of each level's tile that is not full yet, from the leaves up.
    _open: list[list[bytes]] = field(default_factory=list)

    @property
    def root(self) -> bytes:
        return frontier_root(self.frontier)

    def root_at(self, size: int) -> bytes:
        """The root at a size from 1 on that has been passed."""
        return frontier_root(self._nodes(frontier_nodes(size)))

    def prove(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes that have been passed."""
        return prove_consistency(old, new, self._nodes)

    def _nodes(self, nodes: Sequence[Node]) -> list[bytes]:
        newest = self._open[0] if self.size % TILE_WIDTH else ()
        return [self.passed.node(node, newest) for node in nodes]

    def read_to(self, target: int) -> Iterator[bytes]:
        """The leaves from :attr:`size` on, up to a tree of ``target``; compares every tile on the
        way. While a leaf is looked at, the tree ends with it.

        Raises :class:`Broken`, and :class:`CannotCheck` when the log cannot be reached.
        """
        numbers = range(self.size // TILE_WIDTH, -(-target // TILE_WIDTH))
        jobs = ((number, min(TILE_WIDTH, target - number * TILE_WIDTH)) for number in numbers)
        turn = Turn()

        def fetch(job: tuple[int, int]) -> tuple[int, int, bytes | None, bytes | None]:
            hashes = self._get(0, *job)
            return *job, self._get(None, *job, lambda: turn.wait(job[0])), hashes

        turn.come(numbers.start)
        for number, width, bundle, hashes in ahead(
            fetch, jobs, self.workers, lambda: turn.come(inf)
        ):
            leaves = self._leaves(number, width, bundle)
            del bundle  # It may be large, and so may be the next one.
            known = self._hashes(0, number, width, hashes)
            yield from self._grow(number * TILE_WIDTH, leaves, known)
            del leaves
            turn.come(number + 1)
        self._compare_open(target)

    def _get(
        self, level: int | None, number: int, width: int, wait: Callable[[], None] = lambda: None
    ) -> bytes | None:
        """A tile; where it has been filled up meanwhile, the full one serves as well."""
        data = self.site.tile(level, number, width, wait)
        if data is None and width < TILE_WIDTH:
            data = self.site.tile(level, number, TILE_WIDTH, wait)
        return data

    def _leaves(self, number: int, width: int, data: bytes | None) -> list[bytes]:
        path = entries_path(number, width)
        if data is None:
            self.findings.add("bundle-missing", f"{path} is not served", index=number * TILE_WIDTH)
            raise Broken
        try:
            leaves = parse_bundle(data)
        except MalformedError as error:
            self.findings.add("bundle-malformed", f"{path}: {error}", index=number * TILE_WIDTH)
            raise Broken from error
        if len(leaves) not in (width, TILE_WIDTH):
            self.findings.add(
                "bundle-malformed",
                f"{path} holds {len(leaves)} entries, not {width}",
                index=number * TILE_WIDTH,
            )
            raise Broken
        return leaves[:width]

    def _grow(
        self, start: int, leaves: Sequence[bytes], known: Sequence[bytes] | None
    ) -> Iterator[bytes]:
        for index, leaf in enumerate(leaves, start):
            digest = leaf_hash(leaf)
            place = index - start
            if known is not None and known[place] != digest:
                self.findings.add(
                    "tile-differs",
                    f"entry {index} does not give the hash that the log serves for it",
                    index=index,
                    log=known[place].hex(),
                    shown=digest.hex(),
                )
            if index < self.size:
                # Read again, because this bundle was not full the last time.
                if self._open[0][place] != digest and self.changed is None:
                    self.changed = index
                continue
            self._append(digest)
            yield leaf

    def _append(self, digest: bytes) -> None:
        completed, self.frontier = grow(self.size, self.frontier, digest)
        self.size += 1
        for level, index, subtree in completed:
            if level % _HEIGHT == 0:
                self._collect(level // _HEIGHT, index, subtree)

    def _collect(self, level: int, index: int, digest: bytes) -> None:
        if level == len(self._open):
            self._open.append([])
        tile = self._open[level]
        if len(tile) == TILE_WIDTH:
            tile.clear()
        tile.append(digest)
        if len(tile) == TILE_WIDTH:
            if level:
                self._compare(level, index // TILE_WIDTH, tile)
            else:
                self.passed.add(index // TILE_WIDTH, tile)

    def _compare_open(self, target: int) -> None:
        """The tiles above the leaves that are not full at this size."""
        for level in range(1, len(self._open)):
            number, width = divmod(target >> _HEIGHT * level, TILE_WIDTH)
            if width:
                self._compare(level, number, self._open[level])

    def _compare(self, level: int, number: int, computed: Sequence[bytes]) -> None:
        data = self._get(level, number, len(computed))
        known = self._hashes(level, number, len(computed), data)
        if known is not None and known != list(computed):
            self.findings.add(
                "tile-differs",
                f"{tile_path(level, number, len(computed))} holds other hashes than the entries",
                index=number * TILE_WIDTH ** (level + 1),
            )

    def _hashes(
        self, level: int, number: int, width: int, data: bytes | None
    ) -> list[bytes] | None:
        path = tile_path(level, number, width)
        index = number * TILE_WIDTH ** (level + 1)
        if data is None:
            self.findings.add("tile-missing", f"{path} is not served", index=index)
            return None
        try:
            hashes = parse_tile(data)
        except MalformedError as error:
            self.findings.add("tile-malformed", f"{path}: {error}", index=index)
            return None
        if len(hashes) not in (width, TILE_WIDTH):
            self.findings.add(
                "tile-malformed", f"{path} holds {len(hashes)} hashes, not {width}", index=index
            )
            return None
        return hashes[:width]
