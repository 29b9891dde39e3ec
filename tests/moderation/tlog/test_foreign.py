"""Other people's implementations come to the same result as ours."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle import InmemoryTree, verify_consistency  # type: ignore[import-untyped]
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore.errors import VerificationError
from sigstore_models.common import v1 as common_v1

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.merkle import leaf_hash, prove_inclusion
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.tlog.proof import Receipt

MakeTree = Callable[[Sequence[bytes]], Any]

ORIGIN = "reviews.demo.example/anxin"
SEED = bytes(range(32))
LOG = Signer(ORIGIN, SEED)
LEAVES = [b"leaf %d" % n for n in range(100)]


@pytest.fixture(scope="module")
def ours(make_tree: MakeTree) -> Any:
    return make_tree([leaf_hash(leaf) for leaf in LEAVES])


@pytest.fixture(scope="module")
def theirs() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES:
        tree.append_entry(leaf)
    return tree


def test_pymerkle_computes_the_same_roots(ours: Any, theirs: InmemoryTree) -> None:
    for size in range(len(LEAVES) + 1):
        assert theirs.get_root(size) == ours.root(size)


def test_pymerkle_proves_inclusion_by_the_same_hashes(ours: Any, theirs: InmemoryTree) -> None:
    """Its paths begin with the leaf itself, and it counts leaves from one."""
    for size in range(1, len(LEAVES) + 1):
        for index in range(0, size, 7):
            path = theirs.prove_inclusion(index + 1, size).path
            assert path == [leaf_hash(LEAVES[index]), *prove_inclusion(index, size, ours.read)]


def test_pymerkle_finds_our_roots_consistent(ours: Any, theirs: InmemoryTree) -> None:
    for new in range(1, len(LEAVES) + 1):
        for old in range(1, new + 1, 5):
            proof = theirs.prove_consistency(old, new)
            verify_consistency(ours.root(old), ours.root(new), proof, old, new)


def sigstore_entry(receipt: Receipt, leaf: bytes, checkpoint: Checkpoint) -> Any:
    """A receipt in the shape in which sigstore keeps the proof of a log entry."""
    proof = SimpleNamespace(
        log_index=receipt.index,
        tree_size=checkpoint.size,
        root_hash=checkpoint.root,
        hashes=list(receipt.hashes),
        checkpoint=SimpleNamespace(envelope=receipt.checkpoint),
    )
    inner = SimpleNamespace(
        inclusion_proof=proof,
        canonicalized_body=leaf,
        log_id=SimpleNamespace(key_id=LOG.key_id),
    )
    return SimpleNamespace(_inner=inner)


@pytest.fixture(scope="module")
def keyring() -> RekorKeyring:
    """The log's key in sigstore's hands."""
    key = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    public_key = common_v1.PublicKey(
        raw_bytes=b64encode(der),  # the model decodes it, as from JSON
        key_details=common_v1.PublicKeyDetails.PKIX_ED25519,
    )
    return RekorKeyring(Keyring([public_key]))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 65, 100])
def test_sigstore_accepts_our_receipts_and_no_others(
    ours: Any, keyring: RekorKeyring, size: int
) -> None:
    checkpoint = Checkpoint(ORIGIN, size, ours.root(size))
    signed = sign_note(checkpoint.format(), LOG)
    for index in range(size):
        receipt = Receipt(index, tuple(prove_inclusion(index, size, ours.read)), signed)
        entry = sigstore_entry(Receipt.parse(receipt.format()), LEAVES[index], checkpoint)
        verify_merkle_inclusion(entry)
        verify_checkpoint(keyring, entry)
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(sigstore_entry(receipt, b"another leaf", checkpoint))
    forged = Receipt(0, (), signed.replace(f"\n{size}\n", f"\n{size + 1}\n"))
    with pytest.raises(VerificationError):
        verify_checkpoint(keyring, sigstore_entry(forged, b"", checkpoint))


def test_sigstore_reads_our_checkpoint(ours: Any) -> None:
    checkpoint = Checkpoint(ORIGIN, 100, ours.root())
    read = SignedCheckpoint.from_text(sign_note(checkpoint.format(), LOG))
    assert (read.checkpoint.origin, read.checkpoint.log_size) == (ORIGIN, 100)
    assert bytes.fromhex(read.checkpoint.log_hash) == checkpoint.root
    (signature,) = read.signed_note.signatures
    assert (signature.name, signature.sig_hash) == (ORIGIN, LOG.key_id)
