"""What the insurer's staff, the regulator and readers of the log see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from .cards import Ground, LinkCard, ProductCard, ReviewCard, Stage, Verdict

TextState = Literal["text", "stars_only", "redacted", "removed", "withdrawn"]
ItemKind = Literal["review", "follow_up", "reply"]


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Links of one filter. `kind` is "reply", "stage", "score", "insurer" or "status"; the labels
    of stages, scores and the reply filter are keys worded by the catalogue: "all", "unanswered",
    "answered", "underwriting"…, "1"…"5", "open", "acknowledged", "disputed"."""

    kind: str
    links: tuple[LinkCard, ...]


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One review in the desk's list. `excerpt` is the text's beginning, None when there is none."""

    id: str
    url: str
    product: ProductCard
    stage: Stage
    score: int
    submitted_at: datetime
    state: TextState
    excerpt: str | None
    answered: bool
    reports: int = 0


@dataclass(frozen=True, slots=True)
class DeskCard:
    """The reply desk's list."""

    insurer_name: str
    rows: tuple[DeskRow, ...]
    filters: tuple[FilterGroup, ...]
    total: int
    unanswered: int
    next_url: str | None = None
    compliance_url: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedItem:
    """A text that a report names. `excerpt` is None once it is gone."""

    item: str
    kind: ItemKind
    excerpt: str | None
    state: TextState
    review_url: str


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A regulator report. `reasons` and `note` are private: only for those who may read them."""

    id: str
    url: str
    insurer_name: str
    authority: str
    report_no: str
    filed_on: date
    ground: Ground
    items: tuple[ReportedItem, ...]
    log_index: int
    reasons: str | None = None
    verdict: Verdict | None = None
    note: str | None = None
    package_url: str | None = None


@dataclass(frozen=True, slots=True)
class DeskReviewCard:
    """One review at the desk. The post URLs are None where this member of staff may not act."""

    review: ReviewCard
    back_url: str
    reports: tuple[ReportCard, ...] = ()
    package_url: str | None = None
    reply_url: str | None = None
    report_url: str | None = None
    removal_url: str | None = None


@dataclass(frozen=True, slots=True)
class ComplianceCard:
    """All reports of one insurer, newest first, with what became of them."""

    insurer_name: str
    reports: tuple[ReportCard, ...]
    filters: tuple[FilterGroup, ...]
    total: int
    removed: int
    redacted: int
    unacknowledged: int
    desk_url: str
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class RegulatorCard:
    """The reports of all insurers, for the regulator."""

    reports: tuple[ReportCard, ...]
    filters: tuple[FilterGroup, ...]
    total: int
    unacknowledged: int
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class WitnessCard:
    """A witness, and the newest checkpoint that it cosigned: when, and of how many entries. Both
    are None where there is none lately."""

    name: str
    at: datetime | None
    size: int | None


@dataclass(frozen=True, slots=True)
class LogCard:
    """An insurer's public log for human readers. `root_hash` is base64 as in the checkpoint,
    `vkey` the verifier key as `/key` serves it, `verify_command` a line to paste into a shell.
    `unwitnessed` entries are newer than all that `witnesses` cosigned; None where nobody ever did.
    """

    insurer_name: str
    origin: str
    size: int
    root_hash: str
    checkpoint: str
    signed_at: datetime
    vkey: str
    checkpoint_url: str
    key_url: str
    entries_url: str
    reviews_url: str
    verify_command: str
    witnesses: tuple[WitnessCard, ...] = ()
    unwitnessed: int | None = None
    witnessed_url: str | None = None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the index."""

    product: ProductCard
    average: Decimal | None
    count: int
    log_url: str | None = None


@dataclass(frozen=True, slots=True)
class ProductsCard:
    """The index of all products, grouped by insurer in the template."""

    rows: tuple[ProductRow, ...]
    next_url: str | None = None
