"""What the comparison of insurers and products shows. Percentages are from 0 to 100."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .cards import LinkCard, Stage
from .figure_cards import AspectMean, IntervalCard

CompareKind = Literal["insurer", "product"]
CompareOrder = Literal["name", "average", "count", "coverage"]


@dataclass(frozen=True, slots=True)
class Column:
    """How many gave `score`; `share` is of the largest."""

    score: int
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class SideCard:
    """One of those that are compared. `name` is a product's or an insurer's, `insurer_name` set for
    products. `url` leads to its wall, or to the insurer's products; `log_url` to the public log.

    `overlaps` is with how many others the interval has a value in common. `written` and what stands
    after it is of all stages. `offered` is False where there is no such stage.
    """

    key: str
    name: str
    insurer_name: str | None
    url: str
    log_url: str
    offered: bool
    count: int
    interval: IntervalCard | None
    is_small: bool
    overlaps: int
    columns: tuple[Column, ...]
    aspects: tuple[AspectMean, ...]
    eligible: int
    coverage: Decimal | None
    written: int
    reply_share: Decimal | None
    median_hours: int | None
    removals: int


@dataclass(frozen=True, slots=True)
class CompareTab:
    """One stage, with all its reviews of what is compared."""

    stage: Stage
    count: int
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class OrderLink:
    """One order of the list."""

    order: CompareOrder
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A box of the form that chooses what to compare."""

    name: Literal["insurer", "product"]
    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class CompareCard:
    """Insurers or products side by side at one stage.

    `kinds` are the links to both, insurers first. `overlap` says whether a value lies in all of the
    intervals, in some or in no two; None when fewer than two of `total` have reviews. The form
    sends itself to `action` with GET, with the hidden fields `kept`.
    """

    stage: Stage
    kind: CompareKind
    order: CompareOrder
    tabs: tuple[CompareTab, ...]
    kinds: tuple[LinkCard, ...]
    orders: tuple[OrderLink, ...]
    sides: tuple[SideCard, ...]
    total: int
    overlap: Literal["all", "some", "none"] | None
    small_below: int
    action: str
    data_url: str
    kept: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    all_url: str | None = None
    next_url: str | None = None
    first_url: str | None = None
