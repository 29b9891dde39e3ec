"""Reviews as everybody may see them: rows and words put together, written out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from ...moderation import canonical
from ...moderation.prepared import Prepared, among, query
from ...moderation.schema import log
from ...moderation.texts import TextState, read_texts
from .. import schema
from ..errors import NotFound


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A text, the entry that published it, and what has become of it. ``at`` is in seconds UTC."""

    state: TextState
    index: int
    at: int


@dataclass(frozen=True, slots=True)
class PublishedReply:
    """One version of a reply."""

    version: int
    text: PublishedText


@dataclass(frozen=True, slots=True)
class PublishedReview:
    """A review with everything under it. ``text`` is ``None`` for stars only."""

    id: str
    product: str
    product_name: str
    insurer: str
    insurer_name: str
    stage: str
    channel: str
    score: int
    aspects: Mapping[str, int]
    experienced: str
    author: str
    origin: str
    index: int
    at: int
    text: PublishedText | None
    follow_ups: tuple[PublishedText, ...]
    replies: tuple[PublishedReply, ...]


def review_rows() -> Select[Any]:
    """The statement that all lists of reviews build on; order and filters are theirs."""
    review, product, insurer = schema.review, schema.product, schema.insurer
    return (
        select(
            review.c.log,
            review.c.entry,
            review.c.at,
            review.c.id,
            review.c.product,
            product.c.name.label("product_name"),
            product.c.insurer,
            insurer.c.name.label("insurer_name"),
            review.c.stage,
            review.c.channel,
            review.c.score,
            review.c.aspects,
            review.c.item,
            review.c.author,
            review.c.experienced,
            log.c.origin,
        )
        .join(product, product.c.sku == review.c.product)
        .join(insurer, insurer.c.slug == product.c.insurer)
        .join(log, log.c.id == review.c.log)
    )


def _below(table: Table) -> Prepared:
    def rows(dialect: str) -> Select[Any]:
        these = select(table).where(among(table.c.review, "ids", dialect))
        return these.order_by(table.c.entry)

    return Prepared(rows)


_follow_ups = _below(schema.follow_up)
_replies = _below(schema.reply)
_review = query(review_rows().where(schema.review.c.id == bindparam("id")))


def complete(session: Session, rows: Sequence[Any]) -> list[PublishedReview]:
    """The reviews of ``rows`` in their order, with texts, follow-ups and replies.

    The number of statements does not depend on the number of rows.
    """
    if not rows:
        return []
    ids = [row.id for row in rows]
    follow_ups = _by_review(session, _follow_ups, ids)
    replies = _by_review(session, _replies, ids)
    items = [row.item for row in rows if row.item is not None]
    items += [
        below.item for listed in (follow_ups, replies) for some in listed.values() for below in some
    ]
    states = read_texts(session, items)
    return [
        PublishedReview(
            id=row.id,
            product=row.product,
            product_name=row.product_name,
            insurer=row.insurer,
            insurer_name=row.insurer_name,
            stage=row.stage,
            channel=row.channel,
            score=row.score,
            aspects=_aspects(row.aspects),
            experienced=row.experienced,
            author=row.author,
            origin=row.origin,
            index=row.entry,
            at=row.at,
            text=_text(states, row) if row.item is not None else None,
            follow_ups=tuple(_text(states, below) for below in follow_ups.get(row.id, ())),
            replies=tuple(
                PublishedReply(below.version, _text(states, below))
                for below in replies.get(row.id, ())
            ),
        )
        for row in rows
    ]


@lru_cache(1_024)
def _aspects(text: str) -> Mapping[str, int]:
    # Most reviews have one of a few, and each is held to its canonical form.
    return MappingProxyType(canonical.loads(text.encode()))


def find_review(session: Session, review_id: str) -> PublishedReview:
    """One review. Raises :class:`NotFound`."""
    rows = _review.fetch(session, {"id": review_id})
    if not rows:
        raise NotFound("no such review")
    return complete(session, rows)[0]


def _by_review(session: Session, statement: Prepared, ids: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in statement.fetch(session, {"ids": ids}):
        found.setdefault(row.review, []).append(row)
    return found


def _text(states: Mapping[str, TextState], row: Any) -> PublishedText:
    return PublishedText(states[row.item], row.entry, row.at)
