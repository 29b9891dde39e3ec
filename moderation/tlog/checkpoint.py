"""Checkpoints, as c2sp.org/tlog-checkpoint defines them: what a log says of itself.

The text of the note has three lines, each ending in a newline::

    example.com/behind-the-sofa                        the origin: which log this is
    20852163                                           the tree's size, a plain decimal
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=       the RFC 6962 root hash, in base64

Lines after the third are extension lines, never empty. Our logs write none; they are kept, so that
what was signed stays whole.

>>> checkpoint = Checkpoint.parse(
...     "example.com/behind-the-sofa\\n20852163\\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\\n"
... )
>>> checkpoint.origin, checkpoint.size, checkpoint.root.hex()[:8]
('example.com/behind-the-sofa', 20852163, '0ac5186a')
>>> Checkpoint("log.example/1", 0, sha256().digest()).format()
'log.example/1\\n0\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n'
>>> Checkpoint.parse("log.example/1\\n+7\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.MalformedError: malformed tree size: not a plain decimal

Signed, it is a :mod:`.note`: ``sign_note(checkpoint.format(), signer)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from .encoding import MAX_INTEGER, base64_text, check_line, parse_base64, parse_decimal
from .errors import MalformedError

__all__ = ["MAX_CHECKPOINT", "Checkpoint"]

#: The longest checkpoint text that is read, in characters.
MAX_CHECKPOINT: Final = 65_536

_HASH_SIZE: Final = sha256().digest_size


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one log: its first `size` leaves have this `root`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what :meth:`parse` would not read."""
        check_line("origin", self.origin)
        if not 0 <= self.size <= MAX_INTEGER:
            raise MalformedError("tree size", f"not between 0 and {MAX_INTEGER}")
        if len(self.root) != _HASH_SIZE:
            raise MalformedError("root hash", f"{len(self.root)} bytes instead of {_HASH_SIZE}")
        for line in self.extensions:
            check_line("extension line", line)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint, without signatures.

        :raises MalformedError: if it is not one.
        """
        if len(text) > MAX_CHECKPOINT:
            raise MalformedError("checkpoint", f"longer than {MAX_CHECKPOINT} characters")
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise MalformedError("checkpoint", "not three lines or more")
        origin, size, root, *extensions = lines
        return cls(
            origin,
            parse_decimal("tree size", size),
            parse_base64("root hash", root, _HASH_SIZE),
            tuple(extensions),
        )

    @classmethod
    def of_own_note(cls, note: str) -> Self:
        """The checkpoint in a signed note, its signatures unread.

        For a log that reads back what it signed itself; everybody else uses
        :func:`~.note.open_note`.

        :raises MalformedError: if it is not one.
        """
        text, separator, _ = note.partition("\n\n")
        return cls.parse(text + separator[:1])

    def format(self) -> str:
        """The text to sign, with its final newline."""
        lines = (self.origin, str(self.size), base64_text(self.root), *self.extensions)
        return "\n".join(lines) + "\n"
