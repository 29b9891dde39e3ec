"""Signed notes and the keys that sign them."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.errors import (
    MalformedError,
    NoteError,
    SignatureError,
    TlogError,
    UnsignedError,
)
from insurance_reviews.moderation.tlog.keys import MAX_KEY
from insurance_reviews.moderation.tlog.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    Signature,
    Signer,
    Verifier,
    open_note,
    sign_note,
    signature_line,
)

ALICE = Signer("reviews.demo.example/anxin", bytes(range(32)))
BOB = Signer("bob", bytes(32))
ALICE_KEY = Verifier.parse(ALICE.verifier_key())
BOB_KEY = Verifier.parse(BOB.verifier_key())
TEXT = "A fact.\n\nAnother.\n"
LINE = signature_line(TEXT, ALICE)

# What a note may hold, and what a key may be called.
TEXTS = st.text(
    st.one_of(
        st.just("\n"),
        st.characters(min_codepoint=0x20, exclude_categories=["Cs"]),
    )
).map(lambda text: text + "\n")
NAMES = st.text(
    st.characters(min_codepoint=0x21, exclude_categories=["Cs"]).filter(
        lambda character: not character.isspace() and character != "+"
    ),
    min_size=1,
)
SEEDS = st.binary(min_size=32, max_size=32)


@given(TEXTS, st.lists(st.tuples(NAMES, SEEDS), min_size=1, max_size=3, unique_by=lambda x: x[0]))
def test_what_was_signed_opens(text: str, keys: list[tuple[str, bytes]]) -> None:
    signers = [Signer(name, seed) for name, seed in keys]
    note = sign_note(text, *signers)
    opened = open_note(note, *(Verifier.parse(signer.verifier_key()) for signer in signers))
    assert text == opened.text
    assert [name for name, _ in keys] == [signature.name for signature in opened.verified]
    assert opened.unverified == ()
    lines = "".join(signature.format() + "\n" for signature in opened.verified)
    assert note == f"{opened.text}\n{lines}"


@given(TEXTS, TEXTS)
def test_a_signature_is_for_one_text(text: str, other: str) -> None:
    signature = ALICE.sign(text)
    assert ALICE_KEY.verify(text, signature)
    assert (text == other) == ALICE_KEY.verify(other, signature)


@given(NAMES, SEEDS)
def test_keys_are_read_as_they_are_written(name: str, seed: bytes) -> None:
    signer = Signer(name, seed)
    assert signer.format() == Signer.parse(signer.format()).format()
    verifier = Verifier.parse(signer.verifier_key())
    assert signer.verifier_key() == verifier.format()
    assert (name, signer.key_id) == (verifier.name, verifier.key_id)


@given(st.data())
def test_a_note_is_read_as_it_is_written_or_not_at_all(data: st.DataObject) -> None:
    """Any edit leaves a note with another meaning, or none: never another spelling of one."""
    note = data.draw(edits(sign_note(TEXT, ALICE, BOB)))
    try:
        parsed = Note.parse(note)
    except MalformedError:
        return
    lines = "".join(signature.format() + "\n" for signature in parsed.unverified)
    assert note == f"{parsed.text}\n{lines}"


@st.composite
def edits(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 3, len(text))))
    return text[:start] + draw(st.text("\n \t+=—ABab09/é\x00", max_size=3)) + text[end:]


def test_a_generated_key_is_new_each_time_and_signs() -> None:
    one, other = Signer.generate("log.example"), Signer.generate("log.example")
    assert one.format() != other.format()
    verifier = Verifier.parse(one.verifier_key())
    assert open_note(sign_note(TEXT, one), verifier).text == TEXT
    assert not verifier.verify(TEXT, other.sign(TEXT))


@pytest.mark.parametrize("key", [ALICE.format(), ALICE.verifier_key()])
def test_no_part_and_no_neighbour_of_a_key_is_a_key(key: str) -> None:
    """Go's note tests do the same: the key id makes a typing error in a key a certain refusal."""
    parse = Signer.parse if key.startswith("PRIVATE") else Verifier.parse
    pieces = {
        key[start:end] for start in range(len(key)) for end in range(start + 1, len(key) + 1)
    } - {key}
    neighbours = {
        key[:at] + chr(ord(character) + step) + key[at + 1 :]
        for at, character in enumerate(key)
        for step in (1, -1)
    }
    for wrong in pieces | neighbours:
        with pytest.raises(MalformedError):
            parse(wrong)


def test_a_key_is_bounded_before_it_is_read() -> None:
    longest = Signer("a" * (MAX_KEY - 54), bytes(32)).verifier_key()
    assert len(longest) == MAX_KEY
    assert Verifier.parse(longest).format() == longest
    with pytest.raises(MalformedError, match=f"longer than {MAX_KEY} characters"):
        Verifier.parse("a" + longest)


def vkey(name: str, encoded: bytes, key_id: str | None = None) -> str:
    """A verifier key whose id is right, whatever is in it."""
    right = sha256(name.encode() + b"\n" + encoded).hexdigest()[:8]
    return f"{name}+{key_id or right}+{b64encode(encoded).decode()}"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "+",
        "++",
        "a+b",
        vkey("a", b""),
        vkey("a", b"\x01"),
        vkey("a", b"\x01" + bytes(31)),
        vkey("a", b"\x01" + bytes(33)),
        vkey("a", b"\x02" + bytes(32)),
        vkey("a", b"\x04" + bytes(32)),
        vkey("", b"\x01" + bytes(32)),
        vkey("a b", b"\x01" + bytes(32)),
        vkey("a\u3000b", b"\x01" + bytes(32)),
        vkey("a\nb", b"\x01" + bytes(32)),
        vkey("a\x00b", b"\x01" + bytes(32)),
        vkey("a", b"\x01" + bytes(32), "00000000"),
        BOB.verifier_key().replace(BOB.key_id.hex(), BOB.key_id.hex().upper()),
        BOB.verifier_key() + "\n",
        " " + BOB.verifier_key(),
        BOB.verifier_key() + "=",
        "\ud800" + BOB.verifier_key(),
        "PRIVATE+KEY+" + BOB.verifier_key(),
    ],
)
def test_a_malformed_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(MalformedError):
        Verifier.parse(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PRIVATE+KEY+",
        BOB.verifier_key(),
        BOB.format().removeprefix("PRIVATE+KEY+"),
        BOB.format().replace(BOB.key_id.hex(), "00000000"),
        BOB.format().replace("AQAA", "BAAA"),
        BOB.format() + "A",
        BOB.format().lower(),
        "PRIVATE+KEY+bob+00000000+" + b64encode(b"\x01" + bytes(31)).decode(),
    ],
)
def test_a_malformed_signer_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Signer.parse(key)
    assert "AAAA" not in str(caught.value)


def test_only_its_format_shows_a_private_key() -> None:
    secret = ALICE.format().rsplit("+", 1)[1]
    assert ALICE.verifier_key() in repr(ALICE)
    assert secret not in repr(ALICE)
    assert secret not in str(vars(ALICE))


def test_verifiers_are_equal_when_their_keys_are() -> None:
    assert Verifier.parse(ALICE.verifier_key()) == ALICE_KEY
    assert len({ALICE_KEY, Verifier.parse(ALICE.verifier_key()), BOB_KEY}) == 2
    assert BOB_KEY != ALICE_KEY
    assert ALICE.verifier_key() != ALICE_KEY
    assert ALICE.verifier_key() in repr(ALICE_KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + LINE,
        LINE,
        TEXT + "\n" + LINE.rstrip("\n"),
        TEXT + "\n" + LINE + "\n",
        TEXT + "\n" + LINE + "A line.\n",
        TEXT + "\n" + LINE.replace("— ", "-- "),
        TEXT + "\n" + LINE.replace("— ", "—"),
        TEXT + "\n" + LINE.replace("— ", "—\u00a0"),
        TEXT + "\n" + LINE.replace("anxin ", "anxin  "),
        TEXT + "\n" + LINE.replace("anxin ", "an+xin "),
        TEXT + "\n" + LINE.replace("anxin ", "an\u2003xin "),
        TEXT + "\n" + LINE.replace("reviews.demo.example/anxin ", " "),
        TEXT + "\n" + LINE.replace("\n", " \n"),
        TEXT + "\n" + LINE.replace("\n", "=\n"),
        TEXT + "\n" + LINE.replace("=\n", "\n"),
        TEXT + "\n" + LINE.replace("\n", "\r\n"),
        TEXT + "\n— bob \n",
        TEXT + "\n— bob AAAAAA==\n",
        TEXT + "\n— bob AAAAAAB=\n",
        TEXT + "\n— bob AAAA_AA=\n",
        TEXT + "\n— bob ＡAAAAAA=\n",
        "\t" + TEXT + "\n" + LINE,
        "\x00" + TEXT + "\n" + LINE,
        "\r" + TEXT + "\n" + LINE,
        "\ud83d" + TEXT + "\n" + LINE,
        TEXT + "\n" + LINE * (MAX_SIGNATURES + 1),
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(MalformedError):
        Note.parse(note)
    with pytest.raises(MalformedError):
        open_note(note, ALICE_KEY)


@pytest.mark.parametrize("line", ["", "—", "— a", "— a AAAAAAA= b", LINE])
def test_a_malformed_signature_line_is_refused(line: str) -> None:
    with pytest.raises(MalformedError):
        Signature.parse(line)


def test_a_note_is_bounded_before_it_is_read() -> None:
    rest = "\n\n" + LINE
    longest = "a" * (MAX_NOTE - len(rest)) + rest
    assert len(Note.parse(longest).text) == MAX_NOTE - len(rest) + 1
    with pytest.raises(MalformedError, match=f"longer than {MAX_NOTE} characters"):
        Note.parse("a" + longest)


def test_a_signature_has_at_least_one_byte() -> None:
    assert Signature.parse("— a AAAAAAA=") == Signature("a", bytes(4), bytes(1))


def test_a_note_may_hold_as_many_and_as_long_signatures_as_the_specification_asks() -> None:
    """Sixteen, and of nearly 5 kB each: those that will withstand quantum computers."""
    others = [Signature(f"w{n}", b"post", bytes(5000)) for n in range(16)]
    note = sign_note(TEXT, ALICE) + "".join(other.format() + "\n" for other in others)
    assert tuple(others) == open_note(note, ALICE_KEY).unverified
    assert len(Note.parse(TEXT + "\n" + LINE * MAX_SIGNATURES).unverified) == MAX_SIGNATURES


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "\x7f", "lone \udc00\n"])
def test_what_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedError):
        sign_note(text, ALICE)


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(MalformedError, match="nobody to sign it"):
        sign_note(TEXT)


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    note = sign_note(TEXT, ALICE, BOB).replace("A fact", "A lie")
    with pytest.raises(SignatureError, match="is wrong") as caught:
        open_note(note, ALICE_KEY)
    assert (ALICE.name, ALICE.key_id) == (caught.value.name, caught.value.key_id)
    assert caught.value.note.text.startswith("A lie")
    assert isinstance(caught.value, NoteError)
    assert isinstance(caught.value, TlogError)


def test_one_right_signature_does_not_make_up_for_a_wrong_one() -> None:
    wrong = Signature(BOB.name, BOB.key_id, bytes(64)).format() + "\n"
    note = sign_note(TEXT, ALICE) + wrong
    assert [ALICE.name] == [signature.name for signature in open_note(note, ALICE_KEY).verified]
    with pytest.raises(SignatureError):
        open_note(note, ALICE_KEY, BOB_KEY)


@pytest.mark.parametrize("signature", [b"", b"\0", bytes(63), bytes(64), bytes(65)])
def test_no_other_bytes_are_a_signature(signature: bytes) -> None:
    assert not ALICE_KEY.verify(TEXT, signature)


def test_a_note_that_nobody_known_signed_is_not_opened() -> None:
    """A name or an id alone is not a known key."""
    note = sign_note(TEXT, ALICE)
    same_name = Verifier.parse(Signer(ALICE.name, bytes(32)).verifier_key())
    for known in [(), (BOB_KEY,), (same_name,)]:
        with pytest.raises(UnsignedError) as caught:
            open_note(note, *known)
        assert [ALICE.name] == [line.name for line in caught.value.note.unverified]


def test_a_key_that_signed_twice_counts_once() -> None:
    opened = open_note(sign_note(TEXT, ALICE, ALICE, BOB, BOB), ALICE_KEY)
    assert [ALICE.name] == [signature.name for signature in opened.verified]
    assert [BOB.name] * 2 == [signature.name for signature in opened.unverified]


def test_of_two_known_keys_with_one_name_and_id_either_may_have_signed() -> None:
    class Collision:
        name, key_id = ALICE.name, ALICE.key_id

        def verify(self, text: str, signature: bytes) -> bool:
            return False

    note = sign_note(TEXT, ALICE)
    assert open_note(note, Collision(), ALICE_KEY) == open_note(note, ALICE_KEY, Collision())
    with pytest.raises(SignatureError):
        open_note(note, Collision())
