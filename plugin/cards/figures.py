"""The cards of figures: averages with their intervals, aspects, and the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...moderation.estimate import HIGHEST, LOWEST, SMALL, rounded
from ...widgets.figure_cards import AspectMean, FiguresCard, IntervalCard, MonthPoint
from ..aspects import Aspect, aspects_of
from ..links import Links
from ..queries.summary import AspectFigure, Scores, Summary
from ..queries.trend import MonthFigure, month_number
from ..services.catalogue import Product
from .reviews import aspect_label

#: A month with fewer reviews is drawn hollow.
SMALL_MONTH = 10


def figures_card(
    product: Product, summary: Summary, stage: str | None, links: Links, lang: str
) -> FiguresCard:
    """The figures of ``stage`` of a product, or of all of them."""
    figures = None if stage is None else summary.stages[stage]
    scores = summary.scores if figures is None else figures.scores
    asked = () if stage is None else aspects_of(product.aspects, stage)
    rate = summary.reply_rate
    return FiguresCard(
        stage=stage,
        count=scores.count,
        interval=interval_card(scores),
        is_small=scores.is_small,
        small_below=SMALL,
        aspects=() if figures is None else aspect_means(figures.aspects, asked, lang),
        months=month_points(summary.trend.of(stage)),
        small_month_below=SMALL_MONTH,
        reply_share=None if rate is None else rate * 100,
        median_hours=summary.median_hours,
        compare_url=f"{links.compare(stage)}#c-{product.insurer}",
    )


def interval_card(scores: Scores) -> IntervalCard | None:
    """An average on its scale; ``None`` without reviews."""
    average, interval = scores.average, scores.interval
    if average is None or interval is None:
        return None
    start = _along(interval.low)
    return IntervalCard(
        average=average,
        low=interval.low,
        high=interval.high,
        start=start,
        middle=_along(average),
        width=_along(interval.high) - start,
    )


def aspect_means(
    found: Mapping[str, AspectFigure], asked: Sequence[Aspect], lang: str
) -> tuple[AspectMean, ...]:
    """The averages of the aspects that are ``asked``, in that order, then those of earlier days."""
    labels = {aspect.key: aspect_label(aspect, lang) for aspect in asked}
    order = [*labels, *sorted(found.keys() - labels.keys())]
    return tuple(
        AspectMean(key, found[key].count, found[key].average, labels.get(key))
        for key in order
        if key in found
    )


def month_points(months: Sequence[MonthFigure]) -> tuple[MonthPoint, ...]:
    """The trend on a time axis that begins with its first month and ends with its last."""
    if not months:
        return ()
    first, last = month_number(months[0].month), month_number(months[-1].month)
    largest = max(figure.count for figure in months)
    numbers = {month_number(figure.month) for figure in months}

    def point(figure: MonthFigure) -> MonthPoint:
        number = month_number(figure.month)
        return MonthPoint(
            month=figure.month,
            count=figure.count,
            average=figure.average,
            # In the middle of the month's own part of the axis.
            across=percent(2 * (number - first) + 1, 2 * (last - first + 1)),
            down=100 - _along(figure.average),
            share=percent(figure.count, largest),
            is_small=figure.count < SMALL_MONTH,
            follows=number - 1 in numbers,
        )

    return tuple(point(figure) for figure in months)


def _along(score: Decimal) -> Decimal:
    """Where a score stands on the scale, in percent."""
    return ((score - LOWEST) / (HIGHEST - LOWEST) * 100).quantize(Decimal("0.1"))


def percent(part: int, whole: int) -> Decimal:
    """One decimal; 0 of nothing."""
    return rounded(100 * part, whole, "0.1") or Decimal(0)
