"""A product's figures, all from counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from ...moderation.estimate import Interval, interval_of, is_small, rounded
from .. import schema
from .trend import Trend, read_trend

SCORES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class AspectFigure:
    """How often an aspect was rated, and the average."""

    count: int
    average: Decimal


@dataclass(frozen=True, slots=True)
class Scores:
    """A histogram, score → number of reviews."""

    histogram: Mapping[int, int]

    @property
    def count(self) -> int:
        return sum(self.histogram.values())

    @property
    def average(self) -> Decimal | None:
        """Sum ÷ count, two decimals, half up; ``None`` without reviews."""
        total = sum(score * number for score, number in self.histogram.items())
        return rounded(total, self.count)

    @property
    def interval(self) -> Interval | None:
        """How far the average can be trusted; ``None`` without reviews."""
        return interval_of(self.histogram)

    @property
    def is_small(self) -> bool:
        """Whether these are too few to tell much."""
        return is_small(self.count)


#: What a product has before its first review.
NO_SCORES = Scores({})


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage. ``eligible`` counts the invitations that the log holds."""

    scores: Scores
    aspects: Mapping[str, AspectFigure]
    eligible: int

    @property
    def coverage(self) -> Decimal | None:
        """Reviews ÷ invitations, four decimals; ``None`` without invitations."""
        return rounded(self.scores.count, self.eligible, "0.0001")


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of a product. ``revision`` changes whenever one of them may have."""

    product: str
    revision: int
    scores: Scores
    stages: Mapping[str, StageFigures]
    trend: Trend
    replied: int
    median_hours: int | None
    removals: int
    withdrawals: int
    #: Stage → topic → the scores of the reviews that speak of it.
    topics: Mapping[str, Mapping[str, Scores]]

    def topics_of(self, stage: str | None = None) -> list[tuple[str, Scores]]:
        """What people talk about at ``stage``, or at any, and how they scored there: what most
        speak of first."""
        merged: dict[str, Counter[int]] = {}
        for at, topics in self.topics.items():
            for topic, scores in topics.items():
                if stage in (None, at):
                    merged.setdefault(topic, Counter()).update(scores.histogram)
        found = [(topic, _scores(histogram)) for topic, histogram in merged.items()]
        return sorted(found, key=lambda pair: (-pair[1].count, pair[0]))

    @property
    def reply_rate(self) -> Decimal | None:
        """Replied reviews ÷ reviews, four decimals."""
        return rounded(self.replied, self.scores.count, "0.0001")


def _of_product(table: Table) -> Select[Any]:
    """The counters of one product. Built once, because every page runs all of these."""
    rows = select(table).where(table.c.product == bindparam("product"))
    return rows.order_by(*table.primary_key.columns)


_REVIEWS = _of_product(schema.review_count)
_ASPECTS = _of_product(schema.aspect_count)
_INVITATIONS = _of_product(schema.invitation_count)
_DELAYS = _of_product(schema.reply_delay)
_STATE = _of_product(schema.product_state)
_TOPICS = _of_product(schema.topic_count)


def read_summary(session: Session, sku: str, stages: tuple[str, ...]) -> Summary:
    """The figures of product ``sku`` for the ``stages`` it has."""
    product = {"product": sku}
    histograms: dict[str, Counter[int]] = {stage: Counter() for stage in stages}
    for row in session.execute(_REVIEWS, product):
        histograms.setdefault(row.stage, Counter())[row.score] += row.n
    aspects: dict[str, dict[str, AspectFigure]] = {stage: {} for stage in histograms}
    for row in session.execute(_ASPECTS, product):
        average = rounded(row.total, row.n)
        if average is not None:
            aspects.setdefault(row.stage, {})[row.aspect] = AspectFigure(row.n, average)
    eligible = {row.stage: row.n for row in session.execute(_INVITATIONS, product)}
    replied, median_hours = _reply_delays(session, sku)
    state = session.execute(_STATE, product).one()
    topics: dict[str, dict[str, Counter[int]]] = {}
    for row in session.execute(_TOPICS, product):
        if row.n:
            topics.setdefault(row.stage, {}).setdefault(row.topic, Counter())[row.score] = row.n
    overall: Counter[int] = sum(histograms.values(), Counter())
    return Summary(
        product=sku,
        revision=state.revision,
        scores=_scores(overall),
        stages={
            stage: StageFigures(_scores(histogram), aspects[stage], eligible.get(stage, 0))
            for stage, histogram in histograms.items()
        },
        trend=read_trend(session, sku),
        replied=replied,
        median_hours=median_hours,
        removals=state.removals,
        withdrawals=state.withdrawals,
        topics={
            stage: {topic: _scores(histogram) for topic, histogram in spoken_of.items()}
            for stage, spoken_of in topics.items()
        },
    )


def read_scores(session: Session, skus: Sequence[str] | None = None) -> dict[str, Scores]:
    """The histogram of every product that has reviews, or of these, by SKU, in one statement."""
    count = schema.review_count
    statement = select(count.c.product, count.c.score, func.sum(count.c.n).label("n"))
    if skus is not None:
        statement = statement.where(count.c.product.in_(skus))
    histograms: dict[str, dict[int, int]] = {}
    for row in session.execute(statement.group_by(count.c.product, count.c.score)):
        histograms.setdefault(row.product, {})[row.score] = int(row.n)
    return {sku: _scores(histogram) for sku, histogram in histograms.items()}


def _scores(histogram: Mapping[int, int]) -> Scores:
    return Scores({score: histogram.get(score, 0) for score in SCORES})


def _reply_delays(session: Session, sku: str) -> tuple[int, int | None]:
    """How many reviews were answered, and after how many hours the middle one (the lower of
    two)."""
    rows = session.execute(_DELAYS, {"product": sku}).all()
    replied = sum(row.n for row in rows)
    passed = 0
    for row in rows:
        passed += row.n
        if 2 * passed >= replied:
            return replied, row.hours
    return replied, None
