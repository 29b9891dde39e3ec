"""A submission as pages and API make it: prepared while others write, written under the lock."""

from __future__ import annotations

from datetime import datetime

from .services.reviews import ReviewInput, Submitted, prepare_review, write_review
from .state import State


def submit(state: State, given: ReviewInput, now: datetime) -> Submitted:
    """Accept a review. Raises the errors of :func:`~.services.reviews.prepare_review`."""
    return state.work.prepare_and_write(
        lambda session: prepare_review(session, state.context, given, now),
        lambda session, draft: write_review(session, state.context, draft, now),
    )
