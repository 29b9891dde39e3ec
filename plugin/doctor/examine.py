"""The whole examination, in the order in which one finding explains the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...moderation.cosignatures import newest_sizes
from ...moderation.log import LogRef
from ...moderation.schema import log_entry
from ..database import is_migrated
from ..figures import check_figures
from ..fingerprint import SchemaChanged
from ..state import State
from .database import changed_by_hand, check_database
from .findings import Finding, error
from .host import check_disk, check_worker
from .logs import (
    SHOWN,
    check_clock,
    check_entries,
    check_keys,
    check_lost,
    check_signed,
    read_kept,
)
from .search import check_search
from .witnesses import check_witnesses

#: Shows how much of a log has been read: a context that gives a function of (done, total).
Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


@dataclass(slots=True)
class Diagnosis:
    """What was found. ``sizes`` tells how many entries of each log were read, by origin."""

    findings: list[Finding] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; advice may remain."""
        return all(finding.severity != "error" for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: stable names, whatever the sentences say."""
        return {
            "healthy": self.healthy,
            "logs": [{"origin": origin, "size": size} for origin, size in self.sizes.items()],
            "findings": [asdict(finding) for finding in self.findings],
        }


def examine(state: State, progress: Progress) -> Diagnosis:
    """Look at everything. Raises SQLAlchemy's errors when the database cannot be read."""
    diagnosis = Diagnosis()
    found = diagnosis.findings
    found += check_disk(state.settings)
    try:
        migrated = is_migrated(state.work.engine)
    except SchemaChanged as problem:
        # The engine refuses to open it, so nothing else can be looked at.
        found += [changed_by_hand(difference) for difference in problem.differences]
        return diagnosis
    if not migrated:
        found.append(
            error(
                "schema",
                "the database is not at this release's schema",
                "Run: flask reviews db upgrade",
            )
        )
        return diagnosis
    # Before the first query, or a review that comes meanwhile looks like one that was lost.
    kept = read_kept(state.context.logs.kept)
    with state.work.snapshot() as session:
        found += check_database(session)
        found += check_lost(session, kept)
        for ref, size in newest_sizes(session):
            found += check_keys(session, ref, state.context.logs.keys)
            found += check_signed(session, ref, kept)
            found += check_clock(_newest_time(session, ref), state.clock())
            with progress(ref.origin) as show:
                diagnosis.sizes[ref.origin], findings = check_entries(session, ref, show)
            found += findings
            found += check_witnesses(session, ref, size, state.settings, state.clock())
        found += _figures(session)
        # Words that are not those committed to were found above, and may not even be readable.
        if all(finding.check != "logs" for finding in found):
            with progress("search index") as show:
                found += check_search(session, state.settings.state_dir, show)
        found += check_worker(session, state.clock())
    return diagnosis


def _newest_time(session: Session, ref: LogRef) -> int:
    leaf = session.scalar(
        select(log_entry.c.leaf)
        .where(log_entry.c.log == ref.id)
        .order_by(log_entry.c.idx.desc())
        .limit(1)
    )
    try:
        at = json.loads(leaf or b"{}")["at"]
    except (ValueError, KeyError, TypeError):
        return 0
    return at if isinstance(at, int) else 0


def _figures(session: Session) -> Iterator[Finding]:
    findings = check_figures(session)
    for problem in findings[:SHOWN]:
        yield error(
            "figures",
            problem,
            "The facts are right and the counter is not: flask reviews figures rebuild",
        )
    if len(findings) > SHOWN:
        yield error("figures", f"{len(findings) - SHOWN} more counters differ", "")
