"""What the insurer's staff see: their reviews, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ...moderation import schema as floor
from .. import schema
from .reviews import PublishedReview, complete, review_rows

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """Which reviews of the insurer to list; ``before`` is the entry of the last one shown."""

    insurer: str
    stage: str | None = None
    score: int | None = None
    unanswered: bool = False
    before: int | None = None


def list_desk(session: Session, query: DeskQuery) -> tuple[list[PublishedReview], int | None]:
    """A page of reviews, newest first, and the entry to continue before."""
    review, reply = schema.review, schema.reply
    statement = review_rows().where(floor.log.c.insurer == query.insurer)
    if query.stage is not None:
        statement = statement.where(review.c.stage == query.stage)
    if query.score is not None:
        statement = statement.where(review.c.score == query.score)
    if query.unanswered:
        statement = statement.where(~exists().where(reply.c.review == review.c.id))
    if query.before is not None:
        statement = statement.where(review.c.entry < query.before)
    rows = session.execute(statement.order_by(review.c.entry.desc()).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    following = shown[-1].entry if len(rows) > PAGE_SIZE else None
    return complete(session, shown), following


def count_desk(session: Session, query: DeskQuery) -> int:
    """How many reviews the filters of ``query`` leave, on all pages together."""
    count, product = schema.review_count, schema.product
    statement = select(func.sum(count.c.n)).join(product).where(product.c.insurer == query.insurer)
    if query.stage is not None:
        statement = statement.where(count.c.stage == query.stage)
    if query.score is not None:
        statement = statement.where(count.c.score == query.score)
    reviews = int(session.scalar(statement) or 0)
    return reviews - _count_answered(session, query) if query.unanswered else reviews


def count_unanswered(session: Session, insurer: str) -> int:
    """How many reviews of the insurer have no reply."""
    return count_desk(session, DeskQuery(insurer, unanswered=True))


def _count_answered(session: Session, query: DeskQuery) -> int:
    """How many reviews under the filters have a reply. The counters know it for all together;
    for a stage or a score the first replies are counted, which are fewer than the reviews."""
    if query.stage is None and query.score is None:
        delay, product = schema.reply_delay, schema.product
        counted = select(func.sum(delay.c.n)).join(product)
        return int(session.scalar(counted.where(product.c.insurer == query.insurer)) or 0)
    review, reply, log = schema.review, schema.reply, floor.log
    statement = (
        select(func.count())
        .select_from(reply)
        .join(review, review.c.id == reply.c.review)
        .join(log, log.c.id == reply.c.log)
        .where(log.c.insurer == query.insurer, reply.c.version == 1)
    )
    if query.stage is not None:
        statement = statement.where(review.c.stage == query.stage)
    if query.score is not None:
        statement = statement.where(review.c.score == query.score)
    return int(session.scalar(statement) or 0)
