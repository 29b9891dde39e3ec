"""What may be asked of a check, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .findings import Findings
from .live import Progress
from .receipt import Verdict
from .signed import Signed


def _silent(what: str, done: int, total: int) -> None:
    """No progress is told."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to check. Only the key is needed; without an address, receipts are checked alone."""

    key: str
    url: str | None = None
    policy: Path | None = None
    state: Path | None = None
    kept: Sequence[Path] = ()
    receipts: Sequence[Path] = ()
    #: Requests under way at once.
    workers: int = 1
    progress: Progress = _silent
    #: Where evidence of a fork is written; by default beside the state file.
    evidence: Path | None = None
    #: Further keys of the same log: retired ones, or its newest beside the one that was kept.
    more_keys: Sequence[str] = ()


@dataclass(slots=True)
class Outcome:
    """What came of it. ``exit_code`` is that of the command."""

    findings: Findings
    origin: str | None = None
    url: str | None = None
    signed: Signed | None = None
    #: What was looked at, and how many: see :mod:`.report`.
    counts: dict[str, int] = field(default_factory=dict)
    #: The witnessed checkpoint's size, and the times of its witnesses.
    witnessed: tuple[int, Mapping[str, str]] | None = None
    receipts: list[Verdict] = field(default_factory=list)
    learnt: list[str] = field(default_factory=list)
    evidence: list[Path] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once, sorted."""
        return sorted({finding.code for finding in self.findings.told})

    @property
    def exit_code(self) -> int:
        """0 clean, 1 tampering found, 2 could not check."""
        if self.findings.count:
            return 1
        return 2 if self.findings.unchecked else 0
