"""Figures: a busy product's and a small one's, and insurers side by side."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from insurance_reviews.widgets.cards import LinkCard
from insurance_reviews.widgets.compare_cards import (
    Choice,
    Column,
    CompareCard,
    CompareTab,
    OrderLink,
    SideCard,
)
from insurance_reviews.widgets.figure_cards import (
    AspectMean,
    FiguresCard,
    IntervalCard,
    MonthPoint,
)


def interval(average: str, low: str, high: str) -> IntervalCard:
    """An average in its interval."""

    def along(score: str) -> Decimal:
        return (Decimal(score) - 1) * 25

    start = along(low)
    return IntervalCard(
        Decimal(average), Decimal(low), Decimal(high), start, along(average), along(high) - start
    )


AVERAGES = ("3.9", "4.1", "4.0", "4.3", "4.2", "3.4", "4.4", "4.5", "4.1", "4.2", "3.6", "4.3")


def trend(*numbers: int) -> tuple[MonthPoint, ...]:
    """These months, January 2024 being 0; some are busy and some are not."""
    first, last = numbers[0], numbers[-1]

    def month(number: int) -> MonthPoint:
        count, average = (number * 37 + 11) % 90 + 4, Decimal(AVERAGES[number % 12])
        place = Decimal(2 * (number - first) + 1) * 50 / (last - first + 1)
        return MonthPoint(
            month=f"{2024 + number // 12}-{1 + number % 12:02}",
            count=count,
            average=average,
            across=place.quantize(Decimal("0.1")),
            down=(5 - average) * 25,
            share=Decimal(count),
            is_small=count < 10,
            follows=number - 1 in numbers,
        )

    return tuple(month(number) for number in numbers)


ASPECTS = (
    AspectMean("speed", 240, Decimal("3.02")),
    AspectMean("guidance", 239, Decimal("3.51")),
    AspectMean("outcome", 228, Decimal("2.94")),
    AspectMean("attitude", 240, Decimal("4.20")),
)
OVERALL = FiguresCard(
    stage=None,
    count=1286,
    interval=interval("4.12", "4.05", "4.19"),
    is_small=False,
    small_below=30,
    months=trend(*range(6), *range(7, 24)),
    small_month_below=10,
    reply_share=Decimal("62.4"),
    median_hours=26,
    compare_url="/reviews/compare#c-qingyan",
)
CLAIM = replace(
    OVERALL,
    stage="claim",
    count=243,
    interval=interval("3.31", "3.13", "3.50"),
    aspects=ASPECTS,
    months=trend(*range(12, 24)),
)
FEW = replace(
    CLAIM,
    count=3,
    interval=interval("4.33", "1.57", "5.00"),
    is_small=True,
    aspects=(),
    months=(),
    reply_share=Decimal(0),
    median_hours=None,
)


def columns(*counts: int) -> tuple[Column, ...]:
    """From one star up."""
    largest = max(1, *counts)
    return tuple(
        Column(score, count, (Decimal(100 * count) / largest).quantize(Decimal("0.1")))
        for score, count in enumerate(counts, start=1)
    )


QINGYAN = SideCard(
    key="qingyan",
    name="青檐财险",
    insurer_name=None,
    url="?by=product&insurer=qingyan",
    log_url="/reviews/log/qingyan/",
    offered=True,
    count=243,
    interval=interval("3.31", "3.13", "3.50"),
    is_small=False,
    overlaps=1,
    columns=columns(48, 31, 34, 58, 72),
    aspects=ASPECTS,
    eligible=1210,
    coverage=Decimal("20.08"),
    written=1286,
    reply_share=Decimal("62.4"),
    median_hours=26,
    removals=3,
)
JUDENG = replace(
    QINGYAN,
    key="judeng",
    name="橘灯保险",
    count=1804,
    interval=interval("4.02", "3.96", "4.08"),
    overlaps=1,
    columns=columns(122, 96, 187, 610, 789),
    coverage=Decimal("31.5"),
    median_hours=1,
    removals=0,
)
SONGPAN = replace(
    QINGYAN,
    key="songpan",
    name="松磐人寿与养老保险股份有限公司",
    count=7,
    interval=interval("4.71", "3.28", "5.00"),
    is_small=True,
    overlaps=2,
    columns=columns(0, 0, 0, 2, 5),
    aspects=ASPECTS[:1],
    reply_share=Decimal(0),
    median_hours=None,
)
XINZHOU = replace(
    QINGYAN,
    key="xinzhou",
    name="新舟保险",
    count=0,
    interval=None,
    is_small=False,
    overlaps=0,
    columns=columns(0, 0, 0, 0, 0),
    aspects=(),
    eligible=0,
    coverage=None,
    written=0,
    reply_share=None,
    median_hours=None,
    removals=0,
)

COMPARE = CompareCard(
    stage="claim",
    kind="insurer",
    order="name",
    tabs=(
        CompareTab("underwriting", 3120, "?stage=underwriting"),
        CompareTab("renewal", 980, "?stage=renewal"),
        CompareTab("claim", 2054, "?stage=claim", active=True),
    ),
    kinds=(LinkCard("insurer", "?stage=claim", active=True), LinkCard("product", "?by=product")),
    orders=(
        OrderLink("name", "?stage=claim", active=True),
        OrderLink("average", "?sort=average"),
        OrderLink("count", "?sort=count"),
        OrderLink("coverage", "?sort=coverage"),
    ),
    sides=(JUDENG, QINGYAN, SONGPAN, XINZHOU),
    total=4,
    overlap="some",
    small_below=30,
    action="/reviews/compare",
    data_url="/reviews/api/v1/compare?stage=claim",
    kept=(("stage", "claim"), ("by", "insurer"), ("sort", "name")),
    choices=tuple(
        Choice("insurer", side.key, side.name, side is not XINZHOU)
        for side in (JUDENG, QINGYAN, SONGPAN, XINZHOU)
    ),
    all_url="?stage=claim",
    next_url="?after=xinzhou",
    first_url="?stage=claim",
)
ALIKE = replace(
    COMPARE,
    kind="product",
    order="average",
    sides=(
        replace(QINGYAN, name="归程车险", insurer_name="青檐财险", overlaps=1),
        replace(SONGPAN, name="松龄终身重疾险", insurer_name="松磐人寿", overlaps=1),
        replace(XINZHOU, name="岁岁年金", insurer_name="松磐人寿", offered=False),
    ),
    overlap="all",
    next_url=None,
)
APART = replace(COMPARE, sides=(JUDENG, replace(QINGYAN, overlaps=0)), overlap="none")
ALONE = replace(COMPARE, sides=(SONGPAN,), total=1, overlap=None, next_url=None, first_url=None)
NOBODY = replace(ALONE, sides=(), total=0, choices=())
