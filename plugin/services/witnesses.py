"""Cosignatures, kept together with what walls show of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from ...moderation.cosignatures import Witnessed, keep_cosignature, last_witnessed
from ...moderation.log import LogRef
from .catalogue import touch_products
from .context import Context


def record_cosignature(
    session: Session, context: Context, ref: LogRef, found: Witnessed, line: str
) -> bool:
    """Keep the verified signature ``line`` of a witness; False if it is there already."""
    # Two witnesses that answer at the same time would each see the walls without the other.
    context.logs.hold(session, ref)
    before = _shown(session, context, ref)
    kept = keep_cosignature(session, ref, found, line)
    if _shown(session, context, ref) != before:
        touch_products(session, ref.insurer)
    return kept


def _shown(session: Session, context: Context, ref: LogRef) -> tuple[date, list[str]] | None:
    """What the walls of a log's insurer say of its witnesses: a day, and their names."""
    last = last_witnessed(session, ref.insurer)
    if not last:
        return None
    at = datetime.fromtimestamp(last[-1].at, context.settings.timezone)
    return at.date(), [one.name for one in last]
