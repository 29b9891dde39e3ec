"""What people write, as pages and API publish it: prepared while others write, written under the
lock.

Cutting a text into words takes longer than writing it, and on SQLite a transaction that writes
holds the lock from its first moment. So every text is analysed here, before that.
"""

from __future__ import annotations

from datetime import datetime

from ..moderation.log import Entry
from ..moderation.removals import Removal
from .services.authors import add_follow_up
from .services.moderation import prepare_redaction, remove_text
from .services.replies import Replied, publish_reply
from .services.reviews import ReviewInput, Submitted, prepare_review, prepare_text, write_review
from .state import State


def submit(state: State, given: ReviewInput, now: datetime) -> Submitted:
    """Accept a review. Raises the errors of :func:`~.services.reviews.prepare_review`."""
    return state.work.prepare_and_write(
        lambda session: prepare_review(session, state.context, given, now),
        lambda session, draft: write_review(session, state.context, draft, now),
    )


def follow_up(
    state: State,
    review: str,
    author_key: str,
    text: str,
    now: datetime,
    *,
    confirm_personal_data: bool,
) -> Entry:
    """Publish a follow-up. Raises the errors of :func:`~.services.authors.add_follow_up`."""
    analysis = prepare_text(state.context, text)
    return state.work.write(
        lambda session: add_follow_up(
            session,
            state.context,
            review,
            author_key,
            text,
            now,
            confirm_personal_data=confirm_personal_data,
            analysis=analysis,
        )
    )


def reply(state: State, insurer: str, review: str, text: str, now: datetime) -> Replied:
    """Publish a reply, or its next version. Raises the errors of
    :func:`~.services.replies.publish_reply`."""
    analysis = prepare_text(state.context, text)
    return state.work.write(
        lambda session: publish_reply(
            session, state.context, insurer, review, text, now, analysis=analysis
        )
    )


def take_down(
    state: State,
    insurer: str,
    review: str,
    report: str | None,
    now: datetime,
    *,
    item: str | None,
    redacted_text: str | None,
) -> Removal:
    """Remove or redact a text. Raises the errors of :func:`~.services.moderation.remove_text`."""
    analysis = prepare_redaction(state.context, redacted_text)
    return state.work.write(
        lambda session: remove_text(
            session,
            state.context,
            insurer,
            review,
            report,
            now,
            item=item,
            redacted_text=redacted_text,
            analysis=analysis,
        )
    )
