"""What leaves the house only once the transaction stands: kept checkpoints, signals, mail."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

_KEY = "insurance_reviews.after_commit"


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Have the unit of work make ``call`` after it has committed; never when it rolls back."""
    session.info.setdefault(_KEY, []).append(call)


def take_calls(session: Session) -> list[Callable[[], object]]:
    """The calls collected so far, each handed out once. For the unit of work."""
    calls: list[Callable[[], object]] = session.info.pop(_KEY, [])
    return calls
