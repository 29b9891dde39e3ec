"""Checkpoints that somebody kept, held against the log as it is served today.

A log only ever grows: a tree of today begins with every tree that was signed before. The roots are
recomputed from the entries at each kept size; where one differs, both signed checkpoints are the
proof, and :func:`write_evidence` puts them into one portable file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..tlog.encoding import base64_text
from ..tlog.errors import MalformedError
from ..tlog.proof import MAX_RECEIPT, Receipt
from .findings import CannotCheck, Findings
from .signed import NotSigned, Signed, Trust
from .tree import Tree

EVIDENCE_HEADER: Final = "insurance-reviews/fork-evidence/v1"
KEPT_MARK: Final = "--- the checkpoint that was kept"
#: Forks of one run of which the proof is kept. One would do.
MOST_FORKS: Final = 20
SERVED_MARK: Final = "--- the checkpoint that is served"


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint and where it comes from. One that is not ``trusted`` bears no signature of a key
    that is: it says nothing against the log, and need not say anything for it."""

    source: str
    signed: Signed
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Fork:
    """Two checkpoints of one log that cannot both be true. ``proof`` shows that the served tree
    begins, at the kept size, with ``root``; a rollback has neither, nor has a log whose entries
    are not those that it signed."""

    kept: Kept
    served: Signed
    root: bytes | None = None
    proof: tuple[bytes, ...] = ()


def read_kept(path: Path, trust: Trust) -> Kept:
    """The checkpoint in a file: by itself, or in a receipt. Raises :class:`CannotCheck`."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_RECEIPT + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotCheck(f"{path}: {error}", "kept") from error
    return open_kept(str(path), checkpoint_in(text), trust)


def checkpoint_in(text: str) -> str:
    """The note in ``text``, which may be a .tlog-proof."""
    try:
        return Receipt.parse(text).checkpoint
    except MalformedError:
        return text


def open_kept(source: str, text: str, trust: Trust) -> Kept:
    """Open a kept checkpoint. Raises :class:`CannotCheck` for what is none of this log."""
    try:
        if trust.knows_signer(text):
            return Kept(source, trust.open(text))
        # Perhaps of a key that was retired: the log itself may have its tree.
        return Kept(source, trust.claimed(text), trusted=False)
    except NotSigned as error:
        raise CannotCheck(f"{source}: no checkpoint of this log: {error}", "kept") from error


def unknown_key(source: str, why: str) -> CannotCheck:
    """What a checkpoint proves that no trusted key signed: nothing."""
    return CannotCheck(
        f"{source} is signed by none of the keys that you trust, and {why}. If the log had another "
        "key then, get that key from somebody who has no reason to lie, and give both",
        "unknown-key",
    )


class Comparison:
    """Compares a tree with kept checkpoints, and collects the forks of this run."""

    def __init__(
        self, kept: Sequence[Kept], served: Signed, trust: Trust, findings: Findings
    ) -> None:
        self.served = served
        self.forks: list[Fork] = []
        self._trust = trust
        self._findings = findings
        self._kept = [one for one in kept if not (one.trusted and self._is_behind(one))]
        #: By source; ``None`` where a trusted key has signed, or the log has the tree.
        self._doubts: dict[str, CannotCheck | None] = {
            one.source: None for one in kept if one.trusted
        }

    def doubt_about(self, source: str) -> CannotCheck | None:
        """Why a checkpoint proves nothing that no trusted key signed; ``None`` where one did, or
        where the log, as it was read and signed, has the tree, whoever signed it."""
        return self._doubts.get(source, unknown_key(source, "it is not one of this log"))

    def finish(self, tree: Tree, whole: bool) -> None:
        """The tree has the served size and is the one that was signed (``whole``), or cannot be
        read any further."""
        for kept in self._kept:
            if kept.trusted:
                self._compare(kept, tree)
            else:
                self._settle(kept, tree, whole)

    def _settle(self, kept: Kept, tree: Tree, whole: bool) -> None:
        """What no key signed that was trusted before the log was read."""
        source, size = kept.source, kept.signed.size
        try:
            again = open_kept(source, kept.signed.text, self._trust)
        except CannotCheck as error:
            self._findings.could_not(error)
            return
        if again.trusted:
            # By a key, that is, that the log has announced since.
            self._doubts[source] = None
            if not self._is_behind(again):
                self._compare(again, tree)
            return
        why = None
        if not whole:
            why = "the log could not be read"
        elif size > tree.size:
            why = f"the log has only {tree.size} entries, not {size}"
        elif tree.root_at(size) != kept.signed.root:
            why = f"the log has another tree of {size} entries"
        self._doubts[source] = doubt = None if why is None else unknown_key(source, why)
        if doubt is not None:
            self._findings.could_not(doubt)

    def _compare(self, kept: Kept, tree: Tree) -> None:
        size = kept.signed.size
        if size > tree.size or (root := tree.root_at(size)) == kept.signed.root:
            return
        self._findings.add(
            "fork",
            f"the first {size} entries are not those of the checkpoint kept in {kept.source}",
            log=base64_text(kept.signed.root),
            shown=base64_text(root),
        )
        self.forks.append(fork_of(tree, kept, self.served))

    def _is_behind(self, kept: Kept) -> bool:
        """Whether the log is smaller than it was; then that is told."""
        if kept.signed.size <= self.served.size:
            return False
        self._findings.add(
            "rollback",
            f"the log has {self.served.size} entries; the checkpoint kept in {kept.source} has "
            f"{kept.signed.size}",
            log=kept.signed.size,
            shown=self.served.size,
        )
        self.forks.append(Fork(kept, self.served))
        return True


def fork_of(tree: Tree, kept: Kept, served: Signed) -> Fork:
    """The fork between two checkpoints, with its proof where ``tree`` is the one that was served.

    A tree that broke off, or has another root than was signed, proves nothing about ``served``:
    then the two signed checkpoints are all there is.
    """
    old, new = kept.signed.size, served.size
    if not old <= new <= tree.size or tree.root_at(new) != served.root:
        return Fork(kept, served)
    return Fork(kept, served, tree.root_at(old), tuple(tree.prove(old, new)))


def evidence(fork: Fork) -> str:
    """The evidence as one text; ``docs/log-format.md`` says how to read it."""
    kept, served = fork.kept.signed, fork.served
    head = [
        EVIDENCE_HEADER,
        f"origin {served.checkpoint.origin}",
        f"kept {kept.size}",
        f"served {served.size}",
    ]
    if fork.root is not None:
        head.append(f"root {base64_text(fork.root)}")
        head += [f"proof {base64_text(digest)}" for digest in fork.proof]
    lines = "".join(f"{line}\n" for line in head)
    return f"{lines}\n{KEPT_MARK}\n{kept.text}{SERVED_MARK}\n{served.text}"


def write_evidence(folder: Path, fork: Fork) -> Path:
    """Write the evidence into ``folder``; the same fork always to the same name.

    Raises :class:`CannotCheck` when the file cannot be written.
    """
    text = evidence(fork).encode()
    path = folder / f"fork-{hashlib.sha256(text).hexdigest()[:16]}.txt"
    try:
        path.write_bytes(text)
    except OSError as error:
        raise CannotCheck(f"the evidence cannot be written: {error}", "evidence") from error
    return path
