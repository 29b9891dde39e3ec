"""All counters of a product, in one statement: each table is a range of its own primary key."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from ...moderation.prepared import query
from ...moderation.schema import PREFIX
from .. import schema

#: How many months a trend goes back, the newest one with a review included.
MONTHS = 24


class CounterRow(NamedTuple):
    """One row of a table of counters. What a table does not have is ``None``.

    ``key`` is an aspect, a topic, a ground or a month (``YYYY-MM``); ``number`` a score, or the
    hours until a reply. ``total`` adds up the scores of ``n``. The row of ``product_state`` holds
    revision, removals and withdrawals in the three numbers.
    """

    table: str
    stage: Any
    key: Any
    number: Any
    n: int
    total: Any


def read_counters(session: Session, sku: str) -> list[CounterRow]:
    """The counters of product ``sku``, in no order."""
    return [CounterRow._make(row) for row in _counters.fetch(session, {"product": sku})]


def _statement() -> CompoundSelect[Any]:
    reviews, aspects, state = schema.review_count.c, schema.aspect_count.c, schema.product_state.c
    topics, delays = schema.topic_count.c, schema.reply_delay.c
    removed = schema.removal_count.c
    return union_all(
        _rows(reviews, stage=reviews.stage, number=reviews.score),
        _rows(aspects, stage=aspects.stage, key=aspects.aspect, total=aspects.total),
        _rows(schema.invitation_count.c, stage=schema.invitation_count.c.stage),
        _rows(delays, number=delays.hours),
        _rows(removed, key=removed.ground),
        _rows(topics, stage=topics.stage, key=topics.topic, number=topics.score),
        _rows(state, number=state.revision, n=state.removals, total=state.withdrawals),
        *(_newest_months(stage) for stage in schema.STAGES),
    )


def _newest_months(stage: str) -> Select[Any]:
    months = schema.month_count.c
    rows = _rows(months, stage=months.stage, key=months.month, total=months.total)
    newest = rows.where(months.stage == stage).order_by(months.month.desc()).limit(MONTHS)
    return select(newest.subquery(f"newest_{stage}"))


def _rows(columns: Any, **given: ColumnElement[Any]) -> Select[Any]:
    texts = {name: given.get(name, cast(null(), Text)) for name in ("stage", "key")}
    values = {"n": given.get("n", columns.get("n")), **given}
    numbers = [
        cast(values.get(name, null()), BigInteger).label(name) for name in ("number", "n", "total")
    ]
    table = columns.product.table.name.removeprefix(PREFIX)
    return select(
        literal_column(f"'{table}'", Text).label("table"),
        *(column.label(name) for name, column in texts.items()),
        *numbers,
    ).where(columns.product == bindparam("product"))


_counters = query(_statement())
