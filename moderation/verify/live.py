"""A log as it is served while it goes on growing: read once, then extended when it is asked
again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from ..tlog.encoding import base64_text
from .findings import CannotCheck, Findings
from .kept import Comparison
from .replay import Replay
from .signed import NotSigned, Signed, Trust
from .site import Site
from .tree import Broken, Tree

#: ``progress(what, done, total)``.
Progress = Callable[[str, int, int], None]

#: How often a log is asked again for an entry that its shop shows already, and the seconds between.
ATTEMPTS: Final = 3
PAUSE: Final = 0.3


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
    tree: Tree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(self.site, self.findings, self.workers)

    @property
    def size(self) -> int:
        """The entries that were read."""
        return self.tree.size

    def keep(self, indexes: Collection[int]) -> None:
        """Have these leaves kept as they pass."""
        self.leaves.update(dict.fromkeys(indexes))

    def read(self, comparison: Comparison) -> None:
        """Read the log from its first entry to the checkpoint, past every kept one."""
        comparison.prepare(self.tree)
        try:
            self._extend(self.signed, comparison.passed)
        finally:
            self.replay.flush()
        if self.complete:
            self._expect_root(
                self.signed, "root-differs", "the entries that are served are not those signed"
            )
            comparison.finish(self.tree)

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
        if newest.size == self.size:
            self._expect_root(newest, "fork", "two checkpoints of one size have different roots")
        if newest.size <= self.size:
            return
        self.complete = False
        try:
            self._extend(newest, None)
        finally:
            self.replay.flush()
        if self.complete:
            self._expect_root(newest, "fork", "the log grew into another one while it was read")
            self.signed = newest

    def _extend(self, signed: Signed, passed: Callable[[Tree], None] | None) -> None:
        tree, replay, total = self.tree, self.replay, signed.size
        try:
            for leaf in tree.read_to(total):
                if replay.size in self.leaves:
                    self.leaves[replay.size] = leaf
                replay.add(leaf)
                if passed is not None:
                    passed(tree)
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
