"""What the public pages show: reviews, their texts, and the wall.

A card is written out by hand from the rows of one query; it holds no session and loads nothing.
Every URL in a card was made by the view. Datetimes are aware (UTC), dates are bare; templates
decide how both are worded. Words of a fixed vocabulary (stages, grounds, verdicts, the default
aspects) travel as their keys and are worded by the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .figure_cards import FiguresCard

Stage = Literal["underwriting", "renewal", "claim"]
Ground = Literal[
    "personal_data", "unlawful_content", "defamation", "court_order", "other", "withdrawn"
]
Verdict = Literal["acknowledged", "disputed"]
Sort = Literal["newest", "oldest", "highest", "lowest", "relevant"]
FilterKind = Literal[
    "stage",
    "score",
    "q",
    "topic",
    "aspect",
    "replied",
    "followed_up",
    "has_text",
    "since",
    "until",
]

STAGES: tuple[Stage, ...] = ("underwriting", "renewal", "claim")


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product of one insurer. `url` is its wall page."""

    sku: str
    name: str
    insurer: str
    insurer_name: str
    url: str


@dataclass(frozen=True, slots=True)
class AspectScore:
    """A sub-score from 1 to 5. `label` is set for aspects that a product configured itself."""

    key: str
    score: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays where a text, or passages of it (`redacted`), went.

    `ground` is "withdrawn" when the author took the text back: then there is neither authority nor
    report number. `acknowledged` is None while the authority has not answered.
    """

    removed_on: date
    ground: Ground
    authority: str | None = None
    report_no: str | None = None
    acknowledged: Verdict | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a text has what was searched for, in code points; the end is the first one after it."""

    start: int
    end: int
    kind: Literal["hit"] = "hit"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a long text around the first hit; `begins` and `ends` when it reaches the text's
    own beginning or end."""

    text: str
    hits: tuple[Hit, ...]
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class TextCard:
    """One text: a review's own, a follow-up, or one version of a reply.

    `text` is None once it is gone; redacted passages stand in it as runs of U+2588 (█).
    `commitment` and `salt` (lower-case hex) are for readers who check, on the permalink page. In
    what a search found, `hits` are marked, and a long text is introduced by an `excerpt`.
    """

    text: str | None
    at: datetime
    log_index: int
    tombstone: Tombstone | None = None
    item: str | None = None
    salt: str | None = None
    commitment: str | None = None
    hits: tuple[Hit, ...] = ()
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class ReplyCard:
    """The insurer's reply: the version that counts, and the earlier ones (oldest first)."""

    version: int
    text: TextCard
    versions: tuple[TextCard, ...] = ()


@dataclass(frozen=True, slots=True)
class WitnessedCard:
    """Who vouched first for a log that holds this review, and who did so last."""

    first_at: datetime
    first_by: tuple[str, ...]
    last_at: datetime
    last_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One review. `text` is None when the writer gave stars only.

    `display_name` is the masked name, or None when it went with the text (worded 保单持有人).
    `experienced_on` is "YYYY-MM". `verify_url` is where a receipt of it is checked. `reply_url` is
    set for staff who may answer.
    """

    id: str
    url: str
    product: ProductCard
    stage: Stage
    score: int
    display_name: str | None
    experienced_on: str
    submitted_at: datetime
    log_origin: str
    log_index: int
    receipt_url: str
    aspects: tuple[AspectScore, ...] = ()
    text: TextCard | None = None
    follow_ups: tuple[TextCard, ...] = ()
    reply: ReplyCard | None = None
    author_url: str | None = None
    log_url: str | None = None
    verify_url: str | None = None
    author: str | None = None
    witnessed: WitnessedCard | None = None


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """How many gave `score`. `url` filters by it or, when `active`, takes the filter off again.

    `percent` is of the largest-first sum of this histogram: 0 to 100, one decimal.
    """

    score: int
    count: int
    percent: Decimal
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class StageTab:
    """One stage (None: all stages). `coverage` is count / eligible in percent, None if unknown."""

    stage: Stage | None
    count: int
    average: Decimal | None
    url: str
    active: bool = False
    eligible: int | None = None
    coverage: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SortLink:
    """One order of the list."""

    sort: Sort
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in force and the address without it. `value` is the stage, score, words, topic or
    month, "yes" or "no"; `stars` is that of an aspect, whose key and label are `value` and `label`.
    """

    kind: FilterKind
    value: str
    clear_url: str
    label: str | None = None
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class TopicChip:
    """How many reviews speak of a topic; `praising` gave it 4 or 5 stars, `critical` 1 or 2. `url`
    filters by it or, when `active`, takes the filter off again."""

    topic: str
    count: int
    praising: int
    critical: int
    url: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class AspectChoice:
    """An aspect to filter by; `label` is set for aspects that a product configured itself."""

    key: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class SearchCard:
    """The form that searches and filters: it sends itself to `action` with GET.

    Its fields are called as the API's parameters, each with `prefix`; `kept` are hidden ones, in
    force or the page's own. `replied`, `followed_up` and `has_text` are "yes", "no" or "";
    `aspect` is "key" or "key:stars", `since` and `until` "YYYY-MM", or "". `aspects` are those of
    the stage that is shown. `is_open` when one of the further filters is in force.
    """

    action: str
    kept: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    query: str = ""
    replied: str = ""
    followed_up: str = ""
    has_text: str = ""
    aspect: str = ""
    since: str = ""
    until: str = ""
    stage: Stage | None = None
    aspects: tuple[AspectChoice, ...] = ()

    @property
    def is_open(self) -> bool:
        further = (self.replied, self.followed_up, self.has_text, self.aspect)
        return any((*further, self.since, self.until))


@dataclass(frozen=True, slots=True)
class DisclosureCard:
    """Who runs the wall and what was removed; part of every wall, cannot be switched off.

    `operator` is the name of the shop or service; `independent` is False when the insurer runs the
    page itself. `removals` counts texts removed or redacted on a report, `grounds` says how many of
    them on which ground, most first, and `withdrawals` counts those their authors took back.
    `witnesses` vouched for the log on `witnessed_on`, the last time anybody did.
    """

    operator: str
    independent: bool
    removals: int
    withdrawals: int
    log_url: str
    reviews_url: str | None = None
    witnessed_on: date | None = None
    witnesses: tuple[str, ...] = ()
    grounds: tuple[tuple[Ground, int], ...] = ()


@dataclass(frozen=True, slots=True)
class WallCard:
    """The wall of one product. `average` and `count` are the product's, unfiltered; `total` is what
    the filters leave (a lower bound when `total_is_exact` is False)."""

    product: ProductCard
    average: Decimal | None
    count: int
    histogram: tuple[HistogramBar, ...]
    tabs: tuple[StageTab, ...]
    sorts: tuple[SortLink, ...]
    reviews: tuple[ReviewCard, ...]
    total: int
    write_url: str
    disclosure: DisclosureCard
    filters: tuple[ActiveFilter, ...] = ()
    clear_url: str | None = None
    next_url: str | None = None
    first_url: str | None = None
    total_is_exact: bool = True
    topics: tuple[TopicChip, ...] = ()
    search: SearchCard | None = None
    figures: FiguresCard | None = None


@dataclass(frozen=True, slots=True)
class SummaryCard:
    """Stars and count in one line, for product lists. `url` leads to the wall."""

    product: ProductCard
    average: Decimal | None
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A link that the view words itself: a shop's name, a product, a language in that language.

    `lang` is the BCP 47 tag of a language link's label and target.
    """

    label: str
    url: str
    active: bool = False
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class PageCard:
    """What surrounds a page of ours. `languages` are labelled in their own language. `image_url`
    is the picture of 1200 × 630 pixels that stands for the page where a link to it is shared."""

    canonical_url: str | None = None
    image_url: str | None = None
    home: LinkCard | None = None
    languages: tuple[LinkCard, ...] = ()
    nav: tuple[LinkCard, ...] = ()
    staff_name: str | None = None
    sign_out_url: str | None = None
