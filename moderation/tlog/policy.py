"""Trust policies, as c2sp.org/tlog-policy defines them: which witnesses make a checkpoint count.

A policy is a text of lines; spaces and tabs separate, ``#`` begins a line of comment::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> <k>|any|all <member> [<member> …]
    quorum <name>|none

Names are those of witnesses and groups, and mean nothing outside the file. A line may only speak of
names of lines above it, a name stands in at most one group, and there is exactly one quorum. Keys
are Ed25519, of type 0x01 for logs and 0x04 for witnesses; other types are refused. Two lines with
one public key are an error.

>>> from .checkpoint import Checkpoint
>>> from .cosignature import Cosigner, cosignature_line
>>> from .note import Signer, Verifier, open_note, sign_note
>>> log, red, blue = Signer("log.example/1", bytes(32)), *(
...     Cosigner(f"{name}.example", name[0].encode() * 32) for name in ("red", "blue"))
>>> policy = Policy.parse(f'''
... # One of the two is enough.
... witness Red {red.verifier_key()}
... witness Blue {blue.verifier_key()} https://blue.example/
... group either any Red Blue
... quorum either
... '''.encode())
>>> text = Checkpoint("log.example/1", 1, bytes(32)).format()
>>> note = sign_note(text, log)
>>> known = Verifier.parse(log.verifier_key()), *policy.verifiers()
>>> policy.is_met(open_note(note, *known))
False
>>> policy.is_met(open_note(note + cosignature_line(text, blue, at=1679315147), *known))
True
>>> Policy.parse(b"quorum x\\n")
Traceback (most recent call last):
...
insurance_reviews.moderation.tlog.policy.PolicyError: malformed policy: line 1: x is undefined
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from .cosignature import CosignatureVerifier
from .encoding import parse_base64, parse_decimal
from .errors import MalformedError
from .keys import Verifier
from .note import Note, Signature

__all__ = ["MAX_POLICY", "Group", "Policy", "PolicyError", "PolicyLog", "Witness"]

#: The longest policy that is read, in bytes; and the most lines of each kind but comments.
MAX_POLICY: Final = 1_000_000
MAX_LINES: Final = 1_000

NONE: Final = "none"

V = TypeVar("V", bound=Verifier)

_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_SPACE: Final = re.compile("[ \t]+")


class PolicyError(MalformedError):
    """A policy that cannot be read. ``line`` is the line's number, from 1; 0 for the whole."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__("policy", f"line {line}: {reason}" if line else reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints count."""

    verifier: Verifier
    url: str | None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness. ``name`` is the policy's own, not that of the key."""

    name: str
    verifier: CosignatureVerifier
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as a witness when ``threshold`` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, and which of these must have signed. ``quorum`` is ``None`` for nobody."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[Witness, ...]
    #: In the order of the file: members stand before their groups.
    groups: tuple[Group, ...]
    quorum: str | None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a policy.

        :raises PolicyError: naming the line.
        """
        parser = _Parser()
        for number, line in _lines(data):
            words = _SPACE.split(line.strip(" \t"))
            if not words[0] or words[0].startswith("#"):
                continue
            parser.take(number, words)
        if parser.quorum is None:
            raise PolicyError(0, "there is no quorum line")
        return cls(
            tuple(parser.logs),
            tuple(parser.witnesses),
            tuple(parser.groups),
            None if parser.quorum == NONE else parser.quorum,
        )

    def verifiers(self) -> list[CosignatureVerifier]:
        """The keys of the witnesses, to open notes with."""
        return [witness.verifier for witness in self.witnesses]

    def signed_by(self, note: Note) -> dict[str, Signature]:
        """The witnesses that cosigned `note`, by their names here. Open it with their keys
        first."""
        found = {}
        for witness in self.witnesses:
            key = witness.verifier
            for signature in note.verified:
                # The short id could be another key's, so the signature itself decides.
                if (signature.name, signature.key_id) == (key.name, key.key_id) and key.verify(
                    note.text, signature.signature
                ):
                    found[witness.name] = signature
        return found

    def is_met(self, note: Note) -> bool:
        """Whether the witnesses that cosigned `note`, opened with their keys, are a quorum."""
        counted = set(self.signed_by(note))
        for group in self.groups:
            if len(counted.intersection(group.members)) >= group.threshold:
                counted.add(group.name)
        return self.quorum is None or self.quorum in counted


class _Parser:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._keys: dict[bytes, int] = {}
        self._names: set[str] = set()
        self._members: dict[str, str] = {}

    def take(self, number: int, words: list[str]) -> None:
        kind, *arguments = words
        match kind:
            case "log" if 1 <= len(arguments) <= 2:
                verifier = self._key(number, Verifier, arguments[0])
                url = arguments[1] if len(arguments) == 2 else None
                self.logs.append(PolicyLog(verifier, url))
            case "witness" if 2 <= len(arguments) <= 3:
                self._name(number, arguments[0])
                witness = self._key(number, CosignatureVerifier, arguments[1])
                url = arguments[2] if len(arguments) == 3 else None
                self.witnesses.append(Witness(arguments[0], witness, url))
            case "group" if len(arguments) >= 3:
                self.groups.append(self._group(number, *arguments))
            case "quorum" if len(arguments) == 1:
                self._quorum(number, arguments[0])
            case "log" | "witness" | "group" | "quorum":
                raise PolicyError(number, f"{len(arguments)} words after {kind!r} are not its form")
            case _:
                raise PolicyError(number, f"unknown word {kind!r}")
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES:
            raise PolicyError(number, f"more than {MAX_LINES} lines of {kind!r}")

    def _group(self, number: int, name: str, threshold: str, *members: str) -> Group:
        for member in members:
            self._known(number, member)
            if member in self._members:
                raise PolicyError(
                    number, f"{member} is a member of {self._members[member]} already"
                )
            self._members[member] = name
        self._name(number, name)
        if threshold in ("any", "all"):
            return Group(name, 1 if threshold == "any" else len(members), members)
        try:
            needed = parse_decimal("threshold", threshold, len(members))
        except MalformedError as error:
            raise PolicyError(number, str(error)) from error
        if needed < 1:
            raise PolicyError(number, "a threshold of 0 asks for nobody")
        return Group(name, needed, members)

    def _quorum(self, number: int, name: str) -> None:
        if self.quorum is not None:
            raise PolicyError(number, "a second quorum")
        if name != NONE:
            self._known(number, name)
        self.quorum = name

    def _name(self, number: int, name: str) -> None:
        if name == NONE:
            raise PolicyError(number, f"{NONE!r} cannot be a name")
        if name in self._names:
            raise PolicyError(number, f"{name} is defined already")
        self._names.add(name)

    def _known(self, number: int, name: str) -> None:
        if name not in self._names:
            raise PolicyError(number, f"{name} is undefined")

    def _key(self, number: int, kind: type[V], text: str) -> V:
        try:
            key = kind.parse(text)
        except (MalformedError, UnicodeEncodeError) as error:
            raise PolicyError(number, str(error)) from error
        # What stands behind name and id: one key under two names would be counted twice.
        public_key = parse_base64("verifier key", text.split("+", 2)[2])
        if (before := self._keys.setdefault(public_key, number)) != number:
            raise PolicyError(number, f"the public key of line {before}")
        return key


def _lines(data: bytes) -> list[tuple[int, str]]:
    """The lines with their numbers. Bytes beyond ASCII are opaque: they only ever equal
    themselves."""
    if len(data) > MAX_POLICY:
        raise PolicyError(0, f"longer than {MAX_POLICY} bytes")
    lines = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if found := _FORBIDDEN.search(line):
            raise PolicyError(number, f"contains the byte 0x{found[0][0]:02x}")
    return [(n, line.decode("utf-8", "surrogateescape")) for n, line in enumerate(lines, start=1)]
