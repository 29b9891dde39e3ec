"""What a witness cosigns, and what it refuses (c2sp.org/tlog-witness)."""

from __future__ import annotations

import base64
import logging
import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.errors import MalformedError
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.witness.request import (
    MAX_REQUEST,
    AddCheckpoint,
    parse_size,
)
from insurance_reviews.moderation.witness.state import MAX_EVIDENCE
from insurance_reviews.moderation.witness.witness import ClockBehind
from support.witnesses import ORIGIN, Grown

from .conftest import NAME, START, Watched

#: The request that the specification shows.
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501

TEXT, KINDS = "text/plain; charset=utf-8", ["fork", "unproven"]


def test_the_request_of_the_specification_is_read_and_written() -> None:
    asked = AddCheckpoint.parse(EXAMPLE.encode())
    assert (asked.old, len(asked.proof)) == (20852014, 4)
    assert asked.note == EXAMPLE.partition("\n\n")[2]
    assert asked.format() == EXAMPLE.encode()


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=50),
)
@settings(max_examples=30)
def test_requests_are_read_as_they_are_written(old: int, proof: list[bytes], note: str) -> None:
    asked = AddCheckpoint(old, tuple(proof), note)
    assert AddCheckpoint.parse(asked.format()) == asked


def test_a_cosignature_is_what_the_specification_says(watched: Watched) -> None:
    """Checked by hand, without our own reader."""
    answer = watched.ask(0, 7)
    assert (answer.status, answer.content_type) == (200, TEXT)
    dash, name, data = answer.body.rstrip("\n").split(" ")
    raw = base64.b64decode(data)
    public = base64.b64decode(watched.witness.vkey.split("+", 2)[2])
    assert (dash, name, public[:1]) == ("\u2014", NAME, b"\x04")
    assert raw[:4] == sha256(NAME.encode() + b"\n" + public).digest()[:4]
    (at,) = struct.unpack(">Q", raw[4:12])
    assert at == START
    body = watched.log.checkpoint(7).format()
    message = f"cosignature/v1\ntime {at}\n{body}".encode()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[12:], message)


def test_growth_by_every_step(watched: Watched) -> None:
    size = 0
    for step in (1, 1, 1, 2, 3, 5, 8, 13, 6):
        watched.now += 60
        assert watched.cosigned(size, size + step) == watched.now
        size += step
        watched.reopen()
        assert watched.size == size


def test_the_same_tree_may_be_cosigned_again(watched: Watched) -> None:
    """A log that lost the answer asks once more."""
    assert watched.cosigned(0, 9) == START
    watched.now += 5
    assert watched.cosigned(9, 9) == START + 5


@pytest.mark.parametrize(("old", "new"), [(0, 12), (3, 12), (9, 12), (0, 5), (5, 5), (0, 10)])
def test_another_size_than_the_known_one_is_told(watched: Watched, old: int, new: int) -> None:
    watched.cosigned(0, 10)
    answer = watched.ask(old, new)
    assert (answer.status, answer.content_type) == (409, "text/x.tlog.size")
    assert parse_size(answer.body.encode()) == 10
    assert watched.size == 10
    assert watched.witness.state.conflicts() == []


def test_a_log_it_does_not_follow(watched: Watched) -> None:
    other = Grown(3, signers=[Signer("other.example/1", bytes(32))])
    assert watched.ask(0, 3, other).status == 404


def test_a_key_it_does_not_know(watched: Watched) -> None:
    other = Grown(3, signers=[Signer(ORIGIN, b"\x01" * 32)])
    assert watched.ask(0, 3, other).status == 403
    # The right name and id, and another text.
    note = watched.log.note(3).replace("\n3\n", "\n4\n")
    assert watched.witness.add_checkpoint(AddCheckpoint(0, (), note).format()).status == 403
    assert watched.size == 0


def test_signatures_of_others_are_neither_read_nor_kept(watched: Watched) -> None:
    note = watched.log.note(3)
    stranger = sign_note(watched.log.checkpoint(3).format(), Signer("z.example", bytes(32)))
    note += stranger.rpartition("\n\n")[2]
    answer = watched.witness.add_checkpoint(AddCheckpoint(0, (), note).format())
    assert answer.status == 200
    [log] = watched.witness.state.logs()
    assert log.head is not None
    assert log.head.note == watched.log.note(3)


def test_a_log_changes_its_key(watched: Watched) -> None:
    """The new key is added, both may sign for a while, then the old one goes."""
    old, new = watched.log.signers[0], Signer(ORIGIN, b"\x07" * 32)
    watched.cosigned(0, 3)
    changed, both = Grown(9, signers=[new]), Grown(9, signers=[new, old])
    assert watched.ask(3, 5, changed).status == 403
    watched.witness.state.follow(ORIGIN, new.verifier_key())
    assert watched.ask(3, 5, both).status == 200
    assert watched.ask(5, 6, changed).status == 200
    assert watched.witness.state.leave(ORIGIN, old.verifier_key()) == 1
    assert watched.ask(6, 7).status == 403
    assert watched.ask(6, 7, changed).status == 200


def test_a_log_that_is_left_and_added_again_goes_on(watched: Watched) -> None:
    watched.cosigned(0, 8)
    watched.witness.state.leave(ORIGIN)
    assert watched.ask(8, 9).status == 404
    watched.witness.state.follow(ORIGIN, watched.log.vkeys[0])
    assert watched.ask(0, 9).status == 409
    watched.cosigned(8, 9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old 0\n",
        b"old  0\n\nNOTE",
        b"old -1\n\nNOTE",
        b"old 00\n\nNOTE",
        b"old 1_0\n\nNOTE",
        "old ٣\n\nNOTE".encode(),
        b"old 9223372036854775808\n\nNOTE",
        b"OLD 0\n\nNOTE",
        b"old 0\r\n\r\nNOTE",
        b"old 0\nAAAA\n\nNOTE",
        b"old 0\n" + base64.b64encode(bytes(32)) + b" \n\nNOTE",
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\nNOTE",
        b"old 0\n\n" + b"x" * MAX_REQUEST,
        b"old 0\n\n\xff",
        b"old 0\n\nlog.example/1\n3\nAAAA\n",
        b"old 0\n\nno checkpoint\n\n\xe2\x80\x94 log.example/1 AAAAAAA=\n",
        b"old 4\n\nNOTE",
    ],
)
def test_what_is_malformed(watched: Watched, body: bytes) -> None:
    """Also an old size beyond the checkpoint's, which is 3."""
    answer = watched.witness.add_checkpoint(body.replace(b"NOTE", watched.log.note(3).encode()))
    assert (answer.status, answer.content_type) == (400, TEXT)
    assert watched.size == 0


@pytest.mark.parametrize(
    "proof",
    [
        (),
        (bytes(32),),
        Grown(40).proof(10, 20)[:-1],
        (*Grown(40).proof(10, 20), bytes(32)),
        Grown(40).proof(10, 20)[::-1],
        Grown(40).proof(11, 20),
    ],
    ids=["none", "zeroes", "cut", "longer", "reversed", "another"],
)
def test_a_proof_that_does_not_hold(watched: Watched, proof: tuple[bytes, ...]) -> None:
    watched.cosigned(0, 10)
    body = AddCheckpoint(10, proof, watched.log.note(20)).format()
    assert watched.witness.add_checkpoint(body).status == 422
    assert watched.size == 10


def test_a_first_checkpoint_has_nothing_to_prove(watched: Watched) -> None:
    body = AddCheckpoint(0, (bytes(32),), watched.log.note(20)).format()
    assert watched.witness.add_checkpoint(body).status == 422
    assert watched.ask(0, 0).status == 200
    assert watched.ask(0, 4).status == 200


def test_a_tree_of_the_same_size_brings_no_proof(watched: Watched) -> None:
    watched.cosigned(0, 4)
    body = AddCheckpoint(4, (bytes(32),), watched.log.note(4)).format()
    assert watched.witness.add_checkpoint(body).status == 422


@pytest.mark.parametrize("old", [0, 3, 10])
def test_a_fork_of_one_size_is_refused_and_kept(
    watched: Watched, old: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Two signed checkpoints of one size with two roots convict the log, whatever else it sent."""
    watched.cosigned(0, 10)
    fork = Grown(10, "rewritten", 4)
    with caplog.at_level(logging.ERROR):
        answer = watched.ask(old, 10, fork)
    assert (answer.status, answer.body, answer.content_type) == (409, "10\n", "text/x.tlog.size")
    [conflict] = watched.witness.state.conflicts()
    assert (conflict.kind, conflict.origin, conflict.size) == ("fork", ORIGIN, 10)
    assert (conflict.note, conflict.known_note) == (fork.note(10), watched.log.note(10))
    assert "FORK" in caplog.text
    watched.cosigned(10, 11)


def test_a_fork_that_grew_is_refused_and_kept_as_unproven(watched: Watched) -> None:
    watched.cosigned(0, 10)
    fork = Grown(20, "rewritten", 4)
    assert watched.ask(10, 20, fork).status == 422
    [conflict] = watched.witness.state.conflicts()
    assert (conflict.kind, conflict.note) == ("unproven", fork.note(20))
    watched.cosigned(10, 20)
    assert len(watched.witness.state.conflicts()) == 1


def test_a_sender_s_mistake_is_no_evidence_for_long(watched: Watched) -> None:
    """Anybody can send an honest checkpoint with a wrong proof; the right one clears the log."""
    watched.cosigned(0, 10)
    body = AddCheckpoint(10, (), watched.log.note(20)).format()
    assert watched.witness.add_checkpoint(body).status == 422
    assert [conflict.kind for conflict in watched.witness.state.conflicts()] == ["unproven"]
    watched.cosigned(10, 20)
    assert watched.witness.state.conflicts() == []


def test_evidence_does_not_fill_the_disk(watched: Watched) -> None:
    watched.cosigned(0, 10)
    for number in range(MAX_EVIDENCE + 5):
        watched.ask(10, 10, Grown(10, f"story {number}", 9))
        watched.ask(10, 10, Grown(10, "twice", 9))
    assert len(watched.witness.state.conflicts()) == MAX_EVIDENCE


def test_a_clock_that_goes_back(watched: Watched) -> None:
    """A little is evened out; with more, the time would be a lie, and nothing is signed."""
    watched.cosigned(0, 3)
    watched.now -= 100
    assert watched.cosigned(3, 4) == START
    watched.now -= 1000
    with pytest.raises(ClockBehind):
        watched.ask(4, 5)
    assert watched.size == 4


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"7\n\n", b"-7\n", b"\xff\n", b"1" * 40])
def test_sizes_that_are_none(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_size(body)
