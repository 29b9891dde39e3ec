"""Signed notes, as c2sp.org/signed-note and Go's ``golang.org/x/mod/sumdb/note`` define them.

A note is a text, an empty line, and one or more signature lines::

    This is an example message.
                                        (the empty line)
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFX…

* The text ends in a newline, which is signed too. It may hold empty lines: the *last* empty line
  of the note is the one that ends it.
* A signature line is an em dash (U+2014), a space, the key's name, a space, and the base64 of the
  four-byte key id followed by the signature. An Ed25519 signature is 64 bytes over the text.
  Names and ids are those of :mod:`.keys`.
* Notes are valid UTF-8 without control characters other than newline.

Whoever opens a note says whose keys he knows. Signatures of others are set aside unread; one of a
known key that is wrong spoils the note; and without any known signature there is nothing to read.

>>> alice = Signer("alice", bytes(range(32)))
>>> signed = sign_note("One fact.\\n", alice)
>>> print(signed)
One fact.
<BLANKLINE>
— alice 21AMH4si/AeT+Izn+pnniuUot+GhrrahL3W1+59EthaF2KPq1fHFcRgc2oa8AE+MebSmg6N1OWLvD9buOudMyHBO4AI=
<BLANKLINE>
>>> open_note(signed, Verifier.parse(alice.verifier_key())).text
'One fact.\\n'
>>> open_note(signed.replace("One", "Two"), Verifier.parse(alice.verifier_key()))
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.SignatureError: the signature of alice+db500c1f is wrong
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

from .encoding import base64_text, check_text, parse_base64
from .errors import MalformedError, SignatureError, UnsignedError
from .keys import Signer, Verifier, check_name

__all__ = [
    "MAX_NOTE",
    "MAX_SIGNATURES",
    "Note",
    "NoteSigner",
    "NoteVerifier",
    "Signature",
    "Signer",
    "Verifier",
    "open_note",
    "sign_note",
    "signature_line",
]

#: The longest note that is read, in characters; and the most signatures in one. Both are Go's.
MAX_NOTE: Final = 1_000_000
MAX_SIGNATURES: Final = 100

_DASH: Final = "\u2014 "


class NoteSigner(Protocol):
    """Whatever can put its name under a note."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    def sign(self, text: str) -> bytes: ...


class NoteVerifier(Protocol):
    """Whatever can tell whether a signature under a note is that of one key."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    def verify(self, text: str, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: by whom it claims to be, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read one signature line without its newline.

        :raises MalformedError: if it is not one.
        """
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _DASH.rstrip():
            raise MalformedError("signature line", "not '\u2014 <name> <signature>'")
        check_name(parts[1])
        data = parse_base64("signature line", parts[2])
        if len(data) < 5:
            raise MalformedError("signature line", "no signature after the key id")
        return cls(parts[1], data[:4], data[4:])

    def format(self) -> str:
        """The signature line without its newline."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note and what became of its signatures."""

    #: The signed text, with its final newline.
    text: str
    #: The signatures of known keys, each key once.
    verified: tuple[Signature, ...]
    #: Those of keys nobody asked about.
    unverified: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Take a note apart *without verifying anything*: every signature is an unverified one.

        :raises MalformedError: if it is no note.
        """
        if len(note) > MAX_NOTE:
            raise MalformedError("note", f"longer than {MAX_NOTE} characters")
        check_text("note", note)
        head, blank, tail = note.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise MalformedError("note", "no signature lines after an empty line")
        lines = tail[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise MalformedError("note", f"more than {MAX_SIGNATURES} signatures")
        return cls(head + "\n", (), tuple(Signature.parse(line) for line in lines))


def sign_note(text: str, *signers: NoteSigner) -> str:
    """Sign `text`, which must end in a newline, with each of `signers`.

    :raises MalformedError: if `text` cannot stand in a note.
    """
    check_text("note", text)
    if not text.endswith("\n"):
        raise MalformedError("note", "the text does not end in a newline")
    if not signers:
        raise MalformedError("note", "nobody to sign it")
    return text + "\n" + "".join(signature_line(text, signer) for signer in signers)


def signature_line(text: str, signer: NoteSigner) -> str:
    """One more signature line for a note with this `text`, with its newline.

    It may be appended to the note: that is how a witness adds himself to a checkpoint.
    """
    return Signature(signer.name, signer.key_id, signer.sign(text)).format() + "\n"


def open_note(note: str, *verifiers: NoteVerifier) -> Note:
    """Read a note whose signatures by the keys of `verifiers` are all right, of which it has one.

    :raises MalformedError: if it is no note.
    :raises SignatureError: if a signature of a known key is wrong.
    :raises UnsignedError: if there is no signature of a known key.
    """
    parsed = Note.parse(note)
    verified: dict[tuple[str, bytes], Signature] = {}
    unverified = []
    for signature in parsed.unverified:
        key = (signature.name, signature.key_id)
        # Key ids are short: two known keys of one name might share one, and then either may sign.
        known = [verifier for verifier in verifiers if (verifier.name, verifier.key_id) == key]
        if not known:
            unverified.append(signature)
        elif any(verifier.verify(parsed.text, signature.signature) for verifier in known):
            # A key that signed twice must not look like two keys to whoever counts them.
            verified.setdefault(key, signature)
        else:
            raise SignatureError(signature.name, signature.key_id, parsed)
    if not verified:
        raise UnsignedError("no signature of a known key", parsed)
    return Note(parsed.text, tuple(verified.values()), tuple(unverified))
