"""Salted commitments to erasable words, and the key by which an author may take them back.

The log holds only commitments. A text is a *body*, canonical JSON ``{"name": …, "text": …}``;

    commitment = SHA-256("insurance-reviews/content/v1" ‖ 00 ‖ salt[32] ‖ body)
    author     = SHA-256("insurance-reviews/author/v1" ‖ 00 ‖ author key[32])

Salt and body die together; afterwards only who kept both can re-check the commitment. All values
leave this module as lower-case hexadecimal.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from . import canonical

CONTENT_DOMAIN = b"insurance-reviews/content/v1\x00"
AUTHOR_DOMAIN = b"insurance-reviews/author/v1\x00"
SALT_BYTES = 32
AUTHOR_KEY_BYTES = 32

_HEX_32 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one item: the shown name, the text (NFC, LF) and the salt that hides them.

    ``body`` is the canonical JSON that is stored and committed to.
    """

    name: str
    text: str
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(SALT_BYTES), repr=False)
    body: str = field(init=False, repr=False)
    commitment: str = field(init=False)

    def __post_init__(self) -> None:
        body = canonical.dumps({"name": self.name, "text": self.text}).decode()
        object.__setattr__(self, "body", body)
        object.__setattr__(self, "commitment", commit(self.salt, body))


def commit(salt: bytes, body: str) -> str:
    """The commitment to ``body`` under ``salt``, as 64 hexadecimal digits."""
    return hashlib.sha256(CONTENT_DOMAIN + salt + body.encode()).hexdigest()


def read_body(body: str) -> tuple[str, str]:
    """``(name, text)`` of a stored body."""
    value = canonical.loads(body.encode())
    return value["name"], value["text"]


def new_author_key() -> str:
    """A fresh author key: 32 random bytes as 64 hexadecimal digits."""
    return secrets.token_bytes(AUTHOR_KEY_BYTES).hex()


def author_of(author_key: str) -> str:
    """The public hash of an author key. Raises :class:`ValueError` when the key has not its
    form."""
    if not is_hex_32(author_key):
        raise ValueError("an author key is 64 lower-case hexadecimal digits")
    return hashlib.sha256(AUTHOR_DOMAIN + bytes.fromhex(author_key)).hexdigest()


def is_hex_32(value: str) -> bool:
    """Whether ``value`` is 32 bytes in lower-case hexadecimal."""
    return _HEX_32.fullmatch(value) is not None
