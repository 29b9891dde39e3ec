"""Which insurer a review belongs to: staff act on their own reviews only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from ...moderation.schema import log
from .. import schema
from ..errors import NotFound, NotYours


@dataclass(frozen=True, slots=True)
class Owned:
    """A review as staff actions need it. ``at`` is in seconds UTC."""

    id: str
    product: str
    item: str | None
    at: int


def find_owned(session: Session, insurer: str, review_id: str) -> Owned:
    """The review ``review_id`` of ``insurer``. Raises :class:`NotFound`, and its kind
    :class:`NotYours` for another insurer's."""
    review = schema.review
    row = session.execute(
        select(review.c.id, review.c.product, review.c.item, review.c.at, schema.product.c.insurer)
        .join(schema.product, schema.product.c.sku == review.c.product)
        .where(review.c.id == review_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such review")
    if row.insurer != insurer:
        raise NotYours("this review is another insurer's")
    return Owned(row.id, row.product, row.item, row.at)


def authors_items(session: Session, owned: Owned) -> list[str]:
    """The items that the review's author published: its text and its follow-ups."""
    follow_up = schema.follow_up
    added = session.scalars(
        select(follow_up.c.item).where(follow_up.c.review == owned.id).order_by(follow_up.c.entry)
    )
    return [*([owned.item] if owned.item else []), *added]


def log_of_review(session: Session, review_id: str) -> LogRef:
    """The log in which a review stands. Raises :class:`NotFound`."""
    row = session.execute(
        select(log.c.id, log.c.insurer, log.c.origin)
        .join(schema.review, schema.review.c.log == log.c.id)
        .where(schema.review.c.id == review_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such review")
    return LogRef(row.id, row.insurer, row.origin)


def items_of(session: Session, owned: Owned) -> list[str]:
    """Every item that was published under a review: its text, follow-ups and replies, oldest
    first."""
    under = [
        session.scalars(
            select(table.c.item).where(table.c.review == owned.id).order_by(table.c.entry)
        ).all()
        for table in (schema.follow_up, schema.reply)
    ]
    return [*([owned.item] if owned.item else []), *under[0], *under[1]]
