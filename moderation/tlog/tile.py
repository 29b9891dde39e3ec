"""Tiles and entry bundles, as c2sp.org/tlog-tiles defines them: what a log publishes.

A log is served as files that never change once they are full, 256 of something each::

    tile/<L>/<N>             hashes: the N-th 256 nodes of tree level 8 * L, 32 bytes each
    tile/entries/<N>         leaves: the N-th 256 leaves, each after its length (uint16, big-endian)
    tile/<L>/<N>.p/<W>       the same while there are only W of the 256
    tile/entries/<N>.p/<W>

`L` is a decimal from 0 to 63. `N` is written in groups of three digits, of which all but the last
begin with an x: 1234067 is ``x001/x234/067``. `W` is a decimal from 1 to 255. Nothing has leading
zeros but those groups.

>>> tile_path(0, 1234067, 12)
'tile/0/x001/x234/067.p/12'
>>> entries_path(0)
'tile/entries/000'
>>> parse_tile_path("tile/entries/000")
Tile(level=None, number=0, width=256)
>>> parse_tile_path("tile/0/x000/001")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.MalformedError: malformed tile path: not the shortest form
>>> tile_nodes(1, 2, 17)
(8, 512, 17)
>>> [tile_path(*tile) for tile in tree_tiles(300)]
['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']
>>> format_bundle([b"one", b"three"])
b'\\x00\\x03one\\x00\\x05three'
>>> parse_bundle(b"\\x00\\x03one\\x00\\x05three")
[b'one', b'three']

Paths stand here without a leading slash, as they follow a log's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from .encoding import MAX_INTEGER
from .errors import MalformedError
from .merkle import HASH_SIZE

__all__ = [
    "MAX_LEAF",
    "TILE_WIDTH",
    "Tile",
    "entries_path",
    "format_bundle",
    "format_tile",
    "parse_bundle",
    "parse_tile",
    "parse_tile_path",
    "tile_nodes",
    "tile_path",
    "tree_bundles",
    "tree_tiles",
]

#: How many hashes or leaves a full tile or bundle has.
TILE_WIDTH: Final = 256

#: The longest leaf, in bytes: its length is a uint16.
MAX_LEAF: Final = 65_535

_HEIGHT: Final = 8
_MAX_LEVEL: Final = 63
# Every node in the tile must have an index that a signed 64-bit integer, a database's, can hold.
_MAX_INDEX: Final = MAX_INTEGER // TILE_WIDTH
_MAX_PATH: Final = 64
_PATH: Final = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?"
)


class Tile(NamedTuple):
    """Which tile or bundle: the <N>-th of its level, or of the bundles if the level is None."""

    level: int | None
    number: int
    width: int = TILE_WIDTH


def tile_path(level: int | None, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile of hashes, or of a bundle if `level` is None.

    :raises MalformedError: if there can be no such tile.
    """
    if level is not None and not 0 <= level <= _MAX_LEVEL:
        raise MalformedError("tile path", f"level not between 0 and {_MAX_LEVEL}")
    if not 0 <= index <= _MAX_INDEX:
        raise MalformedError("tile path", f"index not between 0 and {_MAX_INDEX}")
    if not 1 <= width <= TILE_WIDTH:
        raise MalformedError("tile path", f"width not between 1 and {TILE_WIDTH}")
    *leading, last = f"{index:,}".split(",")
    number = "".join(f"x{group:0>3}/" for group in leading) + f"{last:0>3}"
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{number}{partial}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of a bundle of entries.

    :raises MalformedError: if there can be no such bundle.
    """
    return tile_path(None, index, width)


def parse_tile_path(path: str) -> Tile:
    """Read the path of a tile or a bundle.

    :raises MalformedError: if it is none, or not in the form that :func:`tile_path` writes.
    """
    match = _PATH.fullmatch(path) if len(path) <= _MAX_PATH else None
    if match is None:
        raise MalformedError("tile path", "not tile/<L>/<N>[.p/<W>]")
    level, groups, width = match.groups()
    tile = Tile(
        None if level == "entries" else int(level),
        int(re.sub("[x/]", "", groups)),
        TILE_WIDTH if width is None else int(width),
    )
    if tile_path(*tile) != path:
        raise MalformedError("tile path", "not the shortest form")
    return tile


def tile_nodes(level: int | None, index: int, width: int = TILE_WIDTH) -> tuple[int, int, int]:
    """The nodes of the tree that a tile holds, as (their level, the first one's index, how many).

    A level-L tile is a run of complete subtrees of 256**L leaves; a bundle is a run of leaves.
    """
    return _HEIGHT * (level or 0), TILE_WIDTH * index, width


def tree_tiles(size: int) -> Iterator[Tile]:
    """The tiles of hashes of a tree of `size` leaves, level by level from the leaves up."""
    level = 0
    while size:
        yield from _row(level, size)
        level, size = level + 1, size // TILE_WIDTH


def tree_bundles(size: int) -> Iterator[Tile]:
    """The bundles of entries of a tree of `size` leaves."""
    return _row(None, size)


def format_tile(hashes: Sequence[bytes]) -> bytes:
    """The content of a tile of these hashes.

    :raises MalformedError: if they are not 1 to 256 hashes.
    """
    if not 1 <= len(hashes) <= TILE_WIDTH or any(len(digest) != HASH_SIZE for digest in hashes):
        raise MalformedError("tile", f"not 1 to {TILE_WIDTH} hashes of {HASH_SIZE} bytes")
    return b"".join(hashes)


def parse_tile(data: bytes) -> list[bytes]:
    """The hashes in the content of a tile.

    :raises MalformedError: if they are not 1 to 256 hashes.
    """
    count, rest = divmod(len(data), HASH_SIZE)
    if rest or not 1 <= count <= TILE_WIDTH:
        raise MalformedError("tile", f"not 1 to {TILE_WIDTH} hashes of {HASH_SIZE} bytes")
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def format_bundle(leaves: Sequence[bytes]) -> bytes:
    """The content of a bundle of these leaves.

    :raises MalformedError: if they are not 1 to 256 leaves of at most 65,535 bytes.
    """
    if not 1 <= len(leaves) <= TILE_WIDTH:
        raise MalformedError("entry bundle", f"not 1 to {TILE_WIDTH} leaves")
    if any(len(leaf) > MAX_LEAF for leaf in leaves):
        raise MalformedError("entry bundle", f"a leaf of more than {MAX_LEAF} bytes")
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)


def parse_bundle(data: bytes) -> list[bytes]:
    """The leaves in the content of a bundle.

    :raises MalformedError: if they are not 1 to 256 leaves, to the last byte.
    """
    leaves: list[bytes] = []
    start = 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2])
        if end > len(data) or len(leaves) == TILE_WIDTH:
            raise MalformedError("entry bundle", "cut short, or of too many leaves")
        leaves.append(data[start + 2 : end])
        start = end
    if not leaves:
        raise MalformedError("entry bundle", "empty")
    return leaves


def _row(level: int | None, count: int) -> Iterator[Tile]:
    full, rest = divmod(count, TILE_WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if rest:
        yield Tile(level, full, rest)
