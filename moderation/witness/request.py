"""What a log sends to a witness, as c2sp.org/tlog-witness defines the body of ``add-checkpoint``.

The lines, each ending in a newline::

    old 20852014                                       the size that this witness cosigned last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=       the consistency proof from there,
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=       at most 63 hashes
                                                       an empty line
    example.com/behind-the-sofa                        the signed checkpoint, as it was published
    ...

>>> note = "log.example/1\\n1\\nAAAA\\n\\n\\u2014 log.example/1 AAAAAAA=\\n"
>>> AddCheckpoint(0, (), note).format().decode()[:21]
'old 0\\n\\nlog.example/1\\n'
>>> AddCheckpoint.parse(b"old 0\\n\\n" + note.encode()).note == note
True
>>> AddCheckpoint.parse(b"old 00\\n\\n" + note.encode())
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.errors.MalformedError: malformed old size: not a plain decimal

What is asked may still be wrong in every other way: :mod:`.witness` decides that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from ..tlog.encoding import base64_text, parse_base64, parse_decimal
from ..tlog.errors import MalformedError
from ..tlog.merkle import HASH_SIZE

__all__ = ["CONFLICT_TYPE", "MAX_PROOF", "MAX_REQUEST", "AddCheckpoint", "parse_size"]

#: The longest body that is read, in bytes: far more than a checkpoint with its proof needs.
MAX_REQUEST: Final = 65_536
#: A path in a tree of 2**63 leaves.
MAX_PROOF: Final = 63
#: The content type of the answer 409, whose body is the size that the witness knows.
CONFLICT_TYPE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A signed checkpoint, `note`, and the `proof` that it continues the tree of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body. The note in it is taken as it is.

        :raises MalformedError: if it is none.
        """
        if len(body) > MAX_REQUEST:
            raise MalformedError("request", f"longer than {MAX_REQUEST} bytes")
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise MalformedError("request", "not UTF-8") from error
        head, blank, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if not blank or not first.startswith("old "):
            raise MalformedError("request", "not 'old <size>', a proof and a checkpoint")
        if len(lines) > MAX_PROOF:
            raise MalformedError("request", f"a proof of more than {MAX_PROOF} hashes")
        old = parse_decimal("old size", first.removeprefix("old "))
        return cls(old, tuple(parse_base64("proof hash", line, HASH_SIZE) for line in lines), note)

    def format(self) -> bytes:
        """The body to send."""
        lines = [f"old {self.old}", *(base64_text(digest) for digest in self.proof)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()


def parse_size(body: bytes) -> int:
    """The size in a body of the type :data:`CONFLICT_TYPE`.

    :raises MalformedError: if it is not a decimal and a newline.
    """
    try:
        line = body[:32].decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("tree size", "not ASCII") from error
    if not line.endswith("\n"):
        raise MalformedError("tree size", "not one line")
    return parse_decimal("tree size", line[:-1])
