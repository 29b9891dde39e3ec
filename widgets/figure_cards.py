"""What figures show: an average on its scale, aspects, the trend.

Percentages are from 0 to 100, one decimal; those that place a mark on a picture say of what.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class IntervalCard:
    """An average with its 95 % interval. `start`, `middle` and `width` place them on the scale from
    1 (0 %) to 5 (100 %)."""

    average: Decimal
    low: Decimal
    high: Decimal
    start: Decimal
    middle: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class AspectMean:
    """The average of a sub-score. `label` is set for aspects that a product configured itself."""

    key: str
    count: int
    average: Decimal
    label: str | None = None


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A month ("YYYY-MM") of the trend. `across` is its place on the time axis, `down` that of the
    average below 5 stars, `share` its count of the largest. `follows` when the month before it has
    a point, too."""

    month: str
    count: int
    average: Decimal
    across: Decimal
    down: Decimal
    share: Decimal
    is_small: bool
    follows: bool


@dataclass(frozen=True, slots=True)
class FiguresCard:
    """What the reviews of a stage (None: of all) come to. `reply_share` and `median_hours` are of
    all stages; `small_below` is the number of reviews that is no small sample any more."""

    stage: str | None
    count: int
    interval: IntervalCard | None
    is_small: bool
    small_below: int
    aspects: tuple[AspectMean, ...] = ()
    months: tuple[MonthPoint, ...] = ()
    small_month_below: int = 0
    reply_share: Decimal | None = None
    median_hours: int | None = None
    compare_url: str | None = None
