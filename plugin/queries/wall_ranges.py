"""Walls that are ranges of the reviews' own indexes."""

from __future__ import annotations

from calendar import timegm
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from .. import schema
from ..search.find import COUNTED, LAST, Count, Span
from .reviews import review_rows
from .wall_query import Stretch, WallQuery


class Ranges:
    """All reviews that the filters by stage, score and time leave."""

    def __init__(self, session: Session, query: WallQuery) -> None:
        self._session = session
        self._query = query

    def rows(self, span: Span, score: int | None, *, newest_first: bool, wanted: int) -> Stretch:
        """A range of one index."""
        values = self._values(span, score)
        statement = _range(frozenset(values), newest_first)
        return Stretch(self._session.execute(statement, {**values, "wanted": wanted}).all())

    def count(self, span: Span) -> Count:
        """Through one range, up to where counting ends."""
        values = self._values(span, self._query.score)
        statement = _counting(frozenset(values))
        number = int(self._session.scalar(statement, {**values, "wanted": COUNTED + 1}))
        return Count(min(number, COUNTED), number <= COUNTED)

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


def count_reviews(session: Session, query: WallQuery) -> int:
    """What the filters by stage, score and text leave, from the counters."""
    given = {"product": query.product, "stage": query.stage, "score": query.score}
    values = {name: value for name, value in given.items() if value is not None}
    if query.has_text is not None:
        values["has_text"] = int(query.has_text)
    return int(session.scalar(_total(frozenset(values)), values))


def span_of(session: Session, query: WallQuery) -> Span:
    """The entries of the product in the months that are asked for: the log's times never go
    back, so a period is a range of entries."""
    span = Span(query.product)
    if query.since is not None:
        values = {"product": query.product, "at": _month(query.since)}
        found = session.scalar(_FIRST_SINCE, values)
        span = replace(span, first=LAST if found is None else found)
    if query.until is not None:
        values = {"product": query.product, "at": _month(query.until, following=True)}
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
def _range(given: frozenset[str], newest_first: bool) -> Select[Any]:
    """The range of one index, for ``given`` names of values."""
    entry = schema.review.c.entry
    statement = review_rows().where(*_within(given))
    return statement.order_by(entry.desc() if newest_first else entry.asc()).limit(_WANTED)


@cache
def _counting(given: frozenset[str]) -> Select[Any]:
    entries = select(schema.review.c.entry).where(*_within(given)).limit(_WANTED)
    return select(func.count()).select_from(entries.subquery())


def _within(given: frozenset[str]) -> list[ColumnElement[bool]]:
    review = schema.review.c
    equal = [
        review[name] == bindparam(name) for name in ("product", "stage", "score") if name in given
    ]
    first = [review.entry >= bindparam("first")] if "first" in given else []
    last = [review.entry <= bindparam("last")] if "last" in given else []
    return [*equal, *first, *last]


@cache
def _total(given: frozenset[str]) -> Select[Any]:
    count = schema.review_count.c
    statement = select(func.coalesce(func.sum(count.n), 0))
    return statement.where(*(count[name] == bindparam(name) for name in sorted(given)))


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
