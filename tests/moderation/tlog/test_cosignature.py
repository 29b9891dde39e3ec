"""Cosignatures: a witness's name and time under a checkpoint."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import (
    CosignatureVerifier,
    Cosigner,
    cosignature_line,
    cosigned_at,
)
from insurance_reviews.moderation.tlog.errors import MalformedError, SignatureError
from insurance_reviews.moderation.tlog.note import Signature, Signer, Verifier, open_note, sign_note

SEED = bytes(range(32))
LOG = Signer("log.example/1", bytes(32))
WITNESS = Cosigner("witness.example/w1", SEED)
KEYS = Verifier.parse(LOG.verifier_key()), CosignatureVerifier.parse(WITNESS.verifier_key())
TEXT = Checkpoint("log.example/1", 7, bytes(32), ("an extension",)).format()
NOTE = sign_note(TEXT, LOG)


def test_a_cosignature_has_the_bytes_of_the_specification() -> None:
    """Made here by hand from c2sp.org/tlog-cosignature."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    public = key.public_key().public_bytes_raw()
    message = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    expected = (1679315147).to_bytes(8, "big") + key.sign(message)
    assert expected == WITNESS.sign_at(TEXT, 1679315147)
    key_id = sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert key_id == WITNESS.key_id


@given(st.integers(0, 2**63 - 1))
def test_a_witness_adds_himself_to_a_signed_checkpoint(at: int) -> None:
    opened = open_note(NOTE + cosignature_line(TEXT, WITNESS, at), *KEYS)
    assert [LOG.name, WITNESS.name] == [signature.name for signature in opened.verified]
    assert at == cosigned_at(opened.verified[1])


def test_a_witness_signs_as_of_now() -> None:
    before = int(time.time())
    opened = open_note(sign_note(TEXT, LOG, WITNESS), *KEYS)
    assert before <= cosigned_at(opened.verified[1]) <= time.time()


def test_keys_of_witnesses_are_read_as_they_are_written() -> None:
    again = Cosigner.parse(WITNESS.format())
    assert (WITNESS.format(), WITNESS.verifier_key()) == (again.format(), again.verifier_key())
    assert WITNESS.verifier_key() == KEYS[1].format()


def test_a_key_is_for_one_purpose() -> None:
    """The type byte is in the key, so no witness's key is taken for a log's, nor the reverse."""
    with pytest.raises(MalformedError, match="not of type 01"):
        Verifier.parse(WITNESS.verifier_key())
    with pytest.raises(MalformedError, match="not of type 04"):
        CosignatureVerifier.parse(LOG.verifier_key())
    with pytest.raises(MalformedError, match="not of type 01"):
        Signer.parse(WITNESS.format())
    with pytest.raises(MalformedError, match="not of type 04"):
        Cosigner.parse(LOG.format())
    same = Signer(WITNESS.name, SEED)
    assert same.key_id != WITNESS.key_id
    assert Verifier.parse(same.verifier_key()) != KEYS[1]
    assert not KEYS[1].verify(TEXT, same.sign(TEXT))


@pytest.mark.parametrize("at", [0, 1, 71])
def test_an_altered_cosignature_spoils_the_note(at: int) -> None:
    altered = bytearray(WITNESS.sign_at(TEXT, 1679315147))
    altered[at] ^= 1
    line = Signature(WITNESS.name, WITNESS.key_id, bytes(altered)).format() + "\n"
    with pytest.raises(SignatureError):
        open_note(NOTE + line, *KEYS)


@pytest.mark.parametrize("size", [1, 8, 64, 71, 73])
def test_a_cosignature_of_another_length_is_none(size: int) -> None:
    assert not KEYS[1].verify(TEXT, bytes(size))
    with pytest.raises(MalformedError):
        cosigned_at(Signature(WITNESS.name, WITNESS.key_id, bytes(size)))


def test_a_time_beyond_63_bits_is_none() -> None:
    message = f"cosignature/v1\ntime {2**63}\n{TEXT}".encode()
    signed = Ed25519PrivateKey.from_private_bytes(SEED).sign(message)
    assert not KEYS[1].verify(TEXT, (2**63).to_bytes(8, "big") + signed)


@pytest.mark.parametrize("at", [-1, 2**63])
def test_a_witness_signs_no_impossible_time(at: int) -> None:
    with pytest.raises(MalformedError):
        WITNESS.sign_at(TEXT, at)


def test_a_witness_signs_nothing_but_checkpoints() -> None:
    with pytest.raises(MalformedError):
        WITNESS.sign("cosignature/v1\n")
