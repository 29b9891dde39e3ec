"""Policies (c2sp.org/tlog-policy): what is read, what is refused, and when a quorum is met."""

from __future__ import annotations

import doctest
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog import policy as module
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner, cosignature_line
from insurance_reviews.moderation.tlog.note import Note, Signer, Verifier, open_note, sign_note
from insurance_reviews.moderation.tlog.policy import MAX_POLICY, Policy, PolicyError

LOG = Signer("log.example/1", bytes(32))
TEXT = Checkpoint(LOG.name, 7, bytes(32)).format()
WITNESSES = {
    name: Cosigner(f"{name.lower()}.example", name.encode().ljust(32, b"."))
    for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
KEYS = {name: witness.verifier_key() for name, witness in WITNESSES.items()}
X1 = KEYS["X1"]

#: The example of the specification, with keys.
EXAMPLE = f"""\
log {LOG.verifier_key()}

witness X1 {KEYS["X1"]}
witness X2 {KEYS["X2"]}
witness X3 {KEYS["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {KEYS["Y1"]}
witness Y2 {KEYS["Y2"]}
witness Y3 {KEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def note_of(policy: Policy, signers: Iterable[str]) -> Note:
    """A checkpoint that the log and these witnesses signed, opened with the policy's keys."""
    text = sign_note(TEXT, LOG)
    text += "".join(cosignature_line(TEXT, WITNESSES[name], at=1) for name in signers)
    return open_note(text, Verifier.parse(LOG.verifier_key()), *policy.verifiers())


def test_the_example_in_the_docstring_is_true() -> None:
    results = doctest.testmod(module)
    assert results.failed == 0
    assert results.attempted > 0


@given(st.sets(st.sampled_from(sorted(WITNESSES))))
def test_the_example_of_the_specification_means_what_it_says(signers: set[str]) -> None:
    policy = Policy.parse(EXAMPLE)
    enough = len(signers & {"X1", "X2", "X3"}) >= 2 and bool(signers & {"Y1", "Y2", "Y3"})
    note = note_of(policy, signers)
    assert policy.is_met(note) == enough
    assert policy.signed_by(note).keys() == signers


def test_a_policy_may_be_without_witnesses() -> None:
    policy = Policy.parse(b"quorum none\n")
    assert (policy.logs, policy.witnesses, policy.quorum) == ((), (), None)
    assert policy.is_met(note_of(policy, []))


def test_spaces_tabs_comments_and_urls() -> None:
    policy = Policy.parse(
        f"\t # who watches\n\n  witness\tA \t {X1}  https://a.example/ \t\n"
        f"log {LOG.verifier_key()} https://log.example\nquorum A".encode()
    )
    assert [(witness.name, witness.url) for witness in policy.witnesses] == [
        ("A", "https://a.example/")
    ]
    assert [log.url for log in policy.logs] == ["https://log.example"]
    assert not policy.is_met(note_of(policy, ["X2"]))
    assert policy.is_met(note_of(policy, ["X1"]))


def test_names_are_opaque_bytes() -> None:
    """The letter K and the Kelvin sign are two names; so are bytes that are no UTF-8."""
    policy = Policy.parse(
        b"witness K %b\nwitness \xe2\x84\xaa %b\nwitness \xff %b\ngroup g all K \xe2\x84\xaa \xff\n"
        b"quorum g" % tuple(KEYS[name].encode() for name in ("X1", "X2", "X3"))
    )
    assert policy.is_met(note_of(policy, ["X1", "X2", "X3"]))
    assert not policy.is_met(note_of(policy, ["X1", "X2"]))


def test_a_key_that_signed_twice_is_one_witness() -> None:
    policy = Policy.parse(
        f"witness A {X1}\nwitness B {KEYS['X2']}\ngroup g 2 A B\nquorum g".encode()
    )
    assert not policy.is_met(note_of(policy, ["X1", "X1"]))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "no quorum"),
        (f"witness A {X1}", 0, "no quorum"),
        ("quorum none\nquorum none", 2, "second quorum"),
        ("quorum A\n", 1, "A is undefined"),
        (f"quorum A\nwitness A {X1}", 1, "A is undefined"),
        ("quorum", 1, "0 words after 'quorum'"),
        (f"witness A {X1}\nquorum A B", 2, "2 words after 'quorum'"),
        ("log", 1, "0 words after 'log'"),
        (f"log {LOG.verifier_key()} url url\nquorum none", 1, "3 words after 'log'"),
        (f"witness {X1}\nquorum none", 1, "1 words after 'witness'"),
        (f"witness none {X1}\nquorum none", 1, "'none' cannot be a name"),
        (f"witness A {X1}\nwitness A {KEYS['X2']}\nquorum A", 2, "A is defined already"),
        (f"witness A {X1}\nwitness B {X1}\nquorum A", 2, "the public key of line 1"),
        (f"witness A {LOG.verifier_key()}\nquorum A", 1, "not of type 04"),
        (f"log {X1}\nquorum none", 1, "not of type 01"),
        (f"witness A {X1[:-1]}A\nquorum A", 1, "malformed verifier key"),
        (f"witness A {X1}\ngroup g 0 A\nquorum g", 2, "asks for nobody"),
        (f"witness A {X1}\ngroup g 2 A\nquorum g", 2, "malformed threshold"),
        (f"witness A {X1}\ngroup g 01 A\nquorum g", 2, "malformed threshold"),
        (f"witness A {X1}\ngroup g some A\nquorum g", 2, "malformed threshold"),
        (f"witness A {X1}\ngroup g any\nquorum g", 2, "2 words after 'group'"),
        (f"witness A {X1}\ngroup A any A\nquorum A", 2, "A is defined already"),
        ("group g any g\nquorum g", 1, "g is undefined"),
        (f"witness A {X1}\ngroup g any A none\nquorum g", 2, "none is undefined"),
        (f"witness A {X1}\ngroup g any A A\nquorum g", 2, "A is a member of g already"),
        (f"witness A {X1}\ngroup g any A\ngroup h any A\nquorum g", 3, "a member of g already"),
        ("Quorum none", 1, "unknown word 'Quorum'"),
        ("quorum none\r\n", 1, "0x0d"),
        ("quorum\vnone", 1, "0x0b"),
        ("# \x7f\nquorum none", 1, "0x7f"),
        ("quorum\u00a0none", 1, "unknown word"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(PolicyError, match=reason) as caught:
        Policy.parse(text.encode())
    assert caught.value.line == line
    assert (f"line {line}:" in str(caught.value)) == bool(line)


def test_two_names_of_one_public_key_are_one_key() -> None:
    """The id differs with the name, the key does not: such a witness would count twice."""
    renamed = Cosigner("other.example", b"X1".ljust(32, b".")).verifier_key()
    with pytest.raises(PolicyError, match="line 2: the public key of line 1"):
        Policy.parse(f"witness A {X1}\nwitness B {renamed}\nquorum A".encode())


@pytest.mark.parametrize(
    "data", [b"#" * (MAX_POLICY + 1), b"log x\n" * 10, b"\xff" * 9, b"\x00", b"quorum \xff"]
)
def test_nothing_but_a_policy_error_is_raised(data: bytes) -> None:
    with pytest.raises(PolicyError):
        Policy.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = Policy.parse(data + b"\nquorum none")
    except PolicyError:
        return
    assert policy.quorum is None
