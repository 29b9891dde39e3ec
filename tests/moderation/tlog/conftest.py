"""A tree kept as a log keeps it, and the tree that RFC 6962 defines, for comparison."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.merkle import Node, frontier_root, grow

VECTORS = Path(__file__).parents[2] / "vectors"


class Tree:
    """What a log stores: the complete subtrees, and the frontier that the next append needs."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.nodes: dict[Node, bytes] = {}
        self.frontiers: list[list[bytes]] = [[]]
        self.reads: list[list[Node]] = []
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        return len(self.frontiers) - 1

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        completed, frontier = grow(self.size, self.frontiers[-1], leaf)
        for level, index, digest in completed:
            assert (level, index) not in self.nodes
            self.nodes[level, index] = digest
        self.frontiers.append(frontier)

    def root(self, size: int | None = None) -> bytes:
        return frontier_root(self.frontiers[self.size if size is None else size])

    def read(self, wanted: Sequence[Node]) -> list[bytes]:
        """A NodeReader that remembers how it was called."""
        self.reads.append(list(wanted))
        return [self.nodes[node] for node in wanted]


@pytest.fixture(scope="session")
def make_tree() -> Callable[[Sequence[bytes]], Tree]:
    """Grow a tree from the hashes of its leaves."""
    return Tree


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    """Read a file of the vectors by its path under ``tests/vectors``."""

    def read(name: str) -> Any:
        return json.loads((VECTORS / name).read_text("utf-8"))

    return read
