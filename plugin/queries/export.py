"""All reviews of an insurer in the order of its log, for verifiers and researchers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from .. import schema
from .reviews import PublishedReview, complete, review_rows

BATCH = 200


def export_reviews(session: Session, ref: LogRef, start: int = 0) -> Iterator[PublishedReview]:
    """The reviews whose entry is ``start`` or later; memory does not grow with their number."""
    review = schema.review
    following = start
    while True:
        rows = session.execute(
            review_rows()
            .where(review.c.log == ref.id, review.c.entry >= following)
            .order_by(review.c.entry)
            .limit(BATCH)
        ).all()
        yield from complete(session, rows)
        if len(rows) < BATCH:
            return
        following = rows[-1].entry + 1
