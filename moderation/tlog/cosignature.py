"""Cosignatures, as c2sp.org/tlog-cosignature defines them for Ed25519: what a witness signs.

A witness keeps the last checkpoint it saw of a log and cosigns a new one only with a consistency
proof between them. A log that shows two people two histories finds no witness for both. The
cosignature is one more signature line under the checkpoint's :mod:`.note`, of type 0x04:

* the signature is an 8-byte big-endian POSIX time, then 64 bytes of Ed25519 over::

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa                        from here on the checkpoint's text, whole
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

* the key id is made as for every key, from the type byte 0x04, so a witness's key is no log's key.

>>> from .note import Signer, Verifier, open_note, sign_note
>>> log, witness = Signer("log.example/1", bytes(32)), Cosigner("witness.example/w1", bytes(32))
>>> text = Checkpoint("log.example/1", 1, bytes(32)).format()
>>> note = sign_note(text, log) + cosignature_line(text, witness, at=1679315147)
>>> keys = Verifier.parse(log.verifier_key()), CosignatureVerifier.parse(witness.verifier_key())
>>> [signature.name for signature in open_note(note, *keys).verified]
['log.example/1', 'witness.example/w1']
>>> cosigned_at(open_note(note, *keys).verified[1])
1679315147
"""

from __future__ import annotations

import time
from typing import Final

from .checkpoint import Checkpoint
from .encoding import MAX_INTEGER
from .errors import MalformedError
from .keys import Signer, Verifier
from .note import Signature

__all__ = ["CosignatureVerifier", "Cosigner", "cosignature_line", "cosigned_at"]

_TIME_SIZE: Final = 8
_SIZE: Final = _TIME_SIZE + 64


class CosignatureVerifier(Verifier):
    """A witness's public key. Note that no cosignature is refused for its time."""

    algorithm = b"\x04"

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature` is this witness's over the checkpoint `text`."""
        at = int.from_bytes(signature[:_TIME_SIZE])
        return at <= MAX_INTEGER and self._verify_bytes(_message(text, at), signature[_TIME_SIZE:])


class Cosigner(Signer):
    """A witness's private key. What it may sign is for its owner to know: see the module."""

    verifier_class = CosignatureVerifier

    def sign(self, text: str) -> bytes:
        """Cosign the checkpoint `text` as of now."""
        return self.sign_at(text, int(time.time()))

    def sign_at(self, text: str, at: int) -> bytes:
        """Cosign the checkpoint `text` as of `at`, in POSIX seconds.

        :raises MalformedError: if `text` is no checkpoint, or `at` no time.
        """
        Checkpoint.parse(text)
        if not 0 <= at <= MAX_INTEGER:
            raise MalformedError("cosignature", f"time not between 0 and {MAX_INTEGER}")
        return at.to_bytes(_TIME_SIZE) + self._key.sign(_message(text, at))


def cosignature_line(text: str, witness: Cosigner, at: int) -> str:
    """The line, with its newline, that a witness adds to the checkpoint with this `text`."""
    return Signature(witness.name, witness.key_id, witness.sign_at(text, at)).format() + "\n"


def cosigned_at(signature: Signature) -> int:
    """The time, in POSIX seconds, in a cosignature that a :class:`CosignatureVerifier` verified.

    :raises MalformedError: if it cannot be a cosignature.
    """
    if len(signature.signature) != _SIZE:
        raise MalformedError("cosignature", f"{len(signature.signature)} bytes instead of {_SIZE}")
    return int.from_bytes(signature.signature[:_TIME_SIZE])


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
