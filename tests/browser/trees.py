"""A log as files, made of any leaves: also of such as no log of ours would hold."""

from __future__ import annotations

from collections.abc import Sequence

from insurance_reviews.moderation.tlog.merkle import frontier_root, grow, leaf_hash
from insurance_reviews.moderation.tlog.tile import (
    TILE_WIDTH,
    format_bundle,
    format_tile,
    tile_nodes,
    tile_path,
    tree_bundles,
    tree_tiles,
)


class Tree:
    """The tree of `leaves`, at any of its sizes."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self.frontiers: list[list[bytes]] = [[]]
        self.nodes: dict[tuple[int, int], bytes] = {}
        for number, leaf in enumerate(leaves):
            completed, frontier = grow(number, self.frontiers[-1], leaf_hash(leaf))
            self.nodes.update({(level, index): digest for level, index, digest in completed})
            self.frontiers.append(frontier)

    @property
    def size(self) -> int:
        return len(self.leaves)

    def root(self, size: int | None = None) -> bytes:
        return frontier_root(self.frontiers[self.size if size is None else size])

    def files(self, size: int | None = None) -> dict[str, bytes]:
        """All tiles and bundles of the log at `size`, by their paths."""
        size = self.size if size is None else size
        files = {}
        for tile in tree_tiles(size):
            level, first, width = tile_nodes(*tile)
            hashes = [self.nodes[level, first + place] for place in range(width)]
            files[tile_path(*tile)] = format_tile(hashes)
        for bundle in tree_bundles(size):
            start = bundle.number * TILE_WIDTH
            files[tile_path(*bundle)] = format_bundle(self.leaves[start : start + bundle.width])
        return files
