"""Insurers, or products, side by side at one stage, all from counters.

Six statements, whatever the number of reviews, each adding up in the database; their rows are
bounded by what there is to compare, never by how much was written. What is counted by product only
(replies and removals) is told of all stages together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Subquery, Table, bindparam, func, or_, select
from sqlalchemy.orm import Session

from ...moderation.estimate import Interval, rounded
from .. import schema
from ..aspects import DEFAULT_ASPECTS
from ..errors import Fault, InvalidInput, NotFound
from ..services.catalogue import Product, list_products
from .summary import NO_SCORES, SCORES, AspectFigure, Scores

Kind = Literal["insurer", "product"]
Order = Literal["name", "average", "count", "coverage"]
#: Of all intervals: whether there is a value in all of them, in some, or in no two.
Overlap = Literal["all", "some", "none"]
KINDS: tuple[Kind, ...] = ("insurer", "product")
ORDERS: tuple[Order, ...] = ("name", "average", "count", "coverage")
PAGE_SIZE = 50
#: So many may be named at once.
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class CompareQuery:
    """What to compare. ``insurers`` and ``products`` narrow it: by insurer, to these and those of
    these products; by product, to these and those of these insurers. Without any, it is all.
    ``after`` is the last one of the previous page."""

    stage: str = "claim"
    kind: Kind = "insurer"
    insurers: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    order: Order = "name"
    limit: int = PAGE_SIZE
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are compared: a product, or with ``product`` ``None`` all of an insurer.

    ``scores``, ``aspects`` (those asked everywhere) and ``eligible`` are of the stage; ``written``,
    ``replied``, ``median_hours`` and ``removals`` of all stages. ``overlaps`` is with how many
    others the interval has a value in common. ``offered`` is false where there is no such stage.
    """

    insurer: str
    insurer_name: str
    product: Product | None
    offered: bool
    scores: Scores = NO_SCORES
    aspects: Mapping[str, AspectFigure] = field(default_factory=dict)
    eligible: int = 0
    written: int = 0
    replied: int = 0
    median_hours: int | None = None
    removals: int = 0
    overlaps: int = 0

    @property
    def key(self) -> str:
        """The SKU, or the insurer's slug."""
        return self.insurer if self.product is None else self.product.sku

    @property
    def coverage(self) -> Decimal | None:
        """Reviews ÷ invitations of the stage, four decimals."""
        return rounded(self.scores.count, self.eligible, "0.0001")

    @property
    def reply_rate(self) -> Decimal | None:
        """Replied reviews ÷ reviews of all stages, four decimals."""
        return rounded(self.replied, self.written, "0.0001")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A page of them. ``total`` is how many are compared, ``overlap`` ``None`` when fewer than two
    of them have reviews; ``counts`` is the number of reviews at each stage, and ``catalogue`` all
    that could be compared."""

    sides: tuple[Side, ...]
    next: str | None
    total: int
    overlap: Overlap | None
    counts: Mapping[str, int]
    catalogue: Sequence[Product]


def compare(session: Session, query: CompareQuery) -> Comparison:
    """Answer ``query``. Raises :class:`NotFound` for an unknown insurer or product and
    :class:`InvalidInput` for an ``after`` that is none of those compared."""
    catalogue = list_products(session)
    sides, counts = _read(session, query, _choose(catalogue, query))
    sides = _count_overlaps(sides)
    ordered = _ordered(sides, query.order)
    start = _start(ordered, query.after)
    shown = ordered[start : start + query.limit]
    return Comparison(
        sides=tuple(shown),
        next=shown[-1].key if start + query.limit < len(ordered) else None,
        total=len(sides),
        overlap=_overlap(sides),
        counts=counts,
        catalogue=catalogue,
    )


def _choose(products: Sequence[Product], query: CompareQuery) -> list[Product]:
    """The products whose figures are asked for."""
    insurers = {product.insurer for product in products}
    if set(query.insurers) - insurers or set(query.products) - {one.sku for one in products}:
        raise NotFound("no such insurer or product")
    if not query.insurers and not query.products:
        return list(products)
    if query.kind == "insurer":
        named = {one.insurer for one in products if one.sku in query.products}
        return [one for one in products if one.insurer in named.union(query.insurers)]
    return [one for one in products if one.insurer in query.insurers or one.sku in query.products]


def _sides(products: Sequence[Product], query: CompareQuery) -> list[Side]:
    """Those to compare, without their figures."""
    if query.kind == "product":
        return [
            Side(one.insurer, one.insurer_name, one, query.stage in one.stages) for one in products
        ]
    stages: dict[tuple[str, str], set[str]] = {}
    for one in products:
        stages.setdefault((one.insurer, one.insurer_name), set()).update(one.stages)
    return [Side(*insurer, None, query.stage in offered) for insurer, offered in stages.items()]


def _read(
    session: Session, query: CompareQuery, products: Sequence[Product]
) -> tuple[list[Side], Mapping[str, int]]:
    """Every side with its figures, and how many reviews each stage has."""
    statements = _statements(query.kind, narrowed=bool(query.insurers or query.products))
    insurers = query.insurers
    if query.kind == "insurer":
        insurers = tuple({product.insurer for product in products})
    values = {"stage": query.stage, "insurers": insurers, "products": query.products}

    def rows(name: str) -> Sequence[Any]:
        return session.execute(statements[name], values).all()

    histograms: dict[str, Counter[int]] = {}
    written: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for row in rows("reviews"):
        written[row.side] += int(row.n)
        counts[row.stage] += int(row.n)
        if row.stage == query.stage:
            histograms.setdefault(row.side, Counter())[row.score] += int(row.n)
    aspects: dict[str, dict[str, AspectFigure]] = {}
    for row in rows("aspects"):
        average = rounded(int(row.total), int(row.n))
        if average is not None:
            aspects.setdefault(row.side, {})[row.aspect] = AspectFigure(int(row.n), average)
    eligible = {row.side: int(row.n) for row in rows("invitations")}
    delays = {row.side: (int(row.replied), int(row.hours)) for row in rows("delays")}
    removals = {row.side: int(row.n) for row in rows("removals")}
    found = []
    for side in _sides(products, query):
        histogram = histograms.get(side.key, Counter())
        replied, median_hours = delays.get(side.key, (0, None))
        found.append(
            replace(
                side,
                scores=Scores({score: histogram[score] for score in SCORES}),
                aspects=aspects.get(side.key, {}),
                eligible=eligible.get(side.key, 0),
                written=written[side.key],
                replied=replied,
                median_hours=median_hours,
                removals=removals.get(side.key, 0),
            )
        )
    return found, counts


# --- statements -----------------------------------------------------------------------------------


# Building them takes longer than running them.
@cache
def _statements(kind: Kind, narrowed: bool) -> Mapping[str, Select[Any]]:
    """What adds up the counters by side, ``narrowed`` to some insurers and products or not."""
    product = schema.product
    side = (product.c.insurer if kind == "insurer" else product.c.sku).label("side")

    def of(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
        """The sums of ``table`` by side and ``columns``."""
        sums = [
            func.sum(column).label(column.name)
            for column in table.c
            if column.name in ("n", "total")
        ]
        chosen = select(side, *columns, *sums).join_from(table, product).group_by(side, *columns)
        return where(chosen)

    def where(statement: Select[Any]) -> Select[Any]:
        if not narrowed:
            return statement
        insurers = product.c.insurer.in_(bindparam("insurers", expanding=True))
        products = product.c.sku.in_(bindparam("products", expanding=True))
        return statement.where(insurers if kind == "insurer" else or_(insurers, products))

    reviews, aspects = schema.review_count.c, schema.aspect_count.c
    asked = [(stage, aspect.key) for stage, listed in DEFAULT_ASPECTS.items() for aspect in listed]
    state = schema.product_state
    removals = select(side, func.sum(state.c.removals).label("n")).join_from(state, product)
    return {
        "reviews": of(schema.review_count, reviews.stage, reviews.score),
        "aspects": of(schema.aspect_count, aspects.aspect).where(
            aspects.stage == bindparam("stage"),
            or_(
                *((aspects.stage == stage) & (aspects.aspect == aspect) for stage, aspect in asked)
            ),
        ),
        "invitations": of(schema.invitation_count).where(
            schema.invitation_count.c.stage == bindparam("stage")
        ),
        "delays": _median(of(schema.reply_delay, schema.reply_delay.c.hours).subquery()),
        "removals": where(removals.group_by(side)),
    }


def _median(delays: Subquery) -> Select[Any]:
    """How many were replied to, and after how many hours the middle one (the lower of two)."""
    passed = func.sum(delays.c.n).over(partition_by=delays.c.side, order_by=delays.c.hours)
    all_of_side = func.sum(delays.c.n).over(partition_by=delays.c.side)
    running = select(
        delays.c.side, delays.c.hours, passed.label("passed"), all_of_side.label("replied")
    ).subquery()
    return (
        select(running.c.side, running.c.replied, func.min(running.c.hours).label("hours"))
        .where(2 * running.c.passed >= running.c.replied)
        .group_by(running.c.side, running.c.replied)
    )


# --- order and overlap ----------------------------------------------------------------------------


def _count_overlaps(sides: Sequence[Side]) -> list[Side]:
    """With how many others each interval has a value in common."""
    intervals = [side.scores.interval for side in sides]
    lows = sorted(interval.low for interval in intervals if interval)
    highs = sorted(interval.high for interval in intervals if interval)

    def others(interval: Interval) -> int:
        apart = bisect_left(highs, interval.low) + len(lows) - bisect_right(lows, interval.high)
        return len(lows) - apart - 1

    return [
        side if interval is None else replace(side, overlaps=others(interval))
        for side, interval in zip(sides, intervals, strict=True)
    ]


def _overlap(sides: Sequence[Side]) -> Overlap | None:
    intervals = [interval for side in sides if (interval := side.scores.interval)]
    if len(intervals) < 2:
        return None
    if max(one.low for one in intervals) <= min(one.high for one in intervals):
        return "all"
    return "some" if any(side.overlaps for side in sides) else "none"


def _ordered(sides: Sequence[Side], order: Order) -> list[Side]:
    """By name as the catalogue has them; figures from the largest. In the order by average small
    samples come after the others, and whoever has no figure comes last."""
    if order == "name":
        return list(sides)

    def rank(side: Side) -> tuple[bool, bool, Decimal]:
        if order == "count":
            return False, False, -Decimal(side.scores.count)
        figure = side.scores.average if order == "average" else side.coverage
        small = order == "average" and side.scores.is_small
        return figure is None, small, -(figure or Decimal(0))

    return sorted(sides, key=rank)


def _start(ordered: Sequence[Side], after: str | None) -> int:
    if after is None:
        return 0
    for position, side in enumerate(ordered, start=1):
        if side.key == after:
            return position
    raise InvalidInput({"after": Fault("cursor")})
