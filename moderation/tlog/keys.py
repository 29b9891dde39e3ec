"""The keys of :mod:`.note`: a name, an Ed25519 key, and the id that is computed from both.

Keys are written as text, type byte first, the private one holding the 32-byte seed::

    <name>+<key id in hex>+<base64(type || public key)>
    PRIVATE+KEY+<name>+<key id in hex>+<base64(type || seed)>

* A key's name is not empty and has neither white space nor ``+``: best a URL without its scheme.
* key id = SHA-256(name || 0x0A || type || public key)[:4]; type 0x01 is Ed25519. The id tells a
  reader which key to try and is no proof of anything, but it makes a slip in a copied key certain
  to be noticed.

>>> alice = Signer.parse(
...     "PRIVATE+KEY+alice+db500c1f+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
... )
>>> alice.verifier_key()
'alice+db500c1f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'
>>> bob = Verifier.parse("bob+db500c1f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.MalformedError: malformed verifier key: wrong key id

Keep the objects: to make one from text costs more than to sign with it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .encoding import base64_text, check_line, parse_base64
from .errors import MalformedError

__all__ = ["MAX_KEY", "Signer", "Verifier", "check_name"]

#: The longest key that is read, in characters.
MAX_KEY: Final = 10_000

_PRIVATE: Final = "PRIVATE+KEY+"


class Verifier:
    """A public Ed25519 key under a name."""

    #: The byte that tells the types of signature apart; a subclass brings its own.
    algorithm: ClassVar[bytes] = b"\x01"

    def __init__(self, name: str, public_key: bytes) -> None:
        """Take the 32 raw bytes of an Ed25519 public key.

        :raises MalformedError: if one of the two cannot be in a note.
        """
        check_name(name)
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
            raise MalformedError("verifier key", "wrong key id")
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
    """A private Ed25519 key under a name."""

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
            raise MalformedError("signer key", "wrong key id")
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


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a key.

    :raises MalformedError: if it is empty, or holds ``+``, white space or a control character.
    """
    check_line("key name", name)
    if "+" in name or any(character.isspace() for character in name):
        raise MalformedError("key name", "contains white space or '+'")


def _parse_key(what: str, text: str, algorithm: bytes) -> tuple[str, bytes]:
    """The name and the key of ``<name>+<key id>+<base64>``; the caller compares the id."""
    if len(text) > MAX_KEY:
        raise MalformedError(what, f"longer than {MAX_KEY} characters")
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise MalformedError(what, "not '<name>+<key id>+<base64>'")
    key = parse_base64(what, parts[2])
    if key[:1] != algorithm:
        raise MalformedError(what, f"not of type {algorithm.hex()}")
    return parts[0], key[1:]
