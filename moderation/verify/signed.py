"""Opening checkpoints: by the keys that are trusted, and the witnesses that a policy asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..tlog.checkpoint import Checkpoint
from ..tlog.cosignature import cosigned_at
from ..tlog.errors import MalformedError, NoteError, SignatureError
from ..tlog.note import Note, Verifier, open_note
from ..tlog.policy import Policy
from .differences import time_text
from .findings import CannotCheck


class NotSigned(Exception):
    """A note that must not be believed. ``code`` is that of a finding."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that a trusted key signed; ``text`` is the note verbatim."""

    checkpoint: Checkpoint
    note: Note
    text: str

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        return self.checkpoint.root


@dataclass(slots=True)
class Trust:
    """The keys of one log that are trusted, and the policy about its witnesses."""

    keys: list[Verifier]
    policy: Policy | None = None
    #: Verifier keys that this run learnt from ``key.rotated`` entries.
    learnt: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, vkeys: Sequence[str], policy: Policy | None = None) -> Trust:
        """Trust the keys of one log. Raises :class:`CannotCheck` when one is none, or another
        log's, or none of them is the policy's."""
        try:
            keys = list(dict.fromkeys(Verifier.parse(vkey.strip()) for vkey in vkeys))
        except MalformedError as error:
            raise CannotCheck(f"the key cannot be read: {error}", "key") from error
        if len({key.name for key in keys}) > 1:
            raise CannotCheck("the keys are those of different logs", "key")
        if policy is not None and policy.logs:
            listed = [log.verifier for log in policy.logs]
            if not any(key in listed for key in keys):
                raise CannotCheck("the policy is about other logs than that of the key", "policy")
        return cls(keys, policy)

    @property
    def origin(self) -> str:
        """The log that the keys are for: a log's key bears its origin."""
        return self.keys[0].name

    def learn(self, vkeys: Iterable[str]) -> None:
        """Trust further keys of the same log too: those that its own entries name."""
        for vkey in vkeys:
            key = Verifier.parse(vkey)
            if key not in self.keys:
                self.keys.append(key)
                self.learnt.append(vkey)

    def open(self, data: bytes | str, *, witnesses: bool = False) -> Signed:
        """Open a checkpoint. Raises :class:`NotSigned`."""
        text = _decoded(data)
        known = [*self.keys, *(self.policy.verifiers() if witnesses and self.policy else ())]
        try:
            note = open_note(text, *known)
            checkpoint = Checkpoint.parse(note.text)
        except SignatureError as error:
            raise NotSigned("checkpoint-signature", str(error)) from error
        except NoteError as error:
            raise NotSigned("checkpoint-key", self._explain(error.note)) from error
        except MalformedError as error:
            raise NotSigned("checkpoint-malformed", str(error)) from error
        own = {(key.name, key.key_id) for key in self.keys}
        if not any((by.name, by.key_id) in own for by in note.verified):
            raise NotSigned("checkpoint-key", self._explain(note))
        self._expect(checkpoint)
        return Signed(checkpoint, note, text)

    def knows_signer(self, data: str) -> bool:
        """Whether a note is anything but one that only strangers signed."""
        try:
            self.open(data)
        except NotSigned as error:
            return error.code != "checkpoint-key"
        return True

    def claimed(self, data: str) -> Signed:
        """What a note says of this log that nobody who is trusted has signed: proof of nothing.

        Raises :class:`NotSigned` when it does not even say it.
        """
        try:
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
        except MalformedError as error:
            raise NotSigned("checkpoint-malformed", str(error)) from error
        self._expect(checkpoint)
        return Signed(checkpoint, note, data)

    def _expect(self, checkpoint: Checkpoint) -> None:
        if checkpoint.origin != self.origin:
            raise NotSigned("checkpoint-origin", f"it is that of the log {checkpoint.origin}")
        if checkpoint.size == 0:
            raise NotSigned("checkpoint-empty", "a checkpoint of 0 entries proves nothing")

    def _explain(self, note: Note) -> str:
        by = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.unverified)
        trusted = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in self.keys)
        return (
            f"it is signed by {by}, not by {trusted}. Either somebody else signs here, or the log "
            "changed its key: then an entry key.rotated says so in a checkpoint of the old key. "
            "Whoever missed that has to get the new key from somebody else, and give both"
        )


def knows_key(data: bytes, trust: Trust) -> bool:
    """Whether the key that a log hands out is trusted: one line, and nothing else."""
    return data in {f"{key.format()}\n".encode() for key in trust.keys}


def cosigned_times(trust: Trust, signed: Signed) -> dict[str, str]:
    """The policy's witnesses that signed, and when: RFC 3339, UTC."""
    if trust.policy is None:
        return {}
    return {
        name: time_text(cosigned_at(line))
        for name, line in trust.policy.signed_by(signed.note).items()
    }


def _decoded(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotSigned("checkpoint-malformed", "it is not UTF-8") from error
