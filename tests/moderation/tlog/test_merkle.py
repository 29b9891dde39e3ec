"""The tree is RFC 6962's: compared with the RFC's own definitions, for every small size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.errors import ProofError, TlogError
from insurance_reviews.moderation.tlog.merkle import (
    EMPTY_ROOT,
    Node,
    check_consistency,
    check_inclusion,
    frontier_nodes,
    frontier_root,
    grow,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
)


class Tree(Protocol):
    nodes: dict[Node, bytes]
    reads: list[list[Node]]

    def root(self, size: int | None = None) -> bytes: ...
    def read(self, wanted: Sequence[Node]) -> list[bytes]: ...


MakeTree = Callable[[Sequence[bytes]], Tree]

LEAVES = [leaf_hash(b"leaf %d" % n) for n in range(300)]


# The definitions of RFC 6962, section 2.1, as they stand there; leaves are given by their hashes.


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: Sequence[bytes]) -> bytes:
    if not d:
        return sha256(b"").digest()
    if len(d) == 1:
        return d[0]
    k = split(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: Sequence[bytes], b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], b), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


class Uniform:
    """A tree whose leaves are all the same, so that it can be read at any size."""

    def __init__(self) -> None:
        self.levels = [leaf_hash(b"same")]
        for _ in range(63):
            self.levels.append(node_hash(self.levels[-1], self.levels[-1]))

    def read(self, wanted: Sequence[Node]) -> list[bytes]:
        return [self.levels[level] for level, _ in wanted]

    def root(self, size: int) -> bytes:
        return frontier_root(self.read(frontier_nodes(size)))


UNIFORM = Uniform()
SIZES = st.integers(1, 2**63 - 1)


def test_hashes_are_those_of_the_rfc() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT
    assert sha256(b"\x00leaf").digest() == leaf_hash(b"leaf")
    assert sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest() == node_hash(b"l" * 32, b"r" * 32)


def test_growing_gives_the_root_of_the_rfc_at_every_size(make_tree: MakeTree) -> None:
    tree = make_tree(LEAVES)
    for size in range(len(LEAVES) + 1):
        assert mth(LEAVES[:size]) == tree.root(size)


def test_growing_completes_every_complete_subtree_once(make_tree: MakeTree) -> None:
    tree = make_tree(LEAVES[:100])
    expected = {
        (level, index): mth(LEAVES[index << level : (index + 1) << level])
        for level in range(7)
        for index in range(100 >> level)
    }
    assert expected == tree.nodes


def test_the_first_subtree_completed_is_the_leaf_itself() -> None:
    assert ([(0, 2, LEAVES[2])], [b"n" * 32, LEAVES[2]]) == grow(2, [b"n" * 32], LEAVES[2])
    completed, _ = grow(3, [b"n" * 32, b"l" * 32], LEAVES[3])
    assert [(level, index) for level, index, _ in completed] == [(0, 3), (1, 1), (2, 0)]


def test_growing_leaves_the_given_frontier_alone() -> None:
    frontier = [LEAVES[0]]
    grow(1, frontier, LEAVES[1])
    assert [LEAVES[0]] == frontier


@given(SIZES)
def test_frontier_covers_the_tree_with_complete_subtrees(size: int) -> None:
    nodes = frontier_nodes(size)
    assert size.bit_count() == len(nodes)
    start = 0
    for level, index in nodes:
        assert start == index << level
        start += 1 << level
    assert size == start
    levels = [level for level, _ in nodes]
    assert sorted(levels, reverse=True) == levels


def test_the_empty_tree_has_no_frontier_and_the_empty_root() -> None:
    assert frontier_nodes(0) == []
    assert frontier_root([]) == EMPTY_ROOT


def test_every_inclusion_proof_is_the_path_of_the_rfc_and_checks(make_tree: MakeTree) -> None:
    tree = make_tree(LEAVES[:70])
    for size in range(1, 71):
        for index in range(size):
            proof = prove_inclusion(index, size, tree.read)
            assert path(index, LEAVES[:size]) == proof
            check_inclusion(index, size, LEAVES[index], proof, tree.root(size))


def test_every_consistency_proof_is_that_of_the_rfc_and_checks(make_tree: MakeTree) -> None:
    tree = make_tree(LEAVES[:70])
    for new in range(1, 71):
        for old in range(1, new + 1):
            proof = prove_consistency(old, new, tree.read)
            assert subproof(old, LEAVES[:new], True) == proof
            check_consistency(old, tree.root(old), new, tree.root(new), proof)


@given(SIZES, st.data())
def test_inclusion_is_proved_and_checked_at_any_size(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, UNIFORM.read)
    check_inclusion(index, size, UNIFORM.levels[0], proof, UNIFORM.root(size))


@given(SIZES, st.data())
def test_consistency_is_proved_and_checked_at_any_size(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    proof = prove_consistency(old, new, UNIFORM.read)
    check_consistency(old, UNIFORM.root(old), new, UNIFORM.root(new), proof)


@given(st.integers(1, 300), st.data())
def test_a_prover_reads_once_and_only_what_the_tree_has(
    make_tree: MakeTree, size: int, data: st.DataObject
) -> None:
    tree = make_tree(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    prove_inclusion(index, size, tree.read)
    prove_consistency(index + 1, size, tree.read)
    asked = [1 if index + 1 < size else 0, 1 if size > 1 else 0]
    assert sum(asked) == len(tree.reads)
    for wanted in tree.reads:
        assert len(set(wanted)) == len(wanted)
        assert all(node in tree.nodes for node in wanted)


@given(st.integers(2, 300), st.data())
def test_an_altered_inclusion_proof_is_refused(
    make_tree: MakeTree, size: int, data: st.DataObject
) -> None:
    tree = make_tree(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, tree.read)
    leaf, root = LEAVES[index], tree.root()
    altered = data.draw(alterations([leaf, root, *proof]))
    with pytest.raises(ProofError):
        check_inclusion(index, size, altered[0], altered[2:], altered[1])
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
    with pytest.raises(ProofError):
        check_inclusion(other, size, leaf, proof, root)


@given(st.integers(2, 300), st.data())
def test_an_altered_consistency_proof_is_refused(
    make_tree: MakeTree, new: int, data: st.DataObject
) -> None:
    tree = make_tree(LEAVES[:new])
    old = data.draw(st.integers(1, new - 1))
    proof = prove_consistency(old, new, tree.read)
    altered = data.draw(alterations([tree.root(old), tree.root(new), *proof]))
    with pytest.raises(ProofError):
        check_consistency(old, altered[0], new, altered[1], altered[2:])


@st.composite
def alterations(draw: st.DrawFn, hashes: list[bytes]) -> list[bytes]:
    """The same hashes with a bit turned, one cut short, two exchanged, one lost or one more."""
    altered = list(hashes)
    at = draw(st.integers(0, len(hashes) - 1))
    match draw(st.sampled_from(["turn", "cut", "exchange", "lose", "add"])):
        case "turn":
            bit = draw(st.integers(0, 255))
            turned = bytearray(altered[at])
            turned[bit // 8] ^= 1 << bit % 8
            altered[at] = bytes(turned)
        case "cut":
            altered[at] = altered[at][:-1]
        case "exchange":
            other = draw(st.integers(0, len(hashes) - 1))
            altered[at], altered[other] = altered[other], altered[at]
        case "lose":
            assume(at >= 2)
            del altered[at]
        case _:
            altered.insert(max(2, at), draw(st.binary(min_size=32, max_size=32)))
    assume(altered != hashes)
    return altered


def test_a_refusal_carries_both_roots() -> None:
    with pytest.raises(ProofError, match="another root") as caught:
        check_inclusion(0, 2, LEAVES[0], [LEAVES[2]], mth(LEAVES[:2]))
    assert mth(LEAVES[:2]) == caught.value.expected
    assert node_hash(LEAVES[0], LEAVES[2]) == caught.value.computed
    assert isinstance(caught.value, TlogError)
    assert isinstance(caught.value, ValueError)


def test_a_proof_of_another_length_is_refused_before_hashing() -> None:
    with pytest.raises(ProofError, match="a proof of 1 hashes where 2 are needed") as caught:
        check_inclusion(0, 3, LEAVES[0], [LEAVES[1]], LEAVES[2])
    assert (caught.value.expected, caught.value.computed) == (None, None)


def test_two_roots_for_one_size_are_refused() -> None:
    check_consistency(5, LEAVES[0], 5, LEAVES[0], [])
    with pytest.raises(ProofError, match="two roots for one size") as caught:
        check_consistency(5, LEAVES[0], 5, LEAVES[1], [])
    assert (LEAVES[0], LEAVES[1]) == (caught.value.expected, caught.value.computed)


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 0, []),
        (1, 1, []),
        (-1, 1, []),
        (-1, 0, []),
        (0, -1, []),
        (2**63, 2**63, []),
        (0, 1, [LEAVES[1]]),
        (0, 2, []),
        (0, 2, [LEAVES[1], LEAVES[1]]),
        (0, 2, [b""]),
        (0, 2, [LEAVES[1] + b"\0"]),
        (2**63 - 2, 2**63 - 1, [LEAVES[1]] * 64),
        (0, 2**63 - 1, [LEAVES[1]] * 62),
    ],
)
def test_an_inclusion_proof_that_cannot_be_one_is_refused(
    index: int, size: int, proof: list[bytes]
) -> None:
    with pytest.raises(ProofError):
        check_inclusion(index, size, LEAVES[0], proof, LEAVES[0])


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [
        (0, 0, []),
        (0, 1, []),
        (0, 1, [LEAVES[0]]),
        (-1, 1, []),
        (2, 1, []),
        (1, 1, [LEAVES[0]]),
        (1, 2, []),
        (1, 2, [LEAVES[0], LEAVES[0]]),
        (3, 4, [LEAVES[0]] * 2),
        (3, 4, [LEAVES[0]] * 4),
        (3, 4, [LEAVES[0], LEAVES[0], b""]),
    ],
)
def test_a_consistency_proof_that_cannot_be_one_is_refused(
    old: int, new: int, proof: list[bytes]
) -> None:
    with pytest.raises(ProofError):
        check_consistency(old, LEAVES[0], new, LEAVES[0], proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 2)])
def test_there_is_no_inclusion_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        prove_inclusion(index, size, UNIFORM.read)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (-1, 3), (3, 2)])
def test_there_is_no_consistency_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ProofError):
        prove_consistency(old, new, UNIFORM.read)


def test_a_reader_that_misses_a_node_is_an_error() -> None:
    with pytest.raises(ProofError, match="2 nodes asked for, 1 read"):
        prove_inclusion(0, 3, lambda wanted: UNIFORM.read(wanted)[1:])


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1)])
def test_a_frontier_of_another_size_does_not_grow(size: int, hashes: int) -> None:
    with pytest.raises(ProofError):
        grow(size, [LEAVES[0]] * hashes, LEAVES[1])


def test_there_is_no_tree_of_negative_size() -> None:
    with pytest.raises(ProofError):
        frontier_nodes(-1)
