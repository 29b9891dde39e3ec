"""Which pages there are for search engines, and when each changed last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    exists,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from ...moderation.log import LogRef
from ...moderation.schema import log, removal
from .. import schema
from ..unit_of_work import UnitOfWork

#: So many addresses may stand in one file (sitemaps.org); here it is so many entries of a log, of
#: which the reviews are a part, so that a review stays in its file for ever.
CHUNK = 50_000
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A review or product by its identifier, and when its page changed last, in seconds UTC."""

    id: str
    at: int | None


def list_chunks(session: Session) -> Iterator[tuple[str, int]]:
    """(insurer, number) of every run of :data:`CHUNK` entries in which there are reviews."""
    review = schema.review
    for ref in session.execute(select(log.c.id, log.c.insurer).order_by(log.c.insurer)).all():
        following = 0
        while True:
            first = session.scalar(
                select(func.min(review.c.entry)).where(
                    review.c.log == ref.id, review.c.entry >= following
                )
            )
            if first is None:
                break
            yield ref.insurer, first // CHUNK
            following = (first // CHUNK + 1) * CHUNK


def has_reviews(session: Session, ref: LogRef, chunk: int) -> bool:
    """Whether there are reviews in this run."""
    return bool(session.scalar(select(exists().where(*_place(ref, *_bounds(chunk))))))


def list_walls(session: Session) -> list[Changed]:
    """Every product, with its newest review's time."""
    newest = (
        select(schema.review.c.at)
        .where(schema.review.c.product == schema.product.c.sku)
        .order_by(schema.review.c.entry.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(schema.product.c.sku, newest.label("at")).order_by(schema.product.c.sku)
    )
    return [Changed(row.sku, row.at) for row in rows]


def list_reviews(work: UnitOfWork, ref: LogRef, chunk: int) -> Iterator[Changed]:
    """The reviews of a run, in the order of the log; memory does not grow with their number.

    Each batch has a session of its own, so that a slow reader holds no connection.
    """
    start, end = _bounds(chunk)
    while start < end:
        stop = min(start + BATCH, end)
        with work.reading() as session:
            batch = _read_batch(session, ref, start, stop)
        yield from batch
        start = stop


def _bounds(chunk: int) -> tuple[int, int]:
    return chunk * CHUNK, (chunk + 1) * CHUNK


def _place(ref: LogRef, start: int, stop: int) -> tuple[ColumnElement[bool], ...]:
    review = schema.review
    return review.c.log == ref.id, review.c.entry >= start, review.c.entry < stop


def _read_batch(session: Session, ref: LogRef, start: int, stop: int) -> list[Changed]:
    """The reviews whose entry is in ``[start, stop)``."""
    review = schema.review
    place = _place(ref, start, stop)
    rows = session.execute(
        select(review.c.id, review.c.at).where(*place).order_by(review.c.entry)
    ).all()
    if not rows:
        return []
    changes: dict[str, int] = {}
    for change in session.execute(_changes(select(review.c.id, review.c.item).where(*place))):
        changes[change.review] = max(change.at, changes.get(change.review, 0))
    return [Changed(row.id, max(row.at, changes.get(row.id, 0))) for row in rows]


def _changes(reviews: Select[tuple[str, str]]) -> CompoundSelect[tuple[str, int]]:
    """(review, at) of what came to these reviews later: follow-ups, replies, removals."""
    listed = reviews.subquery()

    def added(table: Table, column: Column[Any]) -> Select[Any]:
        return select(table.c.review, column).join(listed, listed.c.id == table.c.review)

    tables = (schema.follow_up, schema.reply)
    written = union_all(
        select(listed.c.id.label("review"), listed.c.item),
        *(added(table, table.c.item) for table in tables),
    ).subquery()
    texts = select(written.c.review, written.c.item).cte("texts", recursive=True)
    # A redaction puts another item in the place of the text, which may be removed in its turn.
    texts = texts.union_all(
        select(texts.c.review, removal.c.redacted_item).join(
            removal, removal.c.item == texts.c.item
        )
    )
    return union_all(
        *(added(table, table.c.at) for table in tables),
        select(texts.c.review, removal.c.at).join(removal, removal.c.item == texts.c.item),
    )
