"""How a product's scores went by month, from counters.

A review counts in the month in which the policyholder had the experience, which the log holds, not
in that of writing: a bad month of an insurer shows as one, whenever people came to tell of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...moderation.estimate import rounded
from .counters import MONTHS, CounterRow


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


def trend_of(counters: Sequence[CounterRow]) -> Trend:
    """The trend in the counters by month: of each stage, its newest :data:`MONTHS`."""
    newest = max((month_number(counter.key) for counter in counters), default=0)
    shown = [counter for counter in counters if month_number(counter.key) > newest - MONTHS]
    stages = {counter.stage for counter in shown}
    return Trend(
        _figures(shown),
        {
            stage: _figures([counter for counter in shown if counter.stage == stage])
            for stage in stages
        },
    )


def _figures(counters: Sequence[CounterRow]) -> tuple[MonthFigure, ...]:
    sums: dict[str, tuple[int, int]] = {}
    for _, _, month, _, n, total in counters:
        counted, scores = sums.get(month, (0, 0))
        sums[month] = counted + n, scores + total
    averages = ((month, n, rounded(total, n)) for month, (n, total) in sorted(sums.items()))
    return tuple(MonthFigure(month, n, average) for month, n, average in averages if average)


def month_number(month: str) -> int:
    """Months counted through: December and January are neighbours."""
    year, _, month_of_year = month.partition("-")
    return 12 * int(year) + int(month_of_year)
