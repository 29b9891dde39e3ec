"""A log as it is served while it goes on growing: read once, then extended when it is asked
again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from ..tlog.encoding import base64_text
from .findings import CannotCheck, Findings
from .kept import MOST_FORKS, Comparison, Fork, Kept, fork_of
from .passed import Passed
from .replay import Replay, replaying
from .signed import NotSigned, Signed, Trust
from .site import Site
from .tree import Broken, Tree

#: ``progress(what, done, total)``.
Progress = Callable[[str, int, int], None]

#: How often a log is asked again for an entry that its shop shows already, and the seconds between.
ATTEMPTS: Final = 3
PAUSE: Final = 0.3
#: Checkpoints of one run that are remembered.
MOST_SEEN: Final = 10_000


@dataclass(slots=True)
class LiveLog:
    """The log up to ``signed``, its newest checkpoint so far."""

    site: Site
    trust: Trust
    findings: Findings
    replay: Replay
    signed: Signed
    progress: Progress
    workers: int = 1
    #: Leaves to keep as they pass, by index.
    leaves: dict[int, bytes | None] = field(default_factory=dict)
    #: Whether what was read is what was signed, up to the last checkpoint.
    whole: bool = True
    #: The tree has the size of the checkpoint; not so after :class:`Broken`.
    complete: bool = False
    #: Checkpoints of this run that exclude each other.
    forks: list[Fork] = field(default_factory=list)
    tree: Tree = field(init=False)
    _seen: set[tuple[int, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tree = self._new_tree(self.findings, self.replay)

    def _new_tree(self, findings: Findings, replay: Replay) -> Tree:
        return Tree(self.site, findings, Passed(replay.database), self.workers)

    @property
    def size(self) -> int:
        """The entries that were read."""
        return self.tree.size

    def keep(self, indexes: Collection[int]) -> None:
        """Have these leaves kept as they pass."""
        self.leaves.update(dict.fromkeys(indexes))

    def read(self, comparison: Comparison) -> None:
        """Read the log from its first entry to the checkpoint, past every kept one."""
        self.forks = comparison.forks
        self._seen.add((self.signed.size, self.signed.root))
        try:
            self._extend(self.signed)
            if self.complete:
                self._expect_root(
                    self.signed, "root-differs", "the entries that are served are not those signed"
                )
        finally:
            self.replay.flush()
            comparison.finish(self.tree, self.complete and self.whole)

    def refresh(self, at_least: int = 0) -> int:
        """Ask for the newest checkpoint, read what has come since, and give the new size.

        ``at_least`` is a size that the log must have by what its shop shows: one that has not is
        asked once more, because it may be answered by a copy that lags behind.
        """
        for attempt in range(ATTEMPTS):
            self._ask()
            if self.size >= at_least or not self.complete:
                break
            if attempt + 1 < ATTEMPTS:
                time.sleep(PAUSE)
        return self.size

    def _ask(self) -> None:
        if not self.complete:
            return
        data = self.site.note("checkpoint")
        if data is None:
            raise CannotCheck(f"{self.site.log}checkpoint is not served any more", "http-status")
        try:
            newest = self.trust.open(data)
        except NotSigned as error:
            self.whole = False
            self.findings.add(error.code, f"the checkpoint of a moment later: {error}")
            return
        if (newest.size, newest.root) in self._seen:
            return
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()  # They only spare looking at one again.
        self._seen.add((newest.size, newest.root))
        if newest.size <= self.size:
            self._look_back(newest)
        else:
            self._grow_to(newest)

    def _look_back(self, other: Signed) -> None:
        """A checkpoint of a size that was passed: a copy that lags behind has the same tree."""
        root = self.tree.root_at(other.size)
        if root == other.root:
            return
        self.whole = False
        self.findings.add(
            "fork",
            "two checkpoints of one size have different roots"
            if other.size == self.signed.size
            else f"a checkpoint of a moment later has another tree of {other.size} entries",
            log=base64_text(other.root),
            shown=base64_text(root),
        )
        if len(self.forks) >= MOST_FORKS:
            return
        kept, served = sorted((other, self.signed), key=lambda signed: signed.size)
        self.forks.append(fork_of(self.tree, Kept("this check", kept), served))

    def _grow_to(self, newest: Signed) -> None:
        before, self.complete = self.signed, False
        try:
            self._extend(newest)
        finally:
            self.replay.flush()
        if self.complete:
            self._expect_root(newest, "fork", "the log grew into another one while it was read")
            self.signed = newest
        changed, self.tree.changed = self.tree.changed, None
        if self.complete and self.tree.root == newest.root:
            if changed is not None:
                # Two bundles, one root: what was served the second time contradicts the checkpoint.
                self.findings.add(
                    "root-differs",
                    f"entry {changed} was served again as another one, which nobody has signed",
                    index=changed,
                )
            return
        if changed is not None:
            self.findings.add("fork", f"entry {changed} changed while it was read", index=changed)
        if self.complete or changed is not None:
            self._tell_apart(before, newest)

    def _tell_apart(self, before: Signed, newest: Signed) -> None:
        """The log grew into another one: read that by itself, so that the two can be proved to
        exclude each other."""
        if len(self.forks) >= MOST_FORKS:
            return
        kept = Kept("this check", before)
        fork = Fork(kept, newest)
        with replaying(Findings(), self.trust.origin) as apart:
            tree = self._new_tree(Findings(), apart)
            try:
                for _ in tree.read_to(newest.size):
                    pass
                fork = fork_of(tree, kept, newest)
            except (Broken, CannotCheck):
                pass  # Then there are only the two checkpoints.
        if fork.root != before.root:
            self.forks.append(fork)

    def _extend(self, signed: Signed) -> None:
        tree, replay, total = self.tree, self.replay, signed.size
        try:
            for leaf in tree.read_to(total):
                if replay.size in self.leaves:
                    self.leaves[replay.size] = leaf
                replay.add(leaf)
                if not tree.size & 0xFF:
                    self.progress("entries", tree.size, total)
        except Broken:
            self.whole = False
            return
        self.complete = True
        self.progress("entries", tree.size, total)

    def _expect_root(self, signed: Signed, code: str, message: str) -> None:
        """What was read has the signed root; then the keys that it names may be trusted."""
        if self.tree.root == signed.root:
            if self.whole:
                self.trust.learn(key for _, key in self.replay.rotated)
            return
        self.whole = False
        self.findings.add(
            code,
            f"{message} ({signed.size} entries)",
            log=base64_text(signed.root),
            shown=base64_text(self.tree.root),
        )
