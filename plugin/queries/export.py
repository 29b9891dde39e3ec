"""All reviews of an insurer in the order of its log, for verifiers and researchers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from .. import schema
from ..unit_of_work import UnitOfWork
from .reviews import PublishedReview, complete, review_rows

BATCH = 200


def read_batch(session: Session, ref: LogRef, start: int) -> list[PublishedReview]:
    """The next reviews whose entry is ``start`` or later, at most :data:`BATCH`."""
    review = schema.review
    rows = session.execute(
        review_rows()
        .where(review.c.log == ref.id, review.c.entry >= start)
        .order_by(review.c.entry)
        .limit(BATCH)
    ).all()
    return complete(session, rows)


def export_reviews(work: UnitOfWork, ref: LogRef, start: int = 0) -> Iterator[PublishedReview]:
    """All reviews whose entry is ``start`` or later; memory does not grow with their number.

    Each batch has a session of its own, so that a slow reader holds neither a connection nor an
    old state of the database.
    """
    batch: list[PublishedReview] | None = None
    while batch is None or len(batch) == BATCH:
        with work.reading() as session:
            batch = read_batch(session, ref, start)
        yield from batch
        if batch:
            start = batch[-1].index + 1
