"""A product's figures, all from counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...moderation.estimate import Interval, interval_of, is_small, rounded
from .. import schema
from .counters import CounterRow, read_counters
from .trend import Trend, trend_of

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
    #: Ground → how many of the removals stand on it.
    removed: Mapping[str, int]
    #: Stage → topic → the scores of the reviews that speak of it.
    topics: Mapping[str, Mapping[str, Scores]]

    def topics_of(self, stage: str | None = None) -> list[tuple[str, Scores]]:
        """What people talk about at ``stage``, or at any, and how they scored there: what most
        speak of first."""
        merged: dict[str, dict[int, int]] = {}
        for at, topics in self.topics.items():
            for topic, scores in topics.items() if stage in (None, at) else ():
                for score, n in scores.histogram.items():
                    _add(merged.setdefault(topic, {}), score, n)
        found = [(topic, _scores(histogram)) for topic, histogram in merged.items()]
        return sorted(found, key=lambda pair: (-pair[1].count, pair[0]))

    @property
    def reply_rate(self) -> Decimal | None:
        """Replied reviews ÷ reviews, four decimals."""
        return rounded(self.replied, self.scores.count, "0.0001")


def read_summary(session: Session, sku: str, stages: tuple[str, ...]) -> Summary:
    """The figures of product ``sku`` for the ``stages`` it has."""
    tables: dict[str, list[CounterRow]] = {}
    for counter in read_counters(session, sku):
        tables.setdefault(counter.table, []).append(counter)
    histograms: dict[str, dict[int, int]] = {stage: {} for stage in stages}
    for _, stage, _, score, n, _ in tables.get("review_count", ()):
        _add(histograms.setdefault(stage, {}), score, n)
    aspects: dict[str, dict[str, AspectFigure]] = {stage: {} for stage in histograms}
    for _, stage, aspect, _, n, total in tables.get("aspect_count", ()):
        average = rounded(total, n)
        if average is not None:
            aspects.setdefault(stage, {})[aspect] = AspectFigure(n, average)
    eligible = {counter.stage: counter.n for counter in tables.get("invitation_count", ())}
    replied, median_hours = _reply_delays(tables.get("reply_delay", ()))
    topics: dict[str, dict[str, dict[int, int]]] = {}
    for _, stage, topic, score, n, _ in tables.get("topic_count", ()):
        if n:
            topics.setdefault(stage, {}).setdefault(topic, {})[score] = n
    [(_, _, _, revision, removals, withdrawals)] = tables["product_state"]
    overall: dict[int, int] = {}
    for histogram in histograms.values():
        for score, n in histogram.items():
            _add(overall, score, n)
    return Summary(
        product=sku,
        revision=revision,
        scores=_scores(overall),
        stages={
            stage: StageFigures(_scores(histogram), aspects[stage], eligible.get(stage, 0))
            for stage, histogram in histograms.items()
        },
        trend=trend_of(tables.get("month_count", ())),
        replied=replied,
        median_hours=median_hours,
        removals=removals,
        withdrawals=withdrawals,
        removed={row.key: row.n for row in tables.get("removal_count", ())},
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


def _add(histogram: dict[int, int], score: int, number: int) -> None:
    histogram[score] = histogram.get(score, 0) + number


def _reply_delays(counters: Sequence[CounterRow]) -> tuple[int, int | None]:
    """How many reviews were answered, and after how many hours the middle one (the lower of
    two)."""
    delays = sorted((counter.number, counter.n) for counter in counters)
    replied = sum(n for _, n in delays)
    passed = 0
    for hours, n in delays:
        passed += n
        if 2 * passed >= replied:
            return replied, hours
    return replied, None
