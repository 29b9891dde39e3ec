"""How the shop's templates write dates, prices and stages."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from insurance_reviews.demo_shop.seeding.plan import ZONE

STAGES = {"underwriting": "承保", "renewal": "续期缴费", "claim": "理赔"}


def day(value: date | datetime) -> str:
    """2026年3月2日, in the customers' time zone."""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """3月2日 09:30, in the customers' time zone."""
    local = value.astimezone(ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def stage(value: str) -> str:
    """The stage as the shop calls it."""
    return STAGES[value]


def price(value: str) -> tuple[str, str]:
    """A price cut into figure and unit, 268 and 元/年起. A price of two parts stays whole."""
    figure, _, rest = value.partition(" ")
    return (figure, rest) if figure[0].isdigit() and "，" not in rest else ("", value)


def register(app: Flask) -> None:
    """Give the filters to the templates."""
    for filter_ in (day, moment, stage, price):
        app.add_template_filter(filter_)
