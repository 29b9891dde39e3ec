"""What can be wrong with a log's bytes: one base class, and errors that carry their evidence.

Every error of this package is a :class:`TlogError`. None of them says "probably": whatever raises
one has refused its input, and the attributes hold what a report needs to show why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .note import Note

__all__ = [
    "MalformedError",
    "NoteError",
    "ProofError",
    "SignatureError",
    "TlogError",
    "UnsignedError",
]


class TlogError(ValueError):
    """Base of all errors of the log's formats and proofs."""


class MalformedError(TlogError):
    """Bytes that are not of the format they claim to be."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"malformed {what}: {reason}")
        #: The format that was expected, such as ``"checkpoint"``.
        self.what = what
        #: Why the input is not of that format.
        self.reason = reason


class ProofError(TlogError):
    """A proof that does not prove what it was given for, or cannot exist."""

    def __init__(
        self, message: str, *, expected: bytes | None = None, computed: bytes | None = None
    ) -> None:
        super().__init__(message)
        #: The root the proof had to arrive at, where it arrived at one at all.
        self.expected = expected
        #: The root it did arrive at.
        self.computed = computed


class NoteError(TlogError):
    """A well-formed note that must not be believed."""

    def __init__(self, message: str, note: Note) -> None:
        super().__init__(message)
        #: The note as parsed. Its text must not be relied on.
        self.note = note


class SignatureError(NoteError):
    """A signature that names a known key and was not made by it."""

    def __init__(self, name: str, key_id: bytes, note: Note) -> None:
        super().__init__(f"the signature of {name}+{key_id.hex()} is wrong", note)
        #: The name of the key that the signature claims.
        self.name = name
        #: The four-byte id of that key.
        self.key_id = key_id


class UnsignedError(NoteError):
    """A note without the signature that would make it count."""
