"""Signed notes, as c2sp.org/signed-note and Go's ``golang.org/x/mod/sumdb/note`` define them.

A note is a text, an empty line, and one or more signature lines::

    This is an example message.
                                        (the empty line)
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFX…

* The text ends in a newline, which is signed too. It may hold empty lines: the *last* empty line
  of the note is the one that ends it.
* A signature line is an em dash (U+2014), a space, the key's name, a space, and the base64 of the
  four-byte key id followed by the signature. An Ed25519 signature is 64 bytes over the text.
* A key's name is not empty and has neither white space nor ``+``: best a URL without its scheme.
* key id = SHA-256(name || 0x0A || type || public key)[:4]; type 0x01 is Ed25519.
* Notes are valid UTF-8 without control characters other than newline.

Keys are written as text as well, type byte first, the private one holding the 32-byte seed::

    <name>+<key id in hex>+<base64(type || public key)>
    PRIVATE+KEY+<name>+<key id in hex>+<base64(type || seed)>

Whoever opens a note says whose keys he knows. Signatures of others are set aside unread; one of a
known key that is wrong spoils the note; and without any known signature there is nothing to read.

>>> alice = Signer.parse(
...     "PRIVATE+KEY+alice+db500c1f+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
... )
>>> alice.verifier_key()
'alice+db500c1f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'
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
from hashlib import sha256
from typing import ClassVar, Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .encoding import base64_text, check_line, check_text, parse_base64
from .errors import MalformedError, SignatureError, UnsignedError

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
_PRIVATE: Final = "PRIVATE+KEY+"


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


class Verifier:
    """A public Ed25519 key under a name."""

    #: The byte that tells the types of signature apart; a subclass brings its own.
    algorithm: ClassVar[bytes] = b"\x01"

    def __init__(self, name: str, public_key: bytes) -> None:
        """Take the 32 raw bytes of an Ed25519 public key.

        :raises MalformedError: if one of the two cannot be in a note.
        """
        _check_name(name)
        try:
            self._key = Ed25519PublicKey.from_public_bytes(public_key)
        except ValueError as error:
            raise MalformedError("verifier key", "not an Ed25519 key") from error
        self._encoded = self.algorithm + public_key
        self.name = name
        #: The four bytes that stand before each signature.
        self.key_id = sha256(name.encode() + b"\n" + self._encoded).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``<name>+<key id>+<base64>``, also called a vkey.

        :raises MalformedError: also if the key is of another type than this class's.
        """
        name, key = _parse_key("verifier key", text, cls.algorithm)
        verifier = cls(name, key)
        if verifier.format() != text:
            raise MalformedError("verifier key", "the id is not that of the key")
        return verifier

    def format(self) -> str:
        """The key as text, for others to verify with."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(self._encoded)}"

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature` (without its key id) is this key's over `text`."""
        return self._verify_bytes(text.encode(), signature)

    def _verify_bytes(self, message: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verifier) and self.format() == other.format()

    def __hash__(self) -> int:
        return hash(self.format())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.format()}>"


class Signer:
    """A private Ed25519 key under a name. Keep it: making one from text costs more than signing."""

    #: What checks the signatures of this class's keys.
    verifier_class: ClassVar[type[Verifier]] = Verifier

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the 32 bytes from which RFC 8032 makes the key pair.

        :raises MalformedError: if the name or the seed cannot be one.
        """
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        except ValueError as error:
            raise MalformedError("signer key", "not an Ed25519 seed") from error
        self._verifier = self.verifier_class(name, self._key.public_key().public_bytes_raw())
        self.name = name
        self.key_id = self._verifier.key_id

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``PRIVATE+KEY+<name>+<key id>+<base64>``.

        :raises MalformedError: also if the key is of another type than this class's. The message
            never holds any of `text`.
        """
        if not text.startswith(_PRIVATE):
            raise MalformedError("signer key", f"does not begin with {_PRIVATE}")
        algorithm = cls.verifier_class.algorithm
        name, seed = _parse_key("signer key", text.removeprefix(_PRIVATE), algorithm)
        signer = cls(name, seed)
        if signer.format() != text:
            raise MalformedError("signer key", "the id is not that of the key")
        return signer

    def format(self) -> str:
        """The *private* key as text: whoever reads it can sign."""
        encoded = base64_text(self.verifier_class.algorithm + self._key.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.key_id.hex()}+{encoded}"

    def verifier_key(self) -> str:
        """The public key as text: what :meth:`Verifier.parse` reads."""
        return self._verifier.format()

    def sign(self, text: str) -> bytes:
        """The signature over `text`, without key id."""
        return self._key.sign(text.encode())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.verifier_key()}>"


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
        _check_name(parts[1])
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


def _check_name(name: str) -> None:
    check_line("key name", name)
    if "+" in name or any(character.isspace() for character in name):
        raise MalformedError("key name", "contains white space or '+'")


def _parse_key(what: str, text: str, algorithm: bytes) -> tuple[str, bytes]:
    """The name and the key of ``<name>+<key id>+<base64>``; the caller compares the id."""
    if len(text) > MAX_NOTE:
        raise MalformedError(what, f"longer than {MAX_NOTE} characters")
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise MalformedError(what, "not '<name>+<key id>+<base64>'")
    key = parse_base64(what, parts[2])
    if key[:1] != algorithm:
        raise MalformedError(what, f"not of type {algorithm.hex()}")
    return parts[0], key[1:]
