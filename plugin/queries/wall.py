"""One page of a product's wall: any filter, any order, at the same cost on every page.

Pages follow a key, the log index, never an offset. Orders by score go through the five scores one
after the other, newest first in each, so that every statement is a range of one index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from operator import gt, lt
from typing import Any, Literal

from sqlalchemy import Integer, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from .. import schema
from ..errors import Fault, InvalidInput
from .reviews import PublishedReview, complete, review_rows

Sort = Literal["newest", "oldest", "highest", "lowest"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "highest", "lowest")
PAGE_SIZE = 10
LARGEST_PAGE = 50
_CURSOR = re.compile(r"([nohl])([1-5])?-(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class WallQuery:
    """What to show. ``after`` is the cursor of the previous page."""

    product: str
    stage: str | None = None
    score: int | None = None
    sort: Sort = "newest"
    limit: int = PAGE_SIZE
    after: str | None = None


@dataclass(frozen=True, slots=True)
class WallPage:
    """A page; ``next`` is the cursor of the following one, ``total`` what the filters leave."""

    reviews: tuple[PublishedReview, ...]
    next: str | None
    total: int


def read_wall(session: Session, query: WallQuery) -> WallPage:
    """The page of ``query``. Raises :class:`InvalidInput` for a cursor that is not of this
    order."""
    rows = _rows(session, query, query.limit + 1)
    shown = rows[: query.limit]
    following = None
    if len(rows) > query.limit:
        following = _cursor(query, shown[-1])
    return WallPage(tuple(complete(session, shown)), following, _total(session, query))


def previous_page(session: Session, query: WallQuery) -> str | None:
    """The cursor that opens the page before the one that ``query.after`` opens; ``None`` when that
    is the first one. For orders by time: others have no page before that is a range of one index.
    """
    _, entry = _position(query)
    assert entry is not None, "the first page has none before it"
    assert query.sort in ("newest", "oldest")
    # That page ends with the cursor's review: it is read backwards from there, and one beyond it.
    forwards = query.sort == "newest"
    back = replace(query, sort="oldest" if forwards else "newest")
    rows = _range(session, back, query.score, entry + (-1 if forwards else 1), query.limit + 1)
    return _cursor(query, rows[-1]) if len(rows) > query.limit else None


def _rows(session: Session, query: WallQuery, wanted: int) -> list[Row[Any]]:
    score, entry = _position(query)
    if query.sort in ("newest", "oldest"):
        return _range(session, query, query.score, entry, wanted)
    scores = [query.score] if query.score else [5, 4, 3, 2, 1]
    if query.sort == "lowest":
        scores.reverse()
    if score is not None:
        scores = scores[scores.index(score) :] if score in scores else []
    rows: list[Row[Any]] = []
    for current in scores:
        before = entry if current == score else None
        rows += _range(session, query, current, before, wanted - len(rows))
        if len(rows) == wanted:
            break
    return rows


def _range(
    session: Session, query: WallQuery, score: int | None, entry: int | None, wanted: int
) -> list[Row[Any]]:
    given = {"stage": query.stage, "score": score, "entry": entry}
    filters = frozenset(name for name, value in given.items() if value is not None)
    statement = _range_statement(filters, query.sort == "oldest")
    values = {name: given[name] for name in filters}
    return list(session.execute(statement, {**values, "product": query.product, "wanted": wanted}))


# Building a statement takes longer than running it, and there are sixteen of these.
@cache
def _range_statement(filters: frozenset[str], forwards: bool) -> Select[Any]:
    """The range of one index; ``filters`` may be ``stage``, ``score`` and ``entry`` (to pass)."""
    review = schema.review
    statement = review_rows().where(review.c.product == bindparam("product"))
    for name in ("stage", "score"):
        if name in filters:
            statement = statement.where(review.c[name] == bindparam(name))
    if "entry" in filters:
        beyond = gt if forwards else lt
        statement = statement.where(beyond(review.c.entry, bindparam("entry")))
    order = review.c.entry.asc() if forwards else review.c.entry.desc()
    return statement.order_by(order).limit(bindparam("wanted", type_=Integer))


def _position(query: WallQuery) -> tuple[int | None, int | None]:
    """(score, entry) of the last review of the previous page."""
    if query.after is None:
        return None, None
    match = _CURSOR.fullmatch(query.after)
    by_score = query.sort in ("highest", "lowest")
    if match is None or match[1] != query.sort[0] or (match[2] is not None) != by_score:
        raise InvalidInput({"after": Fault("cursor")})
    return (int(match[2]) if match[2] else None), int(match[3])


def _cursor(query: WallQuery, last: Row[Any]) -> str:
    score = last.score if query.sort in ("highest", "lowest") else ""
    return f"{query.sort[0]}{score}-{last.entry}"


def _total(session: Session, query: WallQuery) -> int:
    given = {"stage": query.stage, "score": query.score}
    values = {name: value for name, value in given.items() if value is not None}
    statement = _total_statement(frozenset(values))
    return int(session.scalar(statement, {**values, "product": query.product}))


@cache
def _total_statement(filters: frozenset[str]) -> Select[Any]:
    count = schema.review_count
    statement = select(func.coalesce(func.sum(count.c.n), 0))
    for name in ("product", *sorted(filters)):
        statement = statement.where(count.c[name] == bindparam(name))
    return statement
