"""How a product's scores went by month, from counters.

A review counts in the month in which the policyholder had the experience, which the log holds, not
in that of writing: a bad month of an insurer shows as one, whenever people came to tell of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import CompoundSelect, Row, bindparam, select, union_all
from sqlalchemy.orm import Session

from ...moderation.estimate import rounded
from .. import schema

#: How many months the trend goes back, the newest one with a review included.
MONTHS = 24


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """The reviews of what happened in ``month`` (``YYYY-MM``)."""

    month: str
    count: int
    average: Decimal


@dataclass(frozen=True, slots=True)
class Trend:
    """Of all stages, and of each that has reviews: the months that have some, the oldest first."""

    overall: tuple[MonthFigure, ...]
    stages: Mapping[str, tuple[MonthFigure, ...]]

    def of(self, stage: str | None) -> tuple[MonthFigure, ...]:
        """That of ``stage``, or of all of them."""
        return self.overall if stage is None else self.stages.get(stage, ())


def _statement() -> CompoundSelect[Any]:
    """The newest months of each stage: of each a range of the primary key, all in one statement.

    More than so many none of them needs, because the trend goes no further back.
    """
    count = schema.month_count
    newest = (
        select(count.c.stage, count.c.month, count.c.n, count.c.total)
        .where(count.c.product == bindparam("product"), count.c.stage == stage)
        .order_by(count.c.month.desc())
        .limit(MONTHS)
        .subquery(f"newest_{stage}")
        for stage in schema.STAGES
    )
    return union_all(*(select(of_stage) for of_stage in newest))


_NEWEST = _statement()


def read_trend(session: Session, sku: str) -> Trend:
    """The trend of product ``sku``, in one statement of a bounded number of rows."""
    rows = session.execute(_NEWEST, {"product": sku}).all()
    newest = max((month_number(row.month) for row in rows), default=0)
    shown = [row for row in rows if month_number(row.month) > newest - MONTHS]
    stages = {row.stage for row in shown}
    return Trend(
        _figures(shown),
        {stage: _figures([row for row in shown if row.stage == stage]) for stage in stages},
    )


def _figures(rows: Sequence[Row[Any]]) -> tuple[MonthFigure, ...]:
    figures = []
    for month in sorted({row.month for row in rows}):
        count = sum(row.n for row in rows if row.month == month)
        average = rounded(sum(row.total for row in rows if row.month == month), count)
        if average is not None:
            figures.append(MonthFigure(month, count, average))
    return tuple(figures)


def month_number(month: str) -> int:
    """Months counted through: December and January are neighbours."""
    year, _, month_of_year = month.partition("-")
    return 12 * int(year) + int(month_of_year)
