"""The Merkle tree of RFC 6962, section 2.1, over SHA-256.

A tree of `n` leaves splits at the greatest power of two below `n`, so everything left of a split
is *complete* (2**level leaves) and never changes again. A :data:`Node` names a complete subtree.
The complete subtrees that make up a tree, left to right, are its *frontier*: one for each bit of
its size. A log needs to keep complete subtrees only; all else is folded from them.

>>> leaves = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]
>>> nodes, frontier = {}, []
>>> for size, leaf in enumerate(leaves):
...     completed, frontier = grow(size, frontier, leaf)
...     nodes.update({(level, index): digest for level, index, digest in completed})
>>> sorted(nodes)
[(0, 0), (0, 1), (0, 2), (1, 0)]
>>> frontier_nodes(3)
[(1, 0), (0, 2)]
>>> root = frontier_root(frontier)
>>> root == node_hash(node_hash(leaves[0], leaves[1]), leaves[2])
True
>>> read = lambda wanted: [nodes[node] for node in wanted]
>>> check_inclusion(1, 3, leaves[1], prove_inclusion(1, 3, read), root)
>>> check_consistency(2, nodes[1, 0], 3, root, prove_consistency(2, 3, read))
>>> check_inclusion(0, 3, leaves[1], prove_inclusion(1, 3, read), root)
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.ProofError: the proof leads to another root

Both checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2: they walk the bits of the sizes and know
the length of an honest proof before they hash anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from hmac import compare_digest

from .errors import ProofError

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Node",
    "NodeReader",
    "check_consistency",
    "check_inclusion",
    "frontier_nodes",
    "frontier_root",
    "grow",
    "leaf_hash",
    "node_hash",
    "prove_consistency",
    "prove_inclusion",
]

HASH_SIZE = 32

#: ``(level, index)``: the complete subtree over the leaves ``index << level`` up to, but without,
#: ``(index + 1) << level``.
Node = tuple[int, int]

#: Gives the hashes of the nodes asked for, in the order of asking.
NodeReader = Callable[[Sequence[Node]], Sequence[bytes]]

#: The root of the tree without leaves: MTH({}) = SHA-256().
EMPTY_ROOT: bytes = sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """MTH({d}) = SHA-256(0x00 || d)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """MTH(D) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])).

    The prefix bytes keep a leaf from being passed off as a node and the other way round.
    """
    return sha256(b"\x01" + left + right).digest()


def frontier_nodes(size: int) -> list[Node]:
    """The maximal complete subtrees of a tree of `size` leaves, left to right.

    :raises ProofError: if `size` is negative.
    """
    if size < 0:
        raise ProofError(f"there is no tree of {size} leaves")
    return _cover(0, size)


def frontier_root(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree whose :func:`frontier_nodes` have these `hashes`, left to right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in hashes[-2::-1]:
        root = node_hash(left, root)
    return root


def grow(
    size: int, frontier: Sequence[bytes], leaf: bytes
) -> tuple[list[tuple[int, int, bytes]], list[bytes]]:
    """Append one leaf to a tree of `size` leaves.

    :param frontier: the hashes of ``frontier_nodes(size)``, left to right.
    :param leaf: the *hash* of the new leaf.
    :return: every subtree that the leaf completes as ``(level, index, hash)``, the leaf itself
        first; and the frontier of the tree of ``size + 1`` leaves.
    :raises ProofError: if `frontier` cannot be that of a tree of `size` leaves.
    """
    if size < 0 or len(frontier) != size.bit_count():
        raise ProofError(f"{len(frontier)} hashes are no frontier of {size} leaves")
    level, index, digest = 0, size, leaf
    completed = [(level, index, digest)]
    grown = list(frontier)
    while index & 1:
        digest = node_hash(grown.pop(), digest)
        level, index = level + 1, index >> 1
        completed.append((level, index, digest))
    grown.append(digest)
    return completed, grown


def prove_inclusion(index: int, size: int, read: NodeReader) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, section 2.1.1: the siblings from the leaf to the root.

    `read` is called once, with all the nodes that are needed.

    :raises ProofError: if the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    start, end = 0, size
    siblings = []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            siblings.append((split, end))
            end = split
        else:
            siblings.append((start, split))
            start = split
    return _read_ranges(siblings[::-1], read)


def prove_consistency(old: int, new: int, read: NodeReader) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962, section 2.1.2: that the first `old` leaves stayed.

    `read` is called once, with all the nodes that are needed.

    :raises ProofError: if the sizes are not ``0 < old <= new``.
    """
    if not 0 < old <= new:
        raise ProofError(f"there is no consistency proof from {old} to {new} leaves")
    start, end = 0, new
    ranges = []
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    if start:  # otherwise this is the old tree itself, whose root the other side has
        ranges.append((start, end))
    return _read_ranges(ranges[::-1], read)


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that leaf `index` of the tree of `size` leaves under `root` has the *hash* `leaf`.

    Take `size` and `root` from one signed checkpoint. A proof does not bind them to each other: the
    siblings of the first leaf of three look like those of the first leaf of four.

    :raises ProofError: if `proof` does not show it.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    inner, border = _shape(index, size)
    _check_hashes([leaf, root, *proof], 2 + inner + border)
    computed = _climb(leaf, proof[:inner], index)
    computed = _climb_border(computed, proof[inner:])
    _check_root(root, computed, "the proof leads to another root")


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree under `new_root` begins with the leaves of the one under `old_root`.

    Every tree begins with nothing, so an empty old tree needs no proof and proves nothing: it is
    refused here, and a caller who starts from nothing says so himself.

    :raises ProofError: if `proof` does not show it.
    """
    if not 0 < old <= new:
        raise ProofError(f"there is no consistency proof from {old} to {new} leaves")
    if old == new:
        _check_hashes([old_root, new_root, *proof], 2)
        _check_root(old_root, new_root, "two roots for one size")
        return
    # The proof climbs from the greatest complete subtree at the old tree's right edge. Where that
    # subtree is the whole old tree, its hash is the old root and is left out of the proof.
    level = (old & -old).bit_length() - 1
    inner, border = _shape(old - 1, new)
    inner -= level
    whole = old == 1 << level
    _check_hashes([old_root, new_root, *proof], 2 + (not whole) + inner + border)
    seed, path = (old_root, proof) if whole else (proof[0], proof[1:])
    position = (old - 1) >> level
    computed = _climb(seed, path[:inner], position, only_left=True)
    computed = _climb_border(computed, path[inner:])
    _check_root(old_root, computed, "the proof leads to another old root")
    computed = _climb(seed, path[:inner], position)
    computed = _climb_border(computed, path[inner:])
    _check_root(new_root, computed, "the proof leads to another new root")


def _split(size: int) -> int:
    """The k of RFC 6962: the greatest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _cover(start: int, end: int) -> list[Node]:
    """The maximal complete subtrees over the leaves from `start` to `end`, left to right.

    The range must be one that splitting a tree makes: it starts at a multiple of a power of two
    that is no less than its length.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _read_ranges(ranges: Sequence[tuple[int, int]], read: NodeReader) -> list[bytes]:
    """The hash of each range of leaves, from one reading of all the nodes under them."""
    covers = [_cover(start, end) for start, end in ranges]
    nodes = [node for cover in covers for node in cover]
    hashes = read(nodes) if nodes else ()
    if len(hashes) != len(nodes):
        raise ProofError(f"{len(nodes)} nodes asked for, {len(hashes)} read")
    rest = iter(hashes)
    return [frontier_root([next(rest) for _ in cover]) for cover in covers]


def _shape(index: int, size: int) -> tuple[int, int]:
    """How many steps of a path from leaf `index` lie below, and how many on, the right edge.

    Below the edge a sibling may stand on either side; on it, every sibling stands on the left.
    """
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(seed: bytes, path: Sequence[bytes], position: int, *, only_left: bool = False) -> bytes:
    """Hash upwards from the subtree at `position`.

    With `only_left` the siblings on the right are left out: the tree before they existed.
    """
    for height, sibling in enumerate(path):
        if position >> height & 1:
            seed = node_hash(sibling, seed)
        elif not only_left:
            seed = node_hash(seed, sibling)
    return seed


def _climb_border(seed: bytes, path: Sequence[bytes]) -> bytes:
    for sibling in path:
        seed = node_hash(sibling, seed)
    return seed


def _check_hashes(hashes: Sequence[bytes], expected: int) -> None:
    if len(hashes) != expected:
        raise ProofError(f"a proof of {len(hashes) - 2} hashes where {expected - 2} are needed")
    if any(len(digest) != HASH_SIZE for digest in hashes):
        raise ProofError(f"a hash that is not {HASH_SIZE} bytes long")


def _check_root(expected: bytes, computed: bytes, message: str) -> None:
    if not compare_digest(expected, computed):
        raise ProofError(message, expected=expected, computed=computed)
