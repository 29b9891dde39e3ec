"""The decision of a witness: whether it cosigns a checkpoint.

Its promise (c2sp.org/tlog-witness): of all that it ever cosigned for one log, each tree continues
the one before. The size that is known, the check against it and the new size are one transaction,
and the cosignature leaves after that is on the disk. A crash in between loses an answer, never the
promise: the log asks again and gets another cosignature of the same tree.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..tlog.checkpoint import Checkpoint
from ..tlog.cosignature import Cosigner, cosignature_line
from ..tlog.errors import MalformedError, NoteError, ProofError
from ..tlog.merkle import EMPTY_ROOT, check_consistency
from ..tlog.note import Note, Verifier, open_note
from .request import CONFLICT_TYPE, AddCheckpoint
from .state import Head, State, Transaction

__all__ = ["Answer", "ClockBehind", "Witness"]

logger = logging.getLogger(__name__)

#: A clock that went back this far (seconds) is wrong, and a cosignature's time is its statement.
CLOCK_TOLERANCE: Final = 300

_NOTHING: Final = Head(0, EMPTY_ROOT, 0, "")


class ClockBehind(Exception):
    """The clock stands before the last cosignature."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: cosignature lines with status 200, or why there are none."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


class Witness:
    """A witness with its key and its memory. `clock` gives POSIX seconds."""

    def __init__(
        self, state: State, cosigner: Cosigner, clock: Callable[[], float] = time.time
    ) -> None:
        self.state = state
        self.vkey = cosigner.verifier_key()
        self.name = cosigner.name
        self._cosigner = cosigner
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request to cosign. In the order of the specification:

        400 if `body` is malformed or goes backwards in itself, 404 for a log that is not followed,
        403 if none of its keys signed, 409 with the size that is known if `old` is another one or
        the same size has another root, 422 if the proof does not hold.

        :raises sqlite3.Error: if the state cannot be read or written; nothing was cosigned.
        :raises ClockBehind: if the clock is wrong; nothing was cosigned.
        """
        try:
            asked = AddCheckpoint.parse(body)
            text = Note.parse(asked.note).text
            checkpoint = Checkpoint.parse(text)
        except MalformedError as error:
            return Answer(400, f"{error}\n")
        keys = [Verifier.parse(vkey) for vkey in self.state.vkeys(checkpoint.origin)]
        if not keys:
            return Answer(404, "this witness does not follow that log\n")
        try:
            note = open_note(asked.note, *keys)
        except NoteError as error:
            return Answer(403, f"{error}\n")
        if asked.old > checkpoint.size:
            return Answer(400, "the old size is greater than the checkpoint's\n")
        # Signatures of others are not ours to keep.
        lines = "".join(f"{signature.format()}\n" for signature in note.verified)
        with self.state.deciding() as transaction:
            return self._decide(transaction, asked, checkpoint, f"{text}\n{lines}")

    def _decide(
        self, transaction: Transaction, asked: AddCheckpoint, checkpoint: Checkpoint, note: str
    ) -> Answer:
        origin = checkpoint.origin
        known = transaction.head(origin) or _NOTHING
        new = Head(checkpoint.size, checkpoint.root, self._now(known), note)
        if new.size == known.size and new.root != known.root:
            if known.note:
                logger.error("FORK of %s: two trees of %s entries", origin, new.size)
                transaction.keep("fork", origin, new, known)
            return _conflict(known)
        if asked.old != known.size:
            return _conflict(known)
        try:
            _check(known, new, asked.proof)
        except ProofError as error:
            if known.note:
                logger.error("no proof that %s grew from %s to %s", origin, known.size, new.size)
                transaction.keep("unproven", origin, new, known)
            return Answer(422, f"{error}\n")
        line = cosignature_line(checkpoint.format(), self._cosigner, new.at)
        transaction.advance(origin, new)
        return Answer(200, line)

    def _now(self, known: Head) -> int:
        now = int(self._clock())
        if now < known.at - CLOCK_TOLERANCE:
            raise ClockBehind(f"the clock stands {known.at - now} s before the last cosignature")
        return max(now, known.at)


def _check(known: Head, new: Head, proof: tuple[bytes, ...]) -> None:
    """Raise ProofError unless `proof` shows that `new` continues `known`."""
    if known.size:
        check_consistency(known.size, known.root, new.size, new.root, proof)
    elif proof:
        raise ProofError("every tree continues the empty one: there is nothing to prove")


def _conflict(known: Head) -> Answer:
    return Answer(409, f"{known.size}\n", CONFLICT_TYPE)
