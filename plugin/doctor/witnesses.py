"""Whether somebody outside has signed lately what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ...moderation.cosignatures import recent_witnesses
from ...moderation.log import LogRef
from ..settings import Settings
from .findings import Finding, advice

#: Entries that no witness has signed after so long are an unusually wide blind window.
LATE = timedelta(minutes=10)


def check_witnesses(
    session: Session, ref: LogRef, size: int, settings: Settings, now: datetime
) -> Iterator[Finding]:
    """Advice about the window in which only the operator knows what the log says.

    ``size`` is that of the log's newest checkpoint.
    """
    if not settings.witnesses:
        yield advice(
            "witnesses",
            f"nobody outside signs what {ref.origin} says",
            "Entries that are newer than every receipt and checkpoint that somebody else holds "
            "could be rewritten unseen. Ask a regulator or an association to run a witness "
            "(docs/witness.md).",
        )
        return
    signed = recent_witnesses(session, ref)
    if not signed:
        yield advice(
            "witnesses",
            f"no witness has signed {ref.origin} yet",
            "Is the worker running, and do the witnesses follow this log?",
        )
    elif signed[0].size < size and now.timestamp() - signed[0].at > LATE.total_seconds():
        yield advice(
            "witnesses",
            f"the newest {size - signed[0].size} entries of {ref.origin} are not witnessed",
            "Is the worker running, and are the witnesses reachable?",
        )
