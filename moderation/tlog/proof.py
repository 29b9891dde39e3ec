"""Receipts, as c2sp.org/tlog-proof@v1 defines them: that a leaf is in a log, checked offline.

A receipt is a text of these lines, and is kept in a file that ends in ``.tlog-proof``::

    c2sp.org/tlog-proof@v1
    extra YW55dGhpbmc=                                 only if there is extra data
    index 2                                            the leaf's index, from 0, a plain decimal
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=       the inclusion proof, a hash on each line,
    B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=       from the leaf's sibling up
                                                       an empty line
    example.com/fancylog                               the signed checkpoint, as it was published
    ...

The leaf itself is not in it: whoever checks a receipt brings the leaf, the log's origin and the
keys he trusts. The extra data is not covered by any signature.

>>> from .merkle import leaf_hash, node_hash
>>> from .note import Signer, Verifier, sign_note
>>> log = Signer("log.example/1", bytes(32))
>>> left, right = leaf_hash(b"left"), leaf_hash(b"right")
>>> signed = sign_note(Checkpoint("log.example/1", 2, node_hash(left, right)).format(), log)
>>> receipt = Receipt(1, (left,), signed)
>>> print(receipt.format()[:83])
c2sp.org/tlog-proof@v1
index 1
AZYrFIfeRanVdiIXMNFrcanKT0FdDcCfF8gpJBadVpk=
<BLANKLINE>
log.ex
>>> trusted = Verifier.parse(log.verifier_key())
>>> check_receipt(Receipt.parse(receipt.format()), b"right", trusted, origin="log.example/1").size
2
>>> check_receipt(receipt, b"wrong", trusted, origin="log.example/1")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.ProofError: the proof leads to another root
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from .checkpoint import Checkpoint
from .encoding import MAX_INTEGER, base64_text, parse_base64, parse_decimal
from .errors import MalformedError, ProofError, UnsignedError
from .merkle import HASH_SIZE, check_inclusion, leaf_hash
from .note import MAX_NOTE, Note, NoteVerifier, open_note

__all__ = ["MAX_EXTRA", "MAX_RECEIPT", "Receipt", "check_receipt"]

#: The longest extra data, in bytes.
MAX_EXTRA: Final = 65_536

#: The longest receipt that is read, in characters: the longest note and room for the lines above.
MAX_RECEIPT: Final = MAX_NOTE + 100_000

#: A path in a tree of 2**63 leaves.
_MAX_HASHES: Final = 63

_HEADER: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the leaf `index` is in the log whose signed `checkpoint` is here verbatim.

    What it *says* is well-formed; whether it is *true*, :func:`check_receipt` tells.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what :meth:`parse` would not read."""
        if not 0 <= self.index <= MAX_INTEGER:
            raise MalformedError("index", f"not between 0 and {MAX_INTEGER}")
        if len(self.hashes) > _MAX_HASHES:
            raise MalformedError("receipt", f"more than {_MAX_HASHES} hashes")
        if any(len(digest) != HASH_SIZE for digest in self.hashes):
            raise MalformedError("proof hash", f"not {HASH_SIZE} bytes")
        if self.extra is not None and not 0 < len(self.extra) <= MAX_EXTRA:
            raise MalformedError("extra data", f"not between 1 and {MAX_EXTRA} bytes")
        Checkpoint.parse(Note.parse(self.checkpoint).text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a receipt.

        :raises MalformedError: if it is not one.
        """
        if len(text) > MAX_RECEIPT:
            raise MalformedError("receipt", f"longer than {MAX_RECEIPT} characters")
        head, blank, checkpoint = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != _HEADER or not blank:
            raise MalformedError("receipt", f"does not begin with {_HEADER}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = parse_base64("extra data", lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise MalformedError("receipt", "no index")
        index = parse_decimal("index", lines.pop(0).removeprefix("index "))
        hashes = tuple(parse_base64("proof hash", line, HASH_SIZE) for line in lines)
        return cls(index, hashes, checkpoint, extra)

    def format(self) -> str:
        """The receipt as it is kept in a file."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64_text(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(base64_text(digest) for digest in self.hashes)
        return "\n".join(lines) + "\n\n" + self.checkpoint


def check_receipt(
    receipt: Receipt, leaf: bytes, *verifiers: NoteVerifier, origin: str
) -> Checkpoint:
    """Check that `leaf` (its bytes) is in the log `origin`, by the log's own signature.

    :param verifiers: the keys that are trusted: the log's, under the name `origin`, and, if one
        likes, those of witnesses. A witness alone does not make a receipt.
    :return: the checkpoint that the receipt stands on.
    :raises NoteError: if the checkpoint is not signed as it must be.
    :raises MalformedError: if the checkpoint is none.
    :raises ProofError: if it is another log's, or the leaf is not in it at this place.
    """
    note = open_note(receipt.checkpoint, *verifiers)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise ProofError(f"a receipt of the log {checkpoint.origin}, not of {origin}")
    if all(signature.name != origin for signature in note.verified):
        raise UnsignedError("not signed by the log itself", note)
    check_inclusion(
        receipt.index, checkpoint.size, leaf_hash(leaf), receipt.hashes, checkpoint.root
    )
    return checkpoint
