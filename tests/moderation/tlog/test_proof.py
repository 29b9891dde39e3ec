"""Receipts: what they say is well-formed, what they prove is true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier, Cosigner
from insurance_reviews.moderation.tlog.errors import (
    MalformedError,
    ProofError,
    SignatureError,
    UnsignedError,
)
from insurance_reviews.moderation.tlog.merkle import leaf_hash, prove_inclusion
from insurance_reviews.moderation.tlog.note import Signature, Signer, Verifier, sign_note
from insurance_reviews.moderation.tlog.proof import (
    MAX_EXTRA,
    MAX_RECEIPT,
    Receipt,
    check_receipt,
)

ORIGIN = "reviews.demo.example/anxin"
LOG = Signer(ORIGIN, bytes(range(32)))
KEY = Verifier.parse(LOG.verifier_key())
SIGNED = sign_note(Checkpoint(ORIGIN, 3, bytes(32)).format(), LOG)
HASH = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
TEXT = f"c2sp.org/tlog-proof@v1\nextra YWI=\nindex 2\n{HASH}\n{HASH}\n\n{SIGNED}"
MakeTree = Callable[[Sequence[bytes]], Any]

RECEIPTS = st.builds(
    Receipt,
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.just(SIGNED),
    st.one_of(st.none(), st.binary(min_size=1, max_size=100)),
)


@given(RECEIPTS)
def test_a_receipt_is_read_as_it_is_written(receipt: Receipt) -> None:
    assert receipt == Receipt.parse(receipt.format())


@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.text("\n \t+-_=0１AB¼é\x00", max_size=3))
def test_a_receipt_has_one_spelling(start: int, length: int, new: str) -> None:
    edited = TEXT[:start] + new + TEXT[start + length :]
    try:
        parsed = Receipt.parse(edited)
    except MalformedError:
        return
    assert edited == parsed.format()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\n\n",
        f"c2sp.org/tlog-proof@v1\n\n{SIGNED}",
        "c2sp.org/tlog-proof@v1\nindex 2",
        "c2sp.org/tlog-proof@v1\nindex 2\n\n",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("@v1", "@v1 "),
        "\n" + TEXT,
        " " + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("extra YWI=", "extra "),
        TEXT.replace("extra YWI=", "extra"),
        TEXT.replace("extra YWI=", "extra  YWI="),
        TEXT.replace("extra YWI=", "extra YWI"),
        TEXT.replace("extra YWI=", "extra YWJ="),
        TEXT.replace("extra YWI=", "Extra YWI="),
        TEXT.replace("extra YWI=", "extra YWI=\nextra YWI="),
        TEXT.replace("extra YWI=", "extra " + "AAAA" * (MAX_EXTRA // 3 + 1)),
        TEXT.replace("extra YWI=\nindex 2", "index 2\nextra YWI="),
        TEXT.replace("index 2", "index"),
        TEXT.replace("index 2", "index "),
        TEXT.replace("index 2", "index 02"),
        TEXT.replace("index 2", "index -2"),
        TEXT.replace("index 2", "index 2 "),
        TEXT.replace("index 2", "index ２"),
        TEXT.replace("index 2", "index 9223372036854775808"),
        TEXT.replace("index 2", "index 2\nindex 2"),
        TEXT.replace("index 2\n", ""),
        TEXT.replace(HASH, HASH[:-1], 1),
        TEXT.replace(HASH, HASH + "=", 1),
        TEXT.replace(HASH, " " + HASH, 1),
        TEXT.replace(HASH, "YWI=", 1),
        TEXT.replace(HASH, HASH.replace("Q=", "R="), 1),
        TEXT.replace(HASH + "\n", (HASH + "\n") * 63),
        TEXT.replace("\n\nreviews", "\n\n\nreviews"),
        TEXT.replace("\n\nreviews", "\nreviews"),
        TEXT.replace("\n3\n", "\n03\n"),
        TEXT.replace("\n\n—", "\n—"),
        TEXT[: TEXT.rindex("—")],
        TEXT + "\n",
        TEXT.rstrip("\n"),
    ],
)
def test_a_malformed_receipt_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Receipt.parse(text)


def test_a_receipt_is_bounded_before_it_is_read() -> None:
    with pytest.raises(MalformedError, match=f"longer than {MAX_RECEIPT} characters"):
        Receipt.parse(TEXT.ljust(MAX_RECEIPT + 1, "x"))
    with pytest.raises(MalformedError, match="note"):
        Receipt.parse(TEXT.ljust(MAX_RECEIPT, "x"))


def test_a_single_byte_is_extra_data() -> None:
    receipt = Receipt(0, (), SIGNED, b"x")
    assert Receipt.parse(receipt.format()) == receipt


def test_the_largest_receipt_is_read() -> None:
    """The last leaf of the largest tree, with a note of sixteen long signatures."""
    others = "".join(Signature(f"w{n}", bytes(4), bytes(5000)).format() + "\n" for n in range(16))
    receipt = Receipt(2**63 - 1, (bytes(32),) * 63, SIGNED + others, bytes(MAX_EXTRA))
    assert Receipt.parse(receipt.format()) == receipt


@pytest.mark.parametrize(
    ("index", "hashes", "checkpoint", "extra"),
    [
        (-1, (), SIGNED, None),
        (2**63, (), SIGNED, None),
        (0, (bytes(31),), SIGNED, None),
        (0, (bytes(32),) * 64, SIGNED, None),
        (0, (), SIGNED, b""),
        (0, (), SIGNED, bytes(MAX_EXTRA + 1)),
        (0, (), "", None),
        (0, (), sign_note("a note, but no checkpoint\n", LOG), None),
        (0, (), Checkpoint(ORIGIN, 3, bytes(32)).format(), None),
    ],
)
def test_what_could_not_be_read_again_is_not_made(
    index: int, hashes: tuple[bytes, ...], checkpoint: str, extra: bytes | None
) -> None:
    with pytest.raises(MalformedError):
        Receipt(index, hashes, checkpoint, extra)


def make_receipt(make_tree: MakeTree, index: int, size: int, *signers: Signer) -> Receipt:
    tree = make_tree([leaf_hash(b"leaf %d" % n) for n in range(size)])
    checkpoint = Checkpoint(ORIGIN, size, tree.root())
    hashes = tuple(prove_inclusion(index, size, tree.read))
    return Receipt(index, hashes, sign_note(checkpoint.format(), *(signers or (LOG,))))


@given(st.integers(1, 300), st.data())
def test_a_receipt_proves_its_leaf_and_no_other(
    make_tree: MakeTree, size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    receipt = make_receipt(make_tree, index, size)
    kept = Receipt.parse(receipt.format())
    checkpoint = check_receipt(kept, b"leaf %d" % index, KEY, origin=ORIGIN)
    assert (ORIGIN, size) == (checkpoint.origin, checkpoint.size)
    with pytest.raises(ProofError):
        check_receipt(kept, b"leaf %d" % (index + 1), KEY, origin=ORIGIN)


def test_the_extra_data_proves_nothing(make_tree: MakeTree) -> None:
    plain = make_receipt(make_tree, 1, 3)
    dressed = Receipt(plain.index, plain.hashes, plain.checkpoint, b"anything")
    assert check_receipt(plain, b"leaf 1", KEY, origin=ORIGIN) == check_receipt(
        dressed, b"leaf 1", KEY, origin=ORIGIN
    )


def test_a_receipt_of_another_log_is_refused(make_tree: MakeTree) -> None:
    receipt = make_receipt(make_tree, 1, 3)
    with pytest.raises(ProofError, match="not of reviews"):
        check_receipt(receipt, b"leaf 1", KEY, origin="reviews.demo.example/pingan")


def test_a_receipt_whose_checkpoint_was_changed_is_refused(make_tree: MakeTree) -> None:
    receipt = make_receipt(make_tree, 1, 3)
    larger = Receipt(1, receipt.hashes, receipt.checkpoint.replace("\n3\n", "\n4\n"))
    with pytest.raises(SignatureError):
        check_receipt(larger, b"leaf 1", KEY, origin=ORIGIN)


def test_a_receipt_beyond_its_checkpoint_is_refused(make_tree: MakeTree) -> None:
    receipt = make_receipt(make_tree, 2, 3)
    with pytest.raises(ProofError, match="a tree of 3 leaves has no leaf 3"):
        check_receipt(Receipt(3, receipt.hashes, receipt.checkpoint), b"x", KEY, origin=ORIGIN)


def test_a_witness_does_not_stand_in_for_the_log(make_tree: MakeTree) -> None:
    """Who trusts a log's key and a witness's trusts the witness to witness, not to be the log."""
    witness = Cosigner("witness.example/w1", bytes(32))
    witness_key = CosignatureVerifier.parse(witness.verifier_key())
    both = make_receipt(make_tree, 1, 3, LOG, witness)
    assert check_receipt(both, b"leaf 1", KEY, witness_key, origin=ORIGIN).size == 3
    alone = make_receipt(make_tree, 1, 3, witness)
    with pytest.raises(UnsignedError, match="not signed by the log itself"):
        check_receipt(alone, b"leaf 1", KEY, witness_key, origin=ORIGIN)
    with pytest.raises(UnsignedError, match="no signature of a known key"):
        check_receipt(alone, b"leaf 1", KEY, origin=ORIGIN)
