"""Whether somebody outside has signed lately what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from ...moderation.schema import cosignature, log_checkpoint
from ..settings import Settings
from .findings import Finding, advice

#: Entries that no witness has signed after so long are an unusually wide blind window.
LATE = timedelta(minutes=10)


def check_witnesses(
    session: Session, ref: LogRef, settings: Settings, now: datetime
) -> Iterator[Finding]:
    """Advice about the window in which only the operator knows what the log says."""
    if not settings.witnesses:
        yield advice(
            "witnesses",
            f"nobody outside signs what {ref.origin} says",
            "Entries that are newer than every receipt and checkpoint that somebody else holds "
            "could be rewritten unseen. Ask a regulator or an association to run a witness "
            "(docs/witness.md).",
        )
        return
    newest = session.scalar(
        select(func.max(log_checkpoint.c.size)).where(log_checkpoint.c.log == ref.id)
    )
    signed = session.execute(
        select(cosignature.c.size, cosignature.c.at)
        .where(cosignature.c.log == ref.id)
        .order_by(cosignature.c.size.desc())
        .limit(1)
    ).first()
    if signed is None:
        yield advice(
            "witnesses",
            f"no witness has signed {ref.origin} yet",
            "Is the worker running, and do the witnesses follow this log?",
        )
    elif signed.size < (newest or 0) and now.timestamp() - signed.at > LATE.total_seconds():
        yield advice(
            "witnesses",
            f"the newest {(newest or 0) - signed.size} entries of {ref.origin} are not witnessed",
            "Is the worker running, and are the witnesses reachable?",
        )
