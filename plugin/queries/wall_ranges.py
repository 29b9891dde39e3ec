"""Walls that are ranges of the reviews' own indexes."""

from __future__ import annotations

from calendar import timegm
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from ...moderation.prepared import Prepared, query
from .. import schema
from ..search import find
from ..search.find import LAST, Count, Span
from .reviews import review_rows
from .wall_query import Stretch, WallQuery


class Ranges:
    """All reviews that the filters by stage, score and time leave."""

    def __init__(self, session: Session, asked: WallQuery) -> None:
        self._session = session
        self._query = asked

    def rows(self, span: Span, score: int | None, *, newest_first: bool, wanted: int) -> Stretch:
        """A range of one index."""
        values = self._values(span, score)
        statement = _range(frozenset(values), newest_first)
        return Stretch(statement.fetch(self._session, {**values, "wanted": wanted}))

    def count(self, span: Span) -> Count:
        """Through one range, up to where counting ends."""
        values = self._values(span, self._query.score)
        statement = _counting(frozenset(values))
        [row] = statement.fetch(self._session, {**values, "wanted": find.COUNTED + 1})
        number = int(row.n)
        return Count(min(number, find.COUNTED), number <= find.COUNTED)

    def _values(self, span: Span, score: int | None) -> dict[str, Any]:
        """What the statement is given: only what narrows it."""
        values: dict[str, Any] = {"product": span.product}
        if self._query.stage is not None:
            values["stage"] = self._query.stage
        if score is not None:
            values["score"] = score
        if span.first > 0:
            values["first"] = span.first
        if span.last < LAST:
            values["last"] = span.last
        return values


def count_reviews(session: Session, asked: WallQuery) -> int:
    """What the filters by stage, score and text leave, from the counters."""
    given = {"product": asked.product, "stage": asked.stage, "score": asked.score}
    values = {name: value for name, value in given.items() if value is not None}
    if asked.has_text is not None:
        values["has_text"] = int(asked.has_text)
    [row] = _total(frozenset(values)).fetch(session, values)
    return int(row.n)


def span_of(session: Session, asked: WallQuery) -> Span:
    """The entries of the product in the months that are asked for: the log's times never go
    back, so a period is a range of entries."""
    span = Span(asked.product)
    if asked.since is not None:
        values = {"product": asked.product, "at": _month(asked.since)}
        found = session.scalar(_FIRST_SINCE, values)
        span = replace(span, first=LAST if found is None else found)
    if asked.until is not None:
        values = {"product": asked.product, "at": _month(asked.until, following=True)}
        found = session.scalar(_LAST_BEFORE, values)
        span = replace(span, last=-1 if found is None else found)
    return span


def _month(month: str, *, following: bool = False) -> int:
    """When the month "YYYY-MM", or the one following it, begins: seconds UTC."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 + following
    # There is no year 0, and none after 9999.
    year, month_of_year = divmod(min(max(months, 12), 9999 * 12 + 11), 12)
    return timegm((year, month_of_year + 1, 1, 0, 0, 0))


# Building a statement takes longer than running it, and there are few of these.
@cache
def _range(given: frozenset[str], newest_first: bool) -> Prepared:
    """The range of one index, for ``given`` names of values."""
    entry = schema.review.c.entry
    statement = review_rows().where(*_within(given))
    return query(statement.order_by(entry.desc() if newest_first else entry.asc()).limit(_WANTED))


@cache
def _counting(given: frozenset[str]) -> Prepared:
    # The order keeps PostgreSQL to the range: it would read the table where most of it matches.
    entry = schema.review.c.entry
    entries = select(entry).where(*_within(given)).order_by(entry).limit(_WANTED)
    return query(select(func.count().label("n")).select_from(entries.subquery()))


def _within(given: frozenset[str]) -> list[ColumnElement[bool]]:
    review = schema.review.c
    equal = [
        review[name] == bindparam(name) for name in ("product", "stage", "score") if name in given
    ]
    first = [review.entry >= bindparam("first")] if "first" in given else []
    last = [review.entry <= bindparam("last")] if "last" in given else []
    return [*equal, *first, *last]


@cache
def _total(given: frozenset[str]) -> Prepared:
    count = schema.review_count.c
    statement = select(func.coalesce(func.sum(count.n), 0).label("n"))
    return query(statement.where(*(count[name] == bindparam(name) for name in sorted(given))))


def _end_of_period(*, first: bool) -> Select[Any]:
    review = schema.review.c
    statement = select(review.entry).where(review.product == bindparam("product")).limit(1)
    if first:
        statement = statement.where(review.at >= bindparam("at"))
        return statement.order_by(review.at, review.entry)
    statement = statement.where(review.at < bindparam("at"))
    return statement.order_by(review.at.desc(), review.entry.desc())


_WANTED = bindparam("wanted", type_=Integer)
_FIRST_SINCE = _end_of_period(first=True)
_LAST_BEFORE = _end_of_period(first=False)
